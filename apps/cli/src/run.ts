/**
 * `postrider` without a process around it: finds the command, runs it, and turns what it throws into words and an exit code. Nothing ends in a
 * stack trace.
 *
 * In: what was typed behind `postrider`, and streams, environment and signals. Out: the exit code, when everything has been written. It never
 * rejects.
 */
import { readFileSync } from 'node:fs'
import { adviceFor } from './advice.js'
import { UsageError } from './argument.js'
import { type Command, helpFor } from './command.js'
import { EXIT, exitFor } from './exit.js'
import { inkFor } from './ink.js'
import type { Io } from './io.js'
import { nearest } from './near.js'
import { probe } from './probe.js'
import { send } from './send.js'
import { sink } from './sink.js'

const commands: readonly Command[] = [send, sink, probe]

export async function run(typed: readonly string[], io: Io): Promise<number> {
  const { stdout, stderr } = io
  let failure: Error | undefined
  const note = (error: Error): void => {
    failure ??= error
  }
  // With nobody at the other end of standard error there is nobody to complain to.
  const ignore = (): void => {}
  stdout.on('error', note)
  stderr.on('error', ignore)
  const code = await dispatch(typed, io)
  await written(stdout)
  // Who reads the output has seen enough, as in `postrider probe … | head -1`: that is no error.
  if (failure === undefined || ('code' in failure && failure.code === 'EPIPE')) return code
  complain(io, `cannot write to standard output: ${adviceFor(failure)}`)
  // What became of a message is the more important news: 0 still says that nobody is to send it again.
  return code === EXIT.done && typed[0] !== send.name ? EXIT.output : code
}

async function dispatch([name, ...typed]: readonly string[], io: Io): Promise<number> {
  if (name === undefined) {
    io.stderr.write(overview())
    return EXIT.usage
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    const wanted = commands.find(command => command.name === typed[0])
    io.stdout.write(wanted === undefined ? overview() : helpFor(wanted))
    return EXIT.done
  }
  if (name === '--version' || name === '-V' || name === 'version') {
    io.stdout.write(`${version()}\n`)
    return EXIT.done
  }
  const command = commands.find(each => each.name === name)
  if (command === undefined) {
    const names = commands.map(each => each.name)
    const near = nearest(name, names)
    const hint = near === undefined ? `there are ${names.join(', ')}` : `did you mean ${near}?`
    complain(io, `there is no command ${JSON.stringify(name)}; ${hint}`)
    return EXIT.usage
  }
  if (typed.includes('--help') || typed.includes('-h')) {
    io.stdout.write(helpFor(command))
    return EXIT.done
  }
  try {
    return await command.run(typed, io)
  } catch (error) {
    return explain(error, command, io)
  }
}

function explain(error: unknown, { name }: Command, io: Io): number {
  if (error instanceof UsageError) {
    complain(io, `${name}: ${error.message}`)
    if (error.exit === EXIT.usage) io.stderr.write(`postrider ${name} --help shows what there is.\n`)
    return error.exit
  }
  // Everything that can go wrong has a code, ours and Node's. What has none was not foreseen.
  if (!(error instanceof Error && 'code' in error)) {
    complain(io, `${name}: ${defect(error)}`)
    return EXIT.defect
  }
  complain(io, `${name}: ${adviceFor(error)}`)
  return exitFor(error) ?? EXIT.later
}

/** An error that nobody foresaw, in one line that says where to look. */
export function defect(error: unknown): string {
  const [, place] = error instanceof Error ? (/\n\s+at (.*)/.exec(error.stack ?? '') ?? []) : []
  return `this is a defect of postrider: ${adviceFor(error)}${place === undefined ? '' : ` (${place})`}; please report it`
}

function overview(): string {
  const width = Math.max(...commands.map(command => command.name.length))
  return [
    'postrider: SMTP and LMTP on the command line',
    '',
    ...commands.map(({ name, summary }) => `  postrider ${name.padEnd(width)}  ${summary}`),
    '',
    'postrider COMMAND --help tells the rest; postrider --version which one this is.',
    '',
  ].join('\n')
}

/** The manifest lies beside the folder that this file is in, before and after the build. */
function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : ''
}

function complain({ stderr, env }: Io, text: string): void {
  stderr.write(`${inkFor(stderr, env)('red', 'postrider')} ${text}\n`)
}

/** Settles when what was written so far has left, or cannot. */
function written(stream: Io['stdout']): Promise<void> {
  return new Promise(resolve => stream.write('', () => resolve()))
}
