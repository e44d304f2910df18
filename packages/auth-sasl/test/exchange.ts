// A client mechanism against a server mechanism, as an SMTP session would drive them, with a record of every message.
import type { ClientMechanism, ServerMechanism, ServerStep } from '../src/index.js'

export interface Outcome {
  readonly step: ServerStep
  /** What went over the wire, before base64: `C:` and `S:` lines, latin1. */
  readonly messages: readonly string[]
}

export interface ExchangeOptions {
  /** Leaves the initial response out of the AUTH command, as a session must when the line would be too long. */
  readonly withoutInitialResponse?: boolean
}

/** Runs one exchange to its end. Errors of the client mechanism pass through. */
export async function exchange(
  client: ClientMechanism,
  server: ServerMechanism,
  options: ExchangeOptions = {},
): Promise<Outcome> {
  const messages: string[] = []
  const initial = await client.start()
  const sent = options.withoutInitialResponse ? undefined : initial
  if (sent !== undefined) messages.push(`C: ${latin1(sent)}`)
  let step = await server.start(sent)
  let held = options.withoutInitialResponse ? initial : undefined
  for (let round = 0; step.kind === 'challenge'; round++) {
    if (round === 16) throw new Error('no end in sight')
    messages.push(`S: ${latin1(step.challenge)}`)
    const response = held ?? (await client.respond(step.challenge))
    held = undefined
    messages.push(`C: ${latin1(response)}`)
    step = await server.respond(response)
  }
  if (step.kind === 'success') client.finish?.()
  return { step, messages }
}

export function latin1(octets: Uint8Array): string {
  return Buffer.from(octets).toString('latin1')
}

export function octets(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf8'))
}

export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'))
}

export function toBase64(data: Uint8Array): string {
  return Buffer.from(data).toString('base64')
}
