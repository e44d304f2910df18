/** Functions of the module: P5 to P8. */
import type { Scenario } from '../scenario.js'

const quoteaddr = (...addresses: readonly string[]): Scenario['steps'] =>
  addresses.map(address => ['quoteaddr', address])
const quotedata = (...texts: readonly string[]): Scenario['steps'] => texts.map(text => ['quotedata', text])

export const functions: readonly Scenario[] = [
  {
    name: 'quoteaddr (P5)',
    connected: false,
    steps: quoteaddr(
      '',
      '<>',
      'a@x.example',
      '<a@x.example>',
      'Ann <a@x.example>',
      ' a@x.example ',
      '<@r.example:a@x.example>',
      'a @ x.example',
      '"q s"@x.example',
    ),
  },
  {
    name: 'quoteaddr of what is no single address (P5, P6)',
    connected: false,
    steps: quoteaddr(
      'foo bar',
      ' <x',
      'a..b@c.example',
      '@x.example',
      'a@',
      'a@b.example, c@d.example',
      'Doe, J <j@d.example>',
      'a@b.example\r\nX',
      'G: x@y.example, z@w.example;',
    ),
  },
  {
    name: 'quoteaddr of a name without a domain (P5)',
    connected: false,
    steps: quoteaddr('root', ' root ', '<root>', 'Charlie Root <root>', 'postmaster'),
  },
  {
    name: 'quotedata (P8)',
    connected: false,
    steps: quotedata('', 'a', 'a\nb', 'a\rb', 'a\r\nb', '.a', 'a\n.b\n', '.\n.\n', 'a.b', 'x\n\n.y', '\r\r\n'),
  },
]
