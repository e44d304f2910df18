// What the codec suite reads and encodes: octets, and what there must be in them.

/** Bodies are this long. */
const BODY = 102_400
const DIALOGUE = 65_536
/** As they would come from a socket. */
const CHUNK = 65_536

export type SampleName = 'replies' | 'commands' | 'clean' | 'lineFeeds' | 'dots' | 'shortDots'

export interface Sample {
  /** The octets themselves: what is encoded, or a dialogue. */
  readonly octets: Buffer
  /** The same behind DATA, with dots doubled and the end of data. */
  readonly wire: Buffer
  /** Lines in `octets`, each with an LF. */
  readonly lines: number
  /** Octets of the encoded body without the end of data. */
  readonly encoded: number
}

const line = 'The quick brown fox jumps over the lazy dog, again and again and again, dog.'
const hello =
  '250-mx.example.test\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-STARTTLS\r\n250-AUTH PLAIN LOGIN\r\n' +
  '250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-DSN\r\n250 CHUNKING\r\n'
const replies = `${hello}${'250 2.1.5 Ok\r\n'.repeat(20)}354 End data with <CR><LF>.<CR><LF>\r\n250 2.0.0 Ok: queued as 4XyZ12abcd\r\n`
const commands =
  'EHLO client.example.test\r\nMAIL FROM:<sender.name@example.com> SIZE=10240 BODY=8BITMIME\r\n' +
  `${'RCPT TO:<recipient.name@example.org> NOTIFY=FAILURE,DELAY ORCPT=rfc822;recipient.name@example.org\r\n'.repeat(4)}` +
  'RSET\r\nNOOP\r\n'

const texts: Record<SampleName, () => string> = {
  replies: () => repeat(replies, DIALOGUE),
  commands: () => repeat(commands, DIALOGUE),
  clean: () => repeat(`${line}\r\n`, BODY),
  lineFeeds: () => repeat(`${line}\n`, BODY),
  dots: () => repeat(`.${line}\r\n`, BODY),
  shortDots: () => repeat('.short line here\r\n', BODY),
}

/** @param times - of its usual length */
export function sampleOf(name: SampleName, times = 1): Sample {
  const text = texts[name]().repeat(times)
  const encoded = text.replace(/\r?\n/g, '\r\n').replace(/^\./gm, '..')
  return {
    octets: Buffer.from(text),
    wire: Buffer.from(`${encoded}.\r\n`),
    lines: text.split('\n').length - 1,
    encoded: encoded.length,
  }
}

export function inChunks(octets: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let start = 0; start < octets.length; start += CHUNK) chunks.push(octets.subarray(start, start + CHUNK))
  return chunks
}

/** Whole repetitions of the text, as many as fit. */
function repeat(text: string, octets: number): string {
  return text.repeat(Math.floor(octets / text.length))
}
