// @postrider/auth-sasl: SASL mechanisms as step functions, client and server, no I/O.
export {
  type AnonymousCredentials,
  anonymous,
  type ServerAnonymousOptions,
  serverAnonymous,
} from './anonymous.js'
export type { ChannelBinding } from './channel-binding.js'
export { type ChooseOptions, type Credentials, chooseMechanism, MECHANISMS, type MechanismName } from './choose.js'
export { cramMd5, type ServerCramMd5Options, serverCramMd5 } from './cram-md5.js'
export type { PasswordCredentials } from './credential.js'
export { equalSecrets } from './equal.js'
export { AuthenticationError, type AuthenticationErrorCode, type AuthenticationErrorOptions } from './error.js'
export { type ExternalCredentials, external, type ServerExternalOptions, serverExternal } from './external.js'
export { type LoginOptions, login, type ServerLoginOptions, serverLogin } from './login.js'
export type {
  ClientMechanism,
  ServerChallenge,
  ServerFailure,
  ServerMechanism,
  ServerStep,
  ServerSuccess,
} from './mechanism.js'
export { oauthBearer, type Token, type TokenCredentials, xoauth2 } from './oauth.js'
export type { OAuthFailure } from './oauth-failure.js'
export {
  type ServerOAuthOptions,
  serverOAuthBearer,
  serverXoauth2,
  type TokenAttempt,
  type TokenVerdict,
  type VerifyToken,
} from './oauth-server.js'
export { limitPbkdf2 } from './pbkdf2-limit.js'
export { plain, type ServerPlainOptions, serverPlain } from './plain.js'
export { type Prepare, type PrepareUse, saslprep } from './prepare.js'
export type { Random } from './random.js'
export { type ScramOptions, scram } from './scram.js'
export {
  type Pbkdf2,
  type Pbkdf2Request,
  type ScramHash,
  ScramKeyCache,
  type ScramRecord,
  type ScramRecordOptions,
  scramRecord,
} from './scram-key.js'
export { type ServerScramOptions, serverScram } from './scram-server.js'
export { Secret } from './secret.js'
export { type AccessToken, type FetchToken, TokenCache, type TokenCacheOptions } from './token.js'
export type { Authorize, PasswordAttempt, VerifyPassword } from './verify.js'
