/** HELO, EHLO and what the server says of itself: P33 to P37. */
import type { Scenario, Script } from '../scenario.js'

const features = (lines: string): Script => ({ ehlo: lines })

export const greeting: readonly Scenario[] = [
  { name: 'helo (P33)', steps: [['helo']] },
  {
    name: 'helo with a name (P33)',
    steps: [
      ['helo', 'other.example'],
      ['helo', ''],
    ],
  },
  { name: 'helo leaves what EHLO told alone (P33)', steps: [['ehlo'], ['helo']] },
  { name: 'helo refused (P33)', server: { helo: '550 no' }, steps: [['helo']] },
  { name: 'ehlo (P34)', steps: [['ehlo'], ['has_extn', 'SIZE'], ['has_extn', 'size'], ['has_extn', 'dsn']] },
  {
    name: 'ehlo with a name (P34)',
    steps: [
      ['ehlo', 'other.example'],
      ['ehlo', ''],
    ],
  },
  { name: 'ehlo refused (P34)', server: { ehlo: '502 no' }, steps: [['ehlo']] },
  {
    name: 'a second ehlo that is refused (P34)',
    server: { ehlo: ['250-a\n250 SIZE 1', '502 no'] },
    steps: [['ehlo'], ['ehlo']],
  },
  {
    name: 'a second ehlo that tells something else (P34)',
    server: { ehlo: ['250-a\n250 SIZE 1', '250-a\n250 DSN'] },
    steps: [['ehlo'], ['ehlo']],
  },
  {
    name: 'ehlo answered with 251 (P37)',
    server: { ehlo: '251-a\n251 SIZE 1' },
    steps: [['ehlo'], ['ehlo_or_helo_if_needed']],
  },
  { name: 'ehlo answered with what is no reply (P34)', server: { ehlo: 'raw:\r\n' }, steps: [['ehlo']] },
  { name: 'a server that closes behind EHLO (P37)', server: { ehlo: '!close' }, steps: [['ehlo_or_helo_if_needed']] },
  {
    name: 'ehlo_or_helo_if_needed says EHLO once (P37)',
    steps: [['ehlo_or_helo_if_needed'], ['ehlo_or_helo_if_needed']],
  },
  {
    name: 'ehlo_or_helo_if_needed falls back to HELO (P37)',
    server: { ehlo: '502 no' },
    steps: [['ehlo_or_helo_if_needed'], ['ehlo_or_helo_if_needed']],
  },
  {
    name: 'ehlo_or_helo_if_needed falls back on 500 (P37, L10)',
    server: { ehlo: '500 no' },
    steps: [['ehlo_or_helo_if_needed'], ['noop']],
  },
  {
    name: 'ehlo_or_helo_if_needed with both refused (P37)',
    server: { ehlo: '502 no', helo: '550 no' },
    steps: [['ehlo_or_helo_if_needed'], ['ehlo_or_helo_if_needed']],
  },
  { name: 'ehlo_or_helo_if_needed behind helo (P37)', steps: [['helo'], ['ehlo_or_helo_if_needed']] },
  {
    name: 'ehlo_or_helo_if_needed with 421 to EHLO (P37)',
    server: { ehlo: '421 closing!close' },
    steps: [['ehlo_or_helo_if_needed']],
  },
  { name: 'a line end in the name (P29)', steps: [['ehlo', 'a\r\nRSET'], ['noop']] },
  { name: 'no extension (P35)', server: features('250 a'), steps: [['ehlo']] },
  { name: 'the first line is no extension (P35)', server: features('250-SIZE 9\n250 DSN'), steps: [['ehlo']] },
  { name: 'keywords in any case (P35)', server: features('250-a\n250-sIzE 12\n250 Pipelining'), steps: [['ehlo']] },
  { name: 'AUTH in the new form (P35)', server: features('250-a\n250 AUTH LOGIN PLAIN'), steps: [['ehlo']] },
  { name: 'AUTH in the old form (P35)', server: features('250-a\n250 AUTH=LOGIN PLAIN'), steps: [['ehlo']] },
  {
    name: 'AUTH in both forms (P35)',
    server: features('250-a\n250-AUTH LOGIN PLAIN\n250 AUTH=LOGIN CRAM-MD5'),
    steps: [['ehlo']],
  },
  { name: 'AUTH in two lines (P35)', server: features('250-a\n250-AUTH LOGIN\n250 auth PLAIN'), steps: [['ehlo']] },
  {
    name: 'a keyword twice: the last counts (P35)',
    server: features('250-a\n250-SIZE 1\n250 SIZE 2'),
    steps: [['ehlo']],
  },
  {
    name: 'odd lines (P35)',
    server: features('250-a\n250-X_FOO bar\n250-SIZE=100\n250--no\n250-X\ty\n250-X-Z   a  b  \n250 '),
    steps: [['ehlo']],
  },
  {
    name: 'keywords that are names of JavaScript (P35)',
    server: features('250-a\n250-constructor\n250-toString x\n250 __proto__ y'),
    steps: [['ehlo'], ['has_extn', 'constructor'], ['has_extn', 'valueOf']],
  },
  { name: 'octets above 127 in an extension (P35)', server: features('250-a\n250 X-N \u00fc'), steps: [['ehlo']] },
]
