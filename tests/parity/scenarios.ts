/** All scenarios. */
import type { Scenario } from './scenario.js'
import { auth } from './scenarios/auth.js'
import { commands } from './scenarios/commands.js'
import { connecting } from './scenarios/connecting.js'
import { debugging } from './scenarios/debugging.js'
import { functions } from './scenarios/functions.js'
import { greeting } from './scenarios/greeting.js'
import { lmtp } from './scenarios/lmtp.js'
import { messages } from './scenarios/messages.js'
import { sending } from './scenarios/sending.js'
import { tls } from './scenarios/tls.js'

export const scenarios: readonly Scenario[] = [
  ...functions,
  ...connecting,
  ...commands,
  ...greeting,
  ...sending,
  ...messages,
  ...auth,
  ...lmtp,
  ...tls,
  ...debugging,
]
