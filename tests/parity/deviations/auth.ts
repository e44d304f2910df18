/** What is different on purpose in scenarios/auth.ts. */
import type { Deviations } from '../scenario.js'

export const auth: Deviations = {
  'login where nothing suitable is offered (P66)': {
    row: 'P66',
    why: 'an SMTPNotSupportedError, which is an SMTPException, too',
    results: { 0: { raised: 'SMTPNotSupportedError' } },
  },
  'login where names are in lower case (P66)': {
    row: 'P66',
    why: 'names of mechanisms are known in any case (RFC 4422 3.1)',
    wire: 'ehlo client.example\r\nAUTH PLAIN AHRpbQBzZWNyZXQ=\r\n',
    results: { 0: { value: [235, { bytes: 'welcome' }] } },
  },
  'login twice (P65)': {
    row: 'P65',
    why: 'nobody logs in twice (RFC 4954 4); nothing is sent',
    wire: 'ehlo client.example\r\nAUTH PLAIN AHRpbQBzZWNyZXQ=\r\n',
    results: { 1: { raised: 'SMTPException' } },
  },
  'login answered with 421 (P66)': {
    row: 'P66',
    why: 'behind 421 the connection is gone at once',
    state: { sock: false },
  },
  'login with characters outside ASCII (P67, L3)': {
    row: 'L3',
    why: 'user names and passwords are UTF-8 (RFC 4616 2)',
    wire: 'ehlo client.example\r\nAUTH PLAIN AHRpbQBzw6ljcmV0\r\n',
    results: { 0: { value: [235, { bytes: 'welcome' }] } },
  },
  'auth with an empty initial response (P65)': {
    row: 'P65',
    why: 'an empty initial response is "=" (RFC 4954 4)',
    wire: 'ehlo client.example\r\nAUTH X-OWN =\r\n',
  },
  'a server that never stops asking: with the initial response (P65)': {
    row: 'P65',
    why: 'the exchange is cancelled (RFC 4954 4), and a server that goes on all the same is left',
    wire: 'ehlo client.example\r\nAUTH LOGIN dGlt\r\ndGFuc3RhYWZ0YW5zdGFhZg==\r\ndGFuc3RhYWZ0YW5zdGFhZg==\r\ndGFuc3RhYWZ0YW5zdGFhZg==\r\ndGFuc3RhYWZ0YW5zdGFhZg==\r\ndGFuc3RhYWZ0YW5zdGFhZg==\r\n*\r\n',
    state: { sock: false },
  },
  'a server that never stops asking: without the initial response (P65)': {
    row: 'P65',
    why: 'the exchange is cancelled (RFC 4954 4), and a server that goes on all the same is left',
    wire: 'ehlo client.example\r\nAUTH X-OWN\r\nMQ==\r\nMg==\r\nMw==\r\nNA==\r\nNQ==\r\nNg==\r\n*\r\n',
    state: { sock: false },
  },
  'a challenge that is not base64 (P65)': {
    row: 'P65',
    why: 'the exchange is cancelled (RFC 4954 4)',
    wire: 'ehlo client.example\r\nAUTH X-OWN\r\n*\r\n',
    results: { 1: { raised: 'SMTPAuthenticationError', code: 501, error: { bytes: 'cancelled' } } },
  },
  'auth before EHLO (P65)': {
    row: 'P65',
    why: 'AUTH wants EHLO before it (RFC 4954 4): it is said',
    wire: 'ehlo client.example\r\nAUTH X-OWN Zmlyc3Q=\r\n',
    state: { does_esmtp: true, ehlo_resp: 'mail.example\nSIZE 5000\nHELP', esmtp_features: { size: '5000', help: '' } },
  },
}
