// @postrider/auth-sasl: SASL mechanisms as step functions, client and server, no I/O.
export { type ChooseOptions, chooseMechanism, MECHANISMS, type MechanismName } from './choose.js'
export { cramMd5, type ServerCramMd5Options, serverCramMd5 } from './cram-md5.js'
export type { PasswordCredentials } from './credential.js'
export { equalSecrets } from './equal.js'
export { AuthenticationError, type AuthenticationErrorCode, type AuthenticationErrorOptions } from './error.js'
export { type LoginOptions, login, type ServerLoginOptions, serverLogin } from './login.js'
export type {
  ClientMechanism,
  ServerChallenge,
  ServerFailure,
  ServerMechanism,
  ServerStep,
  ServerSuccess,
} from './mechanism.js'
export type { OAuthFailure } from './oauth-failure.js'
export { plain, type ServerPlainOptions, serverPlain } from './plain.js'
export type { Random } from './random.js'
export { Secret } from './secret.js'
export type { Authorize, PasswordAttempt, VerifyPassword } from './server-step.js'
