// Who logs in to the real servers, and with what.

/** Letters beyond ASCII, and what separates fields in SCRAM: every server here takes them. */
export const account = { username: 'alice', password: 'correct hörse, =battery' } as const

/** A password nobody has. */
export const wrongPassword = 'incorrect hörse, =battery'
