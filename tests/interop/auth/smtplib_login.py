"""Logs in with Python's smtplib, as argv[1] (JSON) says, and sends one message.

In: port, ca, line (starttls or tls), mechanism, username, secret, initial (send an initial response), certificate (a path, or
null). Out: nothing, or the class of what was raised. Of PLAIN, LOGIN and CRAM-MD5 smtplib knows the dialogue; for others its
auth() takes the words from its caller, and that is how programs use it for XOAUTH2.
"""

import json
import smtplib
import ssl
import sys

order = json.loads(sys.argv[1])
context = ssl.create_default_context(cafile=order["ca"])
if order["certificate"]:
    context.load_cert_chain(order["certificate"])


def said(challenge=None):
    if order["mechanism"] == "EXTERNAL":
        return order["username"]
    if challenge:
        return ""
    return f"user={order['username']}\1auth=Bearer {order['secret']}\1\1"


try:
    if order["line"] == "tls":
        client = smtplib.SMTP_SSL("localhost", order["port"], context=context)
    else:
        client = smtplib.SMTP("localhost", order["port"])
        client.starttls(context=context)
    with client:
        client.ehlo()
        client.user, client.password = order["username"], order["secret"]
        method = getattr(client, "auth_" + order["mechanism"].lower().replace("-", "_"), said)
        client.auth(order["mechanism"], method, initial_response_ok=order["initial"])
        client.sendmail("alice@example.test", ["bob@example.test"], "Subject: hi\r\n\r\nhello\r\n")
except smtplib.SMTPException as error:
    print(type(error).__name__)
