"""Rows for the contract: an order that was pushed, a case that was opened, an answer to it."""

from typing import Any

from chalicelib.domain.cases.change import Change, Push
from chalicelib.domain.cases.commands import Said
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.money.books import left_by
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.orders.order import Order
from chalicelib.domain.ports import Store
from infra.sandbox.builders import SELLER, a_context, an_act, an_asking, an_order


def pushed(store: Store, **body: Any) -> Any:
    """An order in the store, as it is read back."""
    store.commit(Change(push=Push(before=None, after=an_order(**body))))
    return store.order(body.get("order_id", "LZD-1"))


def opened(store: Store, case_id: str = "c1", **body: Any) -> Change:
    """What opened a case for a fresh order."""
    change = an_asking(pushed(store, **body), case_id=case_id)
    store.commit(change)
    return change


def answer(
    store: Store, said: Said, case_id: str = "c1", actor: Any = SELLER, *, order: Order | None = None, **more: Any
) -> Change:
    """What a command to a stored case would change; not committed yet."""
    case = store.case(case_id)
    assert case
    return advance(case, an_act(said, actor, **more), a_context(order=order or store.order(case.order_id)))


def left_of(order: Order) -> dict[str, int]:
    """What may still go back per tender id, in minor units."""
    return left_by(with_books(order, None))
