# Writes src/stringprep-table.ts: the three long tables of RFC 3454 that SASLprep needs, as Python's stringprep module
# has them (built from the RFC and Unicode 3.2). Run in packages/auth-sasl: python3 test/stringprep-table.py
import stringprep

HEAD = """\
// The long tables of RFC 3454, for Unicode 3.2, which the RFC is bound to for ever. Written by
// test/stringprep-table.py; not to be edited. A table is a text of numbers in base 36, in turn the distance to the next
// range and the length of that range.
"""
TABLES = [
    ("UNASSIGNED", "A.1: code points unassigned in Unicode 3.2.", stringprep.in_table_a1),
    ("RIGHT_TO_LEFT", "D.1: characters with bidirectional property R or AL.", stringprep.in_table_d1),
    ("LEFT_TO_RIGHT", "D.2: characters with bidirectional property L.", stringprep.in_table_d2),
]


def base36(number):
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
        if number == 0:
            return digits


def ranges(member):
    start = None
    for code in range(0x110001):
        inside = code < 0x110000 and member(chr(code))
        if inside and start is None:
            start = code
        if not inside and start is not None:
            yield start, code
            start = None


def table(member):
    numbers, last = [], 0
    for start, end in ranges(member):
        numbers += [base36(start - last), base36(end - start)]
        last = end
    return " ".join(numbers)


def lines(text):
    line = ""
    for word in text.split(" "):
        if len(line) + len(word) > 112:
            yield line
            line = ""
        line += word + " "
    yield line.rstrip()


with open("src/stringprep-table.ts", "w") as out:
    out.write(HEAD)
    for name, comment, member in TABLES:
        out.write(f"\n/** {comment} */\nexport const {name}: string =\n")
        out.write(" +\n".join(f"  '{line}'" for line in lines(table(member))) + "\n")
