import { describe, expect, it, vi } from 'vitest'
import { exchange, fromBase64, octets } from '../test/exchange.js'
import { anonymous, serverAnonymous } from './index.js'

describe('ANONYMOUS (RFC 4505)', () => {
  it('sends the message of section 4', () => {
    expect(anonymous({ trace: 'sirhc' }).start()).toEqual(fromBase64('c2lyaGM='))
  })

  it('sends nothing when nothing is to be told', () => {
    expect(anonymous().start()).toEqual(new Uint8Array(0))
  })

  it('is let in, and the trace is told', async () => {
    const admit = vi.fn(() => true)
    const { step } = await exchange(anonymous({ trace: 'ünknown' }), serverAnonymous({ admit }))
    expect(step).toEqual({ kind: 'success', identity: 'anonymous' })
    expect(admit).toHaveBeenCalledWith('ünknown')
    const { step: later } = await exchange(anonymous(), serverAnonymous(), { withoutInitialResponse: true })
    expect(later.kind).toBe('success')
  })

  it('can be turned away', async () => {
    const { step } = await exchange(anonymous(), serverAnonymous({ admit: async () => false }))
    expect(step).toMatchObject({ kind: 'failure', reply: { code: 535 } })
  })

  it.each([
    [254, 'success'],
    [255, 'success'],
    [256, 'failure'],
  ])('meets a trace of %i characters of four octets with %s', async (length, kind) => {
    const trace = '\u{1f511}'.repeat(length)
    expect((await serverAnonymous().start(octets(trace))).kind).toBe(kind)
    if (kind === 'success') expect(anonymous({ trace }).start()).toEqual(octets(trace))
    else expect(() => anonymous({ trace })).toThrow('longer than 255 characters')
  })

  it.each(['a\nb', '\u202e', '\udc00'])('refuses the trace %j', trace => {
    expect(() => anonymous({ trace })).toThrow('the trace: ')
  })

  it('server answers 501 to a trace that is forbidden, not UTF-8, or out of turn', async () => {
    const malformed = { kind: 'failure', reply: { code: 501 } }
    expect(await serverAnonymous().start(octets('a\nb'))).toMatchObject(malformed)
    expect(await serverAnonymous().start(Uint8Array.of(0xff))).toMatchObject(malformed)
    expect(await serverAnonymous().respond(octets('x'))).toMatchObject(malformed)
  })

  it('cancels when the server asks again', () => {
    expect(() => anonymous().respond(octets(''))).toThrow('asks again')
  })
})
