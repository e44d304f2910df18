import { parseExtensions, parseReply } from '@postrider/codec'
import { describe, expect, it } from 'vitest'
import { extensionRows, valueText } from './extension-text.js'

function shown(...lines: readonly string[]): string[] {
  const reply = ['mx.example.org', ...lines]
    .map((line, at) => `250${at < lines.length ? '-' : ' '}${line}\r\n`)
    .join('')
  const rows = extensionRows(parseExtensions(parseReply(new TextEncoder().encode(reply))))
  return rows.map(row => `${row.keyword}: ${valueText(row)}${row.meaning === '' ? ' ?' : ''}`)
}

describe('extensions for a person', () => {
  it('have the values that the codec gives them, in the order of the server', () => {
    expect(
      shown(
        'AUTH PLAIN login',
        'AUTH=LOGIN',
        'SIZE 0',
        'LIMITS RCPTMAX=100 MAILMAX=5',
        'DELIVERBY 240',
        'FUTURERELEASE 86400 2030-01-01T00:00:00Z',
        'PIPELINING',
      ),
    ).toEqual([
      'AUTH: PLAIN LOGIN',
      'SIZE: no fixed limit',
      'LIMITS: RCPTMAX 100, MAILMAX 5',
      'DELIVERBY: minimum 240',
      'FUTURERELEASE: maxInterval 86400, maxDateTime 2030-01-01T00:00:00Z',
      'PIPELINING: ',
    ])
  })

  it('come as they are where nobody knows them', () => {
    expect(shown('X-NEW some thing', 'SIZE many')).toEqual(['X-NEW: some thing ?', 'SIZE: many'])
  })
})
