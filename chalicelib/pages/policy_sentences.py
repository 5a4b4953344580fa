"""A policy as sentences with blanks: what operators change, and what a version says, in words.

A sentence is a text `policy.says.<name>`; its blanks are settings of the policy, found by their path. What stands in no
sentence (categories, shipping services, the order of refunds, sources) is changed as JSON.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from chalicelib.domain.orders.families import Gifts
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.policy import (
    Anchor,
    Declined,
    Elsewhere,
    Fee,
    InstantWindow,
    LostPromotions,
    MoneyBack,
    ParcelMoves,
    Payer,
    Policy,
    Rating,
    Silence,
)
from chalicelib.domain.policies.urgency import UrgeBy
from chalicelib.locales import PLACEHOLDER, known, say, texts
from chalicelib.pages.policy_blanks import Blank, Kind, Path, words_of

# The statuses for which fees can be said without JSON.
_FEES_AT = (OrderStatus.PLACED, OrderStatus.PROCESSING, OrderStatus.READY_TO_SHIP, OrderStatus.SHIPPED)
_NO_FEE: Mapping[str, Any] = msgspec.to_builtins(Fee())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of a policy: the name of its text, its blanks by their places in it, and what else it is about."""

    name: str
    blanks: Mapping[str, Blank]
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, Path]:
        """By which the same sentence is found in another version."""
        return self.name, next(iter(self.blanks.values())).path

    def pieces(self, locale: str) -> Iterator[str | Blank]:
        """The sentence as it is read: words and blanks by turns."""
        for number, piece in enumerate(PLACEHOLDER.split(texts(known(locale))[f"policy.says.{self.name}"])):
            if number % 2 and piece in self.blanks:
                yield self.blanks[piece]
            elif piece:
                yield self.facts[piece] if number % 2 else piece

    def in_words(self, plain: Mapping[str, Any], locale: str) -> str:
        """The sentence as a version of the policy fills it in."""
        filled = {name: words_of(blank, plain, locale) for name, blank in self.blanks.items()}
        return say(f"policy.says.{self.name}", locale, **filled, **self.facts)


def sentences(policy: Policy, locale: str) -> Mapping[str, Sequence[Sentence]]:
    """All that a policy says, by subject (texts `policy.about.<subject>`)."""
    found = {
        "answers": [*_answers(policy, locale), *_reminders(policy)],
        "instant": [_instant(number, window, locale) for number, window in enumerate(policy.instant)],
        "fees": _fees(policy, locale),
        "parcels": _parcels(),
        "offers": _offers(),
        "returns": _returns() if policy.returns else [],
        "support": _support(),
        "requests": _requests(),
        "odds": _odds(),
        "money": _money(policy, locale),
        "goods": _goods(),
    }
    return {subject: said for subject, said in found.items() if said}


def _span(*path: str | int) -> Blank:
    return Blank(path=path, kind=Kind.SPAN)


def _count(*path: str | int, least: int = 1) -> Blank:
    return Blank(path=path, kind=Kind.COUNT, least=least)


def _choice(*path: str | int, of: type[StrEnum], said: str, but: Sequence[str] = (), empty: str = "") -> Blank:
    values = [str(each) for each in of if each not in but]
    return Blank(
        path=path,
        kind=Kind.CHOICE,
        choices={each: f"policy.choice.{said}.{each}" for each in values},
        values={each: each for each in values} | ({"": None} if empty else {}),
        empty=empty,
    )


def _either(*path: str | int, said: str, unsaid: bool | None = None) -> Blank:
    values = {"true": True, "false": False}
    choices = {each: f"policy.choice.{said}.{each}" for each in values}
    return Blank(path=path, kind=Kind.CHOICE, choices=choices, values=values, unsaid=unsaid)


def _amount(*path: str | int, empty: str = "", unsaid: int | None = None) -> Blank:
    return Blank(path=path, kind=Kind.AMOUNT, empty=empty, unsaid=unsaid)


