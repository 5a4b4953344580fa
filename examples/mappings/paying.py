"""How something was paid: platforms and gateways say it in words of their own, Batal by a method and a channel."""

import re
from collections.abc import Mapping, Sequence

from .reading import Json

# What platforms call ways to pay, the longer words first: what one of them takes no other reads.
_WORDS: Sequence[tuple[str, str]] = (
    ("cash on delivery", "cod"),
    ("bayar di tempat", "cod"),
    ("virtual account", "virtual_account"),
    ("credit debit card", "card"),
    ("bank transfer", "bank"),
    ("transfer bank", "bank"),
    ("kartu kredit", "card"),
    ("kartu debit", "card"),
    ("credit card", "card"),
    ("debit card", "card"),
    ("store credit", "store_credit"),
    ("gift card", "voucher"),
    ("pay later", "paylater"),
    ("paylater", "paylater"),
    ("e wallet", "ewallet"),
    ("ewallet", "ewallet"),
    ("qris", "qris"),
    ("card", "card"),
    ("cod", "cod"),
    ("va", "virtual_account"),
)

# Brands by their words, put together: the method that the name alone means, and the channel.
BRANDS: Mapping[str, tuple[str, str]] = {
    **{name: ("ewallet", name) for name in ("gopay", "ovo", "dana", "shopeepay", "linkaja", "astrapay", "paypal")},
    **{name: ("bank", name) for name in ("bca", "bri", "bni", "mandiri", "permata", "cimb", "danamon", "bsi", "btn")},
    "seabank": ("bank", "seabank"),
    **{name: ("paylater", name) for name in ("spaylater", "gopaylater", "akulaku", "kredivo", "indodana", "atome")},
    **{name: ("paylater", name) for name in ("klarna", "afterpay")},
    **{name: ("card", name) for name in ("visa", "mastercard", "jcb", "amex")},
    **{name: ("virtual_account", name) for name in ("alfamart", "alfamidi", "indomaret")},
    "shopeepaylater": ("paylater", "spaylater"),
    "americanexpress": ("card", "amex"),
    "echannel": ("virtual_account", "mandiri"),
    "briva": ("virtual_account", "bri"),
}

# Who takes payments for shops, as the ids of their plug-ins begin.
PROVIDERS = ("midtrans", "xendit", "doku", "nicepay", "stripe", "paypal", "duitku", "tripay", "ipaymu", "faspay")

LONGEST_ID = 128


def way(told: str | None, own: Mapping[str, str] | None = None) -> Json:
    """The `method` of a word, and its `channel` where the word names one brand: by the platform's `own` words in small
    letters, else by what is known of Indonesian ways to pay. Nothing where it says neither, or several."""
    text = (told or "").lower()
    method = (own or {}).get(text)
    words, brands = _brands_in(_apart(text))
    if method is None:
        methods = _methods_in(words) or {by for by, _ in brands}
        method = methods.pop() if len(methods) == 1 else None
    channels = {channel for _, channel in brands}
    if method is None:
        return {}
    return {"method": method, "channel": channels.pop()} if len(channels) == 1 else {"method": method}


def chosen(method: str | None, told: Json, otherwise: str) -> tuple[str, Json]:
    """The method that the caller knows, else what the payload told, else `otherwise`; and what else was told of it."""
    known_method = method or told.get("method") or otherwise
    more = {name: value for name, value in told.items() if name != "method"}
    return known_method, more if told.get("method") in (None, known_method) else {}


def provider_of(told: str | None) -> str | None:
    """Who took the payment, by the word that a plug-in's id begins with."""
    words = _apart((told or "").lower())
    return words[0] if words and words[0] in PROVIDERS else None


def known(**told: str | None) -> Json:
    """What is known of a payment, without what Batal would not take as an id: a wrong one is worse than none."""
    return {name: value for name, value in told.items() if value and len(value) <= LONGEST_ID and value.isprintable()}


def _apart(text: str) -> list[str]:
    """The words of a text; `bcava` is `bca va`."""
    found: list[str] = []
    for word in re.findall(r"[a-z0-9]+", text):
        found += [word[:-2], "va"] if word.endswith("va") and word[:-2] in BRANDS else [word]
    return found


def _methods_in(words: Sequence[str]) -> set[str]:
    """The methods that words say."""
    text, methods = f" {' '.join(words)} ", set()
    for phrase, method in _WORDS:
        if f" {phrase} " in text:
            methods.add(method)
            text = text.replace(f" {phrase} ", " / ")
    return methods


def _brands_in(words: Sequence[str]) -> tuple[list[str], set[tuple[str, str]]]:
    """What is left of the words, and the brands that the others name: two of them put together before one alone."""
    left, found, at = [], set(), 0
    while at < len(words):
        names = ("".join(words[at : at + 2]), words[at])
        taken = next((name for name in names if name in BRANDS), None)
        if taken is None:
            left.append(words[at])
        else:
            found.add(BRANDS[taken])
        at += 2 if taken == names[0] != names[1] else 1
    return left, found
