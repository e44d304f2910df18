/**
 * The challenge of an AUTH exchange (RFC 4954 4): a 334 reply in, octets out. The client's side of it is `writeResponse`.
 * What is in it is never shown in an error.
 */
import { SP } from './ascii.js'
import { decodeBase64 } from './base64.js'
import { DecodeError } from './error.js'
import type { Reply } from './reply.js'

/**
 * The challenge in a 334 reply. Blanks around it are ignored: servers write an empty challenge as `334`, `334 ` and
 * `334  `.
 *
 * @throws {@link DecodeError} when the reply has several lines or its text is not base64. RFC 4954 4: "If the client cannot
 * BASE64 decode any of the server's challenges, it MUST cancel the authentication using the "*" response."
 */
export function parseChallenge(reply: Reply): Uint8Array {
  const [line, ...more] = reply.lines
  if (line === undefined || more.length > 0 || reply.truncated) {
    throw new DecodeError('base64', 'challenge has more than one line')
  }
  let start = 0
  let end = line.length
  while (line[start] === SP) start++
  while (line[end - 1] === SP) end--
  return decodeBase64(line.subarray(start, end))
}
