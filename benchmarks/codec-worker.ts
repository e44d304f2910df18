// One codec task in a process of its own: see codec.ts. Each pass is checked by what it must yield, so that no work is
// skipped by mistake or optimised away.
import { once } from 'node:events'
import { DataEncoder, ReplyReader } from '@postrider/codec'
import DataStream from 'nodemailer/lib/smtp-connection/data-stream'
import { serve, settings } from './worker.js'

export interface CodecTask {
  readonly work: 'readReplies' | 'scan' | 'encode' | 'dataStream' | 'copy'
  readonly sample: 'replies' | 'clean' | 'lineFeeds' | 'dots'
}

const LF = 0x0a
const chunkSize = 65_536
const line = 'The quick brown fox jumps over the lazy dog, again and again and again, dog.'
const samples = {
  replies: repeat(
    `250-mx.example.test\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-STARTTLS\r\n250-AUTH PLAIN LOGIN\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-DSN\r\n250 CHUNKING\r\n${'250 2.1.5 Ok\r\n'.repeat(20)}354 End data with <CR><LF>.<CR><LF>\r\n250 2.0.0 Ok: queued as 4XyZ12abcd\r\n`,
    chunkSize,
  ),
  clean: repeat(`${line}\r\n`, 1_048_576),
  lineFeeds: repeat(`${line}\n`, 1_048_576),
  dots: repeat(`.${line}\r\n`, 1_048_576),
}

const task = settings<CodecTask>()
const sample = samples[task.sample]
const chunks = cut(sample, chunkSize)
/** What every pass must yield: replies or lines counted from the sample, octets for what encodes. */
const expected = expectation(task)

const passes: Record<CodecTask['work'], () => number | Promise<number>> = {
  readReplies: () => {
    let replies = 0
    for (const chunk of chunks) for (const reply of reader.push(chunk)) replies += reply.code > 0 ? 1 : 0
    return replies
  },
  scan: () => {
    let lines = 0
    for (let at = sample.indexOf(LF); at !== -1; at = sample.indexOf(LF, at + 1)) lines++
    return lines
  },
  encode: () => {
    const encoder = new DataEncoder()
    let octets = 0
    for (const chunk of chunks) for (const piece of encoder.push(chunk)) octets += piece.length
    for (const piece of encoder.end()) octets += piece.length
    return octets
  },
  dataStream: async () => {
    const stream = new DataStream()
    let octets = 0
    stream.on('data', (piece: Buffer) => {
      octets += piece.length
    })
    for (const chunk of chunks) if (!stream.write(chunk)) await once(stream, 'drain')
    stream.end()
    await once(stream, 'end')
    return octets - '.\r\n'.length
  },
  copy: () => {
    let octets = 0
    for (const chunk of chunks) {
      copied.set(chunk, octets)
      octets += chunk.length
    }
    return octets
  },
}

const reader = new ReplyReader()
const copied = Buffer.alloc(sample.length)

await serve(async count => {
  let done = 0
  for (let pass = 0; pass < count; pass++) {
    const result = passes[task.work]()
    if ((typeof result === 'number' ? result : await result) === expected) done++
  }
  return { done, octets: done * sample.length }
})

/** Whole repetitions of the text, as many as fit. */
function repeat(text: string, octets: number): Buffer {
  return Buffer.from(text.repeat(Math.floor(octets / text.length)))
}

function cut(octets: Buffer, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let start = 0; start < octets.length; start += size) pieces.push(octets.subarray(start, start + size))
  return pieces
}

function expectation({ work, sample: name }: CodecTask): number {
  const text = samples[name].toString('latin1')
  if (work === 'readReplies') return text.match(/^\d{3} /gm)?.length ?? 0
  const lines = text.split('\n').length - 1
  if (work === 'scan') return lines
  return work === 'copy' || name === 'clean' ? text.length : text.length + lines
}
