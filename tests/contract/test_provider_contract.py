"""Every adapter keeps the port's word, against a server that knows its provider's documentation alone."""

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.adapters.providers import http
from chalicelib.adapters.providers.doku import Doku
from chalicelib.adapters.providers.http import Wire
from chalicelib.domain.errors import Invalid, Unavailable
from chalicelib.domain.money.hearing import told
from chalicelib.domain.money.providers import AfterLoss, Became, May, Never, PartRequest, ProviderAnswer, Shut
from chalicelib.domain.money.sending import (
    Find,
    GiveUp,
    Send,
    Sending,
    Stuck,
    answered,
    begun,
    next_step,
    once_again,
)
from chalicelib.domain.orders.methods import Method
from infra.sandbox.providers.midtrans import FakeMidtrans
from infra.sandbox.providers.serving import Say, served
from infra.sandbox.providers.till import Behaviour
from tests.fakes.provider_halls import NAMES, SECRETS, Hall, adapter, hall, known

B = Behaviour


@pytest.fixture(params=NAMES)
def the(request: pytest.FixtureRequest) -> Iterator[Hall]:
    with hall(request.param) as made:
        yield made


@pytest.fixture
def midtrans() -> Iterator[Hall]:
    with hall("midtrans") as made:
        yield made


@pytest.fixture
def xendit() -> Iterator[Hall]:
    with hall("xendit") as made:
        yield made


@pytest.fixture
def stripe() -> Iterator[Hall]:
    with hall("stripe") as made:
        yield made


@pytest.fixture
def doku() -> Iterator[Hall]:
    with hall("doku") as made:
        yield made


@pytest.fixture
def payouts() -> Iterator[Hall]:
    with hall("xendit_payouts") as made:
        yield made


def test_money_goes_once_and_the_provider_says_so_when_asked(the: Hall) -> None:
    request = the.request(the.pay(), 40_000)
    taken = the.provider.send(request)
    assert taken.became in (Became.PENDING, Became.SUCCEEDED)
    assert taken.reference
    assert taken.amount in (None, 40_000)
    the.wait(minutes=5)
    found = asked_again(the, known(request, taken.reference))
    assert (found.became, found.amount, found.reference) == (Became.SUCCEEDED, 40_000, taken.reference)
    assert the.went() == 40_000


def asked_again(the: Hall, request: PartRequest) -> ProviderAnswer:
    """What one learns of a key whose answer was lost, in the way that its provider has for it."""
    repeats = the.provider.habits.after_loss is AfterLoss.REPEAT
    return the.provider.send(request) if repeats else the.provider.find(request)


def test_what_was_lost_is_found_again(the: Hall) -> None:
    request = the.request(the.pay(), 40_000)
    the.till.behaviour = B.LOSE_ANSWER
    with pytest.raises(Unavailable):
        the.provider.send(request)
    the.till.behaviour = B.NORMAL
    the.wait(minutes=5)
    assert asked_again(the, request).became is Became.SUCCEEDED
    assert the.went() == 40_000


def test_a_key_that_nobody_sent_is_unknown_or_nobody_knows(the: Hall) -> None:
    request = the.request(the.pay())
    if the.provider.habits.after_loss is AfterLoss.ASK:
        assert the.provider.find(request).became is Became.UNKNOWN
    else:
        with pytest.raises(Unavailable):
            the.provider.find(request)


def test_the_same_key_twice_is_one_refund_wherever_a_key_may_be_sent_again(the: Hall) -> None:
    request = the.request(the.pay(), 40_000)
    first = the.provider.send(request)
    if the.provider.habits.after_loss is not AfterLoss.SEARCH:
        again = the.provider.send(request)
        assert again.became in (Became.PENDING, Became.SUCCEEDED)
        assert again.reference == first.reference
    the.wait(minutes=5)
    assert the.went() == 40_000


def test_a_slow_request_and_the_same_key_again_are_one_refund(the: Hall) -> None:
    habits = the.provider.habits
    if habits.after_loss is AfterLoss.SEARCH:
        pytest.skip("never sent again")
    request = the.request(the.pay(), 40_000)
    the.till.behaviour = B.SLOW
    with pytest.raises(Unavailable):
        the.provider.send(request)
    if habits.after_loss is AfterLoss.ASK:
        assert the.provider.find(request).became is Became.UNKNOWN
    the.till.behaviour = B.NORMAL
    the.provider.send(request)
    the.wait(minutes=10)
    assert the.went() == 40_000


