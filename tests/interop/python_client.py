"""Sends one message with Python's smtplib, as argv[1] (JSON) says, and prints what came of it as JSON.

In: host, port, ca (path; present means STARTTLS), lmtp, username, password, mechanism, from, to (list), message.
Out: {"refused": {address: [code, text]}} or {"error": class name, "code": number or null}.
"""

import json
import smtplib
import ssl
import sys

order = json.loads(sys.argv[1])


def send():
    client = (smtplib.LMTP if order.get("lmtp") else smtplib.SMTP)(order["host"], order["port"])
    with client:
        if "ca" in order:
            client.starttls(context=ssl.create_default_context(cafile=order["ca"]))
        if "mechanism" in order:
            client.ehlo()
            client.user, client.password = order["username"], order["password"]
            method = getattr(client, "auth_" + order["mechanism"].lower().replace("-", "_"))
            client.auth(order["mechanism"], method)
        return client.sendmail(order["from"], order["to"], order["message"].encode("latin-1"))


try:
    refused = {address: [code, text.decode()] for address, (code, text) in send().items()}
    print(json.dumps({"refused": refused}))
except smtplib.SMTPException as error:
    print(json.dumps({"error": type(error).__name__, "code": getattr(error, "smtp_code", None)}))
