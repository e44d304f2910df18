// Dovecot's submission server on loopback: every mechanism we know but the ones with channel binding, in front of a relay
// that the test owns.
//
// `starttls` offers STARTTLS and takes logins in clear text too; `tls` speaks TLS from the first octet. Tokens are taken when
// they are JSON Web Tokens signed with the key, or when the introspection endpoint says so. A client certificate that it
// trusts is enough for EXTERNAL.
import type { Certificate } from '@postrider/testkit'
import { type Daemon, startDaemon } from '../daemon.js'
import { type Obtained, obtain } from '../debian.js'
import { inside } from '../jail.js'
import { freePorts } from '../port.js'
import { account } from './account.js'
import type { AuthServer } from './visit.js'

export function obtainDovecot(): Obtained {
  return obtain('dovecot', ['dovecot-core', 'dovecot-submissiond'])
}

export interface DovecotOptions {
  readonly packages: string
  readonly certificate: Certificate
  readonly clientCertificate: Certificate
  /** Where mail goes that was submitted: Dovecot connects to it when somebody has logged in. */
  readonly relayPort: number
  readonly tokens: { readonly url: string; readonly key: string }
}

export async function startDovecot(options: DovecotOptions): Promise<Daemon & AuthServer> {
  const { packages, certificate, clientCertificate, relayPort, tokens } = options
  const [starttls = 0, tls = 0] = await freePorts(2)
  const daemon = await startDaemon({
    name: 'dovecot',
    packages,
    files: {
      'key.pem': certificate.key,
      'certificate.pem': certificate.cert,
      'client.pem': clientCertificate.cert,
      users: `${account.username}:{PLAIN}${account.password}\n`,
      'certificate-users': `${account.username}::::::: nopassword\n`,
      boxes: `${account.username}:::::::\n`,
      // Dovecot wants the octets of the key in base64, in a file named after the key id (here none: `default`).
      'keys/default/HS256/default': Buffer.from(tokens.key).toString('base64'),
      'oauth2-local': oauth2({
        introspection_mode: 'local',
        local_validation_key_dict: `fs:posix:prefix=${inside}/keys/`,
        username_attribute: 'sub',
        openid_configuration_url: `${tokens.url}/.well-known/openid-configuration`,
      }),
      'oauth2-introspect': oauth2({
        introspection_mode: 'post',
        introspection_url: `${tokens.url}/introspect`,
        username_attribute: 'username',
        active_attribute: 'active',
        active_value: 'true',
        openid_configuration_url: `${tokens.url}/.well-known/openid-configuration`,
      }),
      'dovecot.conf': configuration({ starttls, tls, relayPort }),
    },
    script: `
      set -e
      for user in dovecot dovenull vmail; do
        getent passwd $user >/dev/null || useradd --system --user-group --no-create-home --home-dir / --shell /bin/false $user
      done
      mkdir -p /run/dovecot-test /var/lib/dovecot-test ${inside}/mail
      chmod 755 ${inside}
      chown vmail: ${inside}/mail
      ldconfig
      exec dovecot -F -c ${inside}/dovecot.conf
    `,
    ports: [starttls],
    tlsPorts: [tls],
  })
  return { ...daemon, ports: { starttls, tls }, protocol: 'smtp', ca: certificate.cert }
}

function oauth2(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('')
}

// `base_dir` is new at every start, and the anvil socket closed: else failed logins make later ones wait.
// Who shows a certificate is taken for its common name in every mechanism; only EXTERNAL is tried with one.
const configuration = (ports: { starttls: number; tls: number; relayPort: number }): string => `
base_dir = /run/dovecot-test
state_dir = /var/lib/dovecot-test
log_path = ${inside}/log
auth_verbose = yes
listen = 127.0.0.1
protocols = submission
hostname = dovecot.example.test
mail_location = maildir:${inside}/mail/%n
mail_uid = vmail
mail_gid = vmail
first_valid_uid = 100
ssl = yes
ssl_cert = <${inside}/certificate.pem
ssl_key = <${inside}/key.pem
ssl_ca = <${inside}/client.pem
ssl_verify_client_cert = yes
ssl_require_crl = no
auth_ssl_username_from_cert = yes
ssl_cert_username_field = commonName
disable_plaintext_auth = no
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256 xoauth2 oauthbearer external
auth_username_format = %Ln
auth_failure_delay = 0
submission_relay_host = 127.0.0.1
submission_relay_port = ${ports.relayPort}
submission_relay_ssl = no
submission_max_mail_size = 50M
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = ${inside}/oauth2-local
}
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = ${inside}/oauth2-introspect
}
passdb {
  driver = passwd-file
  mechanisms = external
  args = scheme=plain username_format=%n ${inside}/certificate-users
}
passdb {
  driver = passwd-file
  mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
  args = scheme=plain username_format=%n ${inside}/users
}
userdb {
  driver = passwd-file
  args = username_format=%n ${inside}/boxes
}
service submission-login {
  inet_listener submission {
    port = ${ports.starttls}
  }
  inet_listener submissions {
    port = ${ports.tls}
    ssl = yes
  }
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
`
