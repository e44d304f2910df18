import { describe, expect, it } from 'vitest'
import { type AccessToken, oauthBearer, Secret, TokenCache, xoauth2 } from './index.js'

/** Gives `token-1`, `token-2` and so on, when it is told to. */
function makeSource(describe: (token: string) => string | Secret | AccessToken = token => token) {
  const waiting: (() => void)[] = []
  let calls = 0
  return {
    get calls() {
      return calls
    },
    fetch: () => {
      const token = `token-${++calls}`
      return new Promise<string | Secret | AccessToken>(resolve => waiting.push(() => resolve(describe(token))))
    },
    arrive: () => {
      for (const give of waiting.splice(0)) give()
    },
  }
}

const revealed = async (token: Promise<Secret>): Promise<string> => (await token).reveal()

describe('TokenCache', () => {
  it('fetches once for all who ask at the same time, and for all who come later', async () => {
    const source = makeSource()
    const cache = new TokenCache(source.fetch)
    const asked = Array.from({ length: 10 }, () => revealed(cache.get()))
    source.arrive()
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['token-1']))
    expect(await revealed(cache.get())).toBe('token-1')
    expect(source.calls).toBe(1)
  })

  it('fetches anew once when the token is refused, however many connections were refused with it', async () => {
    const source = makeSource()
    const cache = new TokenCache(source.fetch)
    const first = cache.get()
    source.arrive()
    const refused = await first
    const renewed = Array.from({ length: 10 }, () => {
      cache.refuse(refused)
      return revealed(cache.get())
    })
    source.arrive()
    expect(new Set(await Promise.all(renewed))).toEqual(new Set(['token-2']))
    cache.refuse(refused)
    expect(await revealed(cache.get())).toBe('token-2')
    expect(source.calls).toBe(2)
  })

  it.each([
    ['milliseconds', (at: number) => at],
    ['a date', (at: number) => new Date(at)],
  ])('fetches anew before the token expires, told in %s, and no sooner', async (_how, expires) => {
    let now = 1000
    const source = makeSource(token => ({ token, expires: expires(now + 100_000) }))
    const cache = new TokenCache(source.fetch, { now: () => now, margin: 5000 })
    const get = () => {
      const token = revealed(cache.get())
      source.arrive()
      return token
    }
    expect(await get()).toBe('token-1')
    now = 95_999
    expect(await get()).toBe('token-1')
    now = 96_000
    const both = [revealed(cache.get()), revealed(cache.get())]
    source.arrive()
    expect(await Promise.all(both)).toEqual(['token-2', 'token-2'])
    now = 190_999
    expect(await get()).toBe('token-2')
    expect(source.calls).toBe(2)
  })

  it('stops using a token 30 seconds before its end unless told otherwise', async () => {
    let now = 0
    const cache = new TokenCache(() => ({ token: `made-at-${now}`, expires: 100_000 + now }), { now: () => now })
    expect(await revealed(cache.get())).toBe('made-at-0')
    now = 69_999
    expect(await revealed(cache.get())).toBe('made-at-0')
    now = 70_000
    expect(await revealed(cache.get())).toBe('made-at-70000')
  })

  it('keeps a token of unknown end, and one whose end nobody can tell for want of a clock', async () => {
    let calls = 0
    const unknown = new TokenCache(() => ({ token: `token-${++calls}`, expires: undefined }), { now: () => 9e15 })
    const clockless = new TokenCache(() => ({ token: `token-${++calls}`, expires: 1 }))
    for (const cache of [unknown, clockless]) expect(await revealed(cache.get())).toBe(await revealed(cache.get()))
    expect(calls).toBe(2)
  })

  it('tells everybody of a failure, and tries again for the next who asks', async () => {
    let calls = 0
    const cache = new TokenCache(() => {
      if (++calls === 1) throw new Error('the authorization server is away')
      return 'token'
    })
    const asked = [cache.get(), cache.get()]
    for (const token of asked) await expect(token).rejects.toThrow('the authorization server is away')
    expect(await revealed(cache.get())).toBe('token')
    expect(calls).toBe(2)
  })

  it('does not let a flight that it has forgotten come back', async () => {
    const source = makeSource(token => ({ token, expires: 0 }))
    const cache = new TokenCache(source.fetch, { now: () => 1 })
    const forgotten = revealed(cache.get())
    cache.clear()
    const current = cache.get()
    source.arrive()
    expect(await forgotten).toBe('token-1')
    expect(await revealed(current)).toBe('token-2')
    // The second one has expired long ago.
    const next = revealed(cache.get())
    source.arrive()
    expect(await next).toBe('token-3')
  })

  it('takes nothing from a forgotten flight that lands late', async () => {
    let land = (_token: AccessToken): void => {}
    const fetches = [() => new Promise<AccessToken>(resolve => (land = resolve)), () => 'new', () => 'newer']
    let calls = 0
    const cache = new TokenCache(() => fetches[calls++]?.() ?? '', { now: () => 1 })
    const forgotten = cache.get()
    cache.clear()
    expect(await revealed(cache.get())).toBe('new')
    land({ token: 'late', expires: 0 })
    cache.refuse(await forgotten)
    expect(await revealed(cache.get())).toBe('new')
  })

  it('keeps what came of a new flight when a forgotten one fails', async () => {
    let fail = (_error: Error): void => {}
    const fetches = [() => new Promise<string>((_, reject) => (fail = reject)), () => 'new', () => 'newer']
    let calls = 0
    const cache = new TokenCache(() => fetches[calls++]?.() ?? '')
    const forgotten = cache.get()
    cache.clear()
    expect(await revealed(cache.get())).toBe('new')
    fail(new Error('late'))
    await expect(forgotten).rejects.toThrow('late')
    expect(await revealed(cache.get())).toBe('new')
  })

  it('gives mechanisms a token in each of its forms', async () => {
    for (const form of [(t: string) => t, (t: string) => new Secret(t), (token: string) => ({ token })] as const) {
      for (const make of [oauthBearer, xoauth2]) {
        const message = await make({ username: 'tim', token: () => form('abc') }).start()
        expect(Buffer.from(message ?? []).toString()).toContain('auth=Bearer abc\x01')
      }
    }
    const cache = new TokenCache(() => ({ token: new Secret('kept') }))
    const message = await oauthBearer({ username: 'tim', token: () => cache.get() }).start()
    expect(Buffer.from(message ?? []).toString()).toContain('auth=Bearer kept\x01')
  })
})
