/**
 * Deno runs node:net and node:tls on sockets and TLS of its own: a reset is a plain close under TLS, small pieces arrive together,
 * and whatever is wrong with a certificate but its name has the same code.
 */
export const DENO: boolean = 'Deno' in globalThis
