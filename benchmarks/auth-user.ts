// Who logs in, to client and server alike: see auth.ts.
export const benchmarkUser = {
  username: 'alice',
  password: 'a password of some length',
  token: 'ya29.a-token-of-some-length',
}