def test_where_nothing_listens_nothing_was_taken(the: Hall) -> None:
    nobody = adapter(the.name, the.clock, "http://127.0.0.1:9")
    answer = nobody.send(the.request(the.pay()))
    assert (answer.became, answer.code) == (Became.UNKNOWN, "not_reached")
    assert answer.wait is not None
    with pytest.raises(Unavailable):
        nobody.find(known(the.request(the.pay(2)), "x"))


def test_patience_ends(the: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    http._pool.cache_clear()
    monkeypatch.setattr(http, "READ", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        patient = adapter(the.name, the.clock, f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(Unavailable):
            patient.send(the.request(the.pay()))
    http._pool.cache_clear()


def test_a_reference_leads_nowhere_else(the: Hall) -> None:
    if the.name == "doku":
        pytest.skip("none is in a path there")
    paid = the.pay()
    for elsewhere in ("..", "."):
        request = known(the.request(paid), elsewhere)
        request = replace(request, references=dict.fromkeys(request.references, elsewhere))
        with pytest.raises(Invalid):
            the.provider.find(request)


def test_one_nameless_reference_names_the_payment(the: Hall) -> None:
    _of_a_payment(the)
    request = replace(the.request(the.pay()), references={"reference": "own-1" if the.name != "stripe" else "order-1"})
    if the.name == "doku":
        assert the.provider.able(request, the.now()) == Never(Shut.NO_REFERENCE), "it needs two"
        return
    assert the.provider.able(request, the.now()) == May()
    the.provider.send(request)
    the.wait(minutes=5)
    assert the.went() == 100_000


def test_what_a_fake_shows_is_json(the: Hall) -> None:
    the.provider.send(the.request(the.pay(), 40_000))
    the.wait(minutes=5)
    the.heard()
    shown = json.loads(json.dumps(the.till.shown()))
    assert (shown["behaviour"], [line["amount"] for line in shown["ledger"]]) == ("normal", [40_000])


def test_a_busy_provider_says_later_or_nothing_and_nothing_went(the: Hall) -> None:
    the.till.behaviour = B.BUSY
    request, waits = the.request(the.pay()), []
    for _ in range(4):
        try:
            answer = the.provider.send(request)
        except Unavailable:
            continue
        assert answer.became is Became.UNKNOWN
        waits.append(answer.wait)
    assert waits
    assert all(waits)
    assert the.went() == 0


def test_a_wrong_secret_of_ours_is_no_refusal_of_the_refund(the: Hall) -> None:
    wrong = adapter(the.name, the.clock, _address(the), dict.fromkeys(SECRETS[the.name], "wrong"))
    answer = wrong.send(the.request(the.pay()))
    assert (answer.became, answer.code, answer.wait) == (Became.UNKNOWN, "401", timedelta(hours=1))


def test_a_refusal_is_final_and_has_a_code(the: Hall) -> None:
    the.till.behaviour = B.REFUSE
    answer = the.provider.send(the.request(the.pay()))
    assert (answer.became, answer.is_final) == (Became.FAILED, True)
    assert answer.code
    assert the.went() == 0


def test_more_than_is_left_is_refused_finally(the: Hall) -> None:
    _of_a_payment(the)
    paid = the.pay()
    the.provider.send(the.request(paid, 70_000, part="rf_0-card"))
    the.wait(minutes=5)
    answer = the.provider.send(the.request(paid, 40_000))
    assert (answer.became, answer.is_final) == (Became.FAILED, True)
    assert the.went() == 0


def test_a_payment_that_it_does_not_know_is_refused_finally(the: Hall) -> None:
    _of_a_payment(the)
    request = the.request(the.pay())
    strange = replace(request, references=dict.fromkeys(request.references, "no/such?payment"))
    assert the.provider.send(strange).is_final


def test_success_is_told_under_our_key_with_the_amount_of_this_part_alone(the: Hall) -> None:
    paid = the.pay()
    for number, amount in enumerate((10_000, 25_000), start=1):
        the.provider.send(the.request(paid, amount, part=f"rf_{number}-card"))
        the.wait(minutes=5)
    heard = [each for each in the.heard() if each.became is Became.SUCCEEDED]
    assert {(each.key, each.amount) for each in heard} == {("rf_1-card-1", 10_000), ("rf_2-card-1", 25_000)}


def test_what_is_told_twice_has_one_event_id(the: Hall) -> None:
    the.till.behaviour = B.DOUBLE
    the.provider.send(the.request(the.pay()))
    the.wait(minutes=5)
    first = the.heard()
    the.wait(hours=2)
    assert {each.event_id for each in the.heard()} <= {each.event_id for each in first}


def test_failure_is_told_where_that_is_said(the: Hall) -> None:
    the.till.behaviour = B.FAIL
    taken = the.provider.send(the.request(the.pay()))
    the.wait(minutes=5)
    told = [each for each in the.heard() if each.became is Became.FAILED]
    assert bool(told) is the.provider.habits.tells_failure
    if taken.became is not Became.FAILED:
        found = the.provider.find(known(the.request(the.till.payments["own-1"]), taken.reference))
        assert found.became is (Became.FAILED if told else Became.UNKNOWN)
    assert the.went() == 0


@pytest.mark.parametrize("spoil", ["body", "signature", "none", "garbage", "array", "other secret"])
def test_what_is_not_signed_by_the_provider_is_not_heard(the: Hall, spoil: str) -> None:
    the.provider.send(the.request(the.pay()))
    the.wait(minutes=5)
    headers, raw = the.letters()[0]
    provider = the.provider
    match spoil:
        case "body" if the.name in ("xendit", "xendit_payouts"):
            pytest.skip("its token covers no body")
        case "body":
            raw = raw.replace(b"own-1", b"own-2").replace(b"order-1", b"order-2").replace(b"100000.00", b"900000.00")
        case "signature":
            headers = {name: value.swapcase()[::-1] for name, value in headers.items()}
            raw = raw.replace(b'"signature_key": "', b'"signature_key": "0')
        case "none":
            headers = {}
            raw = raw.replace(b"signature_key", b"signature")
        case "garbage":
            raw = b"\xff{"
            headers = _fresh(the, raw, headers)
        case "array":
            raw = b"[]"
            headers = _fresh(the, raw, headers)
        case _:
            provider = adapter(the.name, the.clock, "https://x", dict.fromkeys(SECRETS[the.name], "wrong"))
    with pytest.raises(Invalid) as refused:
        provider.heard(headers, raw)
    assert refused.value.code == "unauthorized"


def test_events_of_other_things_say_nothing(the: Hall) -> None:
    document: dict[str, Any] = {"event": "payment.capture", "type": "charge.succeeded", "data": {"object": {}}}
    document |= {"order_id": "o", "status_code": "200", "gross_amount": "1.00", "transaction_status": "settlement"}
    assert the.provider.heard(*_signed(the, document)) == []


def test_a_redirect_is_followed_by_nobody(the: Hall) -> None:
    seen: list[str] = []

    class Elsewhere:
        def answer(self, method: str, path: str, headers: Any, body: bytes) -> Say:
            seen.append(path)
            return Say(307, b"{}", {"Location": "/stolen"})

    with served(Elsewhere()) as address, pytest.raises(Unavailable):
        adapter(the.name, the.clock, address).send(the.request(the.pay()))
    assert len(seen) == 1


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"status": "odd", "object": "refund"}', b"x" * 2_000_000])
def test_an_answer_that_nobody_can_read_says_nothing(the: Hall, body: bytes) -> None:
    class Odd:
        def answer(self, method: str, path: str, headers: Any, raw: bytes) -> Say:
            return Say(200, body)

    with served(Odd()) as address:
        odd = adapter(the.name, the.clock, address)
        try:
            answer = odd.send(the.request(the.pay()))
        except Unavailable:
            return
    # Midtrans says so little in a yes that an empty one is pending: it is asked for its end in any case.
    assert (the.name, answer.became) == ("midtrans", Became.PENDING)


# By these names providers tell amounts; what cannot be read as one. None is no value, `NOT_THERE` no such field.
AMOUNTS, NOT_THERE = frozenset({"amount", "refund_amount", "gross_amount"}), "not there"
NO_AMOUNTS = ["much", "", None, NOT_THERE, True, -40_000, 40_000.5, "4e999999", "Rp40.000", [40_000], {"value": 40_000}]


def spoilt(told: Any, amount: Any) -> Any:
    """The same document with that in place of every amount."""
    if isinstance(told, dict):
        kept = told if amount != NOT_THERE else {name: each for name, each in told.items() if name not in AMOUNTS}
        return {name: amount if name in AMOUNTS else spoilt(each, amount) for name, each in kept.items()}
    return [spoilt(each, amount) for each in told] if isinstance(told, list) else told


@pytest.mark.parametrize("amount", NO_AMOUNTS, ids=str)
def test_an_answer_whose_amount_nobody_can_read_is_a_wrong_amount(the: Hall, amount: Any) -> None:
    class Spoiling:
        def answer(self, method: str, path: str, headers: Any, body: bytes) -> Say | None:
            said = the.fake.answer(method, path, headers, body)
            return said and replace(said, body=json.dumps(spoilt(json.loads(said.body), amount)).encode())

    request = the.request(the.pay(), 40_000)
    step = Send(1, request.key)
    sending = begun(Sending(part="rf_1-card", amount=40_000), step, the.now())
    with served(Spoiling()) as address:
        speaker = replace(the, provider=adapter(the.name, the.clock, address))
        sending = answered(sending, step, speaker.provider.send(request), the.now())
        assert not sending.has_gone or sending.stuck
        the.wait(minutes=6)
        if sending.stuck is None:
            answer = asked_again(speaker, known(request, sending.known_as))
            sending = answered(sending, Find(request.key), answer, the.now())
    given_up = GiveUp(failed=False, why=Stuck.WRONG_AMOUNT)
    assert next_step(sending, May(), the.provider.habits, the.now()) == given_up
    # A person looks, and has it asked again: as it is told now, it went.
    asked_anew = asked_again(the, known(request, sending.known_as))
    assert answered(once_again(sending, the.now()), Find(request.key), asked_anew, the.now()).has_gone


@pytest.mark.parametrize("amount", NO_AMOUNTS, ids=str)
def test_a_signed_word_whose_amount_nobody_can_read_is_no_success(the: Hall, amount: Any) -> None:
    request = the.request(the.pay(), 40_000)
    step = Send(1, request.key)
    sending = begun(Sending(part="rf_1-card", amount=40_000), step, the.now())
    the.provider.send(request)
    the.wait(minutes=6)
    letters = [json.dumps(spoilt(json.loads(raw), amount)).encode() for _, raw in the.letters()]
    for raw in letters:
        try:
            heard = the.provider.heard(_resigned(the, raw), raw)
        except Invalid:
            assert the.name == "midtrans", "whose signature covers an amount"
            continue
        for each in heard:
            sending = told(sending, each, the.now())
    assert letters
    assert not sending.has_gone or sending.stuck is Stuck.WRONG_AMOUNT


def test_secrets_are_shown_nowhere(the: Hall) -> None:
    shown = repr(the.provider) + repr(Wire(provider="x", base_url="https://x", headers={"Authorization": "api-secret"}))
    assert not [secret for secret in SECRETS[the.name].values() if secret in shown]


def test_secrets_travel_by_https_alone() -> None:
    with pytest.raises(ValueError, match="https"):
        Wire(provider="x", base_url="http://api.example.com", headers={})


def test_midtrans_tells_twice_and_vouches_for_nothing(midtrans: Hall) -> None:
    midtrans.provider.send(midtrans.request(midtrans.pay()))
    midtrans.wait(minutes=1)
    first = midtrans.heard()
    assert {each.became for each in first} == {Became.PENDING}
    midtrans.wait(minutes=5)
    second = midtrans.heard()
    assert {each.became for each in second} == {Became.SUCCEEDED}
    assert not any(each.vouched for each in first + second)
    assert {each.event_id for each in first}.isdisjoint(each.event_id for each in second)


def test_midtrans_denies_at_night_with_an_answer_that_looks_well(midtrans: Hall) -> None:
    midtrans.wait(hours=12)
    paid = midtrans.pay(way=midtrans.ways()[2])
    answer = midtrans.provider.send(midtrans.request(paid))
    assert (answer.became, answer.code, answer.is_final) == (Became.FAILED, "202", True)


@pytest.mark.parametrize(
    ("name", "channel", "days"),
    [
        ("midtrans", "gopay", 180),
        ("midtrans", "shopeepay", 365),
        ("midtrans", "ovo", 7),
        ("midtrans", "kredivo", 14),
        ("xendit", None, 30),
        ("xendit", "kredivo", 14),
    ],
)
def test_a_fake_refuses_by_age_what_our_table_of_facts_calls_too_old(name: str, channel: str | None, days: int) -> None:
    """Fake and facts are written apart: were one of them wrong, they would part here."""
    with hall(name) as the:
        way = next(way for way in the.ways() if way[1] == channel and (way[0] is not Method.CARD or channel))
        for number, (ago, shut) in enumerate(((days - 1, False), (days + 1, True)), start=1):
            request = the.request(the.pay(number, way=way, ago=timedelta(days=ago)), part=f"rf_{number}-x")
            assert (the.provider.able(request, the.now()) == Never(Shut.WINDOW_SHUT)) is shut
            assert (the.provider.send(request).became is Became.FAILED) is shut


def test_midtrans_finds_what_a_refusal_would_hide(midtrans: Hall) -> None:
    """The whole payment went by an answer that was lost; the same key again is refused, and the list knows why."""
    request = midtrans.request(midtrans.pay())
    midtrans.till.behaviour = B.LOSE_ANSWER
    with pytest.raises(Unavailable):
        midtrans.provider.send(request)
    midtrans.till.behaviour = B.NORMAL
    assert midtrans.provider.send(request).became is Became.PENDING


HOUR = timedelta(hours=1)


def test_a_card_payment_that_is_not_settled_is_cancelled_at_midtrans(midtrans: Hall) -> None:
    request = midtrans.request(midtrans.pay(ago=HOUR))
    answer = midtrans.provider.send(request)
    assert (answer.became, answer.amount, answer.code) == (Became.SUCCEEDED, 100_000, "cancel")
    assert midtrans.provider.find(request) == answer
    midtrans.wait(days=2)
    assert midtrans.provider.send(request) == answer
    assert midtrans.went() == 100_000
    assert midtrans.heard() == []


@pytest.mark.parametrize("behaviour", [B.LOSE_ANSWER, B.SLOW])
@pytest.mark.parametrize("settles_in", [timedelta(hours=12), timedelta(minutes=1)])
def test_a_lost_or_slow_cancellation_at_midtrans_and_a_refund_after_it_are_one(
    midtrans: Hall, behaviour: B, settles_in: timedelta
) -> None:
    request = midtrans.request(midtrans.pay(ago=timedelta(days=1) - settles_in))
    midtrans.till.behaviour = behaviour
    with pytest.raises(Unavailable):
        midtrans.provider.send(request)
    midtrans.till.behaviour = B.NORMAL
    midtrans.wait(minutes=10)
    too_late = behaviour is B.SLOW and settles_in < timedelta(hours=1)
    for again in (midtrans.provider.send(request), midtrans.provider.find(request)):
        assert again.became is (Became.PENDING if too_late else Became.SUCCEEDED)
    midtrans.wait(minutes=5)
    assert midtrans.went() == 100_000


@pytest.mark.parametrize("amount", [40_000, 100_000])
def test_what_cannot_be_cancelled_at_midtrans_waits_until_it_is_settled(midtrans: Hall, amount: int) -> None:
    """A part of it, or all that one order paid where the payment was for several."""
    request = midtrans.request(midtrans.pay(amount=250_000, ago=HOUR), amount)
    request = replace(request, collected=amount)
    answer = midtrans.provider.send(request)
    assert (answer.became, answer.code) == (Became.UNKNOWN, "capture")
    assert answer.wait
    midtrans.wait(days=1)
    assert midtrans.provider.send(request).became is Became.PENDING
    midtrans.wait(minutes=5)
    assert midtrans.went() == amount


def test_a_bank_that_takes_no_cancellation_is_asked_for_a_refund_after_settlement(midtrans: Hall) -> None:
    request = midtrans.request(midtrans.pay(ago=HOUR))
    midtrans.till.behaviour = B.REFUSE
    answer = midtrans.provider.send(request)
    assert (answer.became, answer.code) == (Became.UNKNOWN, "412")
    assert answer.wait
    midtrans.till.behaviour = B.NORMAL
    midtrans.wait(days=1)
    assert midtrans.provider.send(request).became is Became.PENDING


def test_what_somebody_else_cancelled_at_midtrans_went_back_and_of_a_part_it_was_too_much(midtrans: Hall) -> None:
    assert isinstance(midtrans.fake, FakeMidtrans)
    whole, part = (midtrans.request(midtrans.pay(ago=HOUR), amount) for amount in (100_000, 40_000))
    midtrans.fake.cancel("own-1")
    for answer in (midtrans.provider.send(whole), midtrans.provider.find(part), midtrans.provider.send(part)):
        assert (answer.became, answer.amount) == (Became.SUCCEEDED, 100_000)
    assert midtrans.went() == 100_000


def test_xendit_gives_back_one_at_a_time(xendit: Hall) -> None:
    paid = xendit.pay()
    xendit.provider.send(xendit.request(paid, 10_000, part="rf_0-card"))
    second = xendit.request(paid, 20_000)
    answer = xendit.provider.send(second)
    assert (answer.became, answer.code) == (Became.UNKNOWN, "REFUND_IN_PROGRESS")
    assert answer.wait is not None
    xendit.wait(seconds=answer.wait.total_seconds())
    assert xendit.provider.send(second).became is Became.PENDING


def test_xendit_is_searched_for_a_lost_refund_which_is_read_by_its_id(xendit: Hall) -> None:
    paid = xendit.pay()
    xendit.till.behaviour = B.LOSE_ANSWER
    with pytest.raises(Unavailable):
        xendit.provider.send(xendit.request(paid, 40_000))
    with pytest.raises(Unavailable):
        xendit.provider.find(xendit.request(paid, 40_000))
    xendit.wait(minutes=5)
    found = xendit.provider.find(xendit.request(paid, 40_000))
    assert (found.became, found.amount) == (Became.SUCCEEDED, 40_000)
    assert xendit.provider.find(known(xendit.request(paid, 40_000), found.reference)) == found


def test_of_two_refunds_under_one_key_nobody_at_xendit_can_say_which_is_ours(xendit: Hall) -> None:
    paid = xendit.pay()
    for _ in range(2):
        xendit.till.take(paid, "rf_1-card-1", 40_000, at_once=True)
    xendit.wait(minutes=5)
    with pytest.raises(Unavailable):
        xendit.provider.find(xendit.request(paid, 40_000))


def test_doku_repeats_what_it_said_and_says_what_its_people_do_by_hand(doku: Hall) -> None:
    doku.till.behaviour = B.LATE
    request = doku.request(doku.pay())
    taken = doku.provider.send(request)
    assert (taken.became, taken.reference) == (Became.PENDING, request.key)
    doku.wait(days=2)
    assert {(each.key, each.became) for each in doku.heard()} == {(request.key, Became.SUCCEEDED)}
    assert doku.went() == 100_000


def test_doku_gives_back_all_of_an_unsettled_payment_and_a_part_of_it_later(doku: Hall) -> None:
    whole, part = (doku.request(doku.pay(number, ago=HOUR), amount) for number, amount in ((1, 100_000), (2, 40_000)))
    assert doku.provider.send(whole).became is Became.SUCCEEDED
    refused = doku.provider.send(replace(part, key="rf_2-card-1"))
    assert (refused.became, refused.is_final, refused.again) == (Became.FAILED, True, True)
    doku.wait(days=1)
    assert doku.provider.send(replace(part, key="rf_2-card-2")).became is Became.SUCCEEDED


def test_what_is_sent_again_to_doku_at_the_end_of_its_keys_life_and_is_slow_is_done_once(doku: Hall) -> None:
    request = doku.request(doku.pay(), 40_000)
    doku.provider.send(request)
    assert doku.provider.habits.key_lives
    doku.wait(hours=doku.provider.habits.key_lives / timedelta(hours=1))
    doku.till.behaviour = B.SLOW
    with pytest.raises(Unavailable):
        doku.provider.send(request)
    doku.wait(hours=6)
    assert doku.went() == 40_000


def test_a_notification_of_doku_is_for_the_address_that_it_was_sent_to(doku: Hall) -> None:
    doku.provider.send(doku.request(doku.pay()))
    doku.wait(minutes=1)
    headers, raw = doku.letters()[0]
    assert isinstance(doku.provider, Doku)
    elsewhere = replace(doku.provider, notified="/api/v1/providers/doku/notifications")
    with pytest.raises(Invalid):
        elsewhere.heard(headers, raw)


def test_stripe_counts_rupiah_in_hundredths(stripe: Hall) -> None:
    stripe.provider.send(stripe.request(stripe.pay(), 40_000))
    stripe.wait(minutes=1)
    (_, raw), *_ = stripe.letters()
    assert json.loads(raw)["data"]["object"]["amount"] == 4_000_000
    assert stripe.went() == 40_000


def test_stripe_finds_a_key_on_the_second_page(stripe: Hall) -> None:
    paid = stripe.pay()
    for number in range(1, 103):
        stripe.till.take(paid, f"rf_{number}-card-1", 100, at_once=True)
    found = stripe.provider.find(stripe.request(paid, 100))
    assert (found.became, found.reference) == (Became.SUCCEEDED, "re_1")


def test_stripe_takes_back_what_had_gone(stripe: Hall) -> None:
    stripe.till.behaviour = B.REVERSE
    request = stripe.request(stripe.pay())
    taken = stripe.provider.send(request)
    assert taken.became is Became.SUCCEEDED
    stripe.wait(days=4)
    assert stripe.provider.find(known(request, taken.reference)).became is Became.FAILED
    assert Became.FAILED in {each.became for each in stripe.heard()}
    assert stripe.went() == 0


def test_a_payout_goes_to_the_account_and_to_no_other(payouts: Hall) -> None:
    bank, wallet = (payouts.pay(number, way=payouts.ways()[way]) for number, way in ((1, 0), (2, 2)))
    payouts.provider.send(payouts.request(bank, 40_000))
    payouts.provider.send(payouts.request(wallet, 30_000, part="rf_2-card"))
    payouts.wait(minutes=5)
    payouts.letters()
    assert [(line.payment, line.amount) for line in payouts.till.ledger] == [
        ("1234567890", 40_000),
        ("081234567890", 30_000),
    ]


def test_a_key_at_xendits_payouts_stands_for_one_payout_and_another_key_for_another(payouts: Hall) -> None:
    request = payouts.request(payouts.pay(), 40_000)
    first = payouts.provider.send(request)
    payouts.wait(days=3)
    # Answered as the first time, although it has ended since; and found as it stands.
    assert payouts.provider.send(request) == first
    assert payouts.provider.find(request).became is Became.SUCCEEDED
    assert payouts.went() == 40_000
    assert payouts.provider.send(replace(request, key="rf_1-card-2")).reference != first.reference
    # What was used for something else is not done; what stands under the key is for the list to say.
    with pytest.raises(Unavailable):
        payouts.provider.send(replace(request, amount=30_000))


def test_both_shapes_of_the_list_of_payouts_are_read(payouts: Hall) -> None:
    request = payouts.request(payouts.pay(), 40_000)
    payouts.provider.send(request)
    payouts.wait(minutes=6)
    once, again = payouts.provider.find(request), payouts.provider.find(request)
    assert once == again
    assert once.became is Became.SUCCEEDED


def test_of_two_payouts_under_one_reference_nobody_can_say_which_is_ours(payouts: Hall) -> None:
    request = payouts.request(payouts.pay(), 40_000)
    for _ in range(2):
        payouts.till.take(payouts.till.payments["own-1"], request.key, 40_000, at_once=False)
    payouts.wait(minutes=6)
    with pytest.raises(Unavailable):
        payouts.provider.find(request)


@pytest.mark.parametrize(
    ("number", "code", "again"),
    [
        ("121212", "INVALID_DESTINATION", False),
        ("999999", "REJECTED_BY_CHANNEL", False),
        ("98018521", "TRANSFER_ERROR", False),
        ("123456", "TEMPORARY_TRANSFER_ERROR", True),
    ],
)
def test_a_payout_that_fails_says_why_and_whether_that_passes(
    payouts: Hall, number: str, code: str, again: bool
) -> None:
    asked = payouts.request(payouts.pay())
    assert asked.account
    taken = payouts.provider.send(replace(asked, account=replace(asked.account, number=number)))
    assert taken.became is Became.PENDING
    payouts.wait(minutes=5)
    (heard,) = payouts.heard()
    found = payouts.provider.find(known(asked, taken.reference))
    assert (found.became, found.code, found.is_final, found.again) == (Became.FAILED, code, True, again)
    assert (heard.became, heard.code, heard.again) == (Became.FAILED, code, again)
    assert payouts.went() == 0


def test_a_payout_that_had_gone_comes_back_and_is_not_sent_again_by_itself(payouts: Hall) -> None:
    payouts.till.behaviour = B.REVERSE
    request = payouts.request(payouts.pay())
    taken = payouts.provider.send(request)
    payouts.wait(minutes=5)
    assert payouts.went() == 100_000
    payouts.wait(days=4)
    heard = payouts.heard()
    assert {each.became for each in heard} == {Became.SUCCEEDED, Became.FAILED}
    assert len({each.event_id for each in heard}) == 2
    found = payouts.provider.find(known(request, taken.reference))
    assert (found.became, found.code, found.again) == (Became.FAILED, "REVERSED", False)
    assert payouts.went() == 0


def test_whom_payouts_reach_is_told_without_asking(payouts: Hall) -> None:
    request = payouts.request(payouts.pay())
    account, able = request.account, payouts.provider.able
    assert account
    assert able(request, payouts.now()) == May()
    assert able(replace(request, account=replace(account, channel="bankmega")), payouts.now()) == May()
    wallet = replace(request, account=replace(account, method=Method.EWALLET, channel="gopay"))
    for asked, why in (
        (replace(request, account=None), Shut.NO_REFERENCE),
        (replace(request, account=replace(account, channel="jenius")), Shut.NO_WAY_BACK),
        # A bank is no e-wallet of the same name.
        (replace(request, account=replace(account, channel="gopay")), Shut.NO_WAY_BACK),
        (replace(request, currency="USD"), Shut.NO_WAY_BACK),
        (replace(wallet, amount=9_999), Shut.AMOUNT_OUT_OF_RANGE),
        (replace(wallet, amount=20_000_001, collected=20_000_001), Shut.AMOUNT_OUT_OF_RANGE),
    ):
        assert able(asked, payouts.now()) == Never(why)


def test_without_an_account_nothing_is_sent(payouts: Hall) -> None:
    with pytest.raises(Invalid):
        payouts.provider.send(replace(payouts.request(payouts.pay()), account=None))
    assert payouts.till.refunds == []


def test_a_key_of_ours_that_may_not_pay_out_is_no_refusal_of_the_payout() -> None:
    class Forbidding:
        def answer(self, method: str, path: str, headers: Any, body: bytes) -> Say:
            return Say(403, b'{"error_code": "REQUEST_FORBIDDEN_ERROR"}')

    with hall("xendit_payouts") as the, served(Forbidding()) as address:
        answer = adapter(the.name, the.clock, address).send(the.request(the.pay()))
    assert (answer.became, answer.wait) == (Became.UNKNOWN, timedelta(hours=1))


def test_an_account_is_neither_shown_nor_logged_on_its_way(payouts: Hall, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    request = payouts.request(payouts.pay())
    answers = [payouts.provider.send(request)]
    payouts.till.behaviour = B.REFUSE
    answers += [payouts.provider.send(replace(request, key="rf_1-card-2"))]
    payouts.wait(minutes=5)
    nobody = adapter(payouts.name, payouts.clock, "http://127.0.0.1:9")
    seen = f"{request!r} {answers} {payouts.heard()} {nobody.send(request)} {caplog.text}"
    assert "1234567890" not in seen
    assert "Budi Santoso" not in seen


def test_stripe_hears_no_old_letters(stripe: Hall) -> None:
    stripe.provider.send(stripe.request(stripe.pay()))
    stripe.wait(minutes=1)
    headers, raw = stripe.letters()[0]
    stripe.wait(minutes=4)
    assert stripe.provider.heard(headers, raw)
    stripe.wait(minutes=2)
    with pytest.raises(Invalid):
        stripe.provider.heard(headers, raw)


def _of_a_payment(the: Hall) -> None:
    if the.pays_out:
        pytest.skip("it knows no payments")


def _address(the: Hall) -> str:
    return str(getattr(the.provider, "base_url", ""))


def _fresh(the: Hall, raw: bytes, headers: Any) -> Any:
    return getattr(the.fake, "signed", lambda _: headers)(raw)


def _resigned(the: Hall, raw: bytes) -> Any:
    """The headers of a letter with these bytes, rightly signed; of one whose signature covers none, its token."""
    return _fresh(the, raw, {"x-callback-token": SECRETS["xendit"]["callback_token"]})


def _signed(the: Hall, document: dict[str, Any]) -> tuple[Any, bytes]:
    """A letter of the provider about something else."""
    if isinstance(the.fake, FakeMidtrans):
        from hashlib import sha512

        signed = f"o2001.00{SECRETS['midtrans']['server_key']}"
        document = {**document, "signature_key": sha512(signed.encode()).hexdigest()}
    raw = json.dumps(document).encode()
    return _resigned(the, raw), raw
