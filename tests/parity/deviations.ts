/**
 * Where we do something else than smtplib on purpose, and what: by scenario, with the row of the list of smtplib's behaviours (P) or of what its users
 * report (L), and the reason. What is not named here is the same. One file for each file of scenarios.
 */
import { auth } from './deviations/auth.js'
import { commands } from './deviations/commands.js'
import { connecting } from './deviations/connecting.js'
import { functions } from './deviations/functions.js'
import { greeting } from './deviations/greeting.js'
import { lmtp } from './deviations/lmtp.js'
import { messages } from './deviations/messages.js'
import { sending } from './deviations/sending.js'
import { tls } from './deviations/tls.js'
import type { Deviations } from './scenario.js'

export const deviations: Deviations = {
  ...auth,
  ...commands,
  ...connecting,
  ...functions,
  ...greeting,
  ...lmtp,
  ...messages,
  ...sending,
  ...tls,
}
