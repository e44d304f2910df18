/**
 * The documentation page about faults, made from the table: phases, kinds, what a client owes in each cell, the rules behind it, and the cells that are
 * open. The page in apps/docs is this text; page.test.ts fails when it is not, and writes it when vitest is run with `-u`.
 */
import { FAULTS, type Fault, type Outcome } from '@postrider/testkit'
import { OPEN } from './open.js'

export function faultsPage(): string {
  return [
    '---',
    'aside: false',
    'pageClass: wide',
    '---',
    '',
    '<!-- Made from the table of faults by tests/faults/page.ts. To write it anew: npx vitest run tests/faults/page.test.ts -u -->',
    '',
    INTRODUCTION,
    '## What is owed',
    '',
    LEGEND,
    ...matrix('The connection fails', ['rst', 'fin', 'stall', 'drip', 'tls']),
    ...matrix('The reply makes no sense', ['garbage', 'oversize', 'wrongClass', 'extra', 'mismatch']),
    ...matrix('The server refuses', ['421', '4yz', '5yz']),
    ...open(),
    '## The moments',
    '',
    ...table(
      ['', 'when', 'with a server', 'and a message'],
      phases().map(fault => [fault.phase, fault.moment, serverOf(fault), MESSAGES[fault.message]]),
    ),
    'A mishap that needs TLS, where none is named here, happens on a connection that has it from the first octet.',
    '',
    '## The mishaps',
    '',
    ...table(
      ['', 'what happens'],
      kinds().map(kind => [kind, FAULTS.find(fault => fault.kind === kind)?.mishap ?? '']),
    ),
    RULES,
    TRYING,
  ].join('\n')
}

const LETTERS: { readonly [O in Outcome]: string } = {
  accepted: 'A',
  rejected: 'R',
  deferred: 'D',
  unsent: 'U',
  unknown: '?',
}

const ENDS: { readonly [A in Fault['afterwards']]: string } = { keep: 'K', quit: 'Q', destroy: 'X' }

const MESSAGES: { readonly [M in Fault['message']]: string } = {
  data: 'by DATA',
  large: 'by DATA, so large that the server speaks before its end is written',
  chunk: 'by one BDAT',
  chunks: 'by several BDATs',
}

/** A cell as the legend explains it: `U/X`, in brackets where it is open. */
function cell(fault: Fault | undefined): string {
  if (fault === undefined) return ''
  const letters = fault.outcomes.map(outcome => LETTERS[outcome])
  const outcomes = new Set(letters).size === 1 ? letters[0] : letters.join('')
  const text = `${outcomes}/${ENDS[fault.afterwards]}`
  return OPEN.has(fault.name) ? `(${text})` : text
}

function matrix(title: string, columns: readonly Fault['kind'][]): string[] {
  const rows = phases().map(({ phase, moment }) => [
    `**${phase}** ${moment}`,
    ...columns.map(kind => cell(FAULTS.find(fault => fault.phase === phase && fault.kind === kind))),
  ])
  return [`### ${title}`, '', ...table(['', ...columns], rows)]
}

function open(): string[] {
  if (OPEN.size === 0) return ['### Open cells', '', 'There are none: the mailer passes all of them.', '']
  const names = FAULTS.flatMap(({ name }) => (OPEN.has(name) ? [name] : []))
  return [
    '### Open cells',
    '',
    `Of the ${FAULTS.length} cells the mailer passes ${FAULTS.length - names.length}. These ${names.length} it cannot be held to yet:`,
    '',
    `${names.join(', ')}.`,
    '',
  ]
}

/** One fault for each phase, in the order of the table. */
function phases(): Fault[] {
  return FAULTS.filter((fault, index) => FAULTS.findIndex(({ phase }) => phase === fault.phase) === index)
}

function kinds(): Fault['kind'][] {
  return [...new Set(FAULTS.map(({ kind }) => kind))]
}

function serverOf({ server }: Fault): string {
  const { tls, protocol, auth, extensions } = server
  return [
    protocol === 'lmtp' ? 'LMTP' : '',
    tls === undefined ? '' : `TLS ${tls === 'starttls' ? 'by STARTTLS' : 'from the first octet'}`,
    auth === undefined ? '' : `AUTH ${auth.mechanisms?.join(', ')}`,
    extensions?.['CHUNKING'] === false ? 'without CHUNKING' : '',
  ]
    .filter(part => part !== '')
    .join(', ')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line), '']
}

