"""Orders that were paid together: one checkout of one buyer."""

from collections.abc import Sequence
from itertools import islice

from chalicelib.domain.errors import Forbidden, NotFound
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import LONGEST_PAGE, Ports, every

# Of a buyer's orders so many are looked through, the latest first; and so many of one checkout are shown and asked for.
LOOKED_THROUGH = 200
MOST_TOGETHER = 20


def orders_of(ports: Ports, payment_id: str, actor: Actor) -> Sequence[Order]:
    """The buyer's own orders with this payment, newest first, among the LOOKED_THROUGH latest.

    Raises Forbidden but for buyers, NotFound where there is none.
    """
    if actor.role is not Role.BUYER:
        raise Forbidden(actor.role, "see_checkout")
    found = _with_payment(ports, payment_id, actor.id)
    if not found:
        raise NotFound("payment")
    return found


def together_with(ports: Ports, order: Order, actor: Actor) -> int:
    """How many of the buyer's own orders were paid together with this one, itself among them; 1 for everybody else."""
    if actor.role is not Role.BUYER or order.body.payment_id is None:
        return 1
    return max(1, len(_with_payment(ports, order.body.payment_id, actor.id)))


def _with_payment(ports: Ports, payment_id: str, buyer_id: str) -> Sequence[Order]:
    latest = every(lambda cursor: ports.store.orders(buyer_id=buyer_id, limit=LONGEST_PAGE, cursor=cursor))
    looked = islice(latest, LOOKED_THROUGH)
    return list(islice((order for order in looked if order.body.payment_id == payment_id), MOST_TOGETHER))
