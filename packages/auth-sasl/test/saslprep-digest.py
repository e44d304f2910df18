# Prints a digest of SASLprep over every code point of the first two planes, by Python's stringprep and its Unicode 3.2
# database: an implementation that shares nothing with ours. src/prepare.test.ts holds what this printed. A line per code
# point: the result for a stored string and for a query, "!" where it is refused.
import hashlib
import stringprep
import unicodedata

PROHIBITED = [
    getattr(stringprep, f"in_table_{table}") for table in "c12 c21 c22 c3 c4 c5 c6 c7 c8 c9".split(" ")
]


def prepare(text, stored):
    mapped = "".join(" " if stringprep.in_table_c12(c) else c for c in text)
    mapped = "".join(c for c in mapped if not stringprep.in_table_b1(c))
    if stored and any(stringprep.in_table_a1(c) for c in mapped):
        return "!"
    prepared = unicodedata.ucd_3_2_0.normalize("NFKC", mapped)
    if any(prohibited(c) for c in prepared for prohibited in PROHIBITED):
        return "!"
    right = [stringprep.in_table_d1(c) for c in prepared]
    left = any(stringprep.in_table_d2(c) for c in prepared)
    if any(right) and (left or not right[0] or not right[-1]):
        return "!"
    return prepared


digest = hashlib.sha256()
for code in range(0x20000):
    if not 0xD800 <= code < 0xE000:
        digest.update(f"{prepare(chr(code), True)}\t{prepare(chr(code), False)}\n".encode())
print(digest.hexdigest())
