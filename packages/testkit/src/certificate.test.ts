import { X509Certificate } from 'node:crypto'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { DENO } from '../test/runtime.js'
import { type Certificate, createCertificate } from './certificate.js'

/** The code Deno has for everything that is wrong with a certificate but its name. */
const UNTRUSTED = 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'

/** Real handshake of a client that trusts `certificate` and nothing else; answers its error code, or the names match: ''. */
async function handshake(certificate: Certificate, host: string): Promise<string> {
  const server = createServer({ key: certificate.key, cert: certificate.cert }, socket => socket.end())
  server.on('tlsClientError', () => {})
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  try {
    return await new Promise<string>(resolve => {
      const socket: TLSSocket = connect({ port, host: '127.0.0.1', servername: host, ca: certificate.cert })
      socket.on('secureConnect', () => resolve(''))
      socket.on('error', error => resolve('code' in error ? String(error.code) : error.message))
    })
  } finally {
    server.close()
  }
}

describe('a certificate made on the spot', () => {
  it('names localhost and both loopback addresses, signs itself, and is no authority', () => {
    const certificate = new X509Certificate(createCertificate().cert)
    expect(certificate.checkHost('localhost')).toBe('localhost')
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(certificate.checkIP('::1')).toBe('::1')
    expect(certificate.checkHost('elsewhere.example')).toBeUndefined()
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(certificate.ca).toBe(false)
  })

  it('is one and the same for the whole process, and a new one when options are given', () => {
    expect(createCertificate()).toBe(createCertificate())
    expect(createCertificate({})).not.toEqual(createCertificate({}))
  })

  it('is trusted by a client that is given it as ca, for the names in it alone', async () => {
    const certificate = createCertificate({ names: ['mx.example.test', '192.0.2.7', '2001:db8::a:1'] })
    expect(await handshake(certificate, 'mx.example.test')).toBe('')
    expect(await handshake(certificate, 'localhost')).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
    const parsed = new X509Certificate(certificate.cert)
    expect(parsed.checkIP('192.0.2.7')).toBe('192.0.2.7')
    expect(parsed.checkIP('2001:db8::a:1')).toBe('2001:db8::a:1')
    expect(parsed.checkIP('2001:db8::a:2')).toBeUndefined()
  })

  it('can be out of date, for tests that want that refused', async () => {
    const expired = createCertificate({ notBefore: new Date('2020-01-01'), notAfter: new Date('2020-02-01') })
    expect(await handshake(expired, 'localhost')).toBe(DENO ? UNTRUSTED : 'CERT_HAS_EXPIRED')
    const early = createCertificate({ notBefore: new Date('2090-01-01'), notAfter: new Date('2090-02-01') })
    expect(await handshake(early, 'localhost')).toBe(DENO ? UNTRUSTED : 'CERT_NOT_YET_VALID')
  })

  it('carries names of every length the two length octets of DER can hold', () => {
    const names = Array.from({ length: 200 }, (_, index) => `host-${index}.example.test`)
    const parsed = new X509Certificate(createCertificate({ names }).cert)
    expect(parsed.checkHost('host-0.example.test')).toBeDefined()
    expect(parsed.checkHost('host-199.example.test')).toBeDefined()
  })

  it('refuses a name that cannot stand in a certificate', () => {
    expect(() => createCertificate({ names: ['bücher.example'] })).toThrow(RangeError)
    expect(() => createCertificate({ names: ['a b'] })).toThrow(RangeError)
    expect(() => createCertificate({ names: [''] })).toThrow(RangeError)
  })
})
