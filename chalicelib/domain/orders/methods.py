"""How orders are paid: the methods, what is known of each, and the brands that people know them by.

This is the whole registry. A method stands in `Method`, has a line in `_FACTS` and its words in the catalogues
(`method.<name>`, `method.<name>.channel`). A channel is one line in `CHANNELS`; one that is not listed is no error: it
is shown as it was told, tidied, and its money takes as long as its method's.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class PaidBackBy(StrEnum):
    """Who gives the money of a method back: the built-in wallet at once, a payment provider that is asked and answers,
    or the marketplace, which is told to."""

    WALLET = "wallet"
    PROVIDER = "provider"
    MARKETPLACE = "marketplace"


class Method(StrEnum):
    """How a part of an order was paid."""

    WALLET = "wallet"
    CARD = "card"
    BANK = "bank"
    VIRTUAL_ACCOUNT = "virtual_account"
    QRIS = "qris"
    EWALLET = "ewallet"
    PAYLATER = "paylater"
    VOUCHER = "voucher"
    COINS = "coins"
    STORE_CREDIT = "store_credit"
    COD = "cod"

    @property
    def is_promo(self) -> bool:
        """Whether it is no money, and never turns into any, nor money into it."""
        return _FACTS[self].promo

    @property
    def paid_back_by(self) -> PaidBackBy:
        """Who gives it back."""
        return _FACTS[self].paid_back_by


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    promo: bool = False
    paid_back_by: PaidBackBy


_FACTS: Mapping[Method, _Facts] = {
    Method.WALLET: _Facts(paid_back_by=PaidBackBy.WALLET),
    Method.CARD: _Facts(paid_back_by=PaidBackBy.PROVIDER),
    Method.BANK: _Facts(paid_back_by=PaidBackBy.PROVIDER),
    Method.VIRTUAL_ACCOUNT: _Facts(paid_back_by=PaidBackBy.PROVIDER),
    Method.QRIS: _Facts(paid_back_by=PaidBackBy.PROVIDER),
    Method.EWALLET: _Facts(paid_back_by=PaidBackBy.PROVIDER),
    Method.PAYLATER: _Facts(paid_back_by=PaidBackBy.PROVIDER),
    Method.VOUCHER: _Facts(promo=True, paid_back_by=PaidBackBy.MARKETPLACE),
    Method.COINS: _Facts(promo=True, paid_back_by=PaidBackBy.MARKETPLACE),
    # Bought or given for returned goods: it is the buyer's money, kept by the marketplace.
    Method.STORE_CREDIT: _Facts(paid_back_by=PaidBackBy.MARKETPLACE),
    # Nobody hands coins back at a door: it comes into the wallet.
    Method.COD: _Facts(paid_back_by=PaidBackBy.WALLET),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """A channel as people know it: its name, the methods that it is a way of, and other words for it. What is
    `known_alone` is called by its name, whatever the method: nobody paid by the virtual account of a shop."""

    name: str
    methods: tuple[Method, ...]
    also: tuple[str, ...] = ()
    known_alone: bool = False


_WALLETS = (Method.EWALLET, Method.QRIS)
_BANKS = (Method.VIRTUAL_ACCOUNT, Method.BANK, Method.QRIS)
_LATER = (Method.PAYLATER,)
_CARDS = (Method.CARD,)
_SHOPS = (Method.VIRTUAL_ACCOUNT,)

# By its code: small letters and digits alone, as `code_of` makes it of whatever is told.
CHANNELS: Mapping[str, Brand] = {
    "gopay": Brand(name="GoPay", methods=_WALLETS),
    "ovo": Brand(name="OVO", methods=_WALLETS, also=("idovo",)),
    "dana": Brand(name="DANA", methods=_WALLETS, also=("iddana",)),
    "shopeepay": Brand(name="ShopeePay", methods=_WALLETS, also=("idshopeepay",)),
    "linkaja": Brand(name="LinkAja", methods=_WALLETS, also=("idlinkaja",)),
    "astrapay": Brand(name="AstraPay", methods=_WALLETS, also=("idastrapay",)),
    "isaku": Brand(name="i.saku", methods=_WALLETS),
    "sakuku": Brand(name="Sakuku", methods=_WALLETS),
    "paypal": Brand(name="PayPal", methods=(Method.EWALLET,)),
    "bca": Brand(name="BCA", methods=_BANKS, also=("bcava", "bankcentralasia")),
    "bri": Brand(name="BRI", methods=_BANKS, also=("briva",)),
    "bni": Brand(name="BNI", methods=_BANKS, also=("bniva",)),
    "mandiri": Brand(name="Mandiri", methods=_BANKS, also=("mandiriva", "bankmandiri", "echannel")),
    "permata": Brand(name="Permata", methods=_BANKS, also=("permatava", "bankpermata", "permatabank")),
    "cimb": Brand(name="CIMB Niaga", methods=_BANKS, also=("cimbva", "cimbniaga")),
    "danamon": Brand(name="Danamon", methods=_BANKS, also=("danamonva", "bankdanamon")),
    "bsi": Brand(name="BSI", methods=_BANKS, also=("bsiva", "banksyariahindonesia")),
    "btn": Brand(name="BTN", methods=_BANKS, also=("btnva",)),
    "maybank": Brand(name="Maybank", methods=_BANKS, also=("maybankva",)),
    "ocbc": Brand(name="OCBC", methods=_BANKS, also=("ocbcnisp",)),
    "panin": Brand(name="Panin", methods=_BANKS, also=("paninbank",)),
    "bjb": Brand(name="bank bjb", methods=_BANKS, also=("bjbva", "bankbjb")),
    "muamalat": Brand(name="Muamalat", methods=_BANKS, also=("bankmuamalat",)),
    "jago": Brand(name="Bank Jago", methods=_BANKS, also=("bankjago",)),
    "seabank": Brand(name="SeaBank", methods=_BANKS),
    "jenius": Brand(name="Jenius", methods=_BANKS),
    "akulaku": Brand(name="Akulaku", methods=_LATER, also=("idakulaku",)),
    "kredivo": Brand(name="Kredivo", methods=_LATER, also=("idkredivo",)),
    "spaylater": Brand(name="SPayLater", methods=_LATER, also=("shopeepaylater",)),
    "gopaylater": Brand(name="GoPay Later", methods=_LATER),
    "indodana": Brand(name="Indodana", methods=_LATER),
    "atome": Brand(name="Atome", methods=_LATER),
    "homecredit": Brand(name="Home Credit", methods=_LATER),
    "klarna": Brand(name="Klarna", methods=_LATER),
    "afterpay": Brand(name="Afterpay", methods=_LATER),
    "visa": Brand(name="Visa", methods=_CARDS),
    "mastercard": Brand(name="Mastercard", methods=_CARDS, also=("master",)),
    "jcb": Brand(name="JCB", methods=_CARDS),
    "amex": Brand(name="American Express", methods=_CARDS, also=("americanexpress",)),
    "gpn": Brand(name="GPN", methods=_CARDS),
    "unionpay": Brand(name="UnionPay", methods=_CARDS),
    "alfamart": Brand(name="Alfamart", methods=_SHOPS, known_alone=True),
    "alfamidi": Brand(name="Alfamidi", methods=_SHOPS, known_alone=True),
    "indomaret": Brand(name="Indomaret", methods=_SHOPS, known_alone=True),
}
_ALSO: Mapping[str, str] = {word: code for code, brand in CHANNELS.items() for word in brand.also}


def code_of(told: str) -> str:
    """A word as words are compared that everybody spells in a way of their own: `Go-Pay` and `GO_PAY` are `gopay`."""
    return re.sub(r"[\W_]+", "", told.casefold())


def channel_of(told: str) -> str:
    """The code of a channel, however it was told; of one that is not listed, its word as `code_of` makes it."""
    code = code_of(told)
    return _ALSO.get(code, code)


def brand_of(told: str) -> Brand | None:
    """What is known of a channel, however it was told; None where nothing is."""
    return CHANNELS.get(channel_of(told))


def tidied(told: str) -> str:
    """A channel that nobody listed as people can read it: `jago_syariah` is `Jago Syariah`. Who told it with capitals
    knew how it is written."""
    words = re.sub(r"[\s_]+", " ", told).strip()
    return words if words != words.lower() else " ".join(word[:1].upper() + word[1:] for word in words.split(" "))
