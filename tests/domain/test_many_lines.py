"""An order of many lines asks for no more than many times the work: counted by looks at what is gone."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.domain.cases import asking
from chalicelib.domain.orders.body import Line
from chalicelib.domain.orders.order import Order
from chalicelib.domain.policies.reasons import Kind
from infra.sandbox.builders import NOW, a_policy, an_asking, an_order


class Counted(dict[str, int]):
    """A mapping that counts how often it was asked."""

    looks = 0

    def get(self, *given: Any) -> Any:
        self.looks += 1
        return super().get(*given)


def options(order: Order) -> object:
    wish = {line.line_id: 1 for line in order.body.lines}
    return asking.options(order, a_policy(), Kind.CANCELLATION, NOW, lines=wish)


def ask(order: Order) -> object:
    return an_asking(order, lines={line.line_id: 1 for line in order.body.lines})


def looks(act: Callable[[Order], object], count: int, status: str) -> int:
    lines = tuple(
        Line(line_id=f"{number}", name="Kancing", quantity=2, unit_price=500, package=f"{number % 50}")
        for number in range(count)
    )
    cancelled = Counted()
    act(an_order(lines=lines, status=status, guard={"cancelled": cancelled}))
    return cancelled.looks


@pytest.mark.parametrize("status", ["processing", "ready_to_ship"])
@pytest.mark.parametrize("act", [options, ask, lambda order: order.remaining, lambda order: order.gone])
def test_twice_the_lines_are_twice_the_work(act: Callable[[Order], object], status: str) -> None:
    once, twice = looks(act, 50, status), looks(act, 100, status)
    assert once > 0
    assert twice <= 2.5 * once
