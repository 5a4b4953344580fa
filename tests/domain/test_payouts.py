"""Money that cannot go back the way it came: asked for, named, and sent elsewhere once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.cases.commands import Approve, Expire, PartTold, PayOut, RedirectPart, RetryPart, Said
from chalicelib.domain.cases.effects import Mail, MailKind, encode
from chalicelib.domain.cases.outbox import is_obsolete
from chalicelib.domain.cases.step import StepContext
from chalicelib.domain.cases.transitions import CaseRefused, advance
from chalicelib.domain.errors import Forbidden, Invalid
from chalicelib.domain.money.payout import (
    MOST_ASKED,
    Account,
    bank_account,
    ewallet_account,
    identity_of,
    kept_of,
)
from chalicelib.domain.money.providers import Shut
from chalicelib.domain.money.refund import Instead, PartState, Refund, Report, Told
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.parties import Actor
from infra.sandbox.builders import (
    BUDI,
    NOW,
    SELLER,
    SUPPORT,
    SYSTEM,
    a_case,
    a_context,
    a_policy,
    an_account,
    an_act,
    an_order,
)

OTHER_SUPPORT = replace(SUPPORT, id="cs-2")
LATER = NOW + timedelta(hours=3)


def said(case: Case, what: Said, who: Actor, context: StepContext | None = None) -> Case:
    """The case after it."""
    now = case.deadline_at if isinstance(what, Expire) and case.deadline_at else LATER
    after = advance(case, an_act(what, who, now=now), context or a_context()).case
    assert after
    return after


def granted(tenders: dict[str, int], *, shut: tuple[Method, ...] = (), limit: int | None = None) -> Case:
    """A granted request of an order that was paid so; the methods that are `shut` have no way back."""
    order = an_order(tenders=tenders)
    policy = a_policy(without_way_back=shut, second_person_above=limit)
    case = a_case(order, policy=policy)
    return said(case, Approve(), SELLER, a_context(policy, order=order))


def failed(case: Case, code: str | None, name: str = "1") -> Case:
    """The same once it was told that a part did not go."""
    amount = refund_of(case).by_name[name].amount
    report = Report(event_id=f"e-{name}", part=name, told=Told.FAILED, amount=amount, at=LATER, code=code)
    return said(case, PartTold(report=report), SYSTEM)


def refund_of(case: Case) -> Refund:
    assert case.refund
    return case.refund


def states(case: Case) -> list[str]:
    return [part.state for part in refund_of(case).parts]


def mails(case: Case) -> list[str]:
    return [str(each.effect.kind) for each in case.outbox if isinstance(each.effect, Mail)]


VA = {"virtual_account": 150_000}


def test_what_has_no_way_back_by_policy_is_asked_of_nobody_but_the_buyer() -> None:
    case = granted(VA, shut=(Method.VIRTUAL_ACCOUNT,))
    assert case.state is State.REFUNDING
    assert states(case) == ["needs_account"]
    assert "account_wanted" in mails(case)
    assert not any("refund.requested" in encode(each) or "refund_call" in encode(each) for each in case.outbox)


def test_the_rest_of_a_refund_does_not_wait_for_the_account() -> None:
    case = granted({"virtual_account": 100_000, "card": 50_000}, shut=(Method.VIRTUAL_ACCOUNT,))
    assert sorted(states(case)) == ["due", "needs_account"]


@pytest.mark.parametrize("code", sorted(set(Shut) - {Shut.NO_REFERENCE, Shut.ACCOUNT_GONE}))
def test_a_part_whose_way_is_shut_waits_for_an_account(code: str) -> None:
    case = failed(granted(VA), code)
    assert states(case) == ["needs_account"]
    assert "account_wanted" in mails(case)
    assert "money_delayed" not in mails(case), "one mail says what is so"


@pytest.mark.parametrize("code", [None, "refused", Shut.NO_REFERENCE, Shut.ACCOUNT_GONE])
def test_a_part_that_failed_for_other_reasons_is_for_people(code: str | None) -> None:
    assert states(failed(granted(VA), code)) == ["failed"]


def test_vouchers_and_coins_never_wait_for_an_account() -> None:
    case = failed(granted({"card": 100_000, "voucher": 50_000}), Shut.NO_WAY_BACK, "2")
    assert states(case)[1] == "failed"


def test_the_account_that_the_buyer_names_takes_the_place_of_the_part_and_is_asked_for() -> None:
    case = said(failed(granted(VA), Shut.NO_WAY_BACK), PayOut(account=an_account()), BUDI)
    was, instead = refund_of(case).parts
    assert was.state is PartState.REDIRECTED
    assert (instead.method, instead.channel, instead.amount) == (Method.BANK, "bca", 150_000)
    assert (instead.state, instead.instead_of, instead.account) == (PartState.DUE, "1", an_account())
    assert refund_of(case).total == refund_of(case).due == 150_000
    assert "account_set" in mails(case)
    assert any("refund.requested" in encode(each) for each in case.outbox)


def test_where_a_provider_pays_out_it_is_asked_for_the_part() -> None:
    case = failed(granted(VA), Shut.NO_WAY_BACK)
    case = said(case, PayOut(account=an_account()), BUDI, replace(a_context(), payouts="theirs"))
    assert refund_of(case).parts[1].provider == "theirs"


def test_the_buyer_may_rather_have_it_in_the_wallet_and_then_it_is_there() -> None:
    case = said(failed(granted(VA), Shut.NO_WAY_BACK), PayOut(), BUDI)
    assert states(case) == ["redirected", "paid"]
    assert (case.state, case.outcome) == (State.CLOSED, Outcome.CANCELLED)


def test_all_that_has_no_way_goes_to_one_account() -> None:
    paid = {"virtual_account": 100_000, "card": 50_000}
    case = failed(granted(paid), Shut.NO_WAY_BACK, "1")
    case = failed(case, Shut.WINDOW_SHUT, "2")
    case = said(case, PayOut(account=an_account()), BUDI)
    assert states(case) == ["redirected", "redirected", "due", "due"]
    assert [part.instead_of for part in refund_of(case).parts[2:]] == ["1", "2"]
    assert refund_of(case).due == 150_000


def test_an_account_is_named_once() -> None:
    case = said(failed(granted(VA), Shut.NO_WAY_BACK), PayOut(account=an_account()), BUDI)
    with pytest.raises(CaseRefused, match="no_account_wanted"):
        said(case, PayOut(account=an_account("1111")), BUDI)


def test_after_a_payout_failed_another_account_may_be_named() -> None:
    case = said(failed(granted(VA), Shut.NO_WAY_BACK), PayOut(account=an_account()), BUDI)
    case = failed(case, "invalid_destination", "2")
    assert states(case) == ["redirected", "failed"]
    case = said(case, PayOut(account=an_account("1111")), BUDI)
    assert states(case) == ["redirected", "redirected", "due"]


def test_what_may_still_go_the_way_it_was_sent_goes_nowhere_else() -> None:
    with pytest.raises(CaseRefused, match="no_account_wanted"):
        said(granted(VA), PayOut(account=an_account()), BUDI)


def test_nobody_knows_how_it_went_so_it_goes_nowhere_else() -> None:
    case = granted(VA)
    held = Report(event_id="e1", part="1", told=Told.HELD, amount=150_000, at=LATER, code="cannot_be_asked")
    case = said(case, PartTold(report=held), SYSTEM)
    with pytest.raises(CaseRefused, match="no_account_wanted"):
        said(case, PayOut(account=an_account()), BUDI)


def test_customer_service_names_one_for_the_buyer_and_says_why() -> None:
    case = failed(granted(VA), Shut.NO_WAY_BACK)
    with pytest.raises(Invalid, match="note_required"):
        said(case, PayOut(account=an_account(), note=" "), SUPPORT)
    assert states(said(case, PayOut(account=an_account(), note="told by phone"), SUPPORT)) == ["redirected", "due"]
    with pytest.raises(CaseRefused, match="no_account_wanted"):
        said(case, PayOut(note="they like it so"), SUPPORT)


def test_above_the_limit_two_of_customer_service_name_the_same_account() -> None:
    by = a_context(a_policy(second_person_above=100_000))
    case = failed(granted(VA), Shut.NO_WAY_BACK)
    mine, other = PayOut(account=an_account(), note="by phone"), PayOut(account=an_account("1111"), note="by phone")
    case = said(case, mine, SUPPORT, by)
    assert states(case) == ["needs_account"]
    with pytest.raises(CaseRefused, match="same_person"):
        said(case, mine, SUPPORT, by)
    again = replace(an_account(), account_id="another-row")
    assert states(said(case, replace(mine, account=again), OTHER_SUPPORT, by)) == ["redirected", "due"]
    case = said(case, other, OTHER_SUPPORT, by)
    assert states(case) == ["needs_account"], "another account is another wish"
    assert states(said(case, mine, BUDI, by)) == ["redirected", "due"], "a buyer needs nobody's yes"


def test_sellers_and_systems_never_say_where_money_goes() -> None:
    case = failed(granted(VA), Shut.NO_WAY_BACK)
    for actor in (SELLER, SYSTEM):
        with pytest.raises(Forbidden):
            said(case, PayOut(account=an_account()), actor)


def test_people_in_charge_have_the_buyer_asked() -> None:
    case = said(failed(granted(VA), "refused"), RedirectPart(part="1", note="closed", to=Instead.PAYOUT), SUPPORT)
    assert states(case) == ["needs_account"]
    assert "account_wanted" in mails(case)


def test_a_buyer_who_does_not_answer_is_reminded_and_then_people_look() -> None:
    case = failed(granted(VA), Shut.NO_WAY_BACK)
    for asked in range(2, MOST_ASKED + 1):
        case = said(replace(case, outbox={}), Expire(), SYSTEM)
        assert mails(case) == ["account_wanted"]
        assert refund_of(case).parts[0].asked == asked
        assert not refund_of(case).overdue, "it is the buyer who is late"
    case = said(replace(case, outbox={}), Expire(), SYSTEM)
    assert states(case) == ["held"]
    case = said(replace(case, outbox={}), Expire(), SYSTEM)
    assert mails(case) == [], "nothing is said to them that is not so"
    assert states(said(case, PayOut(account=an_account()), BUDI)) == ["redirected", "due"], "late is not too late"


def test_a_success_that_is_told_late_ends_the_question() -> None:
    case = failed(granted(VA), Shut.NO_WAY_BACK)
    went = Report(event_id="e2", part="1", told=Told.SUCCEEDED, amount=150_000, at=LATER + timedelta(hours=1))
    done = said(case, PartTold(report=went), SYSTEM)
    assert done.state is State.CLOSED
    promised = [each for each in case.outbox if isinstance(each.effect, Mail)]
    wanted = next(each for each in promised if each.effect == Mail(MailKind.ACCOUNT_WANTED, each.effect.to))  # type: ignore[attr-defined]
    assert is_obsolete(wanted, done)
    assert not is_obsolete(wanted, case)


def test_a_part_that_is_asked_for_again_goes_the_first_way_at_a_further_try() -> None:
    case = said(failed(granted(VA), Shut.NO_REFERENCE), RetryPart(part="1", note="now it is known"), SUPPORT)
    assert (states(case), refund_of(case).parts[0].tries) == (["due"], 2)
    never_asked = granted(VA, shut=(Method.VIRTUAL_ACCOUNT,))
    case = said(never_asked, RetryPart(part="1", note="they can"), SUPPORT)
    assert (states(case), refund_of(case).parts[0].tries) == (["due"], 1)


@pytest.mark.parametrize(
    ("bank", "number", "holder", "wrong"),
    [
        ("", "1234567890", "Budi", "bank"),
        ("BCA", "", "Budi", "account_number"),
        ("BCA", "12ab", "Budi", "account_number"),
        ("BCA", "1234", "Budi", "account_number"),
        ("BCA", "1" * 21, "Budi", "account_number"),
        ("BCA", "١٢٣٤٥٦", "Budi", "account_number"),
        ("BCA", "1234567890", "", "holder"),
        ("BCA", "1234567890", "12345", "holder"),
        ("BCA", "1234567890", "B" * 101, "holder"),
        ("BCA", "1234567890", "Bu\u202edi", "holder"),
    ],
)
def test_what_is_no_bank_account_is_refused_by_its_field(bank: str, number: str, holder: str, wrong: str) -> None:
    with pytest.raises(Invalid) as refused:
        bank_account(bank, number, holder)
    errors: Any = refused.value.details["errors"]
    assert [each["field"] for each in errors] == [wrong]


def test_accounts_are_read_as_people_write_them() -> None:
    assert bank_account(" Bank Mandiri ", "123-00-0456.7890", " Budi  Santoso ") == Account(
        method=Method.BANK, channel="mandiri", number="1230004567890", holder="Budi Santoso"
    )
    ways = ("0812-3456-7890", "+62 812 3456 7890", "62812 34567890", "0062 81234567890")
    assert len({identity_of(ewallet_account("Go-Pay", phone, "Budi")) for phone in ways}) == 1
    with pytest.raises(Invalid):
        ewallet_account("GoPay", "12345", "Budi")


def test_a_case_keeps_no_more_of_an_account_than_people_need() -> None:
    kept = kept_of(bank_account("BCA", "1234567890", "Budi Santoso"), "a1", "f1")
    assert (kept.channel, kept.ending, kept.initials) == ("bca", "7890", "B*** S***")
    assert "123456" not in repr(kept)
    assert "Santoso" not in repr(bank_account("BCA", "1234567890", "Budi Santoso"))
