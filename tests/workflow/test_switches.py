"""What the people in charge switch off does not happen, and happens afterwards: nothing is lost, held or overtaken."""

from dataclasses import replace

import pytest

from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.cases.events import EventName
from chalicelib.domain.cases.outbox import held
from chalicelib.domain.orders.body import Line
from chalicelib.domain.parties import Role
from chalicelib.domain.switches import Switch
from chalicelib.workflow.asking import ask
from chalicelib.workflow.decisions import say
from chalicelib.workflow.refund_calls import call_due
from chalicelib.workflow.sweeping import sweep
from chalicelib.workflow.telling import with_work
from infra.sandbox.builders import BUDI, SELLER, an_ask, an_order
from tests.fakes.ports import Neighbourhood, a_neighbourhood

DAYS = 86_400


def granted(around: Neighbourhood) -> str:
    line = Line(line_id="1", name="Kemeja", quantity=1, unit_price=100_000)
    around.push(an_order(order_id="O-1", lines=(line,), tenders={"card": 100_000}))
    case_id = ask(around.ports, "O-1", an_ask(), BUDI).case_id
    say(around.ports, case_id, Approve(), SELLER)
    return case_id


def switched(around: Neighbourhood, *off: Switch) -> Neighbourhood:
    """The same neighbourhood after somebody said `make switch`."""
    return replace(around, ports=replace(around.ports, off=frozenset(off)))


def days_go_by(around: Neighbourhood, days: int) -> None:
    """With a sweep each hour: as often as what fails is tried."""
    for _ in range(24 * days):
        around.clock.advance(3_600)
        sweep(around.ports)


def test_mails_wait_longer_than_any_outage_and_then_go_out_in_their_order() -> None:
    around = switched(a_neighbourhood(orchestrated=False), Switch.MAILS)
    case_id = granted(around)
    days_go_by(around, 5)
    assert around.outbox.sent == []
    assert held(around.case(case_id)) == []
    assert EventName.REFUND_REQUESTED in around.bus.names, "events go their way"
    on = switched(around)
    on.clock.advance(300)
    sweep(on.ports)
    # Nobody needs to be asked any more; that it was asked and granted is told as it was said.
    assert "decision_needed:seller" not in on.outbox.kinds
    assert [mail.kind for mail in on.outbox.sent if mail.to is Role.BUYER] == ["request_received", "approved"]


def test_no_event_asks_for_a_refund_while_refunds_are_off() -> None:
    around = switched(a_neighbourhood(orchestrated=False), Switch.REFUNDS)
    case_id = granted(around)
    days_go_by(around, 5)
    assert EventName.REFUND_REQUESTED not in around.bus.names
    assert "approved:buyer" in around.outbox.kinds, "mails go their way"
    assert held(around.case(case_id)) == []
    assert with_work(around.ports) == []
    on = switched(around)
    on.clock.advance(300)
    sweep(on.ports)
    # It is asked for anew each day, too: by the same key, so that it is done once.
    assert EventName.REFUND_REQUESTED in on.bus.names


@pytest.mark.parametrize("off", [frozenset[Switch](), frozenset({Switch.REFUNDS})])
def test_a_provider_is_asked_only_while_refunds_are_on(off: frozenset[Switch]) -> None:
    around = a_neighbourhood(orchestrated=False)
    asked = list[object]()

    class Due:
        def due_dispatches(self, *_: object) -> list[object]:
            asked.append(_)
            return []

    call_due(replace(around.ports, off=off, store=Due()))  # type: ignore[arg-type]
    assert bool(asked) is not bool(off)
