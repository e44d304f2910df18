import { describe, expect, it, vi } from 'vitest'
import { exchange, latin1, octets } from '../test/exchange.js'
import { external, serverExternal } from './index.js'

describe('EXTERNAL (RFC 4422 appendix A)', () => {
  it('sends nothing, which is not the same as sending no response', () => {
    expect(external().start()).toEqual(new Uint8Array(0))
    expect(external({ authorization: '' }).start()).toEqual(new Uint8Array(0))
  })

  it('sends the authorization identity of the second example of A.2', () => {
    expect(latin1(external({ authorization: 'fred@example.com' }).start() as Uint8Array)).toBe('fred@example.com')
  })

  it('runs the first example of A.2', async () => {
    const { step, messages } = await exchange(external(), serverExternal({ identity: 'fred' }), {
      withoutInitialResponse: true,
    })
    expect(messages).toEqual(['S: ', 'C: '])
    expect(step).toEqual({ kind: 'success', identity: 'fred' })
  })

  it('lets nobody act as another unless the owner says so', async () => {
    const asFred = external({ authorization: 'fred@example.com' })
    expect((await exchange(asFred, serverExternal({ identity: 'mary' }))).step.kind).toBe('failure')
    const authorize = vi.fn(() => true)
    const { step } = await exchange(asFred, serverExternal({ identity: 'mary', authorize }))
    expect(step).toEqual({ kind: 'success', identity: 'mary', authorization: 'fred@example.com' })
    expect(authorize).toHaveBeenCalledWith('mary', 'fred@example.com')
  })

  it('fails when "the client has not established its credentials via external means"', async () => {
    const { step } = await exchange(external(), serverExternal({ identity: undefined }))
    expect(step).toMatchObject({ kind: 'failure', reply: { code: 535 } })
  })

  it('refuses NUL and half of a surrogate pair, and cancels when asked again', () => {
    expect(() => external({ authorization: 'a\0' })).toThrow('holds a NUL')
    expect(() => external({ authorization: '\ud800' })).toThrow('half of a surrogate pair')
    expect(() => external().respond(octets(''))).toThrow('asks again')
  })

  it.each([
    ['a NUL', octets('a\0')],
    ['octets that are not UTF-8', Uint8Array.of(0xff)],
    ['256 octets', octets('x'.repeat(256))],
  ])('server answers 501 to %s', async (_, message) => {
    expect(await serverExternal({ identity: 'x', authorize: () => true }).start(message)).toMatchObject({
      kind: 'failure',
      reply: { code: 501 },
    })
  })

  it('server takes 255 octets, and no response out of turn', async () => {
    const server = serverExternal({ identity: 'x', authorize: () => true })
    expect((await server.start(octets('x'.repeat(255)))).kind).toBe('success')
    expect((await server.respond(octets(''))).kind).toBe('failure')
  })
})