def _silence(*path: str | int, but: Sequence[str] = ()) -> Blank:
    values = [str(each) for each in Silence if each not in but]
    choices = {each: f"silence.{each}" for each in values}
    return Blank(path=path, kind=Kind.CHOICE, choices=choices, values={each: each for each in values})


def _status(status: OrderStatus, locale: str) -> str:
    return say(f"order_status.{status}", locale)


def _answers(policy: Policy, locale: str) -> Iterator[Sentence]:
    for field_name, answers in (("answers", policy.answers), ("preorder_answers", policy.preorder_answers)):
        for status in sorted(answers, key=list(OrderStatus).index):
            yield Sentence(
                name=field_name,
                blanks={
                    "within": _span(field_name, str(status), "within"),
                    "if_silent": _silence(field_name, str(status), "if_silent"),
                },
                facts={"status": _status(status, locale)},
            )


def _reminders(policy: Policy) -> list[Sentence]:
    if policy.urgency is not None:
        return [_urge(number) for number in range(len(policy.urgency))]
    return [
        Sentence(name="reminder", blanks={"before": _span("reminders", number)})
        for number in range(len(policy.reminders))
    ]


def _urge(number: int) -> Sentence:
    place = ("urgency", number)
    return Sentence(
        name="urge",
        blanks={
            "share": Blank(path=(*place, "basis_points"), kind=Kind.PERCENT),
            "by": _choice(*place, "by", of=UrgeBy, said="urge_by"),
        },
    )


def _instant(number: int, window: InstantWindow, locale: str) -> Sentence:
    """What a window is for besides its statuses is JSON's, and only named."""
    anchor = _choice("instant", number, "anchor", of=Anchor, said="anchor")
    span = _span("instant", number, "span")
    special = window.fulfilment or window.services or window.other_services or window.preorder is not None
    return Sentence(
        name="instant" if window.span else "instant_for_good",
        blanks={"span": span, "anchor": anchor} if window.span else {"anchor": anchor},
        facts={
            "statuses": ", ".join(_status(status, locale) for status in window.statuses),
            "which": say("policy.which.special" if special else "policy.which.all", locale),
        },
    )


def _fee(name: str, *path: str, facts: Mapping[str, str] | None = None) -> Sentence:
    return Sentence(
        name=name,
        blanks={
            "flat": _amount(*path, "flat", unsaid=_NO_FEE["flat"]),
            "percent": Blank(path=(*path, "basis_points"), kind=Kind.PERCENT, unsaid=_NO_FEE["basis_points"], least=0),
            "at_most": _amount(*path, "at_most", empty="policy.no_limit"),
            "shipping": _either(*path, "keep_shipping", said="kept", unsaid=_NO_FEE["keep_shipping"]),
            "service": _either(*path, "keep_service_fee", said="kept", unsaid=_NO_FEE["keep_service_fee"]),
        },
        facts=facts or {},
    )


def _fees(policy: Policy, locale: str) -> list[Sentence]:
    at = sorted({*_FEES_AT, *policy.fees}, key=list(OrderStatus).index)
    return [_fee("fee", "fees", str(status), facts={"status": _status(status, locale)}) for status in at]


def _parcels() -> list[Sentence]:
    moves = _choice("parcel_moves", of=ParcelMoves, said="parcel_moves")
    back = _choice("money_back", of=MoneyBack, said="money_back")
    return [
        Sentence(name="parcel_moves", blanks={"then": moves}),
        Sentence(name="money_back", blanks={"when": back}),
        Sentence(name="interception", blanks={"within": _span("interception")}),
    ]


def _offers() -> list[Sentence]:
    silent = _silence("offers", "answer", "if_silent", but=[Silence.APPROVE])
    declined = _choice("offers", "declined", of=Declined, said="declined")
    return [
        Sentence(name="offer_rounds", blanks={"rounds": _count("offers", "rounds", least=0)}),
        Sentence(name="offer", blanks={"within": _span("offers", "answer", "within"), "if_silent": silent}),
        Sentence(name="offer_declined", blanks={"then": declined}),
    ]


