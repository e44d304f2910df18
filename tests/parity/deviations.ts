/**
 * Where we do something else than smtplib on purpose, and what: by scenario, with the row of the list of smtplib's behaviours (P) or of what its users
 * report (L), and the reason. What is not named here is the same.
 */
import type { Deviation } from './scenario.js'

export const deviations: Readonly<Record<string, Deviation>> = {
  'quoteaddr of what is no single address (P5, P6)': {
    row: 'P6',
    why: 'what is not exactly one address is refused, not guessed at',
    results: {
      '0': {
        raised: 'SMTPMessageError',
      },
      '1': {
        raised: 'SMTPMessageError',
      },
      '2': {
        raised: 'SMTPMessageError',
      },
      '3': {
        raised: 'SMTPMessageError',
      },
      '4': {
        raised: 'SMTPMessageError',
      },
      '5': {
        raised: 'SMTPEnvelopeError',
      },
      '6': {
        raised: 'SMTPEnvelopeError',
      },
      '7': {
        raised: 'SMTPMessageError',
      },
      '8': {
        raised: 'SMTPEnvelopeError',
      },
    },
  },
  'connect returns 421 (P16)': {
    row: 'P16',
    why: 'a server that says 421 has ended the session: the connection is gone at once',
    state: {
      sock: false,
    },
  },
  'connect returns 221, which is no greeting (P11)': {
    row: 'P11',
    why: '221 is no greeting: the connection is gone at once',
    state: {
      sock: false,
    },
  },
  'connect to a server that greets with no reply (P11)': {
    row: 'P30',
    why: 'what is no reply ends the connection: where the next one begins is not known',
    results: {
      '0': {
        raised: 'SMTPConnectError',
        code: -1,
        error: {
          bytes: '',
        },
      },
    },
    state: {
      sock: false,
    },
  },
  'a second connect is a new conversation (P18, L2)': {
    row: 'L2',
    why: 'what was known of the server before is forgotten, and EHLO is said again',
    wire: 'ehlo client.example\r\n--- next connection ---\r\nehlo client.example\r\nmail from:<a@x.example> size=18\r\nrcpt to:<b@y.example>\r\ndata\r\nSubject: x\r\n\r\nhi\r\n.\r\n',
  },
  'a class attribute of LMTP (P10)': {
    row: 'P10',
    why: 'the default port of LMTP is 2003 in the class, too, as in its constructor',
    results: {
      '1': {
        value: 2003,
      },
    },
  },
  'a control character in an argument (P29)': {
    row: 'P29',
    why: 'no control character goes out',
    wire: '',
    results: {
      '0': {
        raised: 'SMTPException',
      },
      '1': {
        raised: 'SMTPException',
      },
    },
  },
  'a character outside ASCII in a command (P26)': {
    row: 'L3',
    why: 'text goes out as UTF-8',
    wire: 'NOOP Ã©\r\nnoop\r\n',
    results: {
      '0': {
        value: [
          250,
          {
            bytes: '2.0.0 ok',
          },
        ],
      },
    },
  },
  'a reply without a line end at the end of the stream (P28)': {
    row: 'P28',
    why: 'a reply that was cut off is none',
    wire: 'noop\r\n',
    results: {
      '0': {
        raised: 'SMTPServerDisconnected',
      },
      '1': {
        raised: 'SMTPServerDisconnected',
      },
    },
  },
  'a code of two digits (P30)': {
    row: 'P30',
    why: 'a reply code has three digits; anything else ends the connection',
    results: {
      '0': {
        raised: 'SMTPServerDisconnected',
      },
    },
    state: {
      sock: false,
    },
  },
  'a code with a sign (P30)': {
    row: 'P30',
    why: 'a reply code has three digits; anything else ends the connection',
    results: {
      '0': {
        raised: 'SMTPServerDisconnected',
      },
    },
    state: {
      sock: false,
    },
  },
  'a code of four digits (P30)': {
    row: 'P30',
    why: 'a reply code has three digits; anything else ends the connection',
    results: {
      '0': {
        raised: 'SMTPServerDisconnected',
      },
    },
    state: {
      sock: false,
    },
  },
  'no code at all (P30)': {
    row: 'P30',
    why: 'what is no reply ends the connection: the next answer would belong to the wrong command',
    wire: 'noop\r\n',
    results: {
      '0': {
        raised: 'SMTPServerDisconnected',
      },
      '1': {
        raised: 'SMTPServerDisconnected',
      },
    },
    state: {
      sock: false,
    },
  },
  'an empty line for a reply (P31)': {
    row: 'P31',
    why: 'what is no reply ends the connection',
    results: {
      '0': {
        raised: 'SMTPServerDisconnected',
      },
    },
    state: {
      sock: false,
    },
  },
  'a line of 8193 octets (P32)': {
    row: 'P32',
    why: 'smtp_error is octets here too, as in every other reply',
    results: {
      '0': {
        raised: 'SMTPResponseException',
        code: 500,
        error: {
          bytes: 'Line too long.',
        },
      },
    },
  },
  'a greeting of 8193 octets (P32)': {
    row: 'P32',
    why: 'smtp_error is octets here too, as in every other reply',
    results: {
      '0': {
        raised: 'SMTPResponseException',
        code: 500,
        error: {
          bytes: 'Line too long.',
        },
      },
    },
  },
  'an EHLO line of 8193 octets (P32)': {
    row: 'P32',
    why: 'smtp_error is octets here too, as in every other reply',
    results: {
      '0': {
        raised: 'SMTPResponseException',
        code: 500,
        error: {
          bytes: 'Line too long.',
        },
      },
    },
  },
  '421 to a single command is returned (P23)': {
    row: 'P23',
    why: 'behind 421 the connection is gone at once',
    wire: 'noop\r\n',
    results: {
      '1': {
        raised: 'SMTPServerDisconnected',
      },
    },
  },
  'a reply of 1yz (P30)': {
    row: 'P30',
    why: 'SMTP has no such code (RFC 5321 4.2): it ends the connection',
    results: {
      '0': {
        raised: 'SMTPServerDisconnected',
      },
    },
    state: {
      sock: false,
    },
  },
  'a reply of 6yz (P30)': {
    row: 'P30',
    why: 'SMTP has no such code (RFC 5321 4.2): it ends the connection',
    results: {
      '0': {
        raised: 'SMTPServerDisconnected',
      },
    },
    state: {
      sock: false,
    },
  },
  'ehlo answered with 251 (P37)': {
    row: 'P37',
    why: 'an unexpected code is taken by its first digit (RFC 5321 4.3.2)',
    state: {
      does_esmtp: true,
      esmtp_features: {
        size: '1',
      },
    },
  },
  'ehlo answered with what is no reply (P34)': {
    row: 'P34',
    why: 'the message says what was wrong with the reply',
    results: {
      '0': {
        raised: 'SMTPServerDisconnected',
      },
    },
  },
  'ehlo_or_helo_if_needed with 421 to EHLO (P37)': {
    row: 'P37',
    why: 'nothing is said to a server that has said 421',
    wire: 'ehlo client.example\r\n',
    results: {
      '0': {
        raised: 'SMTPHeloError',
        code: 421,
        error: {
          bytes: 'closing',
        },
      },
    },
  },
  'mail with an option given as text (P40)': {
    row: 'P40',
    why: 'a text is one option, not a list of letters',
    wire: 'ehlo client.example\r\nmail from:<a@x.example> SIZE=3\r\n',
  },
  'mail with characters outside ASCII and no SMTPUTF8 (P40)': {
    row: 'P40',
    why: 'the error is ours, for there is no UnicodeEncodeError',
    results: {
      '1': {
        raised: 'SMTPEnvelopeError',
      },
    },
  },
  'a line end in an address is cut off or refused (P6)': {
    row: 'P6',
    why: 'what is not exactly one address is refused; nothing is cut off',
    wire: 'ehlo client.example\r\n',
    results: {
      '1': {
        raised: 'SMTPMessageError',
      },
    },
  },
  'two addresses in one (P6)': {
    row: 'P6',
    why: 'what is not exactly one address is refused',
    wire: 'ehlo client.example\r\n',
    results: {
      '1': {
        raised: 'SMTPEnvelopeError',
      },
    },
  },
  'a comma in a display name (P6)': {
    row: 'P6',
    why: 'what is not exactly one address is refused',
    wire: 'ehlo client.example\r\n',
    results: {
      '1': {
        raised: 'SMTPEnvelopeError',
      },
    },
  },
  'a group (P6)': {
    row: 'P6',
    why: 'what is not exactly one address is refused',
    wire: 'ehlo client.example\r\n',
    results: {
      '1': {
        raised: 'SMTPEnvelopeError',
      },
    },
  },
  'mail with 421 is returned (P23)': {
    row: 'P23',
    why: 'behind 421 the connection is gone at once',
    state: {
      sock: false,
    },
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
    results: {
      '3': {
        raised: 'SMTPNotSupportedError',
      },
    },
  },
  'data with 421 (P43)': {
    row: 'P43',
    why: 'behind 421 the connection is gone at once',
    state: {
      sock: false,
    },
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
    results: {
      '0': {
        raised: 'SMTPNotSupportedError',
      },
    },
  },
  'sendmail of more than SIZE allows (P46)': {
    row: 'P46',
    why: 'what the server says it will not take is not sent (RFC 1870 6.1)',
    wire: 'ehlo client.example\r\nnoop\r\n',
    results: {
      '0': {
        raised: 'SMTPMessageError',
      },
    },
  },
  'the sender answered with 251 (P47)': {
    row: 'P47',
    why: 'every 2yz is success (RFC 5321 4.3.2)',
    wire: 'ehlo client.example\r\nmail from:<a@x.example> size=18\r\nrcpt to:<b@y.example>\r\ndata\r\nSubject: x\r\n\r\nhi\r\n.\r\n',
    results: {
      '0': {
        value: {},
      },
    },
  },
  'the sender refused, and the server closes on RSET (P47)': {
    row: 'P47',
    why: 'nobody waits for the answer to RSET; the next command finds the connection gone',
    state: {
      sock: true,
    },
  },
  'a recipient answered with 252 (P48)': {
    row: 'P48',
    why: 'every 2yz is success (RFC 5321 4.3.2)',
    wire: 'ehlo client.example\r\nmail from:<a@x.example> size=18\r\nrcpt to:<b@y.example>\r\ndata\r\nSubject: x\r\n\r\nhi\r\n.\r\n',
    results: {
      '0': {
        value: {},
      },
    },
  },
  'a refused recipient twice (P50)': {
    row: 'P50',
    why: 'nobody is left, so no DATA is sent',
    wire: 'ehlo client.example\r\nmail from:<a@x.example> size=18\r\nrcpt to:<b@y.example>\r\nrcpt to:<b@y.example>\r\nrset\r\n',
    results: {
      '0': {
        raised: 'SMTPRecipientsRefused',
        recipients: {
          'b@y.example': [
            550,
            {
              bytes: 'no',
            },
          ],
        },
      },
    },
  },
  'no recipient (P50)': {
    row: 'P50',
    why: 'an envelope without a recipient is refused before anything is written',
    wire: 'ehlo client.example\r\nnoop\r\n',
    results: {
      '0': {
        raised: 'SMTPEnvelopeError',
      },
    },
  },
  'an empty recipient (P50)': {
    row: 'P50',
    why: '"" is no recipient: refused before anything is written',
    wire: 'ehlo client.example\r\n',
    results: {
      '0': {
        raised: 'SMTPEnvelopeError',
      },
    },
  },
  'DATA refused (P43)': {
    row: 'P43',
    why: 'RSET clears the transaction before the connection is used again',
    wire: 'ehlo client.example\r\nmail from:<a@x.example> size=18\r\nrcpt to:<b@y.example>\r\ndata\r\nrset\r\nnoop\r\n',
  },
  'DATA answered with 421 (P43)': {
    row: 'P43',
    why: 'behind 421 the connection is gone at once',
    state: {
      sock: false,
    },
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
    results: {
      '0': {
        value: {},
      },
    },
  },
  'a message outside ASCII as text (P45)': {
    row: 'P45',
    why: 'text is sent as UTF-8 where the server takes it; here it does not',
    results: {
      '0': {
        raised: 'SMTPNotSupportedError',
      },
    },
  },
  'octets above 127 (P56, L6)': {
    row: 'L6',
    why: 'no octet above 127 goes to a server without 8BITMIME',
    wire: 'ehlo client.example\r\n',
    results: {
      '0': {
        raised: 'SMTPNotSupportedError',
      },
    },
  },
  'octets above 127 with 8BITMIME (P56, L6)': {
    row: 'L6',
    why: 'octets above 127 are declared',
    wire: 'ehlo client.example\r\nmail from:<a@x.example> BODY=8BITMIME\r\nrcpt to:<b@y.example>\r\ndata\r\nSubject: x\r\n\r\nä\r\n.\r\n',
  },
  'an empty group beside others (P59)': {
    row: 'P59',
    why: 'an empty group names nobody',
    wire: 'ehlo client.example\r\nmail from:<a@x.example> size=67\r\nrcpt to:<d@y.example>\r\ndata\r\nFrom: a@x.example\r\nTo: undisclosed-recipients:;\r\nSubject: x\r\n\r\nhi\r\n.\r\n',
  },
  'no recipient in the header (P59)': {
    row: 'P59',
    why: 'an envelope without a recipient is refused before anything is written',
    wire: 'ehlo client.example\r\nnoop\r\n',
    results: {
      '0': {
        raised: 'SMTPEnvelopeError',
      },
    },
  },
  'no From (P58)': {
    row: 'P58',
    why: 'there is no sender called None',
    wire: 'ehlo client.example\r\n',
    results: {
      '0': {
        raised: 'SMTPMessageError',
      },
    },
  },
  'two blocks of Resent- fields (P57)': {
    row: 'P57',
    why: 'the error is an SMTPMessageError, with the same words and the field',
    results: {
      '0': {
        raised: 'SMTPMessageError',
      },
    },
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
  'login where nothing suitable is offered (P66)': {
    row: 'P66',
    why: 'an SMTPNotSupportedError, which is an SMTPException, too',
    results: {
      '0': {
        raised: 'SMTPNotSupportedError',
      },
    },
  },
  'login where names are in lower case (P66)': {
    row: 'P66',
    why: 'names of mechanisms are known in any case (RFC 4422 3.1)',
    wire: 'ehlo client.example\r\nAUTH PLAIN AHRpbQBzZWNyZXQ=\r\n',
    results: {
      '0': {
        value: [
          235,
          {
            bytes: 'welcome',
          },
        ],
      },
    },
  },
  'login twice (P65)': {
    row: 'P65',
    why: 'nobody logs in twice (RFC 4954 4); nothing is sent',
    wire: 'ehlo client.example\r\nAUTH PLAIN AHRpbQBzZWNyZXQ=\r\n',
    results: {
      '1': {
        raised: 'SMTPException',
      },
    },
  },
  'login answered with 421 (P66)': {
    row: 'P66',
    why: 'behind 421 the connection is gone at once',
    state: {
      sock: false,
    },
  },
  'login with characters outside ASCII (P67, L3)': {
    row: 'L3',
    why: 'user names and passwords are UTF-8 (RFC 4616 2)',
    wire: 'ehlo client.example\r\nAUTH PLAIN AHRpbQBzw6ljcmV0\r\n',
    results: {
      '0': {
        value: [
          235,
          {
            bytes: 'welcome',
          },
        ],
      },
    },
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
    state: {
      sock: false,
    },
  },
  'a server that never stops asking: without the initial response (P65)': {
    row: 'P65',
    why: 'the exchange is cancelled (RFC 4954 4), and a server that goes on all the same is left',
    wire: 'ehlo client.example\r\nAUTH X-OWN\r\nMQ==\r\nMg==\r\nMw==\r\nNA==\r\nNQ==\r\nNg==\r\n*\r\n',
    state: {
      sock: false,
    },
  },
  'a challenge that is not base64 (P65)': {
    row: 'P65',
    why: 'the exchange is cancelled (RFC 4954 4)',
    wire: 'ehlo client.example\r\nAUTH X-OWN\r\n*\r\n',
    results: {
      '1': {
        raised: 'SMTPAuthenticationError',
        code: 501,
        error: {
          bytes: 'cancelled',
        },
      },
    },
  },
  'auth before EHLO (P65)': {
    row: 'P65',
    why: 'AUTH wants EHLO before it (RFC 4954 4): it is said',
    wire: 'ehlo client.example\r\nAUTH X-OWN Zmlyc3Q=\r\n',
    state: {
      does_esmtp: true,
      ehlo_resp: 'mail.example\nSIZE 5000\nHELP',
      esmtp_features: {
        size: '5000',
        help: '',
      },
    },
  },
  'no HELO behind a refused LHLO (P72)': {
    row: 'P72',
    why: 'LMTP has no HELO (RFC 2033 4.1)',
    wire: 'lhlo client.example\r\n',
    results: {
      '0': {
        raised: 'SMTPHeloError',
        code: 500,
        error: {
          bytes: 'no',
        },
      },
    },
    state: {
      helo_resp: null,
    },
  },
  'LMTP to two recipients, both accepted (P73, L1)': {
    row: 'L1',
    why: 'each recipient has a reply, and each is read',
    results: {
      '1': {
        value: [
          250,
          {
            bytes: '2.0.0 ok',
          },
        ],
      },
    },
  },
  'LMTP to two recipients, one refused behind the message (P73, L1)': {
    row: 'L1',
    why: 'each recipient has a reply, and each is read',
    results: {
      '0': {
        value: {
          'c@y.example': [
            550,
            {
              bytes: 'c',
            },
          ],
        },
      },
      '1': {
        value: [
          250,
          {
            bytes: '2.0.0 ok',
          },
        ],
      },
    },
  },
  'LMTP to one recipient who is refused behind the message (P73)': {
    row: 'P73',
    why: 'who refuses the message refuses its recipient',
    wire: 'lhlo client.example\r\nmail from:<a@x.example> size=18\r\nrcpt to:<b@y.example>\r\ndata\r\nSubject: x\r\n\r\nhi\r\n.\r\nnoop\r\n',
    results: {
      '0': {
        raised: 'SMTPRecipientsRefused',
        recipients: {
          'b@y.example': [
            552,
            {
              bytes: 'full',
            },
          ],
        },
      },
    },
  },
  'LMTP step by step (P73, L1)': {
    row: 'L1',
    why: 'each recipient has a reply; data returns the worst',
    results: {
      '4': {
        value: [
          550,
          {
            bytes: 'c',
          },
        ],
      },
      '5': {
        value: [
          250,
          {
            bytes: '2.0.0 ok',
          },
        ],
      },
    },
  },
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
