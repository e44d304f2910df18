/** send_message: P57 to P64. */
import type { Scenario, Script } from '../scenario.js'

const letter = (...header: readonly string[]) => ({
  message: `${[...header, 'Subject: x', '', 'hi'].join('\r\n')}\r\n`,
})
const utf8: Script = { ehlo: '250-a\n250-8BITMIME\n250 SMTPUTF8' }

export const messages: readonly Scenario[] = [
  { name: 'send_message (P58, P59)', steps: [['send_message', letter('From: a@x.example', 'To: b@y.example')]] },
  {
    name: 'send_message behind ehlo says it again or not (P57)',
    steps: [['ehlo'], ['send_message', letter('From: a@x.example', 'To: b@y.example')]],
  },
  {
    name: 'Sender before From (P58)',
    steps: [['send_message', letter('From: a@x.example, c@x.example', 'Sender: s@x.example', 'To: b@y.example')]],
  },
  {
    name: 'the first of several in From (P58)',
    steps: [['send_message', letter('From: Ann <a@x.example>, c@x.example', 'To: b@y.example')]],
  },
  {
    name: 'To, Bcc, Cc in this order (P59)',
    steps: [['send_message', letter('From: a@x.example', 'Cc: c@y.example', 'Bcc: d@y.example', 'To: b@y.example')]],
  },
  {
    name: 'several in one field (P59)',
    steps: [['send_message', letter('From: a@x.example', 'To: "Doe, J" <b@y.example>, c@y.example')]],
  },
  {
    name: 'a group (P59)',
    steps: [['send_message', letter('From: a@x.example', 'To: G: b@y.example, c@y.example;, d@y.example')]],
  },
  {
    name: 'an empty group beside others (P59)',
    steps: [['send_message', letter('From: a@x.example', 'To: undisclosed-recipients:;', 'Bcc: d@y.example')]],
  },
  { name: 'no recipient in the header (P59)', steps: [['send_message', letter('From: a@x.example')], ['noop']] },
  { name: 'no From (P58)', steps: [['send_message', letter('To: b@y.example')]] },
  {
    name: 'from_addr and to_addrs given (P60, P64)',
    steps: [
      [
        'send_message',
        letter('From: a@x.example', 'To: b@y.example', 'Bcc: d@y.example'),
        'z@x.example',
        ['c@y.example'],
      ],
    ],
  },
  {
    name: 'from_addr and to_addrs with display names (P5, P64)',
    server: { rcpt: ['250 ok', '550 no'] },
    steps: [
      [
        'send_message',
        letter('From: a@x.example', 'To: b@y.example'),
        'Zed <z@x.example>',
        ['Cy <c@y.example>', 'Di <d@y.example>'],
      ],
    ],
  },
  {
    name: 'addresses without a domain in the header (P58, P59)',
    steps: [['send_message', letter('From: Charlie Root <root>', 'To: root, John', 'Cc: G: ops;')]],
  },
  {
    name: 'from_addr given alone (P64)',
    steps: [['send_message', letter('From: a@x.example', 'To: b@y.example'), 'z@x.example']],
  },
  {
    name: 'to_addrs given alone (P64)',
    steps: [['send_message', letter('From: a@x.example', 'To: b@y.example'), null, 'c@y.example']],
  },
  {
    name: 'Resent- fields (P57)',
    steps: [
      [
        'send_message',
        letter(
          'From: a@x.example',
          'To: b@y.example',
          'Resent-Date: Thu, 1 Jan 1970 17:42:00 +0000',
          'Resent-From: r@x.example',
          'Resent-To: c@y.example',
          'Resent-Bcc: d@y.example',
        ),
      ],
    ],
  },
  {
    name: 'Resent-Sender (P57)',
    steps: [
      [
        'send_message',
        letter(
          'From: a@x.example',
          'To: b@y.example',
          'Resent-Date: Thu, 1 Jan 1970 17:42:00 +0000',
          'Resent-From: r@x.example',
          'Resent-Sender: s@x.example',
          'Resent-To: c@y.example',
        ),
      ],
    ],
  },
  {
    name: 'two blocks of Resent- fields (P57)',
    steps: [
      [
        'send_message',
        letter(
          'From: a@x.example',
          'To: b@y.example',
          'Resent-Date: Thu, 1 Jan 1970 17:42:00 +0000',
          'Resent-From: r@x.example',
          'Resent-To: c@y.example',
          'Resent-Date: Thu, 2 Jan 1970 17:42:00 +0000',
          'Resent-From: r@x.example',
          'Resent-To: c@y.example',
        ),
      ],
      ['noop'],
    ],
  },
  {
    name: 'options (P64)',
    server: { ehlo: '250-a\n250-SIZE 5000\n250-8BITMIME\n250 DSN' },
    steps: [
      ['send_message', letter('From: a@x.example', 'To: b@y.example'), null, null, ['BODY=8BITMIME'], ['NOTIFY=NEVER']],
    ],
  },
  {
    name: 'one refused (P64)',
    server: { rcpt: ['250 ok', '550 no'] },
    steps: [['send_message', letter('From: a@x.example', 'To: b@y.example, c@y.example')]],
  },
  {
    name: 'an address outside ASCII without SMTPUTF8 (P61)',
    steps: [['send_message', letter('From: a@x.example', 'To: ö@y.example')], ['noop']],
  },
  {
    name: 'an address outside ASCII with SMTPUTF8 (P61)',
    server: utf8,
    steps: [['send_message', letter('From: a@x.example', 'To: ö@y.example')]],
  },
  {
    name: 'a display name that is encoded needs no SMTPUTF8 (P61)',
    steps: [['send_message', letter('From: =?utf-8?q?J=C3=B6rg?= <a@x.example>', 'To: b@y.example')]],
  },
  {
    name: 'a line that begins with From (P63, L5)',
    steps: [['send_message', { message: 'From: a@x.example\r\nTo: b@y.example\r\n\r\nFrom me\r\n' }]],
  },
  {
    name: 'a dot at the start of a line (P64)',
    steps: [['send_message', { message: 'From: a@x.example\r\nTo: b@y.example\r\n\r\n.\r\n' }]],
  },
  {
    name: 'nobody accepted (P50)',
    server: { rcpt: '550 no' },
    steps: [['send_message', letter('From: a@x.example', 'To: b@y.example')], ['noop']],
  },
]
