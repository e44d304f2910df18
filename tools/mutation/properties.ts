// Properties under mutation. A mutant dies with the first case that tells it from the original, so no smaller one is looked
// for; and one that lives costs every property its whole time, so that time is short.
import fc from 'fast-check'

fc.configureGlobal({ endOnFailure: true, interruptAfterTimeLimit: 250 })
