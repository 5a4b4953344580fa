"""What a seller's desk shows of a case at one look, small enough that an index can carry it (0055)."""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.cases.card_words import CardWords
from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.steps.late_parcels import is_late
from chalicelib.domain.orders.body import OrderBody
from chalicelib.domain.policies.policy import Silence
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.spelling import beginning

# How much a card may take where it is stored, in bytes.
CARD_BYTES = 250
# How much of a name is worth keeping, and how much where ids are long: thirty letters of most scripts, and twenty. What
# it leaves is for the goods.
_NAME_BYTES = (96, 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A case as a list shows it.

    amount  what goes back, in minor units
    at      until when it is to be answered (None: no deadline runs); of a closed one, when it was closed
    ending  its outcome as people are told it
    late    its parcel left although it had been cancelled, and nobody has said what becomes of it
    """

    case_id: str
    order_id: str
    display_id: str | None
    platform: str
    kind: Kind
    state: State
    ending: str | None
    reason_code: str | None
    amount: int
    currency: str
    at: datetime | None
    if_silent: Silence | None
    tracking_number: str | None
    words: CardWords
    late: bool = False
    reference: str | None = None

    @property
    def name_for_people(self) -> str:
        """What people read instead of its order's id."""
        return (self.display_id or "").strip() or self.order_id

    @property
    def number(self) -> str:
        """What people read and say instead of the case's id."""
        return self.reference or self.case_id

    @property
    def open(self) -> bool:
        """Whether it still waits for somebody."""
        return self.state is not State.CLOSED

    @property
    def deadline_at(self) -> datetime | None:
        """Until when somebody may answer."""
        return self.at if self.open else None


def card_of(case: Case) -> Card:
    """The card of a case; without words of people where the case has none."""
    told = case.decision.tracking_number if case.decision else None
    return Card(
        case_id=case.case_id,
        order_id=case.order_id,
        display_id=case.display_id,
        platform=case.platform,
        kind=case.kind,
        state=case.state,
        ending=case.ending,
        reason_code=case.asked.reason_code,
        amount=case.quote.refund_total,
        currency=case.quote.currency,
        at=case.deadline_at if case.open else case.closed_at or case.updated_at,
        if_silent=case.if_silent if case.open else None,
        tracking_number=told or (case.goods.tracking_number if case.goods else None),
        words=case.words or CardWords(),
        late=is_late(case),
        reference=case.reference,
    )


def words_of(body: OrderBody, lines: Mapping[str, int]) -> CardWords:
    """Whose order it is and what of it is meant (all of it where no line is named), as long as a card could hold."""
    names = [line.name for line in body.lines if not lines or line.line_id in lines]
    return CardWords(buyer=_cut(body.buyer.name.strip(), CARD_BYTES), goods=_cut(", ".join(names), CARD_BYTES))


def fitted(card: Card, size: Callable[[Card], int]) -> Card | None:
    """The same card within CARD_BYTES by this `size` of it as stored: what people wrote is cut first, the goods before
    the name, then the tracking number is left out. None where its ids alone are too long."""
    named = (replace(card.words, buyer=_cut(card.words.buyer, most)) for most in _NAME_BYTES)
    unnamed = replace(card, words=replace(card.words, buyer=""))
    for least in (*(replace(card, words=each) for each in named), unnamed, replace(unnamed, tracking_number=None)):
        if (held := _longest(least, size)) is not None:
            return held
    return None


def _longest(card: Card, size: Callable[[Card], int]) -> Card | None:
    """The card with as much of its goods as fits; None where it is too large without any."""
    # Written in JSON a sign may take more than its own bytes: so it is measured, not reckoned.
    counts = range(len(card.words.goods) + 1)
    fits = bisect_right(counts, CARD_BYTES, key=lambda count: size(_with_goods(card, count)))
    return _with_goods(card, fits - 1) if fits else None


def _with_goods(card: Card, count: int) -> Card:
    return replace(card, words=replace(card.words, goods=beginning(card.words.goods, count)))


def _cut(text: str, most: int) -> str:
    """At most so many bytes of it, whole characters."""
    fits = len(text.encode()[: max(0, most)].decode(errors="ignore"))
    return text if fits == len(text) else beginning(text, fits).rstrip()
