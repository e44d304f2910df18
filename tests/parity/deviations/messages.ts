/** What is different on purpose in scenarios/messages.ts. */
import type { Deviations } from '../scenario.js'

export const messages: Deviations = {
  'an empty group beside others (P59)': {
    row: 'P59',
    why: 'an empty group names nobody',
    wire: 'ehlo client.example\r\nmail from:<a@x.example> size=67\r\nrcpt to:<d@y.example>\r\ndata\r\nFrom: a@x.example\r\nTo: undisclosed-recipients:;\r\nSubject: x\r\n\r\nhi\r\n.\r\n',
  },
  'no recipient in the header (P59)': {
    row: 'P59',
    why: 'an envelope without a recipient is refused before anything is written',
    wire: 'ehlo client.example\r\nnoop\r\n',
    results: { 0: { raised: 'SMTPEnvelopeError' } },
  },
  'no From (P58)': {
    row: 'P58',
    why: 'there is no sender called None',
    wire: 'ehlo client.example\r\n',
    results: { 0: { raised: 'SMTPMessageError' } },
  },
  'two blocks of Resent- fields (P57)': {
    row: 'P57',
    why: 'the error is an SMTPMessageError, with the same words and the field',
    results: { 0: { raised: 'SMTPMessageError' } },
  },
  'an address outside ASCII with SMTPUTF8 (P61)': {
    row: 'P61',
    why: 'the parameters are in another order, which means nothing',
    wire: 'ehlo client.example\r\nmail from:<a@x.example> BODY=8BITMIME SMTPUTF8\r\nrcpt to:<Ã¶@y.example>\r\ndata\r\nFrom: a@x.example\r\nTo: Ã¶@y.example\r\nSubject: x\r\n\r\nhi\r\n.\r\n',
  },
  'a line that begins with From (P63, L5)': {
    row: 'L5',
    why: 'the message is not changed',
    wire: 'ehlo client.example\r\nmail from:<a@x.example> size=47\r\nrcpt to:<b@y.example>\r\ndata\r\nFrom: a@x.example\r\nTo: b@y.example\r\n\r\nFrom me\r\n.\r\n',
  },
}
