/**
 * What a server says of itself in smtplib's words: the dictionary `esmtp_features`, value by value as CPython makes it (P35).
 *
 * In: the text of the reply to EHLO (LHLO). Out: keywords in lower case with their parameters. `AUTH` lines add up behind a space each, whichever of
 * the two forms they have; of another keyword the last line counts. The first line is the server's name. What the session goes by is the codec's
 * reading of the same reply, which is stricter.
 */

/** The line by which old servers offer AUTH: smtplib's pattern, which it looks for at the start of a line. */
export const OLDSTYLE_AUTH: RegExp = /^auth=(.*)/i

/** The longest line of a reply that is read, its line end included, in octets; smtplib's limit and ours. */
export const _MAXLINE = 8192

const keyword = /^([A-Za-z0-9][A-Za-z0-9-]*) ?/

export function esmtpFeatures(reply: Uint8Array): Map<string, string> {
  const features = new Map<string, string>()
  const addMechanisms = (mechanisms: string) => features.set('auth', `${features.get('auth') ?? ''} ${mechanisms}`)
  for (const line of Buffer.from(reply).toString('latin1').split('\n').slice(1)) {
    const old = OLDSTYLE_AUTH.exec(line)
    const found = keyword.exec(line)
    if (old !== null) addMechanisms(old[1] ?? '')
    else if (found !== null) {
      const name = (found[1] ?? '').toLowerCase()
      const parameters = line.slice(found[0].length).trim()
      if (name === 'auth') addMechanisms(parameters)
      else features.set(name, parameters)
    }
  }
  return features
}
