/** MAIL, RCPT, DATA, sendmail: P39 to P56. */
import type { Scenario } from '../scenario.js'

const text = 'Subject: x\r\n\r\nhi\r\n'
const a = 'a@x.example'
const b = 'b@y.example'
const c = 'c@y.example'

export const sending: readonly Scenario[] = [
  {
    name: 'addresses without a domain (P5)',
    steps: [['sendmail', 'root', ['John', 'Charlie Root <root>', '<ops>'], 'Subject: x\r\n\r\nhi\r\n']],
  },
  {
    name: 'addresses without a domain, refused (P5, P53)',
    server: { rcpt: '550 no' },
    steps: [['sendmail', 'root', ['John', 'Charlie Root <root>'], 'Subject: x\r\n\r\nhi\r\n']],
  },
  {
    name: 'addresses without a domain, command by command (P5, P39)',
    steps: [['ehlo'], ['mail', 'root'], ['rcpt', 'John'], ['rcpt', 'Charlie Root <root>'], ['vrfy', 'root'], ['rset']],
  },
  {
    name: 'a sender with a display name, refused (P5, P47)',
    server: { mail: '550 no' },
    steps: [['sendmail', 'Ann <a@x.example>', 'b@y.example', 'hi\r\n']],
  },
  {
    name: 'command_encoding behind MAIL with SMTPUTF8, until RSET (P40)',
    server: { ehlo: '250-a\n250 SMTPUTF8' },
    steps: [
      ['ehlo'],
      ['get', 'command_encoding'],
      ['mail', 'a@x.example', ['SMTPUTF8']],
      ['get', 'command_encoding'],
      ['rcpt', '\u00f6@y.example'],
      ['rset'],
      ['get', 'command_encoding'],
    ],
  },
  {
    name: 'command_encoding can be set (P10, P40)',
    steps: [['ehlo'], ['set', 'command_encoding', 'utf-8'], ['mail', '\u00f6@y.example']],
  },
  {
    name: 'the message of data answered with 421 (P43, P23)',
    server: { dot: '421 closing' },
    steps: [['ehlo'], ['mail', 'a@x.example'], ['rcpt', 'b@y.example'], ['data', 'hi\r\n'], ['noop']],
  },
  {
    name: 'data, and the server goes before it has answered (P22, P43)',
    server: { dot: '!close' },
    steps: [['ehlo'], ['mail', 'a@x.example'], ['rcpt', 'b@y.example'], ['data', 'hi\r\n']],
  },
  {
    name: 'a reply to the message before its end (P43)',
    server: { data: '354 go on\n250 done already' },
    steps: [['ehlo'], ['mail', 'a@x.example'], ['rcpt', 'b@y.example'], ['data', 'hi\r\n']],
  },
  { name: 'mail (P39)', steps: [['ehlo'], ['mail', a]] },
  { name: 'mail from nobody (P5)', steps: [['ehlo'], ['mail', ''], ['rset'], ['mail', '<>']] },
  { name: 'mail with a display name (P5)', steps: [['ehlo'], ['mail', 'Ann <a@x.example>']] },
  { name: 'mail with spaces around (P5)', steps: [['ehlo'], ['mail', ' a@x.example ']] },
  { name: 'mail with a source route (P5)', steps: [['ehlo'], ['mail', '<@relay.example:a@x.example>']] },
  { name: 'mail with a quoted local part (P5)', steps: [['ehlo'], ['mail', '"q s"@x.example']] },
  { name: 'mail with options (P40)', steps: [['ehlo'], ['mail', a, ['BODY=8BITMIME', 'SIZE=3']]] },
  { name: 'mail with options in lower case (P40)', steps: [['ehlo'], ['mail', a, ['body=8bitmime', 'x-odd=1']]] },
  { name: 'mail with an option given as text (P40)', steps: [['ehlo'], ['mail', a, 'SIZE=3']] },
  { name: 'mail before EHLO, with options (P42)', steps: [['mail', a, ['SIZE=3']]] },
  { name: 'mail after HELO drops options (P42)', steps: [['helo'], ['mail', a, ['SIZE=3']]] },
  { name: 'mail with SMTPUTF8 that is not offered (P40)', steps: [['ehlo'], ['mail', a, ['SMTPUTF8']], ['noop']] },
  {
    name: 'mail with SMTPUTF8 (P40)',
    server: { ehlo: '250-a\n250-8BITMIME\n250 SMTPUTF8' },
    steps: [['ehlo'], ['mail', 'ä@x.example', ['BODY=8BITMIME', 'smtputf8']], ['rcpt', 'ö@x.example'], ['rset']],
  },
  {
    name: 'mail with characters outside ASCII and no SMTPUTF8 (P40)',
    steps: [['ehlo'], ['mail', 'ä@x.example'], ['noop']],
  },
  { name: 'a line end in an option (P29)', steps: [['ehlo'], ['mail', a, ['SIZE=3\r\nRSET']], ['noop']] },
  { name: 'a line end in an address is cut off or refused (P6)', steps: [['ehlo'], ['mail', 'a@x.example\r\nRSET']] },
  { name: 'two addresses in one (P6)', steps: [['ehlo'], ['rcpt', 'a@x.example, b@y.example']] },
  { name: 'a comma in a display name (P6)', steps: [['ehlo'], ['rcpt', 'Doe, J <j@x.example>']] },
  { name: 'a group (P6)', steps: [['ehlo'], ['rcpt', 'G: a@x.example, b@y.example;']] },
  { name: 'mail refused is returned (P23)', server: { mail: '550 no' }, steps: [['ehlo'], ['mail', a], ['noop']] },
  { name: 'mail with 421 is returned (P23)', server: { mail: '421 closing!close' }, steps: [['ehlo'], ['mail', a]] },
  { name: 'rcpt (P39)', steps: [['ehlo'], ['mail', a], ['rcpt', b], ['rcpt', 'Carol <c@y.example>']] },
  {
    name: 'rcpt with options (P41)',
    steps: [['ehlo'], ['mail', a], ['rcpt', b, ['NOTIFY=FAILURE,DELAY', 'ORCPT=rfc822;b@y.example']]],
  },
  {
    name: 'rcpt before mail is for the server to refuse (P41)',
    server: { rcpt: '503 MAIL first' },
    steps: [['ehlo'], ['rcpt', b], ['noop']],
  },
  {
    name: 'mail twice is for the server to refuse (P40)',
    server: { mail: ['250 ok', '503 nested'] },
    steps: [['ehlo'], ['mail', a], ['mail', a], ['rset']],
  },
  { name: 'data (P43)', steps: [['ehlo'], ['mail', a], ['rcpt', b], ['data', text], ['noop']] },
  { name: 'data in octets (P43)', steps: [['ehlo'], ['mail', a], ['rcpt', b], ['data', { bytes: text }]] },
  { name: 'data without a line end at its end (P43)', steps: [['ehlo'], ['mail', a], ['rcpt', b], ['data', 'hi']] },
  { name: 'data with LF (P43)', steps: [['ehlo'], ['mail', a], ['rcpt', b], ['data', 'one\ntwo\rthree\n']] },
  {
    name: 'data with dots (P43, P8)',
    steps: [['ehlo'], ['mail', a], ['rcpt', b], ['data', '.one\r\n..two\r\nthree.\r\n.\r\n']],
  },
  { name: 'data that is empty (P43)', steps: [['ehlo'], ['mail', a], ['rcpt', b], ['data', ''], ['noop']] },
  {
    name: 'data with LF in octets (P44, L11)',
    steps: [['ehlo'], ['mail', a], ['rcpt', b], ['data', { bytes: 'a\n.\nb' }]],
  },
  {
    name: 'data with LF at the end of octets (P43, L11)',
    steps: [['ehlo'], ['mail', a], ['rcpt', b], ['data', { bytes: 'a\r\nb\n' }]],
  },
  { name: 'data with characters outside ASCII (P43)', steps: [['ehlo'], ['mail', a], ['rcpt', b], ['data', 'ä']] },
  {
    name: 'data refused (P43)',
    server: { data: '451 later' },
    steps: [['ehlo'], ['mail', a], ['rcpt', b], ['data', text], ['noop']],
  },
  {
    name: 'data answered with 250 (P43)',
    server: { data: '250 odd' },
    steps: [['ehlo'], ['mail', a], ['rcpt', b], ['data', text]],
  },
  {
    name: 'data with 421 (P43)',
    server: { data: '421 closing!close' },
    steps: [['ehlo'], ['mail', a], ['rcpt', b], ['data', text]],
  },
  {
    name: 'data before mail is for the server to refuse (P43)',
    server: { data: '503 MAIL first' },
    steps: [['ehlo'], ['data', text], ['noop']],
  },
  {
    name: 'the message refused is returned by data (P43)',
    server: { dot: '554 no' },
    steps: [['ehlo'], ['mail', a], ['rcpt', b], ['data', text], ['noop']],
  },
  { name: 'sendmail (P45, P53)', steps: [['sendmail', a, [b], text]] },
  { name: 'sendmail to one in text (P51)', steps: [['sendmail', a, b, text]] },
  { name: 'sendmail to a tuple of several (P51)', steps: [['sendmail', a, [b, c], text]] },
  { name: 'sendmail to a set (P51)', steps: [['sendmail', a, { set: [b] }, text]] },
  { name: 'sendmail from nobody (P5)', steps: [['sendmail', '', [b], text]] },
  { name: 'sendmail of octets (P54)', steps: [['sendmail', a, [b], { bytes: text }]] },
  {
    name: 'sendmail of text with LF: size is counted behind the repair (P45)',
    steps: [['sendmail', a, [b], 'one\ntwo\n']],
  },
  { name: 'sendmail of text without a last line end (P45)', steps: [['sendmail', a, [b], 'one']] },
  {
    name: 'sendmail with dots: size is counted before the doubling (P45)',
    steps: [['sendmail', a, [b], '.one\r\n.\r\n']],
  },
  { name: 'sendmail without SIZE (P45)', server: { ehlo: '250 a' }, steps: [['sendmail', a, [b], text]] },
  {
    name: 'sendmail with options (P45)',
    server: { ehlo: '250-a\n250-SIZE 5000\n250-8BITMIME\n250 DSN' },
    steps: [['sendmail', a, [b, c], text, ['BODY=8BITMIME', 'RET=HDRS', 'ENVID=x1'], ['NOTIFY=NEVER']]],
  },
  {
    name: 'sendmail with options that are not offered (P41, P45)',
    steps: [['sendmail', a, [b], text, ['BODY=8BITMIME'], ['NOTIFY=NEVER']], ['noop']],
  },
  {
    name: 'sendmail to a server that knows HELO alone (P42)',
    server: { ehlo: '502 no' },
    steps: [['sendmail', a, [b], text, ['BODY=8BITMIME'], ['NOTIFY=NEVER']]],
  },
  {
    name: 'sendmail to a server that knows neither (P37)',
    server: { ehlo: '502 no', helo: '502 no' },
    steps: [['sendmail', a, [b], text]],
  },
  {
    name: 'a second sendmail says neither EHLO nor RSET (P55)',
    steps: [
      ['sendmail', a, [b], text],
      ['sendmail', a, [c], text],
    ],
  },
  {
    name: 'sendmail with PIPELINING waits for each reply all the same (P45)',
    server: { ehlo: '250-a\n250 PIPELINING' },
    steps: [['sendmail', a, [b, c], text]],
  },
  {
    name: 'sendmail with CHUNKING sends DATA all the same (P45)',
    server: { ehlo: '250-a\n250 CHUNKING' },
    steps: [['sendmail', a, [b], text]],
  },
  {
    name: 'sendmail of more than SIZE allows (P46)',
    server: { ehlo: '250-a\n250 SIZE 5', mail: '552 too big' },
    steps: [['sendmail', a, [b], text], ['noop']],
  },
  { name: 'the sender refused (P47)', server: { mail: '550 5.7.1 no' }, steps: [['sendmail', a, [b], text], ['noop']] },
  {
    name: 'the sender refused for now (P47)',
    server: { mail: '451 later' },
    steps: [
      ['sendmail', a, [b], text],
      ['sendmail', a, [b], text],
    ],
  },
  { name: 'the sender answered with 251 (P47)', server: { mail: '251 hm' }, steps: [['sendmail', a, [b], text]] },
  {
    name: 'the sender answered with 421 (P47)',
    server: { mail: '421 closing!close' },
    steps: [['sendmail', a, [b], text], ['noop']],
  },
  {
    name: 'the sender refused, and the server closes on RSET (P47)',
    server: { mail: '550 no', rset: '!close' },
    steps: [['sendmail', a, [b], text]],
  },
  {
    name: 'one recipient refused (P53)',
    server: { rcpt: ['250 ok', '550 5.1.1 no'] },
    steps: [['sendmail', a, [b, c], text]],
  },
  {
    name: 'all recipients refused (P50)',
    server: { rcpt: ['550 no', '551 not local'] },
    steps: [['sendmail', a, [b, c], text], ['noop']],
  },
  {
    name: 'the one recipient refused (P50)',
    server: { rcpt: '450 busy' },
    steps: [['sendmail', a, b, text], ['noop']],
  },
  {
    name: 'a recipient answered with 251 (P48)',
    server: { rcpt: '251 will forward' },
    steps: [['sendmail', a, b, text]],
  },
  { name: 'a recipient answered with 252 (P48)', server: { rcpt: '252 will try' }, steps: [['sendmail', a, b, text]] },
  {
    name: 'the first recipient answered with 421 (P49)',
    server: { rcpt: '421 closing!close' },
    steps: [['sendmail', a, [b, c], text], ['noop']],
  },
  {
    name: 'the second recipient answered with 421 (P49)',
    server: { rcpt: ['250 ok', '421 closing!close'] },
    steps: [['sendmail', a, [b, c], text], ['noop']],
  },
  {
    name: 'a refused recipient twice (P50)',
    server: { rcpt: '550 no', data: '554 no valid recipients' },
    steps: [['sendmail', a, [b, b], text]],
  },
  { name: 'no recipient (P50)', steps: [['sendmail', a, [], text], ['noop']] },
  { name: 'an empty recipient (P50)', steps: [['sendmail', a, [''], text]] },
  {
    name: 'a recipient with a display name (P5)',
    steps: [['sendmail', 'Ann <a@x.example>', ['Bob <b@y.example>'], text]],
  },
  {
    name: 'a refused recipient is told as it was given (P53)',
    server: { rcpt: ['250 ok', '550 no'] },
    steps: [['sendmail', a, [b, 'Carol <c@y.example>'], text]],
  },
  { name: 'DATA refused (P43)', server: { data: '554 no' }, steps: [['sendmail', a, b, text], ['noop']] },
  { name: 'DATA answered with 421 (P43)', server: { data: '421 closing!close' }, steps: [['sendmail', a, b, text]] },
  { name: 'the message refused (P52)', server: { dot: '554 spam' }, steps: [['sendmail', a, b, text], ['noop']] },
  { name: 'the message answered with 251 (P52)', server: { dot: '251 hm' }, steps: [['sendmail', a, b, text]] },
  {
    name: 'the message answered with 421 (P52)',
    server: { dot: '421 closing!close' },
    steps: [['sendmail', a, b, text], ['noop']],
  },
  {
    name: 'the server closes behind the message (P22)',
    server: { dot: '!close' },
    steps: [['sendmail', a, b, text], ['noop']],
  },
  { name: 'the server closes behind MAIL (P22)', server: { mail: '!close' }, steps: [['sendmail', a, b, text]] },
  { name: 'the server closes behind RCPT (P22)', server: { rcpt: '!close' }, steps: [['sendmail', a, b, text]] },
  { name: 'the server closes behind DATA (P22)', server: { data: '!close' }, steps: [['sendmail', a, b, text]] },
  { name: 'a message outside ASCII as text (P45)', steps: [['sendmail', a, b, 'ä'], ['noop']] },
  { name: 'octets above 127 (P56, L6)', steps: [['sendmail', a, b, { bytes: 'Subject: x\r\n\r\n\u00e4\r\n' }]] },
  {
    name: 'octets above 127 with 8BITMIME (P56, L6)',
    server: { ehlo: '250-a\n250 8BITMIME' },
    steps: [['sendmail', a, b, { bytes: 'Subject: x\r\n\r\n\u00e4\r\n' }]],
  },
  {
    name: 'octets above 127 with 8BITMIME, said by the caller (P45)',
    server: { ehlo: '250-a\n250 8BITMIME' },
    steps: [['sendmail', a, b, { bytes: 'Subject: x\r\n\r\n\u00e4\r\n' }, ['BODY=8BITMIME']]],
  },
  {
    name: 'sendmail with SMTPUTF8 (P40)',
    server: { ehlo: '250-a\n250-8BITMIME\n250 SMTPUTF8' },
    steps: [
      [
        'sendmail',
        'ä@x.example',
        'ö@y.example',
        { bytes: 'Subject: x\r\n\r\n\u00c3\u00a4\r\n' },
        ['BODY=8BITMIME', 'SMTPUTF8'],
      ],
      ['sendmail', a, b, text],
    ],
  },
  {
    name: 'sendmail of no message (P54)',
    steps: [
      ['sendmail', a, b, null],
      ['sendmail', a, b, 5],
    ],
  },
  {
    name: 'sendmail inside a transaction made by hand (P55)',
    server: { mail: ['250 ok', '503 nested', '250 ok'] },
    steps: [['ehlo'], ['mail', a], ['sendmail', a, b, text], ['sendmail', a, b, text]],
  },
  { name: 'a very long line (L17)', steps: [['sendmail', a, b, `${'x'.repeat(1200)}\r\n`]] },
]
