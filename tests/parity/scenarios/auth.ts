/** AUTH and STARTTLS: P65 to P70. */
import type { Scenario, Script } from '../scenario.js'

const offering = (mechanisms: string, more: Script = {}): Script => ({
  ehlo: `250-mail.example\n250 AUTH ${mechanisms}`,
  ...more,
})
const cram = '334 PDE4OTYuNjk3MTcwOTUyQG1haWwuZXhhbXBsZT4='
const credentials: Scenario['steps'] = [['ehlo'], ['set', 'user', 'tim'], ['set', 'password', 'tanstaaftanstaaf']]

export const auth: readonly Scenario[] = [
  {
    name: 'login by PLAIN (P67)',
    server: offering('PLAIN', { auth: '235 welcome' }),
    steps: [
      ['login', 'tim', 'secret'],
      ['get', 'user'],
      ['get', 'password'],
    ],
  },
  {
    name: 'login by LOGIN (P67)',
    server: offering('LOGIN', { auth: '334 UGFzc3dvcmQ6', response: '235 welcome' }),
    steps: [['login', 'tim', 'secret']],
  },
  {
    name: 'login by CRAM-MD5 (P67)',
    server: offering('CRAM-MD5', { auth: cram, response: '235 welcome' }),
    steps: [['login', 'tim', 'tanstaaftanstaaf']],
  },
  {
    name: 'login prefers CRAM-MD5, then PLAIN, then LOGIN (P66)',
    server: offering('LOGIN PLAIN CRAM-MD5', { auth: cram, response: '235 welcome' }),
    steps: [['login', 'tim', 'secret']],
  },
  {
    name: 'login prefers PLAIN to LOGIN (P66)',
    server: offering('LOGIN PLAIN', { auth: '235 welcome' }),
    steps: [['login', 'tim', 'secret']],
  },
  {
    name: 'login tries what is left when one fails (P66)',
    server: offering('LOGIN PLAIN CRAM-MD5', { auth: [cram, '235 welcome'], response: '535 no' }),
    steps: [['login', 'tim', 'secret']],
  },
  {
    name: 'login with all refused raises the last (P66)',
    server: offering('LOGIN PLAIN CRAM-MD5', {
      auth: [cram, '535 no plain', '334 UGFzc3dvcmQ6'],
      response: ['535 no cram', '535 no login'],
    }),
    steps: [['login', 'tim', 'secret'], ['noop']],
  },
  {
    name: 'login without the initial response: PLAIN (P66)',
    server: offering('PLAIN', { auth: '334 ', response: '235 welcome' }),
    steps: [['login', 'tim', 'secret', { kw: { initial_response_ok: false } }]],
  },
  {
    name: 'login without the initial response: LOGIN (P66)',
    server: offering('LOGIN', { auth: '334 VXNlcm5hbWU6', response: ['334 UGFzc3dvcmQ6', '235 welcome'] }),
    steps: [['login', 'tim', 'secret', { kw: { initial_response_ok: false } }]],
  },
  { name: 'login where AUTH is not offered (P66)', steps: [['login', 'tim', 'secret'], ['noop']] },
  {
    name: 'login where nothing suitable is offered (P66)',
    server: offering('NTLM GSSAPI'),
    steps: [['login', 'tim', 'secret'], ['noop']],
  },
  {
    name: 'login where names are in lower case (P66)',
    server: offering('plain', { auth: '235 welcome' }),
    steps: [['login', 'tim', 'secret']],
  },
  {
    name: 'login to a server that knows HELO alone (P66)',
    server: { ehlo: '502 no' },
    steps: [['login', 'tim', 'secret']],
  },
  {
    name: 'login answered with 503 (P65)',
    server: offering('PLAIN', { auth: '503 already' }),
    steps: [['login', 'tim', 'secret']],
  },
  {
    name: 'login twice (P65)',
    server: offering('PLAIN', { auth: ['235 welcome', '503 already'] }),
    steps: [
      ['login', 'tim', 'secret'],
      ['login', 'tim', 'secret'],
    ],
  },
  {
    name: 'login answered with 421 (P66)',
    server: offering('PLAIN', { auth: '421 closing!close' }),
    steps: [['login', 'tim', 'secret']],
  },
  {
    name: 'login with characters outside ASCII (P67, L3)',
    server: offering('PLAIN', { auth: '235 welcome' }),
    steps: [['login', 'tim', 'sécret']],
  },
  {
    name: 'auth PLAIN (P65)',
    server: offering('PLAIN', { auth: '235 welcome' }),
    steps: [...credentials, ['auth', 'PLAIN', { method: 'auth_plain' }]],
  },
  {
    name: 'auth plain, the name in lower case (P65)',
    server: offering('PLAIN', { auth: '235 welcome' }),
    steps: [...credentials, ['auth', 'plain', { method: 'auth_plain' }]],
  },
  {
    name: 'auth PLAIN without the initial response (P65)',
    server: offering('PLAIN', { auth: '334 ', response: '235 welcome' }),
    steps: [...credentials, ['auth', 'PLAIN', { method: 'auth_plain' }, { kw: { initial_response_ok: false } }]],
  },
  {
    name: 'auth LOGIN (P65)',
    server: offering('LOGIN', { auth: '334 UGFzc3dvcmQ6', response: '235 welcome' }),
    steps: [...credentials, ['auth', 'LOGIN', { method: 'auth_login' }]],
  },
  {
    name: 'auth LOGIN without the initial response (P65)',
    server: offering('LOGIN', { auth: '334 VXNlcm5hbWU6', response: ['334 UGFzc3dvcmQ6', '235 welcome'] }),
    steps: [...credentials, ['auth', 'LOGIN', { method: 'auth_login' }, { kw: { initial_response_ok: false } }]],
  },
  {
    name: 'auth CRAM-MD5 (P65)',
    server: offering('CRAM-MD5', { auth: cram, response: '235 welcome' }),
    steps: [...credentials, ['auth', 'CRAM-MD5', { method: 'auth_cram_md5' }]],
  },
  {
    name: 'auth refused (P65)',
    server: offering('PLAIN', { auth: '535 no' }),
    steps: [...credentials, ['auth', 'PLAIN', { method: 'auth_plain' }], ['noop']],
  },
  {
    name: 'auth with an object of the caller, who waits for the challenge (P65)',
    server: offering('X-OWN', { auth: '334 aGk=', response: '235 welcome' }),
    steps: [['ehlo'], ['auth', 'X-OWN', { answers: [null, 'answer'] }]],
  },
  {
    name: 'auth with an object of the caller, who begins (P65)',
    server: offering('X-OWN', { auth: '235 welcome' }),
    steps: [['ehlo'], ['auth', 'X-OWN', { answers: ['first'] }]],
  },
  {
    name: 'auth with an empty initial response (P65)',
    server: offering('X-OWN', { auth: '235 welcome' }),
    steps: [['ehlo'], ['auth', 'X-OWN', { answers: [''] }]],
  },
  {
    name: 'auth with an empty answer (P65)',
    server: offering('X-OWN', { auth: '334 aGk=', response: '235 welcome' }),
    steps: [['ehlo'], ['auth', 'X-OWN', { answers: [null, ''] }]],
  },
  {
    name: 'auth with two challenges (P65)',
    server: offering('X-OWN', { auth: '334 aGk=', response: ['334 ', '235 welcome'] }),
    steps: [['ehlo'], ['auth', 'X-OWN', { answers: [null, 'one', 'two'] }]],
  },
  {
    name: 'a server that never stops asking: with the initial response (P65)',
    server: offering('LOGIN', { auth: '334 UGFzc3dvcmQ6', response: '334 UGFzc3dvcmQ6' }),
    steps: [...credentials, ['auth', 'LOGIN', { method: 'auth_login' }]],
  },
  {
    name: 'a server that never stops asking: without the initial response (P65)',
    server: offering('X-OWN', { auth: '334 aGk=', response: '334 aGk=' }),
    steps: [['ehlo'], ['auth', 'X-OWN', { answers: [null, '1', '2', '3', '4', '5', '6', '7', '8'] }]],
  },
  {
    name: 'a challenge that is not base64 (P65)',
    server: offering('X-OWN', { auth: '334 a', response: ['501 cancelled'] }),
    steps: [['ehlo'], ['auth', 'X-OWN', { answers: [null, '1'] }]],
  },
  {
    name: 'auth before EHLO (P65)',
    server: { auth: '235 welcome' },
    steps: [['auth', 'X-OWN', { answers: ['first'] }]],
  },
  { name: 'starttls that is not offered (P69)', steps: [['starttls'], ['noop']] },
  {
    name: 'starttls that is refused (P69)',
    server: { ehlo: '250-a\n250 STARTTLS', starttls: '454 not now' },
    steps: [['starttls'], ['noop']],
  },
  { name: 'starttls to a server that knows HELO alone (P69)', server: { ehlo: '502 no' }, steps: [['starttls']] },
]
