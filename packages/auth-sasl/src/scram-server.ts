// SCRAM, RFC 5802 and 7677, server: tells whether the client knows the password, from a record that does not hold it,
// and proves in turn that the server has the record. The messages and their order stand in scram.ts.
//
// SMTP has no way of sending data along with success (RFC 4954 section 4), so the server's signature goes out as one
// more challenge, which the client answers with nothing.
import { encodeBase64 } from './base64.js'
import { assertBinding, type ChannelBinding } from './channel-binding.js'
import { equalOctets } from './equal.js'
import { AuthenticationError } from './error.js'
import type { ServerMechanism, ServerStep, ServerSuccess } from './mechanism.js'
import { newNonce } from './nonce.js'
import { type Prepare, saslprep } from './prepare.js'
import { digest, mac, type ScramHash, type ScramRecord, xor } from './scram-key.js'
import { type ClientFirst, parseClientFinal, parseClientFirst } from './scram-message.js'
import { challenge, malformed, refuse } from './server-step.js'
import { concat, decodeText, encodeWellFormed } from './utf8.js'
import { type Authorize, admit, queried } from './verify.js'

/** How a server takes SCRAM. */
export interface ServerScramOptions {
  /**
   * What is stored for a user (see `scramRecord`) and this hash; undefined when there is no such user. The name comes
   * prepared.
   */
  readonly lookup: (username: string) => ScramRecord | undefined | Promise<ScramRecord | undefined>
  /** Whether a user may act as another; default: no. */
  readonly authorize?: Authorize
  /** Whether this object answers for the name with `-PLUS`, where a client must bind. Default false. */
  readonly plus?: boolean
  /**
   * The bindings of this connection, one per type the server supports. Given, a client that believes the server offers
   * no binding is refused: somebody has removed the offer (section 6). So give them for both names, or for none.
   */
  readonly channelBindings?: readonly ChannelBinding[]
  /**
   * Lets an unknown user fail where a wrong password fails, with a salt made from the name. `key` must be secret and
   * stay the same for good; `iterations` is what real users have (default 4096). Left out, unknown users are refused at
   * once, and whoever asks learns which users there are.
   */
  readonly decoy?: { readonly key: Uint8Array; readonly iterations?: number }
  /** The server's part of the nonce. Default: 144 bits of `crypto.getRandomValues`. */
  readonly nonce?: () => string
  /** Default `saslprep`. */
  readonly prepare?: Prepare
}

/**
 * The server's half of SCRAM.
 *
 * @throws AuthenticationError `EPOLICY` when a channel binding cannot be written, or `plus` is set without any.
 */
