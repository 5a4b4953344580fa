"""The ways a request ends, as data: where the order stood, what everybody did, and what has to come of it.

Every order has two shirts (line 1) and a cap (line 2), shipped for a fee: the amounts below add up from these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.conformance.steps import Ask, ComesBack, Moves, Pays, Say, Silence, Steers, Step

# Minor units.
SHIRT, CAP, SHIPPING = 100_000, 50_000, 10_000
GOODS = 2 * SHIRT + CAP
WHOLE = GOODS + SHIPPING
FEE, PART_BACK, COINS = 20_000, 60_000, 30_000
ALL_PIECES: Mapping[str, int] = {"1": 2, "2": 1}
_NOTE = {"note": "conformance"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """One way to end.

    status    where the order stands when it is asked for
    tenders   how it was paid, in minor units by method
    outcomes  how its cases end, in the order in which they were opened
    gone      pieces that are cancelled or came back, by line
    back      what went back in the end, by tender
    kept      what was kept of it
    """

    name: str
    story: str
    steps: tuple[Step, ...]
    outcomes: tuple[str, ...]
    status: str = "processing"
    tenders: Mapping[str, int] = field(default_factory=lambda: {"wallet": WHOLE})
    gone: Mapping[str, int] = field(default_factory=dict)
    back: Mapping[str, int] = field(default_factory=dict)
    kept: int = 0


_CARD = {"card": WHOLE}
_YES = Say("seller", "approve")
_NO = Say("seller", "reject", {"reason_code": "already_packed"})
_DAMAGED = Ask(kind="returns", reason="damaged")
_BACK_AGAIN = (Say("buyer", "shipped-back", {"tracking_number": "KIT-1"}), Say("seller", "goods-received"))

ENDINGS = (
    Ending(
        name="agreed",
        story="the seller agrees, and the wallet is paid",
        steps=(Ask(), _YES),
        outcomes=("cancelled",),
        gone=ALL_PIECES,
        back={"wallet": WHOLE},
    ),
    Ending(
        name="agreed-two-tenders",
        story="the seller agrees; card and coins go back, each by itself",
        tenders={"card": WHOLE - COINS, "coins": COINS},
        steps=(Ask(), _YES, Pays()),
        outcomes=("cancelled",),
        gone=ALL_PIECES,
        back={"card": WHOLE - COINS, "coins": COINS},
    ),
    Ending(name="refused", story="the seller refuses", steps=(Ask(), _NO), outcomes=("rejected",)),
    Ending(
        name="silence-ends",
        story="nobody answers, and the order goes on",
        status="on_hold",
        steps=(Ask(), Silence("closed")),
        outcomes=("expired",),
    ),
    Ending(
        name="silence-grants",
        story="nobody answers, and by policy that is a yes",
        status="ready_to_ship",
        steps=(Ask(), Silence("closed")),
        outcomes=("cancelled",),
        gone=ALL_PIECES,
        back={"wallet": WHOLE},
    ),
    Ending(
        name="support-grants",
        story="nobody answers, and customer service grants it",
        status="shipped",
        steps=(Ask(), Silence("awaiting_support"), Say("support", "approve", _NOTE)),
        outcomes=("cancelled",),
        gone=ALL_PIECES,
        back={"wallet": WHOLE},
    ),
    Ending(
        name="support-refuses",
        story="nobody answers, and customer service refuses",
        status="shipped",
        steps=(Ask(), Silence("awaiting_support"), Say("support", "reject", {"reason_code": "other", **_NOTE})),
        outcomes=("rejected",),
    ),
    Ending(
        name="withdrawn",
        story="the buyer takes it back, and asks again",
        steps=(Ask(), Say("buyer", "withdraw"), Ask(reason="changed_mind"), _YES),
        outcomes=("withdrawn", "cancelled"),
        gone=ALL_PIECES,
        back={"wallet": WHOLE},
    ),
    Ending(
        name="instant",
        story="nobody has to agree yet",
        status="placed",
        steps=(Ask(),),
        outcomes=("cancelled",),
        gone=ALL_PIECES,
        back={"wallet": WHOLE},
    ),
    Ending(
        name="unpaid",
        story="nothing was paid, so nothing goes back",
        status="unpaid",
        tenders={"virtual_account": WHOLE},
        steps=(Ask(),),
        outcomes=("cancelled",),
        gone=ALL_PIECES,
    ),
    Ending(
        name="cash-on-delivery",
        story="nobody has handed over cash yet, so none goes back",
        tenders={"cod": WHOLE},
        steps=(Ask(), _YES),
        outcomes=("cancelled",),
        gone=ALL_PIECES,
    ),
    Ending(
        name="offer-accepted",
        story="the seller asks for a fee, and the buyer agrees",
        tenders=_CARD,
        steps=(Ask(), Say("seller", "offer", {"fee": FEE}), Say("buyer", "accept-offer"), Pays()),
        outcomes=("cancelled",),
        gone=ALL_PIECES,
        back={"card": WHOLE - FEE},
        kept=FEE,
    ),
    Ending(
        name="offer-declined",
        story="the buyer declines the fee, and the seller refuses",
        steps=(Ask(), Say("seller", "offer", {"fee": FEE}), Say("buyer", "decline-offer"), _NO),
        outcomes=("rejected",),
    ),
    Ending(
        name="offer-unanswered",
        story="the buyer says nothing to the fee: silence costs them nothing",
        steps=(Ask(), Say("seller", "offer", {"fee": FEE}), Silence("closed")),
        outcomes=("expired",),
    ),
    Ending(
        name="other-way",
        story="another address instead of cancelling",
        steps=(Ask(), Say("seller", "offer", {"alternative": "change_address"}), Say("buyer", "accept-offer")),
        outcomes=("settled",),
    ),
    Ending(
        name="goods-kept",
        story="the buyer keeps the goods and gets a part of the money",
        tenders=_CARD,
        steps=(Ask(), Say("seller", "offer", {"partial_refund": PART_BACK}), Say("buyer", "accept-offer"), Pays()),
        outcomes=("settled",),
        back={"card": PART_BACK},
    ),
    Ending(
        name="appeal-won",
        story="the seller refuses, the buyer appeals, and customer service grants it",
        steps=(Ask(), _NO, Say("buyer", "appeal", {"comment": "not packed"}), Say("support", "approve", _NOTE)),
        outcomes=("cancelled",),
        gone=ALL_PIECES,
        back={"wallet": WHOLE},
    ),
    Ending(
        name="appeal-lost",
        story="the seller refuses, the buyer appeals in vain",
        steps=(
            Ask(),
            _NO,
            Say("buyer", "appeal", {"comment": "not packed"}),
            Say("support", "reject", {"reason_code": "other", **_NOTE}),
        ),
        outcomes=("rejected",),
    ),
    Ending(
        name="part",
        story="one shirt of two is cancelled, and the rest goes on",
        tenders=_CARD,
        steps=(Ask(lines={"1": 1}), _YES, Pays()),
        outcomes=("cancelled",),
        gone={"1": 1},
        back={"card": SHIRT},
    ),
    Ending(
        name="seller-cannot",
        story="the seller cannot deliver",
        steps=(Ask(by="seller", reason="out_of_stock"),),
        outcomes=("cancelled",),
        gone=ALL_PIECES,
        back={"wallet": WHOLE},
    ),
    Ending(
        name="overtaken",
        story="the parcel leaves before anybody answers",
        steps=(Ask(), Moves("shipped")),
        outcomes=("overtaken",),
    ),
    Ending(
        name="parcel-leaves-late",
        story="the parcel leaves although its order was cancelled, and the buyer keeps the goods",
        steps=(Ask(), _YES, Moves("shipped"), Say("support", "settle-parcel", {"way": "keeps", **_NOTE})),
        outcomes=("cancelled",),
        gone=ALL_PIECES,
        back={"wallet": WHOLE},
    ),
    Ending(
        name="returned",
        story="damaged goods come back, and all of the money goes back",
        status="delivered",
        steps=(_DAMAGED, _YES, *_BACK_AGAIN),
        outcomes=("returned",),
        gone=ALL_PIECES,
        back={"wallet": WHOLE},
    ),
    Ending(
        name="returned-by-choice",
        story="goods come back by the buyer's choice: shipping stays paid",
        status="delivered",
        tenders=_CARD,
        steps=(Ask(kind="returns", reason="changed_mind"), _YES, *_BACK_AGAIN, Pays()),
        outcomes=("returned",),
        gone=ALL_PIECES,
        back={"card": GOODS},
        kept=SHIPPING,
    ),
    Ending(
        name="never-sent-back",
        story="the seller agrees to a return, and the buyer never sends the goods",
        status="delivered",
        steps=(_DAMAGED, _YES, Silence("closed")),
        outcomes=("expired",),
    ),
    Ending(
        name="refund-fails",
        story="the refund fails, and goes when it is tried again",
        tenders=_CARD,
        steps=(Ask(), _YES, Pays("failed"), Steers("retry", _NOTE), Pays()),
        outcomes=("cancelled",),
        gone=ALL_PIECES,
        back={"card": WHOLE},
    ),
    Ending(
        name="refund-comes-back",
        story="the refund goes, comes back, and goes into the wallet instead",
        tenders=_CARD,
        steps=(Ask(), _YES, Pays(), ComesBack(), Steers("redirect", {"to": "wallet", **_NOTE})),
        outcomes=("cancelled",),
        gone=ALL_PIECES,
        back={"wallet": WHOLE},
    ),
)
