// Postfix from Debian on loopback, as a judge of our client: what it accepts is stored where a test can read it back.
//
// Three ports, each free when asked for: `mx` takes mail from anyone; `submission` demands STARTTLS and then a login
// (PLAIN, LOGIN or CRAM-MD5 by Cyrus SASL); `strict` answers 554 to commands sent too early and 550 to a bare line feed,
// as RFC 2920 section 3.1 and RFC 5321 section 2.3.8 let a server do.
// Every recipient at example.test and example.org exists, but reject@ and nobody@ are refused with 550 5.1.1, and tempfail@
// with 450 4.2.1.
// No DNS, no syslog, no mail leaves the machine.
import { join } from 'node:path'
import { createCertificate } from '@postrider/testkit'
import { startDaemon } from './daemon.js'
import { type Obtained, obtain } from './debian.js'
import { inside } from './jail.js'
import { freePorts } from './port.js'

/** What a test needs to know of the running server; plain data, so that it can be handed to test processes. */
export interface PostfixFacts {
  readonly host: '127.0.0.1'
  readonly ports: { readonly mx: number; readonly submission: number; readonly strict: number }
  readonly username: string
  readonly password: string
  /** PEM of the certificate for localhost and 127.0.0.1; it signs itself, so it is also what to trust. */
  readonly certificate: string
  /** Where delivered messages appear, one file each. */
  readonly mailbox: string
  readonly logFile: string
}

export interface Postfix {
  readonly facts: PostfixFacts
  /** Ends every process of the server, checks that its ports are closed and removes its files. */
  stop(): Promise<void>
}

const account = { username: 'alice', password: 's3cret horse' }

/** Postfix with its login programs; smtp-sink is among them. */
export function obtainPostfix(): Obtained {
  return obtain('postfix', ['postfix', 'libsasl2-modules', 'sasl2-bin'])
}

/** Starts the Postfix in the folder and waits until each port greets. */
export async function startPostfix(packages: string): Promise<Postfix> {
  const { key, cert } = createCertificate({ names: ['localhost', '127.0.0.1'] })
  const [mx = 0, submission = 0, strict = 0] = await freePorts(3)
  const ports = { mx, submission, strict }
  const { folder, stop } = await startDaemon({
    name: 'postfix',
    packages,
    files: {
      'key.pem': key,
      'certificate.pem': cert,
      'etc/main.cf': mainCf,
      'etc/master.cf': masterCf(ports),
      'etc/recipients': '/^(reject|nobody)@/ 550 5.1.1 no such user\n/^tempfail@/ 450 4.2.1 try later\n',
      'etc/sasl/smtpd.conf': saslConf,
    },
    script: startScript,
    ports: Object.values(ports),
  })
  return {
    facts: {
      host: '127.0.0.1',
      ports,
      ...account,
      certificate: cert,
      mailbox: join(folder, 'mail', 'all', 'new'),
      logFile: join(folder, 'log'),
    },
    stop,
  }
}

const mainCf = `
compatibility_level = 3.6
enable_long_queue_ids = yes
myhostname = postfix.example.test
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
shlib_directory = /usr/lib/postfix
queue_directory = ${inside}/queue
data_directory = ${inside}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = ${inside}/log
maillog_file_prefixes = ${inside}
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
alias_maps =
alias_database =
# What arrives is stored as it came: no header is added or completed for a client on this machine, and none is dropped
# (Postfix would drop Bcc, and hide that a client did not).
local_header_rewrite_clients =
message_drop_headers =
virtual_mailbox_domains = example.test, example.org
virtual_mailbox_base = ${inside}/mail
virtual_mailbox_maps = static:all/
virtual_mailbox_limit = 0
virtual_uid_maps = static:12345
virtual_gid_maps = static:12345
smtpd_relay_restrictions =
smtpd_recipient_restrictions = check_recipient_access regexp:${inside}/etc/recipients, permit_sasl_authenticated, reject_unauth_destination
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
smtpd_junk_command_limit = 1000
message_size_limit = 52428800
smtpd_tls_security_level = may
smtpd_tls_chain_files = ${inside}/key.pem, ${inside}/certificate.pem
smtpd_tls_received_header = yes
smtpd_sasl_type = cyrus
smtpd_sasl_path = smtpd
smtpd_sasl_local_domain = example.test
`

// Bare newline and pipelining checks by these names exist from 3.7.6 (Debian 12's security updates) and 3.8.4 on.
const masterCf = (ports: PostfixFacts['ports']): string => `
127.0.0.1:${ports.mx} inet n - n - - smtpd
127.0.0.1:${ports.submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
127.0.0.1:${ports.strict} inet n - n - - smtpd
  -o syslog_name=strict -o smtpd_hard_error_limit=5
  -o smtpd_forbid_bare_newline=reject -o smtpd_forbid_unauth_pipelining=yes
  -o smtpd_data_restrictions=reject_unauth_pipelining
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`

// Debian's Postfix looks for it in `sasl` beside main.cf.
const saslConf = `pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: ${inside}/etc/sasl/users
mech_list: PLAIN LOGIN CRAM-MD5
`

/** What the packages' own installation would have done, as far as this configuration needs it. */
const startScript = `
set -e
getent group postdrop >/dev/null || groupadd --system postdrop
getent passwd postfix >/dev/null || useradd --system --user-group --no-create-home --home-dir / postfix
cd ${inside}
chmod 755 .
chmod 600 key.pem
mkdir mail queue data
chown 12345 mail
chown postfix data
printf '%s' '${account.password}' | saslpasswd2 -p -c -f etc/sasl/users -u example.test ${account.username}
chown postfix etc/sasl/users
cd queue
for folder in active bounce corrupt defer deferred flush hold incoming private saved trace; do
  mkdir -m 700 $folder
  chown postfix $folder
done
mkdir pid
mkdir -m 710 public
mkdir -m 1730 maildrop
chown postfix:postdrop public maildrop
MAIL_CONFIG=${inside}/etc exec /usr/lib/postfix/sbin/master -d
`
