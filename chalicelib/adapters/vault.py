"""Accounts sealed by KMS, with a key that nothing else is sealed with. An account is far below the 4 KB that KMS takes
at once, so no data key is needed."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from chalicelib.adapters.aws import Clients, unavailable
from chalicelib.domain.money.payout import Account, identity_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Kms:
    """`key` is the key's id, ARN or alias; `secret` is what fingerprints are made with."""

    clients: Clients
    key: str
    secret: str = field(repr=False)

    def seal(self, case_id: str, account: Account) -> bytes:
        """For this case alone: what lies beside another case cannot be read as its own."""
        client: Any = self.clients("kms")
        with unavailable("kms"):
            sealed: bytes = client.encrypt(
                KeyId=self.key, Plaintext=msgspec.json.encode(account), EncryptionContext=_context(case_id)
            )["CiphertextBlob"]
        return sealed

    def unseal(self, case_id: str, sealed: bytes) -> Account:
        """What was sealed for this case."""
        client: Any = self.clients("kms")
        with unavailable("kms"):
            plain = client.decrypt(KeyId=self.key, CiphertextBlob=sealed, EncryptionContext=_context(case_id))
        return msgspec.json.decode(plain["Plaintext"], type=Account)

    def fingerprint(self, account: Account) -> str:
        """Numbers are few enough to be tried one by one, so it is made with a secret. Raises ValueError without one."""
        if not self.secret:
            raise ValueError("ACCOUNT_SECRET is not set")
        return hmac.new(self.secret.encode(), identity_of(account).encode(), hashlib.sha256).hexdigest()


def _context(case_id: str) -> Mapping[str, str]:
    return {"case_id": case_id}
