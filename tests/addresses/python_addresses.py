"""Reads header fields as Python's email package does: a JSON list of fields per line in, a JSON list of answers per line out.

An answer is the list of [local part, domain], null where Python finds the field invalid, false where it crashes.
"""

import json
import sys
from email import errors, message_from_string, policy

# Python looks for white space behind an encoded-word even where an atom only looks like one.
HARMLESS = ("missing trailing whitespace after encoded-word", "missing whitespace before encoded word")


def is_invalid(defect):
    if not isinstance(defect, errors.InvalidHeaderDefect | errors.NonPrintableDefect):
        return False
    return not str(defect).startswith(HARMLESS)


def answer(field):
    try:
        header = message_from_string(field, policy=policy.SMTPUTF8)["To"]
        if header is None or any(map(is_invalid, header.defects)):
            return None
        return [[address.username, address.domain] for address in header.addresses]
    except Exception:
        return False


for line in sys.stdin:
    print(json.dumps([answer(field) for field in json.loads(line)]), flush=True)
