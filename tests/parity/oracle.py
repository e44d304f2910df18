"""Puts scenarios through Python's smtplib: a line of JSON in, a line of JSON out, until the input ends.

In: {"kind", "host", "port", "connected", "timeout", "steps", "trust", "certificate", "debug"}; how values are spelt is told in scenario.ts.
Out: {"results", "state", "printed"}.
"""

import email
import email.policy
import io
import json
import smtplib
import ssl
import sys

CLIENT_NAME = "client.example"
certificate = None


def trusting():
    return ssl.create_default_context(cadata=certificate)


def decode(value, client):
    if isinstance(value, list):
        return [decode(one, client) for one in value]
    if not isinstance(value, dict):
        return value
    if "bytes" in value:
        return value["bytes"].encode("latin-1")
    if "set" in value:
        return set(value["set"])
    if "message" in value:
        return email.message_from_bytes(value["message"].encode("utf-8"), policy=email.policy.SMTP)
    if "trust" in value:
        return trusting()
    if "method" in value:
        return getattr(client, value["method"])
    answers = iter(value["answers"])
    return lambda challenge=None: next(answers)


def encode(value):
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": value.decode("latin-1")}
    if isinstance(value, (list, tuple)):
        return [encode(one) for one in value]
    if isinstance(value, dict):
        return {key: encode(one) for key, one in value.items()}
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return {"type": type(value).__name__}


def describe(error):
    told = {"raised": type(error).__name__, "message": str(error)}
    if isinstance(error, smtplib.SMTPResponseException):
        told["code"] = error.smtp_code
        told["error"] = encode(error.smtp_error)
    if isinstance(error, smtplib.SMTPSenderRefused):
        told["sender"] = error.sender
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        told["recipients"] = encode(error.recipients)
    return told


def take(client, step):
    method, *args = step
    keywords = {}
    if args and isinstance(args[-1], dict) and "kw" in args[-1]:
        keywords = {name: decode(value, client) for name, value in args.pop()["kw"].items()}
    args = [decode(one, client) for one in args]
    if method == "get":
        return getattr(client, args[0])
    if method == "set":
        return setattr(client, args[0], args[1])
    owner = smtplib if method in ("quoteaddr", "quotedata") else client
    value = getattr(owner, method)(*args, **keywords)
    return None if value is client else value


def state_of(client):
    return {
        "sock": client.sock is not None,
        "does_esmtp": bool(client.does_esmtp),
        "ehlo_resp": client.ehlo_resp.decode("latin-1") if client.ehlo_resp is not None else None,
        "helo_resp": client.helo_resp.decode("latin-1") if client.helo_resp is not None else None,
        "esmtp_features": client.esmtp_features,
        "command_encoding": client.command_encoding,
        "tls": isinstance(client.sock, ssl.SSLSocket),
    }


def make(order, options):
    kind = getattr(smtplib, order["kind"])
    if order["trust"]:
        options["context"] = trusting()
    if not order["debug"]:
        return kind(**options)
    # The constructor may connect, so the level has to be there before.
    return type(kind.__name__, (kind,), {"debuglevel": 1})(**options)


NOTHING = {"sock": False, "does_esmtp": False, "ehlo_resp": None, "helo_resp": None, "esmtp_features": {}, "command_encoding": "ascii", "tls": False}


def run(order):
    global certificate
    certificate = order["certificate"]
    sys.stderr = io.StringIO()
    told = talk(order)
    if order["debug"]:
        told["printed"] = sys.stderr.getvalue()
    return told


def talk(order):
    options = {"local_hostname": CLIENT_NAME}
    if order["timeout"] is not None:
        options["timeout"] = order["timeout"]
    results = []
    client = None
    try:
        if order["connected"] == "constructor":
            host, port = order["host"], order["port"]
            options.update({"host": host, "port": port} if order["port_apart"] else {"host": host + ":" + str(port)})
            try:
                client = make(order, options)
            except Exception as error:
                return {"results": [describe(error)], "state": NOTHING}
        else:
            client = make(order, options)
        if order["connected"] is True:
            client.connect(order["host"], order["port"])
        for step in order["steps"]:
            step = [order["port"] if one == "PORT" else one for one in step]
            step = [one.replace("HOST", order["host"] + ":" + str(order["port"])) if isinstance(one, str) else one for one in step]
            try:
                results.append({"value": encode(take(client, step))})
            except Exception as error:
                results.append(describe(error))
        return {"results": results, "state": state_of(client)}
    finally:
        if client is not None:
            client.close()


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
