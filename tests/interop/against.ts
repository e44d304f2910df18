// `it` for tests against Postfix: the running server comes as a fixture. Where there is none the test is shown as skipped.
import { inject, it as plainIt, type TestAPI } from 'vitest'
import type { PostfixFacts } from './postfix.js'

export const it: TestAPI<{ postfix: PostfixFacts }> = plainIt.extend<{ postfix: PostfixFacts }>({
  postfix: async ({ skip }, use) => {
    const postfix = inject('postfix')
    if (postfix === undefined) return skip('no Postfix on this machine')
    await use(postfix)
  },
})
