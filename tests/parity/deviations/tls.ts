/** What is different on purpose in scenarios/tls.ts. */
import type { Deviations } from '../scenario.js'

export const tls: Deviations = {
  'starttls without a context (P15, L15)': {
    row: 'L15',
    why: 'certificates are verified',
    results: { 0: { raised: 'SMTPTlsError' } },
    state: {
      sock: false,
      tls: false,
      does_esmtp: true,
      ehlo_resp: 'mail.example\nSIZE 5000\nSTARTTLS',
      esmtp_features: { size: '5000', starttls: '' },
    },
  },
  'starttls behind connect (P25, L8)': {
    row: 'L8',
    why: 'the name that connect was given is verified',
    wire: 'ehlo client.example\r\nSTARTTLS\r\nnoop\r\n',
    results: { 0: { value: [220, { bytes: 'go ahead' }] }, 1: { value: [250, { bytes: '2.0.0 ok' }] } },
    state: { sock: true, tls: true, does_esmtp: false, ehlo_resp: null, esmtp_features: {} },
  },
  'octets in clear text behind 220 to STARTTLS (P69)': {
    row: 'P69',
    why: 'what came in clear text before TLS ends the connection: somebody may have put it there',
    wire: 'ehlo client.example\r\nSTARTTLS\r\n',
    results: { 0: { raised: 'SMTPTlsError' }, 1: { raised: 'SMTPServerDisconnected' } },
    state: {
      sock: false,
      tls: false,
      does_esmtp: true,
      ehlo_resp: 'mail.example\nSIZE 5000\nSTARTTLS',
      esmtp_features: { size: '5000', starttls: '' },
    },
  },
  'SMTP_SSL without a context (P15, L15)': {
    row: 'L15',
    why: 'certificates are verified',
    wire: '',
    results: { 0: { raised: 'SMTPTlsError' } },
    state: { sock: false, tls: false },
  },
  'SMTP_SSL with host:port in one (P15)': {
    row: 'P15',
    why: 'the name that is verified is the name, without the port',
    wire: 'noop\r\n',
    results: { 0: { value: [250, { bytes: '2.0.0 ok' }] } },
    state: { sock: true, tls: true },
  },
}
