"""Who does not act is urged ever more, by the policy's plan: by mail first, then by another way; who acted is not."""

from datetime import timedelta

import pytest

from chalicelib.domain.cases.commands import MakeOffer
from chalicelib.domain.policies.rhythms import Rhythm
from chalicelib.domain.policies.spans import Span
from chalicelib.domain.policies.urgency import Urge, UrgeBy
from chalicelib.workflow.asking import ask
from chalicelib.workflow.decisions import say
from chalicelib.workflow.seller_rules import save_seller_rules
from chalicelib.workflow.sweeping import sweep
from infra.sandbox.builders import BUDI, SELLER, a_policy, an_ask, an_order
from tests.fakes.ports import Neighbourhood, a_neighbourhood

PLAN = (Urge(basis_points=5_000), Urge(basis_points=7_500, by=UrgeBy.MARKETPLACE))


def an_urged(plan: tuple[Urge, ...] | None = PLAN) -> tuple[Neighbourhood, str]:
    """A request that its seller has 48 hours for, under such a plan."""
    around = a_neighbourhood(orchestrated=False)
    hours = Span(amount=48, unit="hours")
    around.store.put_policy(a_policy("tokopedia", version=2, within=hours, urgency=plan))
    around.push(an_order(order_id="O-1", platform="tokopedia"))
    case_id = ask(around.ports, "O-1", an_ask(), BUDI).case_id
    sweep(around.ports)
    return around, case_id


def urged(around: Neighbourhood, hours: float) -> tuple[int, int]:
    """How often the seller was reminded by mail and by the marketplace, so many hours later."""
    around.clock.advance(int(hours * 3600))
    sweep(around.ports)
    told = [event for event in around.bus.published if event.name == "person.tell"]
    return around.outbox.kinds.count("reminder:seller"), len(told)


def test_who_does_not_act_is_urged_by_mail_at_half_time_and_by_another_way_later() -> None:
    around, _ = an_urged()
    assert urged(around, 23.9) == (0, 0)
    assert urged(around, 0.2) == (1, 0)
    assert urged(around, 11.8) == (1, 0)
    assert urged(around, 0.2) == (1, 1)
    assert urged(around, 11) == (1, 1)


def test_who_acted_on_the_first_hears_nothing_by_the_second() -> None:
    around, case_id = an_urged()
    assert urged(around, 25) == (1, 0)
    say(around.ports, case_id, MakeOffer(fee=10_000), SELLER)
    assert urged(around, 12) == (1, 0)


def test_a_later_step_goes_its_own_way_also_past_a_digest() -> None:
    around, _ = an_urged()
    save_seller_rules(around.ports, SELLER, SELLER.id, (), digest=Rhythm.DAILY)
    urged(around, 37)
    assert [event.name for event in around.bus.published].count("person.tell") == 1


def test_without_a_plan_reminders_come_as_ever() -> None:
    around, _ = an_urged(None)
    assert urged(around, 35.9) == (0, 0)
    assert urged(around, 0.2) == (1, 0)


def test_an_empty_plan_urges_nobody() -> None:
    around, _ = an_urged(())
    assert urged(around, 47) == (0, 0)


@pytest.mark.parametrize("plan", [(5_000, 5_000), (7_500, 5_000), (0,), (10_000,), tuple(range(1, 9))])
def test_a_plan_that_cannot_be_followed_is_refused(plan: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="urge"):
        a_policy(urgency=tuple(Urge(basis_points=each) for each in plan))


def test_a_step_is_a_share_of_the_wait() -> None:
    around, case_id = an_urged()
    case = around.case(case_id)
    assert case.deadline_at
    began = case.deadline_at - timedelta(hours=48)
    assert PLAN[1].moment(began, case.deadline_at) == began + timedelta(hours=36)
