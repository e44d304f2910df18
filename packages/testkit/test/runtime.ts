/**
 * Deno runs node:net and node:tls on sockets and TLS of its own: a reset is a plain close there, small pieces arrive together, and
 * whatever is wrong with a certificate has the same code.
 */
export const DENO: boolean = 'Deno' in globalThis
