/**
 * What ties an authentication to the very TLS connection it runs on (RFC 5056), where the runtime tells it.
 *
 * In: the socket of a connection. Out: 32 octets of keying material for TLS 1.3, RFC 9266 2: label `EXPORTER-Channel-Binding`, empty context; else
 * nothing.
 */
import type { ChannelBinding } from '@postrider/auth-sasl'
import type { NodeChannel } from '@postrider/session/node'

export function channelBinding(channel: NodeChannel): ChannelBinding | undefined {
  const { socket } = channel
  if (socket === undefined || !('exportKeyingMaterial' in socket) || channel.tls?.version !== 'TLSv1.3')
    return undefined
  return { type: 'tls-exporter', data: socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)) }
}
