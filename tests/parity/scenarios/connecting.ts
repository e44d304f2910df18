/** Connecting, the greeting, closing, QUIT, `with`: P9 to P24. */
import type { Scenario } from '../scenario.js'

const text = 'Subject: x\r\n\r\nhi\r\n'

export const connecting: readonly Scenario[] = [
  { name: 'connect returns the greeting (P16)', connected: false, steps: [['connect', '127.0.0.1', 'PORT']] },
  {
    name: 'connect takes a greeting of several lines (P11)',
    server: { greeting: '220-mail.example\n220 at your service' },
    connected: false,
    steps: [['connect', '127.0.0.1', 'PORT']],
  },
  {
    name: 'connect returns a refusal and leaves the connection open (P16)',
    server: { greeting: '554 no service' },
    connected: false,
    steps: [['connect', '127.0.0.1', 'PORT'], ['quit']],
  },
  {
    name: 'connect returns 421 (P16)',
    server: { greeting: '421 busy' },
    connected: false,
    steps: [['connect', '127.0.0.1', 'PORT']],
  },
  {
    name: 'connect returns 221, which is no greeting (P11)',
    server: { greeting: '221 bye' },
    connected: false,
    steps: [['connect', '127.0.0.1', 'PORT']],
  },
  {
    name: 'connect to a server that closes without a greeting (P11)',
    server: { greeting: '!close' },
    connected: false,
    steps: [['connect', '127.0.0.1', 'PORT']],
  },
  {
    name: 'connect to a server that greets with no reply (P11)',
    server: { greeting: 'raw:hello there\r\n' },
    connected: false,
    steps: [['connect', '127.0.0.1', 'PORT']],
  },
  { name: 'connect takes host:port (P17)', connected: false, steps: [['connect', 'HOST']] },
  { name: 'connect refuses a port that is no number (P17)', connected: false, steps: [['connect', 'localhost:smtp']] },
  { name: 'connect refuses an empty port (P17)', connected: false, steps: [['connect', 'localhost:']] },
  {
    name: 'every command before connect says so (P22)',
    connected: false,
    steps: [
      ['ehlo'],
      ['helo'],
      ['noop'],
      ['rset'],
      ['mail', 'a@x.example'],
      ['docmd', 'NOOP'],
      ['putcmd', 'NOOP'],
      ['send', 'x'],
      ['quit'],
      ['sendmail', 'a@x.example', 'b@y.example', text],
    ],
  },
  { name: 'every command after close says so (P22)', steps: [['ehlo'], ['close'], ['noop'], ['get', 'sock']] },
  { name: 'close twice is fine (P19)', steps: [['close'], ['close']] },
  { name: 'close keeps what EHLO told (P19)', steps: [['ehlo'], ['close']] },
  {
    name: 'a second connect is a new conversation (P18, L2)',
    steps: [['ehlo'], ['close'], ['connect', '127.0.0.1', 'PORT'], ['sendmail', 'a@x.example', 'b@y.example', text]],
  },
  { name: 'quit forgets the server and closes (P20)', steps: [['ehlo'], ['quit']] },
  { name: 'quit returns the reply whatever it is (P20)', server: { quit: '500 never' }, steps: [['ehlo'], ['quit']] },
  {
    name: 'quit tells of a server that goes without an answer (P20)',
    server: { quit: '!close' },
    steps: [['noop'], ['quit']],
  },
  {
    name: 'a new EHLO after quit and connect (P20)',
    steps: [['ehlo'], ['quit'], ['connect', '127.0.0.1', 'PORT'], ['ehlo'], ['quit']],
  },
  { name: 'with says QUIT (P21)', steps: [['__enter__'], ['noop'], ['__exit__', null, null, null]] },
  {
    name: 'with swallows a server that has gone (P21)',
    server: { quit: '!close' },
    steps: [['__enter__'], ['__exit__', null, null, null]],
  },
  {
    name: 'with an answer to QUIT that is not 221 (P21)',
    server: { quit: '421 no!close' },
    steps: [['__enter__'], ['__exit__', null, null, null]],
  },
  {
    name: 'with a client that never connected (P21)',
    connected: false,
    steps: [['__enter__'], ['__exit__', null, null, null]],
  },
  { name: 'with a client that is closed (P21)', steps: [['__enter__'], ['close'], ['__exit__', null, null, null]] },
  { name: 'a server that closes behind a command (P22)', server: { noop: '!close' }, steps: [['noop'], ['noop']] },
  {
    name: 'a server that closes in the middle of a reply (P22)',
    server: { noop: 'raw:250-one\r\n!close' },
    steps: [['noop'], ['noop']],
  },
  { name: 'a server that says nothing (P22)', server: { noop: '!hang' }, timeout: 0.15, steps: [['noop'], ['noop']] },
  {
    name: 'a server that says nothing to MAIL (P22)',
    server: { mail: '!hang' },
    timeout: 0.15,
    steps: [['sendmail', 'a@x.example', 'b@y.example', text], ['noop']],
  },
  {
    name: 'timeout is an attribute (P10)',
    timeout: 3,
    steps: [
      ['get', 'local_hostname'],
      ['get', 'default_port'],
      ['get', 'debuglevel'],
      ['get', 'source_address'],
    ],
  },
  {
    name: 'debuglevel is set by set_debuglevel (P74)',
    steps: [
      ['set_debuglevel', 2],
      ['get', 'debuglevel'],
      ['set_debuglevel', 0],
    ],
  },
  {
    name: 'attributes of a class that has not connected (P10)',
    connected: false,
    steps: [
      ['get', 'sock'],
      ['get', 'ehlo_resp'],
      ['get', 'helo_resp'],
      ['get', 'does_esmtp'],
      ['get', 'esmtp_features'],
      ['get', 'ehlo_msg'],
      ['get', 'debuglevel'],
    ],
  },
  {
    name: 'a class attribute of LMTP (P10)',
    kind: 'LMTP',
    connected: false,
    steps: [
      ['get', 'ehlo_msg'],
      ['get', 'default_port'],
    ],
  },
  { name: 'host and port in an IPv6 address are left alone (P17)', connected: false, steps: [['connect', '::1', 1]] },
]
