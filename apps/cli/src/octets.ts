/**
 * The octets of a message: from a file, or from standard input where no file is named. The beginning is read at once; of a message that is longer
 * than that, the rest comes while it is sent, and is never in memory as a whole.
 *
 * It refuses a file that cannot be read, a terminal where a file was forgotten (`-` says that one means to type), and nothing at all.
 */
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { MessageSource } from '@postrider/mailer'
import { InputError, UsageError } from './argument.js'
import type { Io } from './io.js'

/** Octets that are read before anything is opened. Of a message up to here everything is known before it is sent: line ends, 8 bits, size. */
const beginning = 1_048_576

export interface OpenedMessage {
  readonly message: Uint8Array | MessageSource
  /** Nobody wants the rest. */
  release(): void
}

/** @throws UsageError, InputError */
export async function openOctets(file: string | undefined, { stdin }: Io): Promise<OpenedMessage> {
  if (file === undefined && stdin.isTTY === true)
    throw new UsageError('which message? name a file, pipe one in, or give --subject and --text')
  const { source, size }: Source = file === undefined || file === '-' ? { source: stdin } : await openFile(file)
  const octets: AsyncIterator<Uint8Array> = source[Symbol.asyncIterator]()
  const first: Uint8Array[] = []
  const release = (): void => {
    source.destroy()
  }
  for (let length = 0; length <= beginning; ) {
    const { done, value } = await octets.next().catch(error => {
      throw unreadable(error)
    })
    if (done !== true) {
      first.push(value)
      length += value.length
    } else if (length > 0) return { message: Buffer.concat(first), release }
    else throw new InputError('the message is empty')
  }
  return { message: { stream: () => continued(first, octets), ...(size === undefined ? {} : { size }) }, release }
}

/** What was read, and then the rest. */
async function* continued(
  first: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield* first
    for (;;) {
      const { done, value } = await rest.next()
      if (done === true) return
      yield value
    }
  } finally {
    await rest.return?.()
  }
}

interface Source {
  readonly source: Readable
  /** Octets, where it has a length. */
  readonly size?: number
}

async function openFile(path: string): Promise<Source> {
  try {
    const file = await open(path)
    const about = await file.stat()
    return { source: file.createReadStream(), ...(about.isFile() ? { size: about.size } : {}) }
  } catch (error) {
    throw unreadable(error)
  }
}

function unreadable(error: unknown): InputError {
  return new InputError(error instanceof Error ? error.message : String(error))
}
