// Runs the example as its user does: at a terminal, which is what Python's pty module gives it.
import { execFile, execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createServer } from '@postrider/testkit'
import { describe, expect, it } from 'vitest'

const script = fileURLToPath(new URL('smtplib-prompt.ts', import.meta.url))

/** Types a line whenever what is said ends in a prompt, and at last the end of input; tells what was said and how it ended. */
const typist = `
import os, pty, sys, time
answers = [('From: ', 'me@example.org'), ('To: ', 'you@example.org, nobody@example.org'), ('(Windows):\\r\\n', 'Hello there.\\n.\\nBye.')]
child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
said = b''
while True:
    try:
        octets = os.read(terminal, 4096)
    except OSError:
        break
    if not octets:
        break
    said += octets
    if answers and said.decode().endswith(answers[0][0]):
        os.write(terminal, (answers.pop(0)[1] + '\\n').encode())
        if not answers:
            os.write(terminal, b'\\x04')
sys.stdout.write(said.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`

function hasTerminals(): boolean {
  try {
    execFileSync('python3', ['-c', 'import pty, os; os.openpty()'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe.skipIf(!hasTerminals())('smtplib-prompt.ts, where python3 has pseudo-terminals', () => {
  it('asks at a terminal, sends, prints the dialogue and quits', async () => {
    await using server = await createServer()
    server.refuse({ recipient: /^nobody@/, reply: '550 5.1.1 No such user here' })
    const command = [process.execPath, '--conditions=@postrider/source', '--import', 'tsx', script]
    const args = ['-c', typist, ...command, server.host, String(server.port)]
    const { code, out } = await new Promise<{ code: number | null; out: string }>(resolve => {
      const child = execFile('python3', args, (_error, out) => resolve({ code: child.exitCode, out }))
    })
    expect(out).toContain('From: me@example.org')
    expect(out).toContain('Message length is 85')
    expect(out).toContain("send: 'MAIL FROM:<me@example.org>")
    expect(out).toContain(String.raw`reply: b'550 5.1.1 No such user here\r\n'`)
    expect(out).toMatch(/data: \(354, .*\)\r\n(.*\r\n)*data: \(250, b'2\.0\.0 Message accepted'\)/)
    expect(out).not.toContain("data: (250, b'2.1.0")
    expect(out).toMatch(/reply: retcode \(221\)/)
    expect(code).toBe(0)
    expect(server.mailbox.at(0)?.text).toBe(
      'From: me@example.org\r\nTo: you@example.org, nobody@example.org\r\n\r\nHello there.\r\n.\r\nBye.\r\n',
    )
    expect(server.mailbox.at(0)?.envelope.to).toEqual(['you@example.org'])
  })
})
