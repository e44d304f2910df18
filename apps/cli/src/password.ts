/**
 * A password, from wherever it may come: an environment variable, the first line of a file, or the terminal, where it is not shown.
 *
 * Out: a `Secret`, which no log and no error shows.
 */
import { Secret } from '@postrider/auth-sasl'
import { InputError, UsageError } from './argument.js'
import type { Io } from './io.js'
import { readText } from './trust.js'

export interface PasswordSource {
  readonly username: string
  /** Name of an environment variable. */
  readonly variable: string | undefined
  /** Path of a file. */
  readonly path: string | undefined
  /** Standard input is the message; nobody can be asked there. */
  readonly isTaken: boolean
}

/** @throws UsageError */
export async function readPassword({ username, variable, path, isTaken }: PasswordSource, io: Io): Promise<Secret> {
  if (variable !== undefined) {
    const password = io.env[variable]
    if (password === undefined || password === '')
      throw new UsageError(`--password-env: there is no environment variable ${variable}, or it is empty`)
    return new Secret(password)
  }
  if (path !== undefined) {
    const [password = ''] = readText(path, '--password-file').split(/\r?\n/, 1)
    if (password === '') throw new InputError(`--password-file: the first line of ${path} is empty`)
    return new Secret(password)
  }
  if (isTaken || io.stdin.isTTY !== true)
    throw new UsageError('there is no terminal to ask for the password on; use --password-env or --password-file')
  return new Secret(await ask(`Password of ${username}: `, io))
}

/** One line from the terminal, not shown. Ctrl-C gives up. */
function ask(question: string, { stdin, stderr }: Io): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed = ''
    const finish = (): void => {
      stdin.setRawMode?.(false)
      stdin.off('data', take)
      stdin.pause()
      stderr.write('\n')
    }
    const take = (text: string): void => {
      for (const character of text) {
        if (character === '\r' || character === '\n' || character === '\u0004') {
          finish()
          return resolve(typed)
        }
        if (character === '\u0003') {
          finish()
          return reject(new UsageError('no password was given'))
        }
        if (character === '\u007f' || character === '\b') typed = [...typed].slice(0, -1).join('')
        else typed += character
      }
    }
    stdin.setEncoding('utf8')
    stdin.setRawMode?.(true)
    stdin.on('data', take)
    stdin.resume()
    // Not before the terminal keeps silent: programs type faster than people, and some people are fast.
    stderr.write(question)
  })
}