const INTRODUCTION = `# What can go wrong

A server can fail at every moment of a session, and in many ways. This page is the whole table: what happens, and what a client that keeps its word
must then tell its caller, recipient by recipient. It is made from the same table, \`FAULTS\` of [\`@postrider/testkit\`](/testkit), that the tests
play against the mailer: every cell that is not open, with one recipient and with three, with and without PIPELINING. What the mailer reports is held against
the cell and against what the server really saw, and the next message must arrive whatever became of the first.

The words for outcomes are explained in [What became of a message](/outcomes).
`

const LEGEND = `Before the stroke stands the outcome: **A**ccepted, **R**ejected, **D**eferred, **U**nsent, **?** unknown. One letter is for all recipients. Three are
for the first, the second (where it happens) and the third of three; a single recipient gets what the second gets.
Behind the stroke stands what becomes of the connection: **K**eep, it is used again; **Q**uit, it is ended by QUIT; **X**, it is dropped without another octet.
An empty cell cannot be. A cell in brackets is open: the mailer does not pass it yet.

Two things are not in the table. When the envelope leaves in one write with the message (P17 under PIPELINING, \`pace: 'oneFlight'\`), nothing is unsent any more: what
happens upon MAIL or RCPT leaves **?** where the table has **U**. And a reply too many then leaves **?**, because nobody can say which of the replies was the verdict.
`

const RULES = `## The rules

The cells follow from these.

- **R1** The write that carries the last octet of the terminator is the point of no return. What fails before it is unsent. After it the reply decides, and
  where no reply comes that can be trusted, the outcome is unknown.
- **R2** Where client and server have to be level, nothing may be waiting to be read, and no end or error be pending: before the first command, before the
  handshake that STARTTLS asked for, before AUTH, before the content, before the terminator, and before a connection is kept for the next message.
- **R3** The content has left the process before the terminator is written.
- **R4** Which reply belongs to which command is a matter of their order alone. A reply that nobody asked for ends the trust in a connection; on an idle one 421
  is an ordinary farewell.
- **R5** Every phase has a deadline, and a server that drips octets cannot move it. The content has a least rate instead.
- **R6** A deadline that has passed, or a breach of the protocol, is the end of the connection. It is not used again.
- **R7** How much of a reply is held has a limit. Behind the terminator what is beyond it is thrown away while reading goes on to the last line: a long yes is a
  yes.
- **R8** A reply whose lines have different codes is no reply.
- **R9** A session goes on upon these codes and no others: 220 for the greeting and STARTTLS, 2yz for EHLO, HELO, MAIL, RSET and the end of the content, 250 or 251 for RCPT (252 is
  borne), 334 and 235 within AUTH, 354 for DATA. Another one that is no refusal is in the wrong place, and makes no sense.
- **R10** 421 ends the session wherever it comes. Those whom it answers are deferred, as by every 4yz. Those whose turn had not come are unsent.
- **R11** A reply that is complete counts, also when the connection is reset right behind it.
- **R12** When the content cannot be written any more, or the server has closed its half, the client stops and reads for a moment what the server may have
  said: a refusal that came early tells more than the error of a socket.
- **R13** What goes wrong when the outcome is already known (RSET, QUIT, an idle connection) does not change it, and the caller never hears of it.
- **R14** A kept connection that proves to be of no use, without a refusal and before anything of the message was sent, is replaced once, and the caller does not
  notice.
- **R15** A caller who gives up gets unsent before the point of no return and unknown behind it. The error says which.
- **R16** How octets are cut into segments never matters.
`

const TRYING = `## To try one

A server for a client of your own, in any language:

\`\`\`sh
postrider sink 2525 --fault "P12 rst"    # once; --fault-always: every time; --fault list: all names
\`\`\`

Within a test:

\`\`\`ts
import { SMTPException, sendmail } from '@postrider/mailer'
import { createServer, expectedOutcomes, FAULTS, provoke } from '@postrider/testkit'

const fault = FAULTS.find(({ name }) => name === 'P12 rst')
if (fault === undefined) throw new Error('no such fault')
const server = await createServer(fault.server)
provoke(server, fault, 1)
try {
  await sendmail(server.url, 'me@example.org', 'you@example.org', 'Subject: hi\\r\\n\\r\\nhi\\r\\n')
} catch (error) {
  if (!(error instanceof SMTPException)) throw error
  console.log('told:', error.report?.recipients.map(({ outcome }) => outcome))
  console.log('owed:', expectedOutcomes(fault, 1))
}
await server.close()
\`\`\`

\`\`\`text
told: [ 'unknown' ]
owed: [ 'unknown' ]
\`\`\`
`
