/**
 * The dialogues of the RFCs and of real servers, both sides of each: every reply and every command is read at every border
 * between two octets, written again, and must come out as it went in.
 */
import { describe, expect, it } from 'vitest'
import {
  type CommandEvent,
  CommandReader,
  type Reply,
  ReplyReader,
  writeCommand,
  writeReply,
  writeResponse,
} from './index.js'

interface Dialogue {
  readonly name: string
  readonly lines: string
  readonly lmtp?: true
  /** What must be tolerated in the replies. */
  readonly quirks?: readonly string[]
  /** Commands that do not come out as they went in, and how they do. */
  readonly rewritten?: Readonly<Record<string, string>>
}

const dialogues: readonly Dialogue[] = [
  {
    name: 'RFC 5321 D.1, a typical one, and D.2, an aborted one',
    lines: `
S: 220 foo.com Simple Mail Transfer Service Ready
C: EHLO bar.com
S: 250-foo.com greets bar.com
S: 250-8BITMIME
S: 250-SIZE
S: 250-DSN
S: 250 HELP
C: MAIL FROM:<Smith@bar.com>
S: 250 OK
C: RCPT TO:<Jones@foo.com>
S: 250 OK
C: RCPT TO:<Green@foo.com>
S: 550 No such user here
C: DATA
S: 354 Start mail input; end with <CRLF>.<CRLF>
C: Blah blah blah...
C: ...etc. etc. etc.
C: .
S: 250 OK
C: MAIL FROM:<Smith@bar.com>
S: 250 OK
C: RSET
S: 250 OK
C: QUIT
S: 221 foo.com Service closing transmission channel`,
  },
  {
    name: 'RFC 5321 D.4, VRFY and EXPN',
    lines: `
S: 220 foo.com Simple Mail Transfer Service Ready
C: EHLO bar.com
S: 250-foo.com greets bar.com
S: 250-8BITMIME
S: 250-SIZE
S: 250-DSN
S: 250-VRFY
S: 250 HELP
C: VRFY Crispin
S: 250 Mark Crispin <Admin.MRC@foo.com>
C: MAIL FROM:<EAK@bar.com>
S: 250 OK
C: EXPN Example-People
S: 250-Jon Postel <Postel@isi.edu>
S: 250 Sam Q. Smith <SQSmith@specific.generic.com>
C: QUIT
S: 221 foo.com Service closing transmission channel`,
  },
  {
    name: 'RFC 2920 4, a whole group at once, and all recipients refused',
    lines: `
S: 220 innosoft.com SMTP service ready
C: EHLO dbc.mtview.ca.us
S: 250-innosoft.com
S: 250 PIPELINING
C: MAIL FROM:<mrose@dbc.mtview.ca.us>
C: RCPT TO:<nsb@thumper.bellcore.com>
C: RCPT TO:<galvin@tis.com>
C: DATA
S: 250 sender <mrose@dbc.mtview.ca.us> OK
S: 550 remote mail to <nsb@thumper.bellore.com> not allowed
S: 550 remote mail to <galvin@tis.com> not allowed
S: 354 enter mail, end with line containing only "."
C: .
C: QUIT
S: 554 no valid recipients
S: 221 goodbye`,
  },
  {
    name: 'RFC 2033 4.2, LMTP with a reply for each recipient',
    lmtp: true,
    lines: `
S: 220 foo.edu LMTP server ready
C: LHLO foo.edu
S: 250-foo.edu
S: 250-PIPELINING
S: 250 SIZE
C: MAIL FROM:<chris@bar.com>
S: 250 OK
C: RCPT TO:<pat@foo.edu>
S: 250 OK
C: RCPT TO:<jones@foo.edu>
S: 550 No such user here
C: RCPT TO:<green@foo.edu>
S: 250 OK
C: DATA
S: 354 Start mail input; end with <CRLF>.<CRLF>
C: Blah blah blah...
C: ...etc. etc. etc.
C: .
S: 250 OK
S: 452 <green@foo.edu> is temporarily over quota
C: QUIT
S: 221 foo.edu closing connection`,
  },
  {
    name: 'RFC 3030 4.2, chunks with a last one of none',
    lines: `
S: 220 cnri.reston.va.us SMTP service ready
C: EHLO ymir.claremont.edu
S: 250-cnri.reston.va.us says hello
S: 250-PIPELINING
S: 250-BINARYMIME
S: 250 CHUNKING
C: MAIL FROM:<ned@ymir.claremont.edu> BODY=BINARYMIME
C: RCPT TO:<gvaudre@cnri.reston.va.us>
S: 250 <ned@ymir.claremont.edu>... Sender and BINARYMIME ok
S: 250 <gvaudre@cnri.reston.va.us>... Recipient ok
C: BDAT 7
C: QUIT.
C: BDAT 0 LAST
S: 250 7 octets received
S: 250 Message OK, 7 octets received
C: QUIT
S: 221 Goodbye`,
  },
  {
    name: 'RFC 4954 4.1, PLAIN with and without an initial response, CRAM-MD5, EXTERNAL, a cancel',
    quirks: ['missingText'],
    lines: `
C: EHLO client.example.com
S: 250-smtp.example.com Hello client.example.com
S: 250 AUTH GSSAPI DIGEST-MD5 PLAIN
C: AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=
S: 235 2.7.0 Authentication successful
C: AUTH PLAIN
S: 334
C: dGVzdAB0ZXN0ADEyMzQ=
S: 235 2.7.0 Authentication successful
C: AUTH CRAM-MD5
S: 334 PDQxOTI5NDIzNDEuMTI4Mjg0NzJAc291cmNlZm91ci5hbmRyZXcuY211LmVkdT4=
C: cmpzMyBlYzNhNTlmZWQzOTVhYmExZWM2MzY3YzRmNGI0MWFjMA==
S: 235 2.7.0 Authentication successful
C: AUTH EXTERNAL =
S: 235 2.7.0 Authentication successful
C: AUTH LOGIN
S: 334 VXNlcm5hbWU6
C: *
S: 501 5.7.0 Authentication cancelled`,
  },
  {
    name: 'RFC 3461 10, delivery status notifications',
    lines: `
S: 220 Example.ORG SMTP server here
C: EHLO Example.ORG
S: 250-Example.ORG
S: 250-DSN
S: 250-EXPN
S: 250 SIZE
C: MAIL FROM:<Alice@Example.ORG> RET=HDRS ENVID=QQ314159
S: 250 <Alice@Example.ORG> sender ok
C: RCPT TO:<Bob@Example.COM> NOTIFY=SUCCESS ORCPT=rfc822;Bob@Example.COM
S: 250 <Bob@Example.COM> recipient ok
C: RCPT TO:<Carol@Ivory.EDU> NOTIFY=FAILURE ORCPT=rfc822;Carol@Ivory.EDU
S: 250 <Carol@Ivory.EDU> recipient ok
C: RCPT TO:<Dana@Ivory.EDU> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Dana@Ivory.EDU
S: 250 <Dana@Ivory.EDU> recipient ok
C: RCPT TO:<Fred@Bombs.AF.MIL> NOTIFY=NEVER
S: 250 <Fred@Bombs.AF.MIL> recipient ok`,
  },
  {
    name: 'RFC 6710 8 and RFC 2852 6, priority and deadline',
    lines: `
S: 220 example.com SMTP server here
C: EHLO mua.example.com
S: 250-example.com
S: 250-STARTTLS
S: 250-AUTH SCRAM-SHA-1 DIGEST-MD5
S: 250-DSN
S: 250-DELIVERBY
S: 250-ENHANCEDSTATUSCODES
S: 250 MT-PRIORITY MIXER
C: MAIL FROM:<eljefe@example.com> BY=125;R ENVID=QQ314159 MT-PRIORITY=3
S: 250 2.1.0 <eljefe@example.com> sender ok
C: RCPT TO:<Dana@Ivory.example.net> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Dana@Ivory.example.net
S: 250 2.1.5 <Dana@Ivory.example.net> recipient ok
C: DATA
S: 354 okay, send message
C:  (message goes here)
C: .
S: 250 X.3.6 3 is the new priority assigned to the message`,
    rewritten: {
      'MAIL FROM:<eljefe@example.com> BY=125;R ENVID=QQ314159 MT-PRIORITY=3':
        'MAIL FROM:<eljefe@example.com> ENVID=QQ314159 BY=125;R MT-PRIORITY=3',
    },
  },
  {
    name: 'RFC 1985 7 and RFC 2645, queues',
    lines: `
C: ETRN uu.net
S: 458 Unable to queue messages for node uu.net
C: ETRN @innosoft.com
S: 253 OK, 14 pending messages for node innosoft.com started
C: ETRN #uucp
S: 459 Node uucp not allowed: Unable to resolve name.
C: ATRN example.org,example.com
S: 450 ATRN request refused`,
  },
  {
    name: 'Exim: replies of several lines to commands other than EHLO, and code 353 of PRDR',
    lines: `
S: 250- 198 byte chunk, total 198
S: 250 OK id=1uPgKf-0000Ab-2x
S: 503-All RCPT commands were rejected with this error:
S: 503-550 relay not permitted
S: 503 Valid RCPT command must precede DATA
S: 353 PRDR content analysis beginning
S: 250 first
S: 550 second`,
  },
  {
    name: 'Courier and others: codes no RFC lists',
    lines: `
S: 517 Invalid.
S: 534 Message too big.
S: 540 Too many hops.
S: 431 Too many recipients.
S: 521 5.7.0 closing`,
  },
  {
    name: 'sendmail, Dovecot: SCRAM whose last message is a challenge, answered with an empty line',
    lines: `
C: AUTH SCRAM-SHA-256 biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8=
S: 334 cj1yT3ByTkdmd0ViZVJXZ2JORWtxTyxzPVcyMlphSjBTTlk3c29Fc1VFamI2Z1E9PSxpPTQwOTY=
C: Yz1iaXdzLHI9ck9wck5HZndFYmVSV2diTkVrcU8=
S: 334 dj02cnJpVFJCaTIzV3BSUi93dHVwK21NaFVaVW4vZEI1bkxUSlJzamw5NUc0PQ==
C:
S: 235 2.7.0 Logged in.`,
  },
]

