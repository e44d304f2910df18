/** What is different on purpose in scenarios/greeting.ts. */
import type { Deviations } from '../scenario.js'

export const greeting: Deviations = {
  'ehlo answered with 251 (P37)': {
    row: 'P37',
    why: 'an unexpected code is taken by its first digit (RFC 5321 4.3.2)',
    state: { does_esmtp: true, esmtp_features: { size: '1' } },
  },
  'ehlo answered with what is no reply (P34)': {
    row: 'P34',
    why: 'the message says what was wrong with the reply',
    results: { 0: { raised: 'SMTPServerDisconnected' } },
  },
  'ehlo_or_helo_if_needed with 421 to EHLO (P37)': {
    row: 'P37',
    why: 'nothing is said to a server that has said 421',
    wire: 'ehlo client.example\r\n',
    results: { 0: { raised: 'SMTPHeloError', code: 421, error: { bytes: 'closing' } } },
  },
}
