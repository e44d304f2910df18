/**
 * What arrives at a sink, as lines on standard output: envelope, refusals, the first lines of the message; and the message as a file, where a folder is
 * named. Text from the client is made harmless for a terminal; files hold the octets as received.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ReceivedMessage, ServerEvent, TestServer, TransactionRecord } from '@postrider/testkit'
import { adviceFor } from './advice.js'
import { type Format, type Ink, inkLine } from './ink.js'
import type { Output } from './io.js'
import { visible } from './visible.js'

export interface ArrivalsOptions {
  readonly output: Output
  readonly ink: Ink
  /** Lines of a message to show. */
  readonly lines: number
  /** Folder to keep messages in. */
  readonly mailbox: string | undefined
  /** Show the dialogue, too. */
  readonly transcript: boolean
}

export class Arrivals {
  readonly #options: ArrivalsOptions
  readonly #shown = new WeakSet<TransactionRecord>()
  #files = 0
  /** Messages so far. */
  messages = 0
  /** One of them could not be kept as a file. */
  lost = false

  constructor(options: ArrivalsOptions) {
    this.#options = options
  }

  show(event: ServerEvent, server: TestServer): void {
    switch (event.kind) {
      case 'message':
        this.messages += 1
        this.#transactions(event.connection, server, event.message)
        // It is on the screen now, and in the folder if there is one.
        server.mailbox.clear()
        break
      case 'closed':
        this.#transactions(event.connection, server)
        break
      case 'handshakeFailed':
        this.#write(`-- the TLS handshake failed: ${event.reason}`, 'red')
        break
      case 'secured':
        if (this.#options.transcript) this.#write(`-- ${event.version}`, 'dim')
        break
      case 'line':
        if (this.#options.transcript) this.#line(`${event.from === 'client' ? 'C' : 'S'}: ${event.text}`)
        break
    }
  }

  /** Those of a connection that have not been shown yet; a message belongs to the last of them. */
  #transactions(connection: number, server: TestServer, message?: ReceivedMessage): void {
    const news = server.transactions.filter(each => each.connection === connection && !this.#shown.has(each))
    const last = news.at(-1)
    for (const transaction of news) {
      this.#shown.add(transaction)
      this.#envelope(transaction, transaction === last ? message : undefined)
    }
    if (message !== undefined) this.#message(message.octets)
  }

  #envelope({ from, recipients, octets }: TransactionRecord, message: ReceivedMessage | undefined): void {
    const facts = message === undefined ? ['no message'] : [`message ${this.messages}`, `${octets} octets`]
    if (message !== undefined) {
      const { tlsVersion, user, mechanism } = message.session
      facts.push(tlsVersion ?? 'in clear text')
      if (user !== undefined) facts.push(`${user} by ${mechanism}`)
    }
    this.#write('')
    this.#write(facts.join(', '), 'bold')
    this.#write(`  from    ${from === '' ? '<>' : from}`)
    for (const address of message?.envelope.to ?? []) this.#write(`  to      ${address}`)
    for (const { address, accepted, reply } of recipients)
      if (!accepted) this.#write(`  refused ${address}: ${reply ?? 'without a word'}`, 'red')
  }

  #message(octets: Uint8Array): void {
    const lines = new TextDecoder().decode(octets).split('\r\n')
    if (lines.at(-1) === '') lines.pop()
    for (const line of lines.slice(0, this.#options.lines)) this.#write(`  | ${line}`)
    const rest = lines.length - this.#options.lines
    if (rest > 0) this.#write(`  | … ${rest} more line${rest === 1 ? '' : 's'}`, 'dim')
    const { mailbox } = this.#options
    if (mailbox === undefined) return
    try {
      this.#write(`  kept as ${this.#keep(mailbox, octets)}`)
    } catch (error) {
      this.lost = true
      this.#write(`  not kept: ${adviceFor(error)}`, 'red')
    }
  }

  /** Writes a new file: what is there from an earlier run stays. */
  #keep(folder: string, octets: Uint8Array): string {
    for (;;) {
      this.#files += 1
      const path = join(folder, `${String(this.#files).padStart(4, '0')}.eml`)
      try {
        writeFileSync(path, octets, { flag: 'wx' })
        return path
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      }
    }
  }

  #line(line: string): void {
    this.#options.output.write(`${inkLine(this.#options.ink, visible(line))}\n`)
  }

  #write(text: string, format?: Format): void {
    const line = visible(text)
    this.#options.output.write(`${format === undefined ? line : this.#options.ink(format, line)}\n`)
  }
}
