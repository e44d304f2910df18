/** What is different on purpose in scenarios/sending.ts. */
import type { Deviations } from '../scenario.js'

export const sending: Deviations = {
  'mail with an option given as text (P40)': {
    row: 'P40',
    why: 'a text is one option, not a list of letters',
    wire: 'ehlo client.example\r\nmail from:<a@x.example> SIZE=3\r\n',
  },
  'mail with characters outside ASCII and no SMTPUTF8 (P40)': {
    row: 'P40',
    why: 'the error is ours, for there is no UnicodeEncodeError',
    results: { 1: { raised: 'SMTPEnvelopeError' } },
  },
  'a line end in an address is cut off or refused (P6)': {
    row: 'P6',
    why: 'what is not exactly one address is refused; nothing is cut off',
    wire: 'ehlo client.example\r\n',
    results: { 1: { raised: 'SMTPMessageError' } },
  },
  'two addresses in one (P6)': {
    row: 'P6',
    why: 'what is not exactly one address is refused',
    wire: 'ehlo client.example\r\n',
    results: { 1: { raised: 'SMTPEnvelopeError' } },
  },
  'a comma in a display name (P6)': {
    row: 'P6',
    why: 'what is not exactly one address is refused',
    wire: 'ehlo client.example\r\n',
    results: { 1: { raised: 'SMTPEnvelopeError' } },
  },
  'a group (P6)': {
    row: 'P6',
    why: 'what is not exactly one address is refused',
    wire: 'ehlo client.example\r\n',
    results: { 1: { raised: 'SMTPEnvelopeError' } },
  },
  'mail with 421 is returned (P23)': {
    row: 'P23',
    why: 'behind 421 the connection is gone at once',
    state: { sock: false },
  },
  'data that is empty (P43)': {
    row: 'P43',
    why: 'an empty message is empty: no line is added',
    wire: 'ehlo client.example\r\nmail from:<a@x.example>\r\nrcpt to:<b@y.example>\r\ndata\r\n.\r\nnoop\r\n',
  },
  'data with LF in octets (P44, L11)': {
    row: 'L11',
    why: 'no bare LF goes out: that is how messages are smuggled',
    wire: 'ehlo client.example\r\nmail from:<a@x.example>\r\nrcpt to:<b@y.example>\r\ndata\r\na\r\n..\r\nb\r\n.\r\n',
  },
  'data with LF at the end of octets (P43, L11)': {
    row: 'L11',
    why: 'no bare LF goes out, and no line is added behind it',
    wire: 'ehlo client.example\r\nmail from:<a@x.example>\r\nrcpt to:<b@y.example>\r\ndata\r\na\r\nb\r\n.\r\n',
  },
  'data with characters outside ASCII (P43)': {
    row: 'P43',
    why: 'refused before DATA, not behind it: the server does not wait inside a message',
    wire: 'ehlo client.example\r\nmail from:<a@x.example>\r\nrcpt to:<b@y.example>\r\n',
    results: { 3: { raised: 'SMTPNotSupportedError' } },
  },
  'data with 421 (P43)': {
    row: 'P43',
    why: 'behind 421 the connection is gone at once',
    state: { sock: false },
  },
  'sendmail of text without a last line end (P45)': {
    row: 'P45',
    why: 'SIZE counts the line end that is added (RFC 1870 3)',
    wire: 'ehlo client.example\r\nmail from:<a@x.example> size=5\r\nrcpt to:<b@y.example>\r\ndata\r\none\r\n.\r\n',
  },
  'sendmail with options that are not offered (P41, P45)': {
    row: 'P41',
    why: 'no parameter goes out that the server did not offer (RFC 5321 4.1.1.11)',
    wire: 'ehlo client.example\r\nnoop\r\n',
    results: { 0: { raised: 'SMTPNotSupportedError' } },
  },
  'sendmail of more than SIZE allows (P46)': {
    row: 'P46',
    why: 'what the server says it will not take is not sent (RFC 1870 6.1)',
    wire: 'ehlo client.example\r\nnoop\r\n',
    results: { 0: { raised: 'SMTPMessageError' } },
  },
  'the sender answered with 251 (P47)': {
    row: 'P47',
    why: 'every 2yz is success (RFC 5321 4.3.2)',
    wire: 'ehlo client.example\r\nmail from:<a@x.example> size=18\r\nrcpt to:<b@y.example>\r\ndata\r\nSubject: x\r\n\r\nhi\r\n.\r\n',
    results: { 0: { value: {} } },
  },
  'the sender refused, and the server closes on RSET (P47)': {
    row: 'P47',
    why: 'nobody waits for the answer to RSET; the next command finds the connection gone',
    state: { sock: true },
  },
  'a recipient answered with 252 (P48)': {
    row: 'P48',
    why: 'every 2yz is success (RFC 5321 4.3.2)',
    wire: 'ehlo client.example\r\nmail from:<a@x.example> size=18\r\nrcpt to:<b@y.example>\r\ndata\r\nSubject: x\r\n\r\nhi\r\n.\r\n',
    results: { 0: { value: {} } },
  },
  'a refused recipient twice (P50)': {
    row: 'P50',
    why: 'nobody is left, so no DATA is sent',
    wire: 'ehlo client.example\r\nmail from:<a@x.example> size=18\r\nrcpt to:<b@y.example>\r\nrcpt to:<b@y.example>\r\nrset\r\n',
    results: { 0: { raised: 'SMTPRecipientsRefused', recipients: { 'b@y.example': [550, { bytes: 'no' }] } } },
  },
  'no recipient (P50)': {
    row: 'P50',
    why: 'an envelope without a recipient is refused before anything is written',
    wire: 'ehlo client.example\r\nnoop\r\n',
    results: { 0: { raised: 'SMTPEnvelopeError' } },
  },
  'an empty recipient (P50)': {
    row: 'P50',
    why: '"" is no recipient: refused before anything is written',
    wire: 'ehlo client.example\r\n',
    results: { 0: { raised: 'SMTPEnvelopeError' } },
  },
  'DATA refused (P43)': {
    row: 'P43',
    why: 'RSET clears the transaction before the connection is used again',
    wire: 'ehlo client.example\r\nmail from:<a@x.example> size=18\r\nrcpt to:<b@y.example>\r\ndata\r\nrset\r\nnoop\r\n',
  },
  'DATA answered with 421 (P43)': {
    row: 'P43',
    why: 'behind 421 the connection is gone at once',
    state: { sock: false },
  },
  'the message refused (P52)': {
    row: 'P52',
    why: 'no RSET: a refused message has ended its transaction (RFC 5321 4.1.1.4)',
    wire: 'ehlo client.example\r\nmail from:<a@x.example> size=18\r\nrcpt to:<b@y.example>\r\ndata\r\nSubject: x\r\n\r\nhi\r\n.\r\nnoop\r\n',
  },
  'the message answered with 251 (P52)': {
    row: 'P52',
    why: 'every 2yz is success (RFC 5321 4.3.2): sent again, it would be delivered twice',
    wire: 'ehlo client.example\r\nmail from:<a@x.example> size=18\r\nrcpt to:<b@y.example>\r\ndata\r\nSubject: x\r\n\r\nhi\r\n.\r\n',
    results: { 0: { value: {} } },
  },
  'a message outside ASCII as text (P45)': {
    row: 'P45',
    why: 'text is sent as UTF-8 where the server takes it; here it does not',
    results: { 0: { raised: 'SMTPNotSupportedError' } },
  },
  'octets above 127 (P56, L6)': {
    row: 'L6',
    why: 'no octet above 127 goes to a server without 8BITMIME',
    wire: 'ehlo client.example\r\n',
    results: { 0: { raised: 'SMTPNotSupportedError' } },
  },
  'octets above 127 with 8BITMIME (P56, L6)': {
    row: 'L6',
    why: 'octets above 127 are declared',
    wire: 'ehlo client.example\r\nmail from:<a@x.example> BODY=8BITMIME\r\nrcpt to:<b@y.example>\r\ndata\r\nSubject: x\r\n\r\nä\r\n.\r\n',
  },
  'the message of data answered with 421 (P43, P23)': {
    row: 'P23',
    why: 'behind 421 the connection is gone at once',
    wire: 'ehlo client.example\r\nmail from:<a@x.example>\r\nrcpt to:<b@y.example>\r\ndata\r\nhi\r\n.\r\n',
    results: { 4: { raised: 'SMTPServerDisconnected' } },
    state: { sock: false },
  },
  'a reply to the message before its end (P43)': {
    row: 'P43',
    why: 'a reply that came before the message is no answer to it: nothing is sent, and nothing counts as accepted',
    wire: 'ehlo client.example\r\nmail from:<a@x.example>\r\nrcpt to:<b@y.example>\r\ndata\r\n',
    results: { 3: { raised: 'SMTPServerDisconnected' } },
    state: { sock: false },
  },
}
