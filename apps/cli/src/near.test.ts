import { describe, expect, it } from 'vitest'
import { nearest } from './near.js'

const words = ['from', 'to', 'password-env', 'password-file', 'timeout', 'transcript', 'json', 'user', 'raw']

describe('the nearest word', () => {
  it.each([
    ['form', 'from'],
    ['fro', 'from'],
    ['pasword-env', 'password-env'],
    ['password', 'password-env'],
    ['password-flie', 'password-file'],
    ['time-out', 'timeout'],
    ['trans', 'transcript'],
    ['jsno', 'json'],
    ['usr', 'user'],
    ['users', 'user'],
    ['ot', 'to'],
    ['ra', 'raw'],
  ])('to %s is %s', (typed, word) => {
    expect(nearest(typed, words)).toBe(word)
  })

  it.each(['', 'x', 'help', '__proto__', 'verbose', 'recipient'])('to %j is none', typed => {
    expect(nearest(typed, words)).toBeUndefined()
  })

  it('is none where there are none', () => {
    expect(nearest('form', [])).toBeUndefined()
  })
})
