/**
 * Where the demo is shown: plain lines, in colour on a terminal only, never under NO_COLOR. It remembers what it has shown, and how many claims were not so.
 */
import { styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]

export class Screen {
  readonly #stream: NodeJS.WriteStream
  readonly #inColour: boolean
  #shown = ''
  /** Claims that were not so. */
  failures = 0

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
    // `styleText` of Node 20.12 to 20.18 does not look for itself.
    const { env } = process
    this.#inColour = stream.isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
  }

  paint(format: Format, text: string): string {
    return this.#inColour ? styleText(format, text, { validateStream: false }) : text
  }

  title(text: string): void {
    this.#write(`\n${this.paint('bold', text)}\n`)
  }

  line(text: string): void {
    this.#write(`  ${text}\n`)
  }

  /** Words, wrapped at 100 columns. */
  paragraph(text: string): void {
    let line = ''
    for (const word of text.split(' ')) {
      if (line.length + word.length > 97) {
        this.line(line)
        line = ''
      }
      line = line === '' ? word : `${line} ${word}`
    }
    this.line(line)
  }

  /** A line of the dialogue: theirs and ours apart, refusals to be seen. */
  transcript(line: string): void {
    if (line.startsWith('C: ')) this.line(line)
    else this.line(this.paint(line.startsWith('--') ? 'dim' : /^S: [45]/.test(line) ? 'red' : 'cyan', line))
  }

  /** What the demo says is so, and whether it is. */
  claim(text: string, holds: boolean): void {
    if (!holds) this.failures++
    this.line(`${holds ? this.paint('green', 'yes') : this.paint(['bold', 'red'], 'NO ')}  ${text}`)
  }

  shows(text: string): boolean {
    return this.#shown.includes(text)
  }

  #write(text: string): void {
    this.#shown += text
    this.#stream.write(text)
  }
}
