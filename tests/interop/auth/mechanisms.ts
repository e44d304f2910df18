// The mechanisms by name, and the dialogue each of them has: the reply to AUTH and to every response.
import {
  type ChannelBinding,
  type ClientMechanism,
  cramMd5,
  external,
  login,
  type MechanismName,
  oauthBearer,
  type PasswordCredentials,
  plain,
  scram,
  type TokenCredentials,
  xoauth2,
} from '@postrider/auth-sasl'

/**
 * Replies on success with the initial response in the command, and with nothing there. SCRAM's last message of the server
 * comes in a 334 of its own from every server here, and has to be answered with an empty line.
 */
export const successes: Partial<Record<MechanismName, { readonly initial: number[]; readonly bare: number[] }>> = {
  PLAIN: { initial: [235], bare: [334, 235] },
  LOGIN: { initial: [334, 235], bare: [334, 334, 235] },
  // The server speaks first: there is nothing to put into the command.
  'CRAM-MD5': { initial: [334, 235], bare: [334, 235] },
  'SCRAM-SHA-1': { initial: [334, 334, 235], bare: [334, 334, 334, 235] },
  'SCRAM-SHA-256': { initial: [334, 334, 235], bare: [334, 334, 334, 235] },
  'SCRAM-SHA-512': { initial: [334, 334, 235], bare: [334, 334, 334, 235] },
  'SCRAM-SHA-1-PLUS': { initial: [334, 334, 235], bare: [334, 334, 334, 235] },
  'SCRAM-SHA-256-PLUS': { initial: [334, 334, 235], bare: [334, 334, 334, 235] },
  'SCRAM-SHA-512-PLUS': { initial: [334, 334, 235], bare: [334, 334, 334, 235] },
  XOAUTH2: { initial: [235], bare: [334, 235] },
  OAUTHBEARER: { initial: [235], bare: [334, 235] },
  EXTERNAL: { initial: [235], bare: [334, 235] },
}

/** A mechanism by its own function, as one calls it who does not want to have it chosen. */
export function byName(
  name: MechanismName,
  credentials: PasswordCredentials & TokenCredentials,
  channelBinding?: ChannelBinding,
): ClientMechanism {
  switch (name) {
    case 'PLAIN':
      return plain(credentials)
    case 'LOGIN':
      return login(credentials, { initialResponse: true })
    case 'CRAM-MD5':
      return cramMd5(credentials)
    case 'XOAUTH2':
      return xoauth2(credentials)
    case 'OAUTHBEARER':
      return oauthBearer(credentials)
    case 'EXTERNAL':
      return external()
    case 'SCRAM-SHA-1':
      return scram('SHA-1', credentials)
    case 'SCRAM-SHA-256':
      return scram('SHA-256', credentials)
    case 'SCRAM-SHA-1-PLUS':
      return scram('SHA-1', credentials, { channelBinding })
    case 'SCRAM-SHA-256-PLUS':
      return scram('SHA-256', credentials, { channelBinding })
    case 'SCRAM-SHA-512':
      return scram('SHA-512', credentials)
    case 'SCRAM-SHA-512-PLUS':
      return scram('SHA-512', credentials, { channelBinding })
    default:
      throw new Error(`no server here offers ${name}`)
  }
}
