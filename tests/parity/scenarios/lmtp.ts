/** LMTP: P71 to P73. */
import type { Scenario } from '../scenario.js'

const text = 'Subject: x\r\n\r\nhi\r\n'
const a = 'a@x.example'
const b = 'b@y.example'
const c = 'c@y.example'

export const lmtp: readonly Scenario[] = [
  { name: 'LHLO (P72)', kind: 'LMTP', steps: [['ehlo'], ['get', 'does_esmtp'], ['has_extn', 'size']] },
  { name: 'LHLO refused (P72)', kind: 'LMTP', server: { lhlo: '500 no' }, steps: [['ehlo']] },
  {
    name: 'no HELO behind a refused LHLO (P72)',
    kind: 'LMTP',
    server: { lhlo: '500 no' },
    steps: [['ehlo_or_helo_if_needed']],
  },
  { name: 'LMTP to one recipient (P73)', kind: 'LMTP', steps: [['sendmail', a, b, text], ['noop'], ['quit']] },
  {
    name: 'LMTP to two recipients, both accepted (P73, L1)',
    kind: 'LMTP',
    server: { dot: '250 b\n250 c' },
    steps: [['sendmail', a, [b, c], text], ['noop']],
  },
  {
    name: 'LMTP to two recipients, one refused behind the message (P73, L1)',
    kind: 'LMTP',
    server: { dot: '250 b\n550 c' },
    steps: [['sendmail', a, [b, c], text], ['noop']],
  },
  {
    name: 'LMTP to two recipients, one refused before it (P73)',
    kind: 'LMTP',
    server: { rcpt: ['250 ok', '550 no'] },
    steps: [['sendmail', a, [b, c], text], ['noop']],
  },
  {
    name: 'LMTP with all refused (P50)',
    kind: 'LMTP',
    server: { rcpt: '550 no' },
    steps: [['sendmail', a, [b, c], text], ['noop']],
  },
  {
    name: 'LMTP to one recipient who is refused behind the message (P73)',
    kind: 'LMTP',
    server: { dot: '552 full' },
    steps: [['sendmail', a, [b], text], ['noop']],
  },
  {
    name: 'LMTP step by step (P73, L1)',
    kind: 'LMTP',
    server: { dot: '250 b\n550 c' },
    steps: [['ehlo'], ['mail', a], ['rcpt', b], ['rcpt', c], ['data', text], ['noop']],
  },
  {
    name: 'LMTP by send_message (P73)',
    kind: 'LMTP',
    steps: [['send_message', { message: 'From: a@x.example\r\nTo: b@y.example\r\n\r\nhi\r\n' }]],
  },
]
