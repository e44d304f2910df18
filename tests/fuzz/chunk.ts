/** The chunks of BDAT: whatever is in them, they are read back (RFC 3030 2). */
import { ChunkReader, CommandReader, DataEncoder, writeChunk } from '@postrider/codec'
import fc from 'fast-check'
import { everyCut, madeOf, octets, text } from './octets.js'
import { holds, same, target } from './target.js'

const message = madeOf(['.', '\r\n', '\r\n.\r\n', 'QUIT\r\n', 'BDAT 1\r\n', '\r', '\n', '\0', '\x80', 'abc'], 10)

export const chunks = target({
  name: 'chunks',
  promise: 'a message sent in chunks of any sizes is read back octet for octet, and what stands behind it is a command',
  cases: fc.record({ message, sizes: fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }), normalise: fc.boolean() }),
  check({ message, sizes, normalise }) {
    const whole = normalise ? normalised(message) : message
    return alone(whole) + inDialogue(whole, sizes)
  },
})

function normalised(message: string): string {
  const encoder = new DataEncoder({ dotStuffing: false })
  return [...encoder.push(octets(message)), ...encoder.end()].map(text).join('')
}

function alone(chunk: string): number {
  return everyCut(octets(`${chunk}QUIT`), parts => {
    const reader = new ChunkReader(chunk.length)
    const got = parts.map(part => text(reader.push(part))).join('')
    holds(reader.done && reader.remaining === 0, `${reader.remaining} octets are missing`)
    same(got, chunk, 'the chunk')
  })
}

function inDialogue(message: string, sizes: readonly number[]): number {
  const wire = octets(`${inChunks(message, sizes)}NOOP\r\n`)
  return everyCut(wire, parts => {
    const reader = new CommandReader()
    let got = ''
    let verb = ''
    for (const part of parts) {
      for (let events = reader.push(part); ; events = reader.resume('chunk')) {
        for (const event of events) {
          if (event.kind === 'chunk') got += text(event.octets)
          else if (event.kind === 'command') verb = event.command.verb
        }
        if (!reader.paused) break
      }
    }
    same(`${got} ${verb}`, `${message} NOOP`, 'the message and what stands behind it')
  })
}

/** The wire form: chunks of these sizes, over and over, and, so that zeros come to an end, the rest in one. */
function inChunks(message: string, sizes: readonly number[]): string {
  let wire = ''
  for (let i = 0, start = 0, isLast = false; !isLast; i++) {
    const size = i < 40 ? (sizes[i % sizes.length] ?? 0) : message.length
    isLast = start + size >= message.length
    wire += writeChunk(octets(message.slice(start, start + size)), isLast)
      .map(text)
      .join('')
    start += size
  }
  return wire
}
