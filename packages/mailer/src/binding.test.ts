import { X509Certificate } from 'node:crypto'
import type { ChannelBinding } from '@postrider/auth-sasl'
import type { NodeChannel } from '@postrider/session/node'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { certificates, withoutHash } from '../test/certificates.js'
import { channelBindings } from './binding.js'
import { readDer } from './der.js'

interface Fake {
  readonly version?: string
  readonly socket?: object
}

/** A connection with what a test needs of it. */
function bindingsOf({ version = 'TLSv1.2', socket = {} }: Fake): ReadonlyMap<string, string> {
  const channel = { tls: { version }, socket: { exportKeyingMaterial: () => undefined, ...socket } }
  const found: readonly ChannelBinding[] = channelBindings(channel as unknown as NodeChannel)
  return new Map(found.map(({ type, data }) => [type, Buffer.from(data).toString('hex')]))
}

const shows = (der: string) => ({ getPeerX509Certificate: () => new X509Certificate(Buffer.from(der, 'base64')) })
const finished = {
  isSessionReused: () => false,
  getFinished: () => Buffer.from('ours'),
  getPeerFinished: () => Buffer.from('theirs'),
}
const hex = (text: string): string => Buffer.from(text).toString('hex')

/** A TLS session of OpenSSL as far as it is looked at: SEQUENCE { INTEGER 1, [13] { INTEGER flags } }. */
const sessionWith = (...flags: number[]): Buffer =>
  Buffer.from([0x30, 7 + flags.length, 2, 1, 1, 0xad, 2 + flags.length, 2, flags.length, ...flags])

describe('tls-server-end-point', () => {
  it.each(certificates)('is hashed by the hash of its signature: $signature (RFC 5929 4.1)', ({ der, endPoint }) => {
    expect([...bindingsOf({ socket: shows(der) })]).toEqual([['tls-server-end-point', endPoint]])
  })

  it.each(withoutHash)('is none where the signature has no hash of its own: $signature', ({ der }) => {
    expect(bindingsOf({ socket: shows(der) }).size).toBe(0)
  })

  it('is none without a certificate, and with one that cannot be read', () => {
    expect(bindingsOf({ socket: { getPeerX509Certificate: () => undefined } }).size).toBe(0)
    const broken = { getPeerX509Certificate: () => ({ raw: Buffer.from('3082', 'hex') }) }
    expect(bindingsOf({ socket: broken }).size).toBe(0)
  })
})

describe('tls-unique', () => {
  it.each([
    ['with the extended master secret', sessionWith(1), true],
    ['with other flags too', sessionWith(1, 3), true],
    ['with other flags alone', sessionWith(2), false],
    ['without flags', Buffer.from([0x30, 3, 2, 1, 1]), false],
    ['with a session that ends too soon', Buffer.from([0x30, 9, 2, 1, 1]), false],
    ['with a session of another kind', Buffer.from('none'), false],
    ['with no session', undefined, false],
  ])('is there in TLS 1.2 %s: %#', (_how, session, isThere) => {
    const socket = { ...finished, getSession: () => session }
    expect(bindingsOf({ socket }).get('tls-unique')).toBe(isThere ? hex('ours') : undefined)
    // The master secret was in it.
    expect(session?.every(octet => octet === 0) ?? true).toBe(true)
  })

  it('is in TLS 1.3 what OpenSSL has by this name, behind tls-exporter', () => {
    const socket = { ...finished, exportKeyingMaterial: () => Buffer.from('exported') }
    expect([...bindingsOf({ version: 'TLSv1.3', socket })]).toEqual([
      ['tls-exporter', hex('exported')],
      ['tls-unique', hex('ours')],
    ])
    const resumed = { ...socket, isSessionReused: () => true }
    expect(bindingsOf({ version: 'TLSv1.3', socket: resumed }).get('tls-unique')).toBe(hex('theirs'))
  })

  it('is not there in older TLS, nor where the runtime cannot tell', () => {
    expect(bindingsOf({ version: 'TLSv1.1', socket: { ...finished, getSession: () => sessionWith(1) } }).size).toBe(0)
    const silent = { ...finished, getFinished: () => undefined, exportKeyingMaterial: () => new Uint8Array(0) }
    expect(bindingsOf({ version: 'TLSv1.3', socket: silent }).size).toBe(0)
    const failing = () => {
      throw new Error('not implemented')
    }
    const unable = { getFinished: failing, exportKeyingMaterial: failing, getPeerX509Certificate: failing }
    expect(bindingsOf({ version: 'TLSv1.3', socket: unable }).size).toBe(0)
    expect(bindingsOf({ version: 'TLSv1.2', socket: { ...unable, getSession: failing } }).size).toBe(0)
  })
})

it('a connection without TLS has no bindings', () => {
  for (const channel of [{}, { socket: {} }, { socket: {}, tls: { version: 'TLSv1.3' } }])
    expect(channelBindings(channel as unknown as NodeChannel)).toEqual([])
})

describe('DER', () => {
  it('is read element by element, with lengths of one octet and more', () => {
    const long = Buffer.concat([Buffer.from([4, 0x82, 1, 0]), Buffer.alloc(256, 7)])
    const elements = readDer(Buffer.concat([Buffer.from([2, 1, 5, 5, 0]), long]))
    expect(elements.map(({ tag, content }) => [tag, content.length])).toEqual([
      [2, 1],
      [5, 0],
      [4, 256],
    ])
    expect(readDer(new Uint8Array(0))).toEqual([])
  })

  it.each([
    ['a tag of several octets', [0x1f, 1, 0]],
    ['a length that is not written', [4, 0x80, 0]],
    ['a length that is not written', [4, 0x85, 0, 0, 0, 0, 1, 7]],
    ['an element that does not end', [4, 2, 7]],
    ['an element that does not end', [4, 0x84, 0xff, 0xff, 0xff, 0xff]],
  ])('is refused: %s', (why, octets) => {
    expect(() => readDer(Uint8Array.from(octets))).toThrow(why)
  })

  it('of any octets ends in elements that are within them, or in a RangeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), octets => {
        try {
          const length = readDer(octets).reduce((sum, { content }) => sum + content.length, 0)
          expect(length).toBeLessThanOrEqual(octets.length)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
    )
  })
})
