/** What is different on purpose in scenarios/lmtp.ts. */
import type { Deviations } from '../scenario.js'

export const lmtp: Deviations = {
  'no HELO behind a refused LHLO (P72)': {
    row: 'P72',
    why: 'LMTP has no HELO (RFC 2033 4.1)',
    wire: 'lhlo client.example\r\n',
    results: { 0: { raised: 'SMTPHeloError', code: 500, error: { bytes: 'no' } } },
    state: { helo_resp: null },
  },
  'LMTP to two recipients, both accepted (P73, L1)': {
    row: 'L1',
    why: 'each recipient has a reply, and each is read',
    results: { 1: { value: [250, { bytes: '2.0.0 ok' }] } },
  },
  'LMTP to two recipients, one refused behind the message (P73, L1)': {
    row: 'L1',
    why: 'each recipient has a reply, and each is read',
    results: { 0: { value: { 'c@y.example': [550, { bytes: 'c' }] } }, 1: { value: [250, { bytes: '2.0.0 ok' }] } },
  },
  'LMTP to one recipient who is refused behind the message (P73)': {
    row: 'P73',
    why: 'who refuses the message refuses its recipient',
    wire: 'lhlo client.example\r\nmail from:<a@x.example> size=18\r\nrcpt to:<b@y.example>\r\ndata\r\nSubject: x\r\n\r\nhi\r\n.\r\nnoop\r\n',
    results: { 0: { raised: 'SMTPRecipientsRefused', recipients: { 'b@y.example': [552, { bytes: 'full' }] } } },
  },
  'LMTP step by step (P73, L1)': {
    row: 'L1',
    why: 'each recipient has a reply; data returns the worst',
    results: { 4: { value: [550, { bytes: 'c' }] }, 5: { value: [250, { bytes: '2.0.0 ok' }] } },
  },
}
