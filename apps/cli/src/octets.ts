/**
 * The octets of a message: from a file, or from standard input where no file is named.
 *
 * It refuses a file that cannot be read, a terminal where a file was forgotten (`-` says that one means to type), and nothing at all.
 */
import { readFile } from 'node:fs/promises'
import { UsageError } from './argument.js'

/** @throws UsageError */
export async function readOctets(file: string | undefined): Promise<Uint8Array> {
  if (file === undefined && process.stdin.isTTY)
    throw new UsageError('which message? name a file, pipe one in, or give --subject and --text')
  const octets = file === undefined || file === '-' ? await readInput() : await readNamed(file)
  if (octets.length === 0) throw new UsageError('the message is empty')
  return octets
}

async function readNamed(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

async function readInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of process.stdin) chunks.push(chunk)
  return Buffer.concat(chunks)
}
