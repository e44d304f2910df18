#!/usr/bin/env node
/**
 * `postrider`: sends a message, receives some, or looks at a server. Finds the command, runs it, and turns what it throws into words and an exit
 * code; nothing that can be foreseen ends in a stack trace.
 */
import { adviceFor } from './advice.js'
import { UsageError } from './argument.js'
import { type Command, helpFor } from './command.js'
import { EXIT } from './exit.js'
import { inkFor } from './ink.js'
import { probe } from './probe.js'
import { send } from './send.js'
import { sink } from './sink.js'

const commands: readonly Command[] = [send, sink, probe]

/** Who reads the output has seen enough, as in `postrider probe … | head -1`: that is no error. */
process.stdout.on('error', error => {
  if ('code' in error && error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.done)
  throw error
})
process.exitCode = await main(process.argv.slice(2))

async function main([name, ...typed]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const wanted = commands.find(command => command.name === typed[0])
    process.stdout.write(wanted === undefined ? overview() : helpFor(wanted))
    return name === undefined ? EXIT.usage : EXIT.done
  }
  const command = commands.find(each => each.name === name)
  if (command === undefined) {
    complain(`there is no command ${JSON.stringify(name)}; there are ${commands.map(each => each.name).join(', ')}`)
    return EXIT.usage
  }
  if (typed.includes('--help') || typed.includes('-h')) {
    process.stdout.write(helpFor(command))
    return EXIT.done
  }
  try {
    return await command.run(typed)
  } catch (error) {
    if (error instanceof UsageError) {
      complain(`${name}: ${error.message}`)
      process.stderr.write(`postrider ${name} --help shows what there is.\n`)
      return EXIT.usage
    }
    // Everything that can go wrong has a code, ours and Node's. What has none was not foreseen, and is shown as it is.
    if (!(error instanceof Error && 'code' in error)) {
      complain(`${name}: ${error instanceof Error ? error.stack : String(error)}`)
      return EXIT.defect
    }
    complain(`${name}: ${adviceFor(error)}`)
    return EXIT.nothing
  }
}

function overview(): string {
  const width = Math.max(...commands.map(command => command.name.length))
  return [
    'postrider: SMTP and LMTP on the command line',
    '',
    ...commands.map(({ name, summary }) => `  postrider ${name.padEnd(width)}  ${summary}`),
    '',
    'postrider COMMAND --help tells the rest.',
    '',
  ].join('\n')
}

function complain(text: string): void {
  process.stderr.write(`${inkFor(process.stderr)('red', 'postrider')} ${text}\n`)
}
