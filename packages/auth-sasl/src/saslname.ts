// A name inside a comma-separated message, RFC 5802 sections 5.1 and 7; the GS2 header of OAUTHBEARER has the same.
//
//   saslname = 1*(value-safe-char / "=2C" / "=3D")

/** "The characters ',' or '=' in usernames are sent as '=2C' and '=3D' respectively" (section 5.1). */
export function escapeName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C')
}

/** "If the server receives a username that contains '=' not followed by either '2C' or '3D'", undefined. */
export function unescapeName(escaped: string): string | undefined {
  if (/=(?!2C|3D)/.test(escaped)) return undefined
  return escaped.replaceAll('=2C', ',').replaceAll('=3D', '=')
}
