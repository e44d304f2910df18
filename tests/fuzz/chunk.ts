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
    let whole = message
    if (normalise) {
      const encoder = new DataEncoder({ dotStuffing: false })
      whole = text(Uint8Array.from([...encoder.push(octets(message)), ...encoder.end()].flatMap(piece => [...piece])))
    }
    let wire = ''
    for (let i = 0, start = 0, isLast = false; !isLast; i++) {
      const size = i < 40 ? (sizes[i % sizes.length] ?? 0) : whole.length
      isLast = start + size >= whole.length
      for (const part of writeChunk(octets(whole.slice(start, start + size)), isLast)) wire += text(part)
      start += size
    }
    const alone = octets(`${whole}QUIT`)
    const runs = everyCut(alone, cut => {
      const reader = new ChunkReader(whole.length)
      const got = cut.map(part => text(reader.push(part)))
      holds(reader.done && reader.remaining === 0, `${reader.remaining} octets are missing`)
      same(got.join(''), whole, 'the chunk')
    })
    return (
      runs +
      everyCut(octets(`${wire}NOOP\r\n`), cut => {
        const reader = new CommandReader()
        let got = ''
        let last = ''
        for (const chunk of cut) {
          for (let events = reader.push(chunk); ; events = reader.resume('chunk')) {
            for (const event of events) {
              if (event.kind === 'chunk') got += text(event.octets)
              else
                last =
                  event.kind === 'command'
                    ? event.command.verb
                    : `${event.kind} ${event.kind === 'endOfChunk' && event.last}`
            }
            if (!reader.paused) break
          }
        }
        if (got !== whole || last !== 'NOOP')
          same(`${got} ${last}`, `${whole} NOOP`, `cut into ${cut.map(c => c.length)}`)
      })
    )
  },
})
