// Sendmail on loopback, with logins by Cyrus SASL: EXTERNAL, SCRAM with three hash functions, CRAM-MD5, PLAIN and LOGIN. Without a
// client certificate that it trusts it does not offer EXTERNAL.
import type { Certificate } from '@postrider/testkit'
import { type Daemon, startDaemon } from '../daemon.js'
import { type Obtained, obtain } from '../debian.js'
import { inside } from '../jail.js'
import { freePorts } from '../port.js'
import { account } from './account.js'
import type { AuthServer } from './visit.js'

export function obtainSendmail(): Obtained {
  return obtain('sendmail', ['sendmail-bin', 'sendmail-cf', 'sasl2-bin', 'libsasl2-modules'])
}

export interface SendmailOptions {
  readonly packages: string
  readonly certificate: Certificate
  readonly clientCertificate: Certificate
}

const mechanisms = 'EXTERNAL PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512'

export async function startSendmail(options: SendmailOptions): Promise<Daemon & AuthServer> {
  const { packages, certificate, clientCertificate } = options
  const [starttls = 0, tls = 0] = await freePorts(2)
  const daemon = await startDaemon({
    name: 'sendmail',
    packages,
    files: {
      'key.pem': certificate.key,
      'certificate.pem': certificate.cert,
      'client.pem': clientCertificate.cert,
      'sendmail.mc': configuration(starttls, tls),
      'sasl.conf': `pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: ${mechanisms}\n`,
    },
    // It sleeps for a minute unless the machine's name has a dot, and offers no STARTTLS with a key that others may read.
    script: `
      set -e
      printf '127.0.0.1 sendmail.example.test localhost %s\\n' "$(hostname)" >/etc/hosts
      for user in smmta smmsp; do
        getent passwd $user >/dev/null || useradd --system --user-group --no-create-home --home-dir / $user
      done
      mkdir -p /etc/mail/tls /etc/mail/sasl /usr/lib/sasl2 /var/spool/mqueue /run/sendmail
      : >/etc/mail/local-host-names
      printf 'hosts files\\naliases files\\n' >/etc/mail/service.switch
      cp ${inside}/certificate.pem ${inside}/key.pem ${inside}/client.pem /etc/mail/tls
      chmod 600 /etc/mail/tls/key.pem
      chmod 700 /var/spool/mqueue
      cp ${inside}/sasl.conf /etc/mail/sasl/Sendmail.conf
      cp ${inside}/sasl.conf /usr/lib/sasl2/Sendmail.conf
      ldconfig
      m4 ${inside}/sendmail.mc >/etc/mail/test.cf
      printf '%s' '${account.password}' | saslpasswd2 -p -c -u sendmail.example.test ${account.username}
      exec /usr/libexec/sendmail/sendmail -bD -C /etc/mail/test.cf
    `,
    ports: [starttls],
    tlsPorts: [tls],
  })
  return { ...daemon, ports: { starttls, tls }, protocol: 'smtp', ca: certificate.cert }
}

const configuration = (starttls: number, tls: number): string => `divert(0)dnl
define(\`_USE_ETC_MAIL_')dnl
include(\`/usr/share/sendmail/cf/m4/cf.m4')dnl
OSTYPE(\`debian')dnl
define(\`confDOMAIN_NAME', \`sendmail.example.test')dnl
define(\`confPID_FILE', \`/run/sendmail/pid')dnl
define(\`confTO_IDENT', \`0s')dnl
define(\`confDONT_PROBE_INTERFACES', \`True')dnl
define(\`confDEF_USER_ID', \`smmsp:smmsp')dnl
define(\`confSERVICE_SWITCH_FILE', \`/etc/mail/service.switch')dnl
define(\`confAUTH_MECHANISMS', \`${mechanisms}')dnl
define(\`confCACERT_PATH', \`/etc/mail/tls')dnl
define(\`confCACERT', \`/etc/mail/tls/client.pem')dnl
define(\`confSERVER_CERT', \`/etc/mail/tls/certificate.pem')dnl
define(\`confSERVER_KEY', \`/etc/mail/tls/key.pem')dnl
undefine(\`ALIAS_FILE')dnl
FEATURE(\`no_default_msa')dnl
FEATURE(\`accept_unresolvable_domains')dnl
FEATURE(\`nocanonify')dnl
DAEMON_OPTIONS(\`Port=${starttls}, Addr=127.0.0.1, Name=MTA')dnl
DAEMON_OPTIONS(\`Port=${tls}, Addr=127.0.0.1, Name=SSL, M=s')dnl
MAILER(\`local')dnl
MAILER(\`smtp')dnl
`
