/**
 * The command as a process: what depends on its being one. Terminals, pipes, signals, exit codes as a shell sees them, memory.
 */
import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sendmail } from '@postrider/mailer'
import { createServer } from '@postrider/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { drain } from '../test/drain.js'
import { buildCommand, Spawned } from '../test/process.js'

const message = 'From: ann@example.org\r\nTo: bob@example.org\r\nSubject: hi\r\n\r\nhello\r\n'
const isWindows = process.platform === 'win32'

let command = ''
beforeAll(() => {
  command = buildCommand()
})

function shell(script: string, env?: NodeJS.ProcessEnv): Spawned {
  return new Spawned(['sh', '-c', script, command], env)
}

describe.skipIf(isWindows)('the command that npm links to', () => {
  it('runs, takes its message from a pipe, and exits as the server has answered', async () => {
    await using server = await createServer()
    const env = { SERVER: server.url, MESSAGE: message }
    const piped = await shell('printf %s "$MESSAGE" | "$0" send --server "$SERVER"', env).ended
    expect(piped.out).toMatch(/^accepted {2}bob@example\.org {2}250 /)
    expect(piped).toMatchObject({ code: 0, err: '' })
    expect(server.mailbox.at(0)?.text).toBe(message)
    server.refuse({ recipient: /@/, reply: '550 5.1.1 no' })
    const refused = await shell('printf %s "$MESSAGE" | "$0" send --server "$SERVER" >/dev/null 2>&1; echo $?', env)
      .ended
    expect(refused.out).toBe('69\n')
    expect(await new Spawned([command, 'send', '--from']).ended).toMatchObject({ code: 64, out: '' })
  })

  it('is quiet when its reader has enough', async () => {
    const { out, err } = await shell('"$0" sink --fault list | head -n 1; "$0" send --help | true').ended
    expect(out).toMatch(/^NAME, .*\n$/)
    expect(err).toBe('')
  })

  it('ends a sink whose reader is gone', async () => {
    await using reader = shell('"$0" sink 0 2>&1 | head -n 1')
    const [, url = ''] = await reader.shows(/listening on (\S+);/)
    // What it shows of the first message finds nobody; or, where that still fits, of the second.
    for (let sent = 0; sent < 5; sent++) await sendmail(url, 'a@example.org', 'b@example.org', message).catch(() => {})
    expect((await reader.ended).out).toMatch(/^listening on .*\n$/)
  })

  it.skipIf(!existsSync('/dev/full'))('says when the disk is full, and exits with 74', async () => {
    const { out, err } = await shell('"$0" sink --fault list >/dev/full; echo $?').ended
    expect(err).toMatch(/^postrider cannot write to standard output: ENOSPC/)
    expect(out).toBe('74\n')
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('ends a sink at %s in peace', async signal => {
    await using sink = new Spawned([command, 'sink', '0'])
    await sink.shows(/refuses nobody@/)
    sink.child.kill(signal)
    expect(await sink.ended).toMatchObject({
      code: 0,
      signal: null,
      out: expect.stringMatching(/\n0 messages came\n$/),
    })
  })

  it('gives up at the first Ctrl-C and says what that means, and ends at the second', async () => {
    await using server = await createServer()
    server.misbehave({ phase: 'endOfData', steps: [{ stall: true }], times: 2 })
    const args = ['--from', 'a@example.org', '--to', 'b@example.org', '--text', 'hi', '--transcript']
    await using patient = new Spawned([command, 'send', '--server', server.url, ...args])
    await patient.shows(/C: \.\n/)
    patient.child.kill('SIGINT')
    expect(await patient.ended).toMatchObject({ code: 76, err: expect.stringContaining('gave up') })
    // Until it has something to say it is a process like any other.
    await using waiting = new Spawned([command, 'send', '--server', server.url, '--raw', ...args.slice(0, 4), '-'])
    waiting.child.stdin.write('Subject: never ends')
    await new Promise(resolve => waiting.child.once('spawn', resolve))
    waiting.child.kill('SIGINT')
    expect(await waiting.ended).toMatchObject({ code: null, signal: 'SIGINT', err: '' })
  })

  it('has one line, and no stack trace, for what nobody foresaw', async () => {
    // As soon as somebody listens for it.
    const mishap = "process.on('newListener', name => name === 'uncaughtException' && setTimeout(() => nothing()))"
    await using sink = new Spawned([command, 'sink', '0'], {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(mishap)}`,
    })
    const { err, code } = await sink.ended
    expect(err).toMatch(/^postrider this is a defect of postrider: nothing is not defined \(.*\); please report it\n$/)
    expect(code).toBe(70)
  })

  it('holds no more of a message of 64 MB in memory than of a small one', async () => {
    await using server = await drain()
    const folder = mkdtempSync(join(tmpdir(), 'postrider-large-'))
    const small = join(folder, 'small.eml')
    const large = join(folder, 'large.eml')
    writeMessage(small, 2)
    writeMessage(large, 64)
    const url = `smtp://127.0.0.1:${server.port}`
    const before = await peakOf(['send', '--server', url, small])
    for (const args of ['"$0" send --server "$URL" "$FILE"', 'cat "$FILE" | "$0" send --server "$URL"']) {
      const sent = server.octets
      const peak = await peakOf(args, { URL: url, FILE: large })
      expect(server.octets - sent).toBeGreaterThan(64_000_000)
      expect(peak - before).toBeLessThan(48_000_000)
    }
  })
})

describe.skipIf(!hasTerminals())('at a terminal, where python3 has one', () => {
  it('has colour, but not with NO_COLOR', async () => {
    await using server = await createServer()
    const args = [command, 'probe', `127.0.0.1:${server.port}`]
    expect((await atTerminal(args).ended).out).toContain('\u001b[1moffered in clear text\u001b[22m')
    expect((await atTerminal(args, [], { NO_COLOR: '1' }).ended).out).not.toContain('\u001b')
  })

  it('asks for the password and does not show it, and for a message where none is given', async () => {
    await using server = await createServer({ auth: { users: { ann: 's3cret' } }, requireAuth: true })
    const login = ['--server', `smtp://ann@127.0.0.1:${server.port}`, '--tls', 'none', '--allow-insecure-auth']
    const envelope = ['--from', 'a@example.org', '--to', 'b@example.org', '--text', 'hi']
    const typed = [['Password of ann: ', 's3cret\r']] as const
    const { code, out } = await atTerminal([command, 'send', ...login, ...envelope], typed).ended
    expect(out).toMatch(/^Password of ann: \r\n/)
    expect(out).not.toContain('s3cret')
    expect(server.mailbox.at(0)?.session.user).toBe('ann')
    expect(code).toBe(0)
    const bare = await atTerminal([command, 'send', ...login]).ended
    expect(bare.out).toContain('which message?')
    expect(bare.code).toBe(64)
  })

  it('ends a sink at Ctrl-C', async () => {
    const { code, out } = await atTerminal([command, 'sink', '0'], [['any domain\r\n', '\u0003']]).ended
    expect(out).toContain('0 messages came')
    expect(code).toBe(0)
  })
})

/** Runs a program at a terminal; whenever what is shown ends in the one text, the other is typed. */
function atTerminal(
  program: readonly string[],
  typed: readonly (readonly [string, string])[] = [],
  env: NodeJS.ProcessEnv = {},
): Spawned {
  const typist = `
import json, os, pty, sys
answers = json.loads(sys.argv[1])
child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
said = b''
while True:
    try:
        octets = os.read(terminal, 4096)
    except OSError:
        break
    if not octets:
        break
    said += octets
    if answers and said.decode().endswith(answers[0][0]):
        os.write(terminal, answers.pop(0)[1].encode())
sys.stdout.write(said.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`
  const { HOME, PYENV_VERSION } = process.env
  return new Spawned(['python3', '-c', typist, JSON.stringify(typed), ...program], {
    HOME,
    PYENV_VERSION,
    PYTHONIOENCODING: 'utf-8',
    TERM: 'xterm',
    ...env,
  })
}

function hasTerminals(): boolean {
  try {
    execFileSync('python3', ['-c', 'import pty, os; os.openpty()'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** A message of so many million octets, written piece by piece. */
function writeMessage(path: string, millions: number): void {
  const line = `${'x'.repeat(98)}\r\n`
  const piece = line.repeat(10_000)
  writeFileSync(path, message)
  const file = openSync(path, 'a')
  for (let written = 0; written < millions; written++) writeSync(file, piece)
  closeSync(file)
}

/** The most memory that the command had at any time, in octets. */
async function peakOf(args: readonly string[] | string, env: NodeJS.ProcessEnv = {}): Promise<number> {
  // Node says it at the end, on standard error; in kilobytes.
  const report = `process.on('exit', () => console.error('peak', process.resourceUsage().maxRSS))`
  const options = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(report)}`, ...env }
  const { code, out, err } = await (typeof args === 'string'
    ? shell(args, options)
    : new Spawned([command, ...args], options)
  ).ended
  expect(out).toMatch(/^accepted/)
  expect(code).toBe(0)
  return Number(/^peak (\d+)$/m.exec(err)?.[1]) * 1024
}
