// Exim on loopback: PLAIN, LOGIN, CRAM-MD5, EXTERNAL, and XOAUTH2 as its administrators write it, with a regular expression in
// a `plaintext` driver. Without a client certificate that it trusts it does not offer EXTERNAL.
import type { Certificate } from '@postrider/testkit'
import { type Daemon, startDaemon } from '../daemon.js'
import { type Obtained, obtain } from '../debian.js'
import { inside } from '../jail.js'
import { freePorts } from '../port.js'
import { account } from './account.js'
import type { AuthServer } from './visit.js'

export function obtainExim(): Obtained {
  return obtain('exim', ['exim4-daemon-light'])
}

export interface EximOptions {
  readonly packages: string
  readonly certificate: Certificate
  readonly clientCertificate: Certificate
  /** The one token XOAUTH2 takes: letters, digits, `-` and `_`. */
  readonly token: string
}

export async function startExim(options: EximOptions): Promise<Daemon & AuthServer> {
  const { packages, certificate, clientCertificate, token } = options
  const [starttls = 0, tls = 0] = await freePorts(2)
  const daemon = await startDaemon({
    name: 'exim',
    packages,
    files: {
      'key.pem': certificate.key,
      'certificate.pem': certificate.cert,
      'client.pem': clientCertificate.cert,
      'exim.conf': configuration({ starttls, tls, token }),
    },
    script: `
      set -e
      getent passwd Debian-exim >/dev/null ||
        useradd --system --user-group --no-create-home --home-dir / Debian-exim
      chmod 755 ${inside}
      mkdir -p /srv/exim/spool /srv/exim/log
      chown -R Debian-exim: /srv/exim
      cp ${inside}/exim.conf /srv/exim/exim.conf
      ldconfig
      exec exim4 -C /srv/exim/exim.conf -bdf
    `,
    ports: [starttls],
    tlsPorts: [tls],
  })
  return { ...daemon, ports: { starttls, tls }, protocol: 'smtp', ca: certificate.cert }
}

const configuration = ({ starttls, tls, token }: { starttls: number; tls: number; token: string }): string => `
keep_environment =
primary_hostname = exim.example.test
spool_directory = /srv/exim/spool
log_file_path = /srv/exim/log/%slog
pid_file_path = /srv/exim/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${starttls} : ${tls}
tls_on_connect_ports = ${tls}
host_lookup =
rfc1413_query_timeout = 0s
smtp_accept_max = 100
tls_certificate = ${inside}/certificate.pem
tls_privatekey = ${inside}/key.pem
tls_verify_certificates = ${inside}/client.pem
tls_try_verify_hosts = *
tls_advertise_hosts = *
acl_smtp_rcpt = recipient
begin acl
recipient:
  deny local_parts = nobody
  accept
begin routers
nobody:
  driver = accept
  transport = nowhere
begin transports
nowhere:
  driver = appendfile
  file = /dev/null
  user = Debian-exim
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{${account.username}}}{eq{$auth3}{${account.password}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = <| Username: | Password:
  server_condition = \${if and{{eq{$auth1}{${account.username}}}{eq{$auth2}{${account.password}}}}}
  server_set_id = $auth1
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = \${if eq{$auth1}{${account.username}}{${account.password}}fail}
  server_set_id = $auth1
xoauth2:
  driver = plaintext
  public_name = XOAUTH2
  server_prompts = :
  server_condition = \${if match{$auth1}{\\N^user=${account.username}\\x01auth=Bearer ${token}\\x01\\x01$\\N}}
  server_set_id = ${account.username}
external:
  driver = external
  public_name = EXTERNAL
  server_advertise_condition = \${if eq{$tls_in_certificate_verified}{1}}
  server_param2 = \${certextract {subject,CN}{$tls_in_peercert}}
  server_condition = \${if or{{eq{$auth1}{}}{eq{$auth1}{$auth2}}}}
  server_set_id = $auth2
`
