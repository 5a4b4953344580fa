"""Digests: one mail with all that waits, most urgent first; single mails only for what would lapse before it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.cases.case import State
from chalicelib.domain.cases.commands import Approve, Withdraw
from chalicelib.domain.cases.effects import MailKind
from chalicelib.domain.errors import Forbidden, NotFound
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.people.digests import DigestNote
from chalicelib.domain.people.mail_stops import Why
from chalicelib.domain.policies.rhythms import Rhythm, next_digest
from chalicelib.domain.ports import Mail
from chalicelib.domain.switches import Switch
from chalicelib.domain.zones import Zone
from chalicelib.workflow import mail_stops
from chalicelib.workflow.asking import ask
from chalicelib.workflow.decisions import say
from chalicelib.workflow.seller_rules import save_seller_rules
from chalicelib.workflow.sweeping import sweep
from infra.sandbox.builders import BUDI, NO, NOW, SELLER, SUPPORT, an_ask, an_order
from tests.fakes.ports import Neighbourhood, a_neighbourhood
from tests.proofs.figures import figure


def a_shop(rhythm: Rhythm = Rhythm.TWICE_A_DAY) -> Neighbourhood:
    """A marketplace without Step Functions whose seller chose a rhythm; NOW is 10.00 in Jakarta."""
    around = a_neighbourhood(orchestrated=False)
    save_seller_rules(around.ports, SELLER, SELLER.id, (), digest=rhythm)
    return around


def asks(around: Neighbourhood, number: int = 1) -> str:
    around.push(an_order(order_id=f"O-{number}", platform="tokopedia"))
    case_id = ask(around.ports, f"O-{number}", an_ask(), BUDI).case_id
    sweep(around.ports)
    return case_id


def to_seller(around: Neighbourhood) -> list[Mail]:
    return [mail for mail in around.outbox.sent if mail.to in ("seller", "toko-baju@example.com")]


def later(around: Neighbourhood, hours: float) -> None:
    around.clock.advance(int(hours * 3600))
    sweep(around.ports)


def test_a_seller_with_64_requests_gets_one_mail_most_urgent_first() -> None:
    around = a_shop()
    ids = []
    for number in range(64):
        ids.append(asks(around, number))
        around.clock.advance(30)
    assert to_seller(around) == []
    later(around, 4)
    (digest,) = to_seller(around)
    assert digest.kind == "digest"
    assert digest.subject.startswith("64 permintaan menunggu Anda, yang pertama sampai ")
    places = [digest.text.index(f"· {case_id}\n") for case_id in ids]
    assert places == sorted(places)
    assert len(digest.html) < 100_000
    later(around, 1)
    assert len(to_seller(around)) == 1


def test_what_would_lapse_before_the_next_digest_is_a_mail_of_its_own() -> None:
    around = a_shop(Rhythm.DAILY)
    around.clock.advance(-2.5 * 3600)
    case_id = asks(around)
    assert around.case(case_id).deadline_at == NOW + timedelta(hours=45.5)  # Wednesday 07.30, before its digest
    later(around, 0.5)
    assert [mail.kind for mail in to_seller(around)] == ["digest"]
    later(around, 24)
    assert [mail.kind for mail in to_seller(around)] == ["digest"]
    later(around, 12)
    assert [mail.kind for mail in to_seller(around)] == ["digest", MailKind.REMINDER]


def test_who_chose_nothing_gets_single_mails_as_ever() -> None:
    around = a_shop(Rhythm.SINGLE)
    asks(around)
    assert [mail.kind for mail in to_seller(around)] == [MailKind.DECISION_NEEDED]
    assert around.store.digest_notes(SELLER.id) == []


def test_what_was_answered_meanwhile_is_not_asked_again_and_news_is_told_once() -> None:
    around = a_shop()
    answered, withdrawn, open_still = (asks(around, number) for number in range(3))
    say(around.ports, answered, Approve(), SELLER)
    say(around.ports, withdrawn, Withdraw(), BUDI)
    later(around, 4)
    (digest,) = to_seller(around)
    assert digest.subject.startswith("Satu permintaan menunggu Anda sampai ")
    assert digest.text.count(open_still) == 1
    assert digest.text.count(withdrawn) == 1
    assert digest.text.count(answered) == 1


def test_a_digest_of_which_nothing_is_left_is_no_mail() -> None:
    around = a_shop()
    case_id = asks(around)
    around.store.case_rows[case_id] = replace(around.case(case_id), state=State.AWAITING_SUPPORT)
    later(around, 4)
    assert to_seller(around) == []
    assert around.store.digest_notes(SELLER.id) == []
    assert around.store.due_digests(around.clock() + timedelta(days=9), 10) == []


def test_a_seller_who_might_send_the_goods_is_told_at_once_that_they_must_not_leave() -> None:
    around = a_shop(Rhythm.DAILY)
    case_id = asks(around)
    say(around.ports, case_id, Approve(note="agreed"), SUPPORT)
    sweep(around.ports)
    assert [mail.kind for mail in to_seller(around)] == [MailKind.APPROVED]


def test_a_digest_that_could_not_go_is_tried_again_until_it_went_once() -> None:
    around = a_shop()
    asks(around)
    around.clock.advance(4 * 3600)
    around.outbox.refuses = lambda mail: True
    for _ in range(20):
        later(around, 0.1)
    assert around.store.due_digests(around.clock() + timedelta(hours=1), 5)[0].tries > 3
    around.outbox.refuses = lambda mail: False
    for _ in range(20):
        later(around, 0.1)
    assert [mail.kind for mail in to_seller(around)].count("digest") == 1


def test_while_mails_are_switched_off_a_digest_waits() -> None:
    around = a_shop()
    asks(around)
    on = around.ports
    around.ports = replace(on, off=frozenset({Switch.MAILS}))
    later(around, 5)
    assert to_seller(around) == []
    around.ports = on
    sweep(around.ports)
    assert [mail.kind for mail in to_seller(around)] == ["digest"]


def test_whose_address_was_stopped_meanwhile_gets_none() -> None:
    around = a_shop()
    asks(around)
    mail_stops.stop(around.ports, ["toko-baju@example.com"], Why.BOUNCE, None)
    later(around, 5)
    assert to_seller(around) == []
    assert around.store.digest_notes(SELLER.id) == []


def test_what_is_noted_while_a_digest_is_on_its_way_goes_with_the_next() -> None:
    around = a_shop()
    asks(around)
    around.clock.advance(4 * 3600 + 60)
    (due,) = around.store.due_digests(around.clock(), 5)
    assert around.store.put_digest(replace(due, rev=1, next_at=around.clock() + timedelta(seconds=90)))
    late = DigestNote(case_id="x", effect="1:mail:withdrawn:seller")
    assert not around.store.note_for_digest(SELLER.id, due.at, late)
    around.clock.advance(91)
    sweep(around.ports)
    assert [mail.kind for mail in to_seller(around)] == ["digest"]


def mails_of_100(rhythm: Rhythm) -> int:
    """Mails to a seller about 100 requests of one day: 70 they answer after five hours, 15 are withdrawn after two, 15
    end by silence."""
    around, ids = a_shop(rhythm), list[str]()
    for quarter in range(4 * 24 * 4):
        if len(ids) < 100 and quarter < 100:
            ids.append(asks(around, quarter))
        answered, withdrawn = quarter - 20, quarter - 8
        if 0 <= answered < 100 and answered % 20 < 14:
            said = Approve() if answered % 20 < 10 else NO
            say(around.ports, ids[answered], said, SELLER)
        if 0 <= withdrawn < 100 and withdrawn % 20 >= 17:
            say(around.ports, ids[withdrawn], Withdraw(), BUDI)
        later(around, 0.25)
    return len(to_seller(around))


def test_a_busy_seller_gets_less_than_a_mail_for_five_requests() -> None:
    counted = {rhythm: mails_of_100(rhythm) for rhythm in Rhythm}
    figure("mails", "to a seller about 100 requests: " + ", ".join(f"{each} {counted[each]}" for each in Rhythm))
    assert counted[Rhythm.SINGLE] > 200
    assert max(counted[Rhythm.TWICE_A_DAY], counted[Rhythm.DAILY]) < 20


@pytest.mark.parametrize(
    ("rhythm", "now", "then"),
    [
        (Rhythm.HOURLY, "10:00", "11:00"),
        (Rhythm.HOURLY, "10:59", "11:00"),
        (Rhythm.TWICE_A_DAY, "07:59", "08:00"),
        (Rhythm.TWICE_A_DAY, "08:00", "14:00"),
        (Rhythm.TWICE_A_DAY, "14:00", "1 08:00"),
        (Rhythm.DAILY, "08:00", "1 08:00"),
    ],
)
def test_digests_go_by_the_clocks_of_whoever_reads_them(rhythm: Rhythm, now: str, then: str) -> None:
    def at(text: str) -> datetime:
        day, _, clock = text.rpartition(" ")
        hour, minute = map(int, clock.split(":"))
        return datetime(2026, 11, 23 + int(day or 0), hour, minute, tzinfo=Zone.WIT.clock)

    assert next_digest(rhythm, at(now), Zone.WIT) == at(then)


def test_only_the_seller_and_operators_choose_and_rules_stay_as_they_are() -> None:
    around = a_shop(Rhythm.DAILY)
    with pytest.raises(NotFound):
        save_seller_rules(around.ports, Actor(role=Role.SELLER, id="other"), SELLER.id, (), digest=Rhythm.SINGLE)
    with pytest.raises(Forbidden):
        save_seller_rules(around.ports, SUPPORT, SELLER.id, (), digest=Rhythm.SINGLE)
    assert save_seller_rules(around.ports, SELLER, SELLER.id, (), "Jl. Merdeka 1").digest is Rhythm.DAILY
