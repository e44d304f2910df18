# Prints the SCRAM exchanges for which no RFC has a vector, computed with Python's hashlib alone: RFC 7677's example with
# SHA-512, and with channel binding. src/scram.test.ts holds what this printed. The first line repeats RFC 7677's own
# vector, so that the computation proves itself.
import base64
import hashlib
import hmac


def exchange(name, header, binding):
    algorithm = name.replace("-", "").lower()
    client, server, salt = "rOprNGfwEbeRWgbNEkqO", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", "W22ZaJ0SNY7soEsUEjb6gQ=="

    def mac(key, text):
        return hmac.new(key, text.encode(), algorithm).digest()

    salted = hashlib.pbkdf2_hmac(algorithm, b"pencil", base64.b64decode(salt), 4096)
    key = mac(salted, "Client Key")
    final = f"c={base64.b64encode(header.encode() + binding).decode()},r={client}{server}"
    signed = f"n=user,r={client},r={client}{server},s={salt},i=4096,{final}"
    signature = mac(hashlib.new(algorithm, key).digest(), signed)
    proof = bytes(a ^ b for a, b in zip(key, signature))
    verifier = mac(mac(salted, "Server Key"), signed)
    return f"{final},p={base64.b64encode(proof).decode()}", f"v={base64.b64encode(verifier).decode()}"


for name, header, binding in [
    ("SHA-256", "n,,", b""),
    ("SHA-512", "n,,", b""),
    ("SHA-1", "p=tls-unique,,", bytes(range(12))),
    ("SHA-256", "p=tls-exporter,,", bytes(range(32))),
    ("SHA-512", "p=tls-server-end-point,,", bytes(range(48))),
    # Of real connections, as OpenSSL 3.0 at one end and GnuTLS 3.7 at the other had them (tests/interop/auth/two-stacks.test.ts).
    ("SHA-256", "p=tls-exporter,,", bytes.fromhex("519661d4ce0a03bf2203c41b321bcd37f2903ea1d54b9db0d5a4f160d11465fc")),
    ("SHA-256", "p=tls-unique,,", bytes.fromhex("e1c26b3eec5347622a9afbc3")),
    (
        "SHA-512",
        "p=tls-server-end-point,,",
        bytes.fromhex("90400c9daab41be556ecace39a5f7dac934dd8cc9acd9b8e85bf95e1c67c24c4"),
    ),
]:
    print(name, header, *exchange(name, header, binding), sep="\n  ")
