import { describe, expect, it } from 'vitest'
import { exchange } from '../test/exchange.js'
import { limitPbkdf2, type Pbkdf2Request, scram, scramRecord, serverScram } from './index.js'

const request = (mark: number): Pbkdf2Request => ({
  hash: 'SHA-1',
  password: new Uint8Array([1]),
  salt: new Uint8Array([mark]),
  iterations: 4096,
  length: 20,
})

/** Derivations that end when they are told to. */
function makeGate() {
  const running: { readonly mark: number; end(): void; fail(): void }[] = []
  const begun: number[] = []
  const pbkdf2 = ({ salt }: Pbkdf2Request): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      const mark = salt[0] ?? 0
      begun.push(mark)
      running.push({ mark, end: () => resolve(salt), fail: () => reject(new Error('no memory')) })
    })
  return { pbkdf2, running, begun }
}

const turn = () => new Promise(resolve => setImmediate(resolve))

describe('limitPbkdf2 (T-25)', () => {
  it('runs so many at a time, and the others in the order in which they came', async () => {
    const { pbkdf2, running, begun } = makeGate()
    const limited = limitPbkdf2(2, pbkdf2)
    const results = [1, 2, 3, 4].map(mark => limited(request(mark)))
    await turn()
    expect(begun).toEqual([1, 2])
    running[1]?.end()
    await turn()
    expect(begun).toEqual([1, 2, 3])
    running[0]?.end()
    await turn()
    expect(begun).toEqual([1, 2, 3, 4])
    for (const one of running) one.end()
    expect((await Promise.all(results)).map(([mark]) => mark)).toEqual([1, 2, 3, 4])
  })

  it('gives the place to the next when one fails, and has it free again behind the last', async () => {
    const { pbkdf2, running, begun } = makeGate()
    const limited = limitPbkdf2(1, pbkdf2)
    const failing = limited(request(1))
    const waiting = limited(request(2))
    await turn()
    running[0]?.fail()
    await expect(failing).rejects.toThrow('no memory')
    await turn()
    expect(begun).toEqual([1, 2])
    running[1]?.end()
    await waiting
    for (const mark of [3, 4]) {
      const next = limited(request(mark))
      await turn()
      expect(begun.at(-1)).toBe(mark)
      running.at(-1)?.end()
      await next
    }
  })

  it('keeps the limit when nobody has waited', async () => {
    const { pbkdf2, running, begun } = makeGate()
    const limited = limitPbkdf2(1, pbkdf2)
    const first = limited(request(1))
    await turn()
    running[0]?.end()
    await first
    void limited(request(2))
    void limited(request(3))
    await turn()
    expect(begun).toEqual([1, 2])
  })

  it('has one that just came wait behind those who waited before', async () => {
    const { pbkdf2, running, begun } = makeGate()
    const limited = limitPbkdf2(1, pbkdf2)
    void limited(request(1))
    void limited(request(2))
    await turn()
    running[0]?.end()
    // In the very turn in which the place changes hands.
    await Promise.resolve()
    void limited(request(3))
    await turn()
    expect(begun).toEqual([1, 2])
  })

  it('derives in JavaScript where nothing else is given, for both sides', async () => {
    const pbkdf2 = limitPbkdf2(1)
    const record = await scramRecord('SHA-256', 'pencil', { pbkdf2 })
    const server = serverScram('SHA-256', { lookup: () => record })
    const client = scram('SHA-256', { username: 'tim', password: 'pencil' }, { pbkdf2 })
    expect((await exchange(client, server)).step).toMatchObject({ kind: 'success', identity: 'tim' })
  })

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('is not made with a limit of %d', limit => {
    expect(() => limitPbkdf2(limit)).toThrow(RangeError)
    expect(() => limitPbkdf2(limit)).toThrow(`the limit is ${limit}, not a number above 0`)
  })
})
