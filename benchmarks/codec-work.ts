// The work that the codec suite measures: each takes one sample and returns what it found in it, by which it is checked, so
// that no work is skipped by mistake or optimised away.
import { once } from 'node:events'
import { CommandReader, DataDecoder, DataEncoder, measureData, ReplyReader } from '@postrider/codec'
import LeWindows from 'nodemailer/lib/mime-node/le-windows'
import DataStream from 'nodemailer/lib/smtp-connection/data-stream'
import { SMTPStream } from 'smtp-server/lib/smtp-stream'
import { inChunks, type Sample } from './codec-sample.js'

const LF = 0x0a
/** In none of the samples. */
const NOWHERE = 0x01

export type WorkName = keyof typeof works

/** Prepares the work on a sample: `pass` is what is measured, `expected` what each pass must yield. */
export type Work = (sample: Sample) => { pass: () => number | Promise<number>; expected: number }

/** Octets as plain `Uint8Array`: without the methods of Node's `Buffer`, as they are in a browser. */
const plain = ({ buffer, byteOffset, length }: Buffer) => new Uint8Array(buffer, byteOffset, length)

export const works = {
  readReplies: sample => {
    const reader = new ReplyReader()
    const chunks = inChunks(sample.octets)
    return {
      pass: () => {
        let replies = 0
        for (const chunk of chunks) for (const reply of reader.push(chunk)) replies += reply.code > 0 ? 1 : 0
        return replies
      },
      expected: replyCount(sample),
    }
  },
  readCommands: sample => {
    const reader = new CommandReader()
    const chunks = inChunks(sample.octets)
    return {
      pass: () => {
        let commands = 0
        for (const chunk of chunks) for (const event of reader.push(chunk)) commands += event.kind === 'command' ? 1 : 0
        return commands
      },
      expected: sample.lines,
    }
  },
  smtpServerCommands: sample => {
    const chunks = inChunks(sample.octets)
    const stream = new SMTPStream()
    let commands = 0
    stream.oncommand = (_line, next) => {
      commands++
      next?.()
    }
    return {
      pass: async () => {
        commands = 0
        for (const chunk of chunks) await written(stream, chunk)
        return commands
      },
      expected: sample.lines,
    }
  },
  decode: sample => {
    const chunks = inChunks(sample.wire)
    return {
      pass: () => {
        const decoder = new DataDecoder()
        let octets = 0
        for (const chunk of chunks) for (const piece of decoder.push(chunk)) octets += piece.length
        return decoder.done ? octets : -1
      },
      expected: sample.octets.length,
    }
  },
  smtpServerData: sample => {
    const chunks = inChunks(sample.wire)
    return {
      pass: async () => {
        const stream = new SMTPStream()
        const data = stream.startDataMode()
        let octets = 0
        data.on('data', (piece: Buffer) => {
          octets += piece.length
        })
        const end = once(data, 'end').then(() => stream.continue())
        for (const chunk of chunks) await written(stream, chunk)
        await end
        return octets
      },
      expected: sample.octets.length,
    }
  },
  encode: sample => {
    const chunks = inChunks(sample.octets)
    return {
      pass: () => {
        const encoder = new DataEncoder()
        let octets = 0
        for (const chunk of chunks) for (const piece of encoder.push(chunk)) octets += piece.length
        for (const piece of encoder.end()) octets += piece.length
        return octets
      },
      expected: sample.encoded,
    }
  },
  measure: sample => ({ pass: () => measureData(sample.octets).octets, expected: sample.octets.length }),
  dataStream: sample => ({
    pass: async () => (await through(new DataStream(), inChunks(sample.octets))) - '.\r\n'.length,
    expected: sample.encoded,
  }),
  leWindows: sample => ({
    pass: () => through(new LeWindows(), inChunks(sample.octets)),
    expected: sample.encoded,
  }),
  copy: sample => {
    const chunks = inChunks(sample.octets)
    const copied = Buffer.alloc(sample.octets.length)
    return {
      pass: () => {
        let octets = 0
        for (const chunk of chunks) {
          copied.set(chunk, octets)
          octets += chunk.length
        }
        return octets
      },
      expected: sample.octets.length,
    }
  },
  lineEnds: sample => scanForLineFeeds(sample.octets, sample.lines),
  lineEndsPlain: sample => scanForLineFeeds(plain(sample.octets), sample.lines),
  nowhere: sample => scanForNothing(sample.octets),
  nowherePlain: sample => scanForNothing(plain(sample.octets)),
} satisfies Record<string, Work>

/** Where every line ends: the least that anybody must know who looks at lines. */
function scanForLineFeeds(octets: Uint8Array, lines: number): ReturnType<Work> {
  return {
    pass: () => {
      let found = 0
      for (let at = octets.indexOf(LF); at !== -1; at = octets.indexOf(LF, at + 1)) found++
      return found
    },
    expected: lines,
  }
}

/** One call that has to look at every octet and stops nowhere. */
function scanForNothing(octets: Uint8Array): ReturnType<Work> {
  return { pass: () => octets.indexOf(NOWHERE), expected: -1 }
}

function replyCount({ octets }: Sample): number {
  return octets.toString('latin1').match(/^\d{3} /gm)?.length ?? 0
}

/** Octets that come out of a stream. */
async function through(stream: DataStream | LeWindows, chunks: readonly Uint8Array[]): Promise<number> {
  let octets = 0
  stream.on('data', (piece: Buffer) => {
    octets += piece.length
  })
  for (const chunk of chunks) if (!stream.write(chunk)) await once(stream, 'drain')
  stream.end()
  await once(stream, 'end')
  return octets
}

function written(stream: SMTPStream, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => stream.write(chunk, error => (error ? reject(error) : resolve())))
}
