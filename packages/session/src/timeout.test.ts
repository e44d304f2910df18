import { describe, expect, it } from 'vitest'
import { Deadline, defaultTimeouts } from './timeout.js'

describe('Deadline', () => {
  it('has the minimum limits of RFC 5321 4.5.3.2 by default', () => {
    const minute = 60_000
    expect(defaultTimeouts).toMatchObject({
      greeting: 5 * minute,
      mail: 5 * minute,
      rcpt: 5 * minute,
      data: 2 * minute,
      dataBlock: 3 * minute,
      endOfData: 10 * minute,
    })
  })

  it('is unknown until the time is', () => {
    const deadline = new Deadline(defaultTimeouts)
    deadline.arm('data')
    expect(deadline.at).toBeUndefined()
    deadline.settle(1000)
    expect(deadline.at).toBe(121_000)
  })

  it('is absolute: time that passes does not move it (rule R5)', () => {
    const deadline = new Deadline(defaultTimeouts)
    deadline.arm('data')
    deadline.settle(0)
    deadline.settle(60_000)
    expect(deadline.at).toBe(120_000)
  })

  it('is over when nothing is waited for, or when the limit is infinite', () => {
    const deadline = new Deadline({ ...defaultTimeouts, mail: Number.POSITIVE_INFINITY })
    deadline.arm('mail')
    deadline.settle(0)
    expect(deadline.at).toBeUndefined()
    deadline.arm('rcpt')
    deadline.settle(0)
    expect(deadline.at).toBe(300_000)
    deadline.arm(undefined)
    expect(deadline.at).toBeUndefined()
  })
})
