/** What is different on purpose in scenarios/functions.ts. */
import type { Deviations } from '../scenario.js'

export const functions: Deviations = {
  'quoteaddr of what is no single address (P5, P6)': {
    row: 'P6',
    why: 'what is not exactly one address is refused, not guessed at',
    results: {
      0: { raised: 'SMTPMessageError' },
      1: { raised: 'SMTPMessageError' },
      2: { raised: 'SMTPMessageError' },
      3: { raised: 'SMTPMessageError' },
      4: { raised: 'SMTPMessageError' },
      5: { raised: 'SMTPEnvelopeError' },
      6: { raised: 'SMTPEnvelopeError' },
      7: { raised: 'SMTPMessageError' },
      8: { raised: 'SMTPEnvelopeError' },
    },
  },
}
