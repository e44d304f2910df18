// The watch over all tests, seen to bite: a test that does what a program must not has to fail for it. What is printed is watched
// in the same way, but a test of that would print.
import { plain } from '@postrider/auth-sasl'
import { describe, it } from 'vitest'

const password = 'canary-Maus9 käfig'

describe('a test fails', () => {
  it.fails('when an error holds a credential, even one that nobody sees', async () => {
    const message = await plain({ username: 'tim', password }).start()
    try {
      throw new Error('refused', { cause: { response: message } })
    } catch {}
  })
})

describe('a test does not fail', () => {
  it('when an error tells what is wrong with a credential, and not the credential', () => {
    plain({ username: 'tim', password })
    new Error('the password is refused: [secret]')
  })
})
