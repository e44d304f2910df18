// A value that must not be shown. What goes in: a password or token, as text or as octets. What comes out: the same
// value, to those who ask for it by name; everybody who prints, logs, inspects or serialises gets `[secret]` (T-28).
import { credentialsError } from './error.js'
import { decodeText, encodeText } from './utf8.js'

const brand: unique symbol = Symbol.for('@postrider/auth-sasl/Secret')
const HIDDEN = '[secret]'

/**
 * Holds a password or a token and keeps it out of logs: `String()`, `JSON.stringify()`, template strings and
 * `util.inspect()` all show `[secret]`. `instanceof` also holds for a secret made by another copy of this package.
 *
 * @example
 * ```ts
 * const password = new Secret(process.env.SMTP_PASSWORD ?? '')
 * console.log({ username: 'tim', password }) // { username: 'tim', password: [secret] }
 * ```
 */
export class Secret {
  readonly #value: string | Uint8Array

  constructor(value: string | Uint8Array) {
    this.#value = typeof value === 'string' ? value : value.slice()
    Object.defineProperty(this, brand, { value: true })
    // util.inspect of Node, Bun and Deno asks here before it looks inside.
    Object.defineProperty(this, Symbol.for('nodejs.util.inspect.custom'), { value: () => HIDDEN })
  }

  /** The value itself when it is a secret already, else a new secret around it. */
  static from(value: string | Uint8Array | Secret): Secret {
    return value instanceof Secret ? value : new Secret(value)
  }

  /**
   * The text in the clear.
   * @throws AuthenticationError `ECREDENTIALS` when the secret was made from octets that are not UTF-8.
   */
  reveal(): string {
    if (typeof this.#value === 'string') return this.#value
    const text = decodeText(this.#value)
    if (text === undefined) throw credentialsError(undefined, 'the secret is not UTF-8')
    return text
  }

  /**
   * The octets in the clear, text as UTF-8; a copy.
   * @throws AuthenticationError `ECREDENTIALS` when the text holds half of a surrogate pair.
   */
  revealOctets(): Uint8Array {
    if (typeof this.#value !== 'string') return this.#value.slice()
    const octets = encodeText(this.#value)
    if (octets === undefined) throw credentialsError(undefined, 'the secret holds half of a surrogate pair')
    return octets
  }

  /** Says that it is a secret, not which. */
  toString(): string {
    return HIDDEN
  }

  /** Says that it is a secret, not which. */
  toJSON(): string {
    return HIDDEN
  }

  [Symbol.toPrimitive](): string {
    return HIDDEN
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value
  }
}
