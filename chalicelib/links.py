"""Links that people follow: plain ones to pages, and signed ones from mails that may decide.

A signed link names its case and the run and turn it was made for, so that an old mail cannot decide a later wait. It
expires with business time; opening it changes nothing, only pressing the button acts.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

from itsdangerous import BadSignature, URLSafeSerializer

from chalicelib.domain.cases.case import Case
from chalicelib.domain.errors import Invalid
from chalicelib.domain.parties import Role
from chalicelib.domain.reference import as_reference

# What a signed link is for: one made for something else says nothing here.
_DECISION, _PAYOUT, _DIGEST = "batal.decision", "batal.payout", "batal.digest"


def path(pattern: str, *ids: str) -> str:
    """A path of ours with ids in its places `{}`, each percent-encoded whole: an id may hold anything."""
    return pattern.format(*(quote(each, safe="") for each in ids)) if ids else pattern


def is_ours(place: str | None) -> bool:
    """Whether this is a path of ours, and never another host's address."""
    if not place or not place.startswith("/") or place.startswith(("//", "/\\")):
        return False
    return place.isprintable()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionLink:
    """What a signed link allows: the seller's answer to this turn of this case, until `expires_at`."""

    case_id: str
    seller_id: str
    run: int
    turn: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutLink:
    """What a signed link allows: to say where money of this case goes that has no way back. Good for one turn: with
    the answer it is used."""

    case_id: str
    buyer_id: str
    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestLink:
    """What a signed link allows: the seller's answers to the waits that the digest of this moment asked about."""

    seller_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyAddress:
    """Where an answer to a mail belongs: to the case, as said by the party that got the mail."""

    case_id: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Makes every address that leaves the service, under the stage's prefix; mail addresses are of `reply_domain`, and
    pictures of goods lie at `image_hosts` alone."""

    public_url: str
    secret: str
    reply_domain: str = ""
    image_hosts: frozenset[str] = frozenset()

    def to(self, pattern: str, *ids: str) -> str:
        """The absolute address of a path of ours, with ids in its places `{}`."""
        return f"{self.public_url}{path(pattern, *ids)}"

    def case(self, case_id: str) -> str:
        """A case's page."""
        return self.to("/cases/{}", case_id)

    def order(self, order_id: str) -> str:
        """An order's page."""
        return self.to("/orders/{}", order_id)

    def decision(self, case: Case) -> str:
        """The seller's signed link for the present wait; it lives as long as the deadline."""
        if case.deadline_at is None:
            raise Invalid("link_without_deadline")
        content = [case.case_id, case.seller_id, case.run, case.turn, case.deadline_at.isoformat()]
        return self.to(f"/d/{self.signer(_DECISION).dumps(content)}")

    def payout(self, case: Case) -> str:
        """The buyer's signed link for the account that they are asked for."""
        content = [case.case_id, case.buyer_id, case.refund.turn if case.refund else 0]
        return self.to(f"/payout/{self.signer(_PAYOUT).dumps(content)}")

    def read_payout(self, token: str) -> PayoutLink:
        """What a token allows. Raises Invalid `link_invalid` for anything we did not sign."""
        try:
            case_id, buyer_id, turn = self.signer(_PAYOUT).loads(token)
        except (BadSignature, ValueError, TypeError) as error:
            raise Invalid("link_invalid") from error
        return PayoutLink(case_id=case_id, buyer_id=buyer_id, turn=turn)

    def read(self, token: str) -> DecisionLink:
        """What a token allows. Raises Invalid `link_invalid` for anything we did not sign."""
        try:
            case_id, seller_id, run, turn, expires_at = self.signer(_DECISION).loads(token)
            expires = datetime.fromisoformat(expires_at)
        except (BadSignature, ValueError, TypeError) as error:
            raise Invalid("link_invalid") from error
        return DecisionLink(case_id=case_id, seller_id=seller_id, run=run, turn=turn, expires_at=expires)

    def digest(self, seller_id: str, at: datetime) -> str:
        """The seller's signed link to all that the digest of this moment asks about."""
        return self.to(f"/waiting/{self.signer(_DIGEST).dumps([seller_id, at.isoformat()])}")

    def read_digest(self, token: str) -> DigestLink:
        """What a token allows. Raises Invalid `link_invalid` for anything we did not sign."""
        try:
            seller_id, at = self.signer(_DIGEST).loads(token)
            return DigestLink(seller_id=seller_id, at=datetime.fromisoformat(at))
        except (BadSignature, ValueError, TypeError) as error:
            raise Invalid("link_invalid") from error

    def seller(self, page: str) -> str:
        """A page of the seller's own."""
        return self.to(page)

    def picture(self, url: str | None) -> str | None:
        """The address of a picture that may be shown: by https, from a host that is named; None for any other."""
        if not url or not self.image_hosts:
            return None
        try:
            parts = urlsplit(url)
            netloc = parts.netloc.lower()
        except ValueError:
            return None
        return url if parts.scheme == "https" and netloc in self.image_hosts else None

    def reply(self, case_id: str, role: Role) -> str | None:
        """The address whose mails become messages on the case; None where no domain receives any."""
        if not self.reply_domain:
            return None
        return f"{case_id.lower()}.{role}.{self._mark(case_id, role)}@{self.reply_domain}"

    def read_reply(self, address: str) -> ReplyAddress:
        """Where mail to this address belongs. Raises Invalid `link_invalid` for addresses we did not make.

        Servers on the way may write it all small or all big: what we make is small, and read as if it were.
        """
        local, _, domain = address.strip().lower().rpartition("@")
        case_id, _, rest = local.partition(".")
        case_id = as_reference(case_id) or case_id
        said, _, mark = rest.partition(".")
        known = {str(role): role for role in (Role.BUYER, Role.SELLER)}
        if domain != self.reply_domain.lower() or said not in known or not mark.isascii():
            raise Invalid("link_invalid")
        if not hmac.compare_digest(mark, self._mark(case_id, known[said])):
            raise Invalid("link_invalid")
        return ReplyAddress(case_id=case_id, role=known[said])

    def _mark(self, case_id: str, role: Role) -> str:
        """64 bits, so that the part before the @ stays within its 64 characters (RFC 5321)."""
        content = f"batal.reply|{case_id}|{role}".encode()
        return hmac.new(self._key(), content, hashlib.sha256).hexdigest()[:16]

    def _key(self) -> bytes:
        if not self.secret:
            raise ValueError("LINK_SECRET is not set")
        return self.secret.encode()

    def signer(self, purpose: str) -> URLSafeSerializer:
        """What signs, and reads, whatever leaves the service for one purpose."""
        return URLSafeSerializer(
            self._key(),
            salt=purpose,
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        )
