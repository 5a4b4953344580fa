"""Where Xendit pays out to in Indonesia: its code for each bank and e-wallet, and what it takes there at once.

Limits are from LIMITS, and each code has its source (read in November 2026). The page of corridors is older than BSI,
Jago, SeaBank, Neo Commerce and BCA Digital, and names no e-wallets: their codes are those that public programs send.
Unproven against the live service, which tells its own list at `GET /payouts_channels`. A brand whose bank goes by more
than one code there (Jenius) has no row: that is for people.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.money.payout import Account
from chalicelib.domain.money.providers import Ability, May, Never, PartRequest, Shut
from chalicelib.domain.orders.methods import Method

LIMITS = "docs.xendit.co/xendisburse/limits-and-processing-times"
CORRIDORS, PROGRAMS = "docs.xendit.co/remittances/corridors", "public programs; no page of Xendit's"


@dataclass(frozen=True, slots=True)
class PayoutChannel:
    """Their code and its `source`, and the amounts of one payout in rupiah; `most` None: no end is documented."""

    code: str
    least: int = 5_000
    most: int | None = 250_000_000
    method: Method = Method.BANK
    source: str = CORRIDORS


def _wallet(code: str, least: int, most: int) -> PayoutChannel:
    return PayoutChannel(code, least, most, Method.EWALLET, PROGRAMS)


# By channel, as methods.py codes it, or as `code_of` makes it of a bank that is not listed there.
CHANNELS: Mapping[str, PayoutChannel] = {
    "bca": PayoutChannel("ID_BCA", 1, None),
    "bri": PayoutChannel("ID_BRI", 1, None),
    "bni": PayoutChannel("ID_BNI", 1, None),
    "mandiri": PayoutChannel("ID_MANDIRI", 1, None),
    "permata": PayoutChannel("ID_PERMATA", 1, None),
    "cimb": PayoutChannel("ID_CIMB", 10_000, None),
    "sinarmas": PayoutChannel("ID_SINARMAS", 10_000, None),
    "danamon": PayoutChannel("ID_DANAMON"),
    "bsi": PayoutChannel("ID_BSI", source=PROGRAMS),
    "btn": PayoutChannel("ID_BTN"),
    "maybank": PayoutChannel("ID_MAYBANK"),
    "ocbc": PayoutChannel("ID_OCBC"),
    "panin": PayoutChannel("ID_PANIN"),
    "bjb": PayoutChannel("ID_BJB"),
    "muamalat": PayoutChannel("ID_MUAMALAT"),
    "jago": PayoutChannel("ID_JAGO", source=PROGRAMS),
    "seabank": PayoutChannel("ID_SEABANK", source=PROGRAMS),
    "mega": PayoutChannel("ID_MEGA"),
    "dbs": PayoutChannel("ID_DBS"),
    "uob": PayoutChannel("ID_UOB"),
    "hsbc": PayoutChannel("ID_HSBC"),
    "dki": PayoutChannel("ID_DKI"),
    "bukopin": PayoutChannel("ID_BUKOPIN"),
    "neocommerce": PayoutChannel("ID_BNC", source=PROGRAMS),
    "bcadigital": PayoutChannel("ID_BCA_DIGITAL", source=PROGRAMS),
    "bcasyariah": PayoutChannel("ID_BCA_SYR"),
    "gopay": _wallet("ID_GOPAY", 10_000, 20_000_000),
    "ovo": _wallet("ID_OVO", 1, 20_000_000),
    "dana": _wallet("ID_DANA", 1, 20_000_000),
    "shopeepay": _wallet("ID_SHOPEEPAY", 1, 20_000_000),
    "linkaja": _wallet("ID_LINKAJA", 10_000, 10_000_000),
}


def channel_for(account: Account) -> PayoutChannel | None:
    """How Xendit calls the bank or brand of an account; None where nobody knows."""
    found = CHANNELS.get(account.channel) or CHANNELS.get(account.channel.removeprefix("bank"))
    return found if found and found.method is account.method else None


def payable(request: PartRequest) -> Ability:
    """Whether it can be paid out to the account that was named, as far as is known without asking."""
    if request.account is None:
        return Never(Shut.NO_REFERENCE)
    channel = channel_for(request.account)
    if channel is None or request.currency != "IDR":
        return Never(Shut.NO_WAY_BACK)
    if request.amount < channel.least or (channel.most is not None and request.amount > channel.most):
        return Never(Shut.AMOUNT_OUT_OF_RANGE)
    return May()
