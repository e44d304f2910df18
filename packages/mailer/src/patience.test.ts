import { AbortedError } from '@postrider/session'
import { describe, expect, it } from 'vitest'
import { DeadlineReached } from './failure.js'
import { Patience } from './patience.js'

function holder() {
  const reasons: unknown[] = []
  return { reasons, abort: (reason: unknown) => reasons.push(reason) }
}

describe('patience', () => {
  it('is not made for those who do not ask for it', () => {
    expect(Patience.of({})).toBeUndefined()
    expect(() => Patience.of({ deadline: Number.NaN })).toThrow(RangeError)
  })

  it('tells whoever has the message, once, and whoever gets it afterwards at once', () => {
    const controller = new AbortController()
    const patience = Patience.of({ signal: controller.signal })
    const [first, second, third] = [holder(), holder(), holder()]
    patience?.hold(first)
    patience?.hold(second)
    controller.abort('enough')
    expect([first.reasons, second.reasons]).toEqual([[], ['enough']])
    patience?.hold(third)
    expect(third.reasons).toEqual(['enough'])
    expect(() => patience?.check()).toThrow(AbortedError)
  })

  it('tells nobody who has let go of the message, and nobody behind its end', () => {
    const controller = new AbortController()
    const patience = Patience.of({ signal: controller.signal })
    const [first, second] = [holder(), holder()]
    patience?.hold(first)
    patience?.letGo()
    patience?.hold(second)
    patience?.end()
    controller.abort()
    expect([first.reasons, second.reasons]).toEqual([[], []])
  })

  it('has a deadline', async () => {
    const patience = Patience.of({ deadline: 5 })
    const work = patience?.while(new Promise(() => {}))
    await expect(work).rejects.toMatchObject({ name: 'AbortedError', cause: { name: 'DeadlineReached' } })
    await expect(work).rejects.toSatisfy(
      error => error instanceof AbortedError && error.cause instanceof DeadlineReached,
    )
    await expect(Patience.of({ deadline: 1e12 })?.while(Promise.resolve(5))).resolves.toBe(5)
  })
})
