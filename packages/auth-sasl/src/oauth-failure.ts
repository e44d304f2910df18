// What an OAuth server says, as JSON in a 334, about a token it refuses: RFC 7628 section 3.2.2, and the same shape
// in XOAUTH2.

/** The members of the server's JSON error that have a defined meaning; everything is the server's word. */
export interface OAuthFailure {
  /** The error code, such as `invalid_token`; XOAUTH2 servers send an HTTP status, such as `401`. */
  readonly status?: string
  /** The scope a token must have here. */
  readonly scope?: string
  /** The token types accepted here, separated by spaces. */
  readonly schemes?: string
  /** The address of the OpenID provider's description. */
  readonly openidConfiguration?: string
}
