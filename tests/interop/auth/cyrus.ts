// Cyrus lmtpd on loopback: LMTP with STARTTLS and a login by Cyrus SASL, the one server here that offers SCRAM tied to the
// TLS connection (SCRAM-SHA-1-PLUS, -256-PLUS, -512-PLUS).
import type { Certificate } from '@postrider/testkit'
import { type Daemon, startDaemon } from '../daemon.js'
import { type Obtained, obtain } from '../debian.js'
import { inside } from '../jail.js'
import { freePorts } from '../port.js'
import { account } from './account.js'
import type { AuthServer } from './visit.js'

/** The server, and `smtptest`, a client. */
export function obtainCyrus(): Obtained {
  return obtain('cyrus', ['cyrus-imapd', 'cyrus-clients', 'sasl2-bin', 'libsasl2-modules'])
}

export interface CyrusOptions {
  readonly packages: string
  readonly certificate: Certificate
  readonly clientCertificate: Certificate
}

export async function startCyrus({
  packages,
  certificate,
  clientCertificate,
}: CyrusOptions): Promise<Daemon & AuthServer> {
  const [starttls = 0] = await freePorts(1)
  const daemon = await startDaemon({
    name: 'cyrus',
    packages,
    files: {
      'key.pem': certificate.key,
      'certificate.pem': certificate.cert,
      'client.pem': clientCertificate.cert,
      'imapd.conf': imapdConf,
      'cyrus.conf': cyrusConf(starttls),
    },
    script: `
      set -e
      getent passwd cyrus >/dev/null || useradd --system --gid mail --no-create-home --home-dir / cyrus
      chmod 755 ${inside}
      cd /srv
      mkdir -p cyrus && cd cyrus
      mkdir -p spool lock socket lib/db lib/socket lib/proc lib/log lib/msg lib/backup lib/user lib/quota /run/cyrus
      printf '%s' '${account.password}' | saslpasswd2 -p -c -f /srv/cyrus/users -u cyrus.example.test ${account.username}
      chown -R cyrus:mail /srv/cyrus /run/cyrus
      ldconfig
      exec /usr/lib/cyrus/bin/master -D -C ${inside}/imapd.conf -M ${inside}/cyrus.conf -p /run/cyrus/master.pid
    `,
    ports: [starttls],
  })
  return { ...daemon, ports: { starttls }, protocol: 'lmtp', ca: certificate.cert }
}

// Without a number for maxmessagesize lmtpd ends at once and says nothing.
const imapdConf = `
configdirectory: /srv/cyrus/lib
mboxname_lockpath: /srv/cyrus/lock
proc_path: /srv/cyrus/lock
defaultpartition: default
partition-default: /srv/cyrus/spool
servername: cyrus.example.test
virtdomains: off
admins: cyrus
lmtp_admins: ${account.username} cyrus
autocreate_post: yes
autocreate_quota: 0
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: /srv/cyrus/users
sasl_mech_list: PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512 EXTERNAL
allowplaintext: yes
tls_server_cert: ${inside}/certificate.pem
tls_server_key: ${inside}/key.pem
tls_client_ca_file: ${inside}/client.pem
lmtpsocket: /srv/cyrus/socket/lmtp
maxmessagesize: 52428800
duplicatesuppression: 0
`

const cyrusConf = (port: number): string => `
START {
  recover cmd="/usr/sbin/cyrus ctl_cyrusdb -C ${inside}/imapd.conf -r"
}
SERVICES {
  lmtp cmd="/usr/lib/cyrus/bin/lmtpd -C ${inside}/imapd.conf" listen="127.0.0.1:${port}" prefork=0
}
EVENTS {
}
`
