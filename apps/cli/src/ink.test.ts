import { describe, expect, it } from 'vitest'
import { inkFor, inkLine } from './ink.js'

const terminal = { isTTY: true }

describe('colour', () => {
  it('is for terminals only', () => {
    expect(inkFor(terminal, {})('red', 'text')).toBe('\u001b[31mtext\u001b[39m')
    expect(inkFor({}, {})('red', 'text')).toBe('text')
    expect(inkFor({ isTTY: false }, {})('red', 'text')).toBe('text')
  })

  it('is not for those who have said so: NO_COLOR with any value but none, and dumb terminals', () => {
    expect(inkFor(terminal, { NO_COLOR: '0' })('red', 'text')).toBe('text')
    expect(inkFor(terminal, { NO_COLOR: '' })('red', 'text')).not.toBe('text')
    expect(inkFor(terminal, { TERM: 'dumb' })('red', 'text')).toBe('text')
  })

  it('tells refusals from other replies, and both from what we say', () => {
    const ink = inkFor(terminal, {})
    expect(inkLine(ink, 'S: 550 no')).toContain('\u001b[31m')
    expect(inkLine(ink, 'S: 250 yes')).toContain('\u001b[36m')
    expect(inkLine(ink, 'C: QUIT')).toBe('C: QUIT')
  })
})
