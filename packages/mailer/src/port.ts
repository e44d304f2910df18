/** smtplib's constants: the ports of its three classes. LMTP's is smtplib's, not IANA's, which is 24. */
export const SMTP_PORT = 25
/** SMTP over TLS from the first octet, RFC 8314. */
export const SMTP_SSL_PORT = 465
/** LMTP's port in smtplib; IANA's is 24. */
export const LMTP_PORT = 2003
/** Submission, RFC 6409 3.1. */
export const SUBMISSION_PORT = 587
