// The only globals of the outside world this package may name. Everything else (Buffer, process, timers,
// sockets) is a compile error here: `types` is empty and `lib` is ES2022 alone.
declare class TextEncoder {
  encode(input?: string): Uint8Array
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean })
  decode(input?: Uint8Array): string
}
declare const crypto: { getRandomValues(octets: Uint8Array): Uint8Array }
