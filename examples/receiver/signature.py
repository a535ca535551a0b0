"""Tells whether an event comes from Wingspan. Standard library only."""

import base64
import hashlib
import hmac


def is_genuine(body: bytes, signature: str, secrets: list[str]) -> bool:
    """Compares the signature of the raw body with every secret in use.

    Wingspan publishes that the signature is HMAC-SHA256, and neither the header that carries it nor its encoding:
    look at a real delivery to learn both, and keep only the encoding that you saw.
    """
    given = signature.strip().removeprefix("sha256=")
    for secret in secrets:
        digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
        for encoded in (digest.hex(), base64.b64encode(digest).decode()):
            if hmac.compare_digest(encoded.encode(), given.encode()):
                return True
    return False
