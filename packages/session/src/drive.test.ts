import { describe, expect, it } from 'vitest'
import type { Channel } from './channel.js'
import { drive } from './drive.js'
import { Session } from './session.js'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const message = encoder.encode('Subject: tea\r\n\r\nAt five.\r\n')
const envelope = { from: 'a@example.org', to: ['b@example.org'] }

/** A channel to nobody: each write is answered by the next of the given replies, and `fails` says which write does not get through. */
class Scripted implements Channel {
  readonly #replies: string[]
  readonly #fails: RegExp
  #heard: ((octets: Uint8Array) => void) | undefined
  #said = ''
  readonly readable = false
  readonly tls = undefined
  closed = false

  constructor(replies: readonly string[], fails: RegExp) {
    this.#replies = [...replies]
    this.#fails = fails
  }

  async open(): Promise<undefined> {
    this.#answer()
  }

  read(): Promise<Uint8Array | undefined> {
    return new Promise(resolve => {
      this.#heard = resolve
      this.#tell()
    })
  }

  write(octets: Uint8Array): Promise<void> | undefined {
    const text = decoder.decode(octets)
    if (this.#fails.test(text)) return Promise.reject(new Error('EPIPE'))
    if (/^(?:EHLO|MAIL|RCPT|DATA|\.\r\n)/.test(text)) this.#answer()
    return undefined
  }

  async flush(): Promise<void> {}

  async startTls(): Promise<never> {
    throw new Error('there is no TLS here')
  }

  close(): void {
    this.closed = true
  }

  #answer(): void {
    this.#said += this.#replies.shift() ?? ''
    this.#tell()
  }

  #tell(): void {
    if (this.#said === '' || this.#heard === undefined) return
    this.#heard(encoder.encode(this.#said))
    this.#heard = undefined
    this.#said = ''
  }
}

const hello = ['220 mx.example.org\r\n', '250-mx.example.org\r\n250-PIPELINING\r\n250 CHUNKING\r\n']

describe('drive', () => {
  it.each([
    ['the envelope', /^MAIL/, 'certain', 'unsent'],
    ['the terminator', /^\.\r\n/, 'certain', 'unknown'],
    ['a flight', /^MAIL/, 'oneFlight', 'unknown'],
  ] as const)(
    'tells the session when %s cannot be written, and nobody else (rule R1)',
    async (_, fails, pace, outcome) => {
      const channel = new Scripted([...hello, '250 ok\r\n250 ok\r\n354 go\r\n', '250 queued\r\n'], fails)
      const session = new Session({ timeouts: { lastWord: 1 } })
      let ring = () => {}
      let now = 0
      drive(session, channel, {
        now: () => now,
        alarm: at => {
          // Time passes as soon as somebody waits for the last word.
          if (at !== undefined && at < 1000) setImmediate(() => ring())
          now = at !== undefined && at < 1000 ? at : now
        },
        set ring(callback: () => void) {
          ring = callback
        },
      })
      await session.opened()
      await session.hello()
      const result = await session.transact(envelope, message, { pace })
      expect(result).toMatchObject({ outcome, error: expect.objectContaining({ usable: false }) })
      expect(channel.closed).toBe(true)
    },
  )
})
