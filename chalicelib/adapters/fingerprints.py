"""Fingerprints of what callers say, by which cases are found and nothing is told."""

import hashlib
import hmac

from chalicelib.domain.people.clues import Clue


def fingerprint(clue: Clue, secret: str) -> str:
    """Phones and names are few enough to be tried one by one, so it is made with a secret: half of its bits are enough
    that no two are alike. Raises ValueError without one."""
    if not secret:
        raise ValueError("CLUE_SECRET is not set")
    return hmac.new(secret.encode(), f"{clue.kind}:{clue.text}".encode(), hashlib.sha256).hexdigest()[:32]
