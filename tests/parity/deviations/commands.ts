/** What is different on purpose in scenarios/commands.ts. */
import type { Deviations } from '../scenario.js'

export const commands: Deviations = {
  'a control character in an argument (P29)': {
    row: 'P29',
    why: 'no control character goes out',
    wire: '',
    results: { 0: { raised: 'SMTPException' }, 1: { raised: 'SMTPException' } },
  },
  'a character outside ASCII in a command (P26)': {
    row: 'L3',
    why: 'text goes out as UTF-8',
    wire: 'NOOP Ã©\r\nnoop\r\n',
    results: { 0: { value: [250, { bytes: '2.0.0 ok' }] } },
  },
  'a reply without a line end at the end of the stream (P28)': {
    row: 'P28',
    why: 'a reply that was cut off is none',
    wire: 'noop\r\n',
    results: { 0: { raised: 'SMTPServerDisconnected' }, 1: { raised: 'SMTPServerDisconnected' } },
  },
  'a code of two digits (P30)': {
    row: 'P30',
    why: 'a reply code has three digits; anything else ends the connection',
    results: { 0: { raised: 'SMTPServerDisconnected' } },
    state: { sock: false },
  },
  'a code with a sign (P30)': {
    row: 'P30',
    why: 'a reply code has three digits; anything else ends the connection',
    results: { 0: { raised: 'SMTPServerDisconnected' } },
    state: { sock: false },
  },
  'a code of four digits (P30)': {
    row: 'P30',
    why: 'a reply code has three digits; anything else ends the connection',
    results: { 0: { raised: 'SMTPServerDisconnected' } },
    state: { sock: false },
  },
  'no code at all (P30)': {
    row: 'P30',
    why: 'what is no reply ends the connection: the next answer would belong to the wrong command',
    wire: 'noop\r\n',
    results: { 0: { raised: 'SMTPServerDisconnected' }, 1: { raised: 'SMTPServerDisconnected' } },
    state: { sock: false },
  },
  'an empty line for a reply (P31)': {
    row: 'P31',
    why: 'what is no reply ends the connection',
    results: { 0: { raised: 'SMTPServerDisconnected' } },
    state: { sock: false },
  },
  'a line of 8193 octets (P32)': {
    row: 'P32',
    why: 'smtp_error is octets here too, as in every other reply',
    results: { 0: { raised: 'SMTPResponseException', code: 500, error: { bytes: 'Line too long.' } } },
  },
  'a greeting of 8193 octets (P32)': {
    row: 'P32',
    why: 'smtp_error is octets here too, as in every other reply',
    results: { 0: { raised: 'SMTPResponseException', code: 500, error: { bytes: 'Line too long.' } } },
  },
  'an EHLO line of 8193 octets (P32)': {
    row: 'P32',
    why: 'smtp_error is octets here too, as in every other reply',
    results: { 0: { raised: 'SMTPResponseException', code: 500, error: { bytes: 'Line too long.' } } },
  },
  '421 to a single command is returned (P23)': {
    row: 'P23',
    why: 'behind 421 the connection is gone at once',
    wire: 'noop\r\n',
    results: { 1: { raised: 'SMTPServerDisconnected' } },
  },
  'a reply of 1yz (P30)': {
    row: 'P30',
    why: 'SMTP has no such code (RFC 5321 4.2): it ends the connection',
    results: { 0: { raised: 'SMTPServerDisconnected' } },
    state: { sock: false },
  },
  'a reply of 6yz (P30)': {
    row: 'P30',
    why: 'SMTP has no such code (RFC 5321 4.2): it ends the connection',
    results: { 0: { raised: 'SMTPServerDisconnected' } },
    state: { sock: false },
  },
}
