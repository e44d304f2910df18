/**
 * How a command ends, for scripts: 0 is well, 1 is "look at what I wrote", and from 64 on it is one of BSD's sysexits, which mail programs have used
 * since sendmail. Only after 75 is it right to try the same again.
 */
import { EncodeError } from '@postrider/codec'
import { codesOf } from './advice.js'

export const EXIT = {
  /** Everybody was accepted; nothing is wrong. */
  done: 0,
  /** Some were accepted, and some not; or a server was looked at, and something is wrong with it. */
  mixed: 1,
  /** EX_USAGE: what was typed makes no sense. */
  usage: 64,
  /** EX_DATAERR: the message, or an address, cannot be sent as it stands. */
  data: 65,
  /** EX_NOINPUT: a file that was named cannot be read, or is empty. */
  noInput: 66,
  /** EX_NOHOST: no server has that name. */
  noHost: 68,
  /** EX_UNAVAILABLE: nobody was accepted, and to try again makes no sense; or the port is taken. */
  unavailable: 69,
  /** EX_SOFTWARE: a defect of ours. */
  defect: 70,
  /** EX_CANTCREAT: a file or folder cannot be written. */
  cannotCreate: 73,
  /** EX_IOERR: standard output does not take what is written. */
  output: 74,
  /** EX_TEMPFAIL: nobody was accepted, nobody can have got it, and to try again may help. */
  later: 75,
  /** EX_PROTOCOL: the server took the message and did not answer; somebody may have it. */
  unknown: 76,
  /** EX_NOPERM: the login was refused; or a port, a file is not for us. */
  denied: 77,
} as const

const byCode: ReadonlyMap<string, number> = new Map([
  ['ENOTFOUND', EXIT.noHost],
  ['EADDRINUSE', EXIT.unavailable],
  ['EADDRNOTAVAIL', EXIT.unavailable],
  ['EACCES', EXIT.denied],
  ['EPERM', EXIT.denied],
  ...['ENOENT', 'ENOTDIR', 'EEXIST', 'EISDIR', 'EROFS', 'ENOSPC'].map(code => [code, EXIT.cannotCreate] as const),
])

/** The exit code for an error that says by its class or its codes, or those of its causes, what is wrong; `undefined` where they do not. */
export function exitFor(error: unknown): number | undefined {
  if (error instanceof EncodeError) return EXIT.data
  for (const code of codesOf(error)) {
    const exit = byCode.get(code)
    if (exit !== undefined) return exit
  }
  return undefined
}
