/** What is different on purpose in scenarios/connecting.ts. */
import type { Deviations } from '../scenario.js'

export const connecting: Deviations = {
  'connect returns 421 (P16)': {
    row: 'P16',
    why: 'a server that says 421 has ended the session: the connection is gone at once',
    state: { sock: false },
  },
  'connect returns 221, which is no greeting (P11)': {
    row: 'P11',
    why: '221 is no greeting: the connection is gone at once',
    state: { sock: false },
  },
  'connect to a server that greets with no reply (P11)': {
    row: 'P30',
    why: 'what is no reply ends the connection: where the next one begins is not known',
    results: { 0: { raised: 'SMTPConnectError', code: -1, error: { bytes: '' } } },
    state: { sock: false },
  },
  'a second connect is a new conversation (P18, L2)': {
    row: 'L2',
    why: 'what was known of the server before is forgotten, and EHLO is said again',
    wire: 'ehlo client.example\r\n--- next connection ---\r\nehlo client.example\r\nmail from:<a@x.example> size=18\r\nrcpt to:<b@y.example>\r\ndata\r\nSubject: x\r\n\r\nhi\r\n.\r\n',
  },
  'a class attribute of LMTP (P10)': {
    row: 'P10',
    why: 'the default port of LMTP is 2003 in the class, too, as in its constructor',
    results: { 1: { value: 2003 } },
  },
}