const octets = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

function side({ lines }: Dialogue, who: 'S' | 'C'): string[] {
  return lines
    .split('\n')
    .filter(line => line.startsWith(who))
    .map(line => line.slice(3))
}

const wire = (lines: readonly string[]) => lines.map(line => `${line}\r\n`).join('')

function* cuts(whole: Uint8Array): Generator<Uint8Array[]> {
  yield [whole]
  yield [...whole].map(octet => Uint8Array.of(octet))
  for (let i = 1; i < whole.length; i++) yield [whole.subarray(0, i), whole.subarray(i)]
}

function replies(chunks: readonly Uint8Array[]): Reply[] {
  const reader = new ReplyReader()
  const read = chunks.flatMap(chunk => reader.push(chunk))
  expect(reader.buffered).toBe(0)
  return read
}

/** Everything a client says, written again from what was understood. */
function rewrite(chunks: readonly Uint8Array[], lmtp: boolean): string[] {
  const reader = new CommandReader({ lmtp })
  const said: string[] = []
  let data = ''
  const hear = (events: readonly CommandEvent[]) => {
    for (const event of events) {
      if (event.kind === 'command') {
        const { command } = event
        said.push(text(writeCommand(command)))
        if (command.verb === 'DATA') hear(reader.resume('data'))
        else if (command.verb === 'BDAT') hear(reader.resume('chunk'))
        else if (command.verb === 'STARTTLS') hear(reader.resume('command'))
        else if (command.verb === 'AUTH')
          hear(reader.resume(command.initial && command.mechanism !== 'SCRAM-SHA-256' ? 'command' : 'auth'))
      } else if (event.kind === 'response') {
        said.push(text(writeResponse(event.response)))
        const isLast = event.response === undefined || text(event.response).slice(0, 2) !== 'c='
        hear(reader.resume(isLast ? 'command' : 'auth'))
      } else if (event.kind === 'data' || event.kind === 'chunk') data += text(event.octets)
      else if (event.kind === 'error') said.push(`error: ${event.error.message}`)
      else {
        const lines = data.split(/(?<=\r\n)/)
        said.push(...lines.filter(line => line !== ''))
        if (event.kind === 'endOfData') said.push('.\r\n')
        data = ''
      }
    }
  }
  for (const chunk of chunks) hear(reader.push(chunk))
  expect(reader.buffered).toBe(0)
  return said
}

describe.each(dialogues)('$name', dialogue => {
  it('replies are read at every border and written as they came (T-38)', () => {
    const all = octets(wire(side(dialogue, 'S')))
    const expected = replies([all]).map(reply => [reply.code, text(reply.raw)])
    for (const chunks of cuts(all))
      expect(replies(chunks).map(reply => [reply.code, text(reply.raw)])).toEqual(expected)
    for (const reply of replies([all])) {
      if (reply.quirks.length === 0)
        expect(text(writeReply({ code: reply.code, text: reply.lines.map(text) }))).toBe(text(reply.raw))
      expect(dialogue.quirks ?? []).toEqual(expect.arrayContaining([...reply.quirks]))
    }
  })

  it('commands are read at every border and written as they came', () => {
    const lines = side(dialogue, 'C')
    const all = octets(wire(lines))
    const expected = rewrite([all], dialogue.lmtp ?? false)
    for (const chunks of cuts(all)) expect(rewrite(chunks, dialogue.lmtp ?? false)).toEqual(expected)
    const wanted = lines.map(line => `${dialogue.rewritten?.[line] ?? line.replace(/^\.(?=.)/, '')}\r\n`)
    expect(expected).toEqual(wanted)
  })
})
