"""Stopped addresses get no mail, and everything else goes on."""

import pytest

from chalicelib.domain.cases.case import Case
from chalicelib.domain.errors import Forbidden
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.people.mail_stops import Why, stop_id
from chalicelib.workflow.asking import ask
from chalicelib.workflow.mail_stops import delays, lift, stop, stopped_parties, stops, wanted_again
from chalicelib.workflow.sweeping import sweep
from chalicelib.workflow.waiting import enter
from infra.sandbox.builders import BUDI, SELLER, SUPPORT, an_ask, outbox_now
from tests.fakes.ports import Neighbourhood, a_neighbourhood

OPERATOR = Actor(role=Role.OPERATOR, id="omar")
BUYER_ADDRESS, SELLER_ADDRESS = "budi@example.com", "toko-baju@example.com"


def asked(around: Neighbourhood) -> Case:
    around.push()
    return ask(around.ports, "LZD-1", an_ask(), BUDI)


def entered(around: Neighbourhood) -> Case:
    case = asked(around)
    enter(around.ports, case.case_id, 1, 1, "token")
    return around.case(case.case_id)


def test_a_stopped_address_gets_no_mail_and_nothing_stays_owed() -> None:
    around = a_neighbourhood()
    stop(around.ports, [SELLER_ADDRESS], Why.BOUNCE, None)
    case = entered(around)
    assert around.outbox.kinds == ["request_received:buyer"]
    assert outbox_now(case) == {}
    assert around.bus.names == ["case.opened", "order.hold_shipment"]


def test_when_the_stop_is_lifted_later_mails_come_and_missed_ones_do_not() -> None:
    around = a_neighbourhood()
    stop(around.ports, [BUYER_ADDRESS], Why.COMPLAINT, None)
    case = entered(around)
    (known,) = stops(around.ports, OPERATOR).items
    lift(around.ports, OPERATOR, known.stop_id)
    assert case.deadline_at is not None
    around.clock.at = case.deadline_at
    for _ in range(3):
        around.clock.advance(200)
        sweep(around.ports)
    assert "request_received:buyer" not in around.outbox.kinds
    assert any(kind.endswith(":buyer") for kind in around.outbox.kinds)


def test_staff_see_whom_mails_do_not_reach() -> None:
    around = a_neighbourhood()
    order = around.push()
    assert stopped_parties(around.ports, order) == []
    stop(around.ports, [SELLER_ADDRESS.upper()], Why.BOUNCE, "c1")
    assert stopped_parties(around.ports, order) == [Role.SELLER]


def test_parties_neither_see_nor_lift_stops() -> None:
    around = a_neighbourhood()
    with pytest.raises(Forbidden):
        stops(around.ports, SELLER)
    for actor in (BUDI, SELLER, SUPPORT):
        with pytest.raises(Forbidden):
            lift(around.ports, actor, "x")


def test_a_reader_who_wants_our_mail_after_all_gets_it_again() -> None:
    around = a_neighbourhood()
    order = around.push()
    stop(around.ports, [BUYER_ADDRESS], Why.COMPLAINT, None)
    wanted_again(around.ports, [BUYER_ADDRESS.upper(), "nobody@example.com"])
    assert stopped_parties(around.ports, order) == []


@pytest.mark.parametrize("written", ["budi@BÜCHER.example", " budi@xn--bcher-kva.example"])
def test_an_international_domain_is_one_however_it_is_written(written: str) -> None:
    assert stop_id(written) == stop_id("budi@bücher.example")


def test_a_list_of_the_mail_service_takes_nothing_from_what_stopped_the_address_before() -> None:
    around = a_neighbourhood()
    stop(around.ports, [BUYER_ADDRESS], Why.COMPLAINT, None)
    stop(around.ports, [BUYER_ADDRESS, SELLER_ADDRESS], Why.SUPPRESSED, None)
    found = {known.address: known.why for known in stops(around.ports, OPERATOR).items}
    assert found == {BUYER_ADDRESS: Why.COMPLAINT, SELLER_ADDRESS: Why.SUPPRESSED}


def test_parties_do_not_see_which_mails_are_late() -> None:
    with pytest.raises(Forbidden):
        delays(a_neighbourhood().ports, BUDI)
