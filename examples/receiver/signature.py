"""Verifies Wingspan webhook signatures. Standard library only."""

import base64
import hashlib
import hmac

ENCODINGS = {
    "hex": bytes.hex,
    "base64": lambda digest: base64.b64encode(digest).decode(),
}


def is_genuine(
    body: bytes, signature: str, secrets: list[str], encoding: str = "hex"
) -> bool:
    """Reports whether one of the secrets signed the raw body.

    Wingspan documents HMAC-SHA256, but not the header that contains the
    signature or its encoding. find_signature finds both.
    """
    given = signature.strip().removeprefix("sha256=").encode()
    genuine = False
    for secret in secrets:
        digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
        expected = ENCODINGS[encoding](digest).encode()
        genuine |= hmac.compare_digest(expected, given)
    return genuine


def find_signature(
    headers: dict[str, str], body: bytes, secrets: list[str]
) -> tuple[str, str] | None:
    """Returns the name of the header with the signature, and its encoding."""
    for name, value in headers.items():
        for encoding in ENCODINGS:
            if is_genuine(body, value, secrets, encoding):
                return name, encoding
    return None
