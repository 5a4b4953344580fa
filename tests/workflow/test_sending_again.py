"""A mail once more: only what still says how the case stands, each as it can be written, once per entry."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.cases.effects import Mail, MailKind, Promise
from chalicelib.domain.cases.outbox import is_obsolete
from chalicelib.domain.cases.sending_again import may_go_again
from chalicelib.domain.cases.transitions import CaseRefused
from chalicelib.domain.errors import Forbidden, Invalid, NotFound
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.people.mail_stops import Why
from chalicelib.domain.policies.reasons import Kind
from chalicelib.links import Links
from chalicelib.mail.composing import compose
from chalicelib.workflow import asking
from chalicelib.workflow.mail_stops import stop
from chalicelib.workflow.sending_again import mail_again, mails_of
from chalicelib.workflow.sweeping import sweep
from infra.sandbox.builders import BUDI, OPERATOR, SELLER, SUPPORT, a_case, an_ask, an_order, outbox_of
from infra.sandbox.specimens import STORIES
from tests.fakes.ports import Neighbourhood, a_neighbourhood

LINKS = Links(public_url="https://batal.example", secret="fake")
TO_SELLER = Mail(MailKind.DECISION_NEEDED, Role.SELLER)


def standing() -> Iterator[Case]:
    """A case at every place where one may stand."""
    for kind in (Kind.CANCELLATION, Kind.RETURN):
        case = replace(a_case(), kind=kind, outbox={})
        for state in State:
            if state is State.CLOSED:
                for outcome in Outcome:
                    yield replace(case, state=state, outcome=outcome, deadline_at=None, closed_at=case.updated_at)
            elif state is not State.AWAITING_BUYER:
                yield replace(case, state=state)


@pytest.mark.parametrize("case", tuple(standing()), ids=lambda case: f"{case.kind}-{case.state}-{case.outcome}")
def test_every_mail_that_may_go_again_can_be_written_and_still_helps(case: Case) -> None:
    mails = mails_of(case)
    assert {mail.to for mail in mails} == {Role.BUYER, Role.SELLER}
    for mail in mails:
        promise = Promise(case.entries + 1, mail)
        assert not is_obsolete(promise, case)
        assert compose(promise, case, an_order(), links=LINKS).subject


@pytest.fixture
def asked() -> tuple[Neighbourhood, str]:
    around = a_neighbourhood(orchestrated=False)
    around.push(an_order())
    case = asking.ask(around.ports, "LZD-1", an_ask(), BUDI)
    sweep(around.ports)
    return around, case.case_id


def kinds_to(around: Neighbourhood, to: Role) -> list[str]:
    return [mail.kind for mail in around.outbox.sent if mail.to == to]


def test_a_mail_goes_out_once_more_and_nothing_is_decided(asked: tuple[Neighbourhood, str]) -> None:
    around, case_id = asked
    before = around.case(case_id)
    assert kinds_to(around, Role.SELLER) == ["decision_needed"]
    after = mail_again(around.ports, case_id, TO_SELLER, "lost it", SUPPORT)
    assert list(outbox_of(after)) != list(outbox_of(before))
    assert (after.state, after.turn, after.updated_at, after.deadline_at) == (
        *(before.state, before.turn, before.updated_at, before.deadline_at),
    )
    for _ in range(2):
        sweep(around.ports)
    assert kinds_to(around, Role.SELLER) == ["decision_needed", "decision_needed"]


def test_what_is_still_on_its_way_does_not_go_twice(asked: tuple[Neighbourhood, str]) -> None:
    around, case_id = asked
    mail_again(around.ports, case_id, TO_SELLER, "x", SUPPORT)
    with pytest.raises(CaseRefused) as refused:
        mail_again(around.ports, case_id, TO_SELLER, "x", SUPPORT)
    assert refused.value.code == "mail_under_way"


def test_what_would_not_be_so_is_not_told(asked: tuple[Neighbourhood, str]) -> None:
    around, case_id = asked
    with pytest.raises(CaseRefused) as refused:
        mail_again(around.ports, case_id, Mail(MailKind.APPROVED, Role.BUYER), "x", SUPPORT)
    assert refused.value.code == "not_now"


def test_a_stopped_address_gets_nothing(asked: tuple[Neighbourhood, str]) -> None:
    around, case_id = asked
    order = around.store.order("LZD-1")
    assert order
    stop(around.ports, [order.body.seller.mailbox or ""], Why.BOUNCE, case_id)
    with pytest.raises(CaseRefused) as refused:
        mail_again(around.ports, case_id, TO_SELLER, "x", SUPPORT)
    assert refused.value.code == "mail_stopped"


@pytest.mark.parametrize("actor", [BUDI, SELLER, OPERATOR], ids=lambda actor: actor.role)
def test_only_customer_service_sends_again_and_says_why(asked: tuple[Neighbourhood, str], actor: Actor) -> None:
    around, case_id = asked
    with pytest.raises(Forbidden):
        mail_again(around.ports, case_id, TO_SELLER, "x", actor)
    with pytest.raises(Invalid):
        mail_again(around.ports, case_id, TO_SELLER, " ", SUPPORT)
    with pytest.raises(NotFound):
        mail_again(around.ports, "nothing", TO_SELLER, "x", SUPPORT)


def test_money_that_was_there_at_once_is_told_by_one_mail_also_when_it_goes_again() -> None:
    (there, _), (sent, _) = STORIES["goods are back"][1]("id"), STORIES["paid back"][1]("id")
    assert may_go_again(there, Role.BUYER) == (MailKind.APPROVED,)
    assert may_go_again(sent, Role.BUYER) == (MailKind.APPROVED, MailKind.MONEY_RETURNED)