export function serverScram(hash: ScramHash, options: ServerScramOptions): ServerMechanism {
  const { plus = false, channelBindings = [], decoy } = options
  for (const binding of channelBindings) assertBinding(binding)
  if (plus && channelBindings.length === 0)
    throw new AuthenticationError('a -PLUS mechanism needs a channel binding', { code: 'EPOLICY', fault: 'local' })

  type State =
    | { readonly awaited: 'nothing' }
    | { readonly awaited: 'client-first' }
    | { readonly awaited: 'client-final'; readonly opened: Opened }
    | { readonly awaited: 'acknowledgement'; readonly success: ServerSuccess }
    | { readonly awaited: 'end-of-error'; readonly reason: string }

  interface Opened {
    readonly first: ClientFirst
    readonly username: string
    readonly record: ScramRecord
    readonly nonce: string
    readonly serverFirst: string
    readonly expectedBinding: Uint8Array
  }
  let state: State = { awaited: 'nothing' }

  /** The data the client must have tied in, or why its flag is refused (the table in RFC 5801 section 5). */
  function expectedBinding(first: ClientFirst): Uint8Array | string {
    const header = encodeWellFormed(first.header)
    if (typeof first.flag === 'object') {
      const { type } = first.flag
      const binding = channelBindings.find(offered => offered.type === type)
      return binding === undefined ? 'the client binds to a type not supported here' : concat(header, binding.data)
    }
    if (plus) return 'the client does not bind, but asked for -PLUS'
    if (first.flag === 'y' && channelBindings.length > 0)
      return 'the client believes that the server cannot bind: the offer was removed on the way'
    return header
  }

  /** Nobody has the ClientKey that hashes to this StoredKey: whatever the proof, it does not match. */
  function decoyRecord(username: string): ScramRecord | undefined {
    if (decoy === undefined) return undefined
    const made = mac(hash, decoy.key, encodeWellFormed(username))
    return { salt: made.slice(0, 16), iterations: decoy.iterations ?? 4096, storedKey: made, serverKey: made }
  }

  async function takeFirst(octets: Uint8Array): Promise<ServerStep> {
    const message = decodeText(octets)
    if (message === undefined) return malformed('the message is not UTF-8')
    const first = parseClientFirst(message)
    if ('refusal' in first) {
      if (!first.isExtension) return malformed(first.refusal)
      // "the server SHOULD send the 'extensions-not-supported' server-error-value" (section 5.1)
      state = { awaited: 'end-of-error', reason: first.refusal }
      return challenge(encodeWellFormed('e=extensions-not-supported'))
    }
    const binding = expectedBinding(first)
    if (typeof binding === 'string') return refuse(binding)
    // "If the preparation of the username fails or results in an empty string, the server SHOULD abort" (section 5.1).
    const username = queried(first.username, options.prepare ?? saslprep)
    if (username === undefined) return refuse('the user name cannot be prepared')
    const record = (await options.lookup(username)) ?? decoyRecord(username)
    if (record === undefined) return refuse('there is no such user')
    const nonce = first.nonce + newNonce(options.nonce)
    const serverFirst = `r=${nonce},s=${encodeBase64(record.salt)},i=${record.iterations}`
    const opened = { first, username, record, nonce, serverFirst, expectedBinding: binding }
    state = { awaited: 'client-final', opened }
    return challenge(encodeWellFormed(serverFirst))
  }

  async function takeFinal(opened: Opened, octets: Uint8Array): Promise<ServerStep> {
    const message = decodeText(octets)
    const final = message === undefined ? undefined : parseClientFinal(message)
    if (final === undefined) return malformed('the message is not UTF-8')
    if ('refusal' in final) return malformed(final.refusal)
    // "The server MUST verify that the nonce sent by the client in the second message is the same as the one sent by the
    // server in its first message" (section 5.1), and "MUST always validate the client's 'c=' field" (section 6).
    if (final.nonce !== opened.nonce) return refuse('the nonce is not the one that was sent')
    if (!equalOctets(final.binding, opened.expectedBinding)) return refuse('the channel binding does not match')
    const { storedKey, serverKey } = opened.record
    const signed = encodeWellFormed(`${opened.first.bare},${opened.serverFirst},${final.withoutProof}`)
    const clientKey = xor(final.proof, mac(hash, storedKey, signed))
    if (!equalOctets(digest(hash, clientKey), storedKey)) return refuse('the proof does not match')
    const success = await admit(opened.username, opened.first.authorization, options.authorize)
    if (success.kind === 'failure') return success
    state = { awaited: 'acknowledgement', success }
    return challenge(encodeWellFormed(`v=${encodeBase64(mac(hash, serverKey, signed))}`))
  }

  return {
    name: `SCRAM-${hash}${plus ? '-PLUS' : ''}`,
    start: initial => {
      state = { awaited: initial === undefined ? 'client-first' : 'nothing' }
      return initial === undefined ? challenge(new Uint8Array(0)) : takeFirst(initial)
    },
    respond: response => {
      const now = state
      state = { awaited: 'nothing' }
      switch (now.awaited) {
        case 'client-first':
          return takeFirst(response)
        case 'client-final':
          return takeFinal(now.opened, response)
        case 'acknowledgement':
          return response.length === 0 ? now.success : malformed('an answer to the signature, which asks for none')
        case 'end-of-error':
          return malformed(now.reason)
        case 'nothing':
          return malformed('a response to no challenge')
      }
    },
  }
}
