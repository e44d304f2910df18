/**
 * A server that may do anything: for each command it hears, what it says next is given as data. It keeps the ground truth that a client's claims
 * are held against.
 *
 * In: octets from the client. Out: octets for the client, and whether the connection ends behind them.
 */

/** What the server does when it has heard a command, or the end of a message. */
export interface Reaction {
  /** Raw octets: a reply, several, none, or garbage. */
  readonly says: string
  readonly next: 'goes on' | 'closes' | 'resets'
}

export interface Answer {
  readonly octets: string
  readonly end: 'closes' | 'resets' | undefined
}

export class AnyServer {
  readonly #reactions: readonly Reaction[]
  #turn = 0
  #input = ''
  #inMessage = false
  /** Octets of a chunk that are still to come, and whether it is the last. */
  #chunk: { left: number; readonly last: boolean } | undefined
  #message = ''
  #ended = false
  /** The end of a message was heard. */
  sawTerminator = false
  /** What was said behind it. */
  saidAfterTerminator = ''
  /** A command was answered by more than one reply: nobody can tell any more which of its replies answers what. */
  saidTooMuch = false
  /** The message as it was sent. */
  received: string | undefined

  constructor(reactions: readonly Reaction[]) {
    this.#reactions = reactions
  }

  greet(): Answer {
    return this.#react()
  }

  /** Takes octets from the client; says what comes of them. */
  hear(octets: string): Answer {
    this.#input += octets
    let said = ''
    while (!this.#ended) {
      if (this.#chunk !== undefined) {
        const taken = this.#input.slice(0, this.#chunk.left)
        this.#input = this.#input.slice(taken.length)
        this.#message += taken
        this.#chunk.left -= taken.length
        if (this.#chunk.left > 0) break
        if (this.#chunk.last) this.#end()
        this.#chunk = undefined
        const answer = this.#react()
        said += answer.octets
        if (answer.end !== undefined) return { octets: said, end: answer.end }
        continue
      }
      const line = /^[^\n]*\r\n/.exec(this.#input)?.[0]
      if (line === undefined) break
      this.#input = this.#input.slice(line.length)
      if (this.#inMessage && line !== '.\r\n') {
        // RFC 5321 4.5.2: a dot at the start of a line is one too many.
        this.#message += line.replace(/^\./, '')
        continue
      }
      const bdat = /^BDAT (\d+)( LAST)?\r\n$/.exec(line)
      if (bdat !== null) {
        this.#chunk = { left: Number(bdat[1]), last: bdat[2] !== undefined }
        continue
      }
      if (this.#inMessage) this.#end()
      const answer = this.#react()
      said += answer.octets
      // A server that has said 354 to DATA reads a message, whatever else it says.
      if (line === 'DATA\r\n' && /^354[ \r]/m.test(answer.octets)) this.#inMessage = true
      if (answer.end !== undefined) return { octets: said, end: answer.end }
    }
    return { octets: said, end: undefined }
  }

  #end(): void {
    this.#inMessage = false
    this.sawTerminator = true
    this.received = this.#message
  }

  #react(): Answer {
    const reaction = this.#reactions[this.#turn++]
    if (reaction === undefined) return { octets: '', end: undefined }
    if (this.sawTerminator) this.saidAfterTerminator += reaction.says
    if ((reaction.says.match(/^\d\d\d(?!-)/gm) ?? []).length > 1) this.saidTooMuch = true
    this.#ended = reaction.next !== 'goes on'
    return { octets: reaction.says, end: reaction.next === 'goes on' ? undefined : reaction.next }
  }
}