def _returns() -> list[Sentence]:
    silent = _silence("returns", "answer", "if_silent")
    unseen = _silence("returns", "if_unseen", but=[Silence.EXPIRE])
    pays = _choice("returns", "way_back", of=Payer, said="way_back", empty="policy.at_fault")
    return [
        Sentence(
            name="return_window",
            blanks={"window": _span("returns", "window"), "times": _count("returns", "max_attempts")},
        ),
        Sentence(name="return_answer", blanks={"within": _span("returns", "answer", "within"), "if_silent": silent}),
        Sentence(name="return_sent", blanks={"within": _span("returns", "ship_back")}),
        Sentence(name="return_transit", blanks={"within": _span("returns", "transit"), "if_unseen": unseen}),
        Sentence(name="return_receipt", blanks={"within": _span("returns", "receipt")}),
        Sentence(name="return_quick", blanks={"at_most": _amount("returns", "quick_at_most")}),
        Sentence(name="return_way_back", blanks={"who": pays}),
        _fee("return_fee", "returns", "fee"),
    ]


def _support() -> list[Sentence]:
    silent = _silence("support", "if_silent")
    agreed = _choice("agreed_if_silent", of=Silence, said="agreed", but=[Silence.EXPIRE])
    no_limit = "policy.no_second"
    return [
        Sentence(name="support", blanks={"within": _span("support", "within"), "if_silent": silent}),
        Sentence(name="agreed", blanks={"if_silent": agreed}),
        Sentence(
            name="extensions",
            blanks={"times": _count("extensions", least=0), "span": _span("extend_at_most")},
        ),
        Sentence(name="second_person", blanks={"above": _amount("second_person_above", empty=no_limit)}),
        Sentence(name="second_person_day", blanks={"above": _amount("second_person_above_a_day", empty=no_limit)}),
        Sentence(name="appeal", blanks={"within": _span("appeal_within")}),
    ]


def _requests() -> list[Sentence]:
    often = {"times": _count("frequent", "requests"), "within": _span("frequent", "within")}
    return [
        Sentence(name="attempts", blanks={"times": _count("max_attempts")}),
        Sentence(name="withdrawal", blanks={"counts": _either("withdrawal_counts", said="counts")}),
        Sentence(name="reason", blanks={"must": _either("reason_required", said="must")}),
        Sentence(name="frequent", blanks=often),
        Sentence(name="link", blanks={"at_most": _amount("link_at_most")}),
        Sentence(name="rating", blanks={"which": _choice("rating", of=Rating, said="rating")}),
    ]


def _odds() -> list[Sentence]:
    return [
        Sentence(name="table_strength", blanks={"answers": _count("learning", "table_strength")}),
        Sentence(name="platform_strength", blanks={"answers": _count("learning", "platform_strength")}),
        Sentence(name="half_life", blanks={"months": _count("learning", "half_life")}),
    ]


def _money(policy: Policy, locale: str) -> list[Sentence]:
    elsewhere = _choice("cancelled_elsewhere", of=Elsewhere, said="elsewhere")
    times = [
        Sentence(
            name="refund_time",
            blanks={"within": _span("refund_times", method)},
            facts={"method": say(f"method.{method}", locale)},
        )
        for method in policy.refund_times
    ]
    return [
        *times,
        Sentence(name="refund_check", blanks={"within": _span("refund_check")}),
        Sentence(name="wallet", blanks={"by": _either("built_in_wallet", said="wallet")}),
        Sentence(name="elsewhere", blanks={"who": elsewhere}),
    ]


def _goods() -> list[Sentence]:
    lost = _choice("lost_promotions", of=LostPromotions, said="lost_promotions")
    return [
        Sentence(name="packages", blanks={"how": _either("packages_go_together", said="packages")}),
        Sentence(name="bundles", blanks={"how": _either("bundles_may_be_split", said="bundles")}),
        Sentence(name="gifts", blanks={"how": _choice("gifts", of=Gifts, said="gifts")}),
        Sentence(name="promotions", blanks={"how": lost}),
    ]
