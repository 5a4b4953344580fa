"""Answers to mails become messages and evidence, once; the rest is told to people, never without end."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.cases.evidence import MOST_FILES
from chalicelib.domain.cases.threads import REPLIES_A_CASE, REPLIES_A_DAY, REPLIES_AFTER_CLOSE
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.parties import Role
from chalicelib.domain.people.mail_stops import Why
from chalicelib.domain.ports import Mail
from chalicelib.mail.attachments import LeftOut, SentFile
from chalicelib.workflow.asking import ask
from chalicelib.workflow.decisions import say
from chalicelib.workflow.mail_stops import stop
from chalicelib.workflow.replies import NotTaken, Reply, Taken, may_tell, take_reply, tell_sender
from chalicelib.workflow.sweeping import sweep
from infra.sandbox.builders import BUDI, SELLER, an_ask
from tests.fakes.ports import Neighbourhood, a_neighbourhood

BUYER_ADDRESS, SELLER_ADDRESS = "budi@example.com", "toko-baju@example.com"
PHOTO = SentFile(filename="vas.jpg", content_type="image/jpeg", content=b"\xff\xd8\xff photo")
STRANGE = LeftOut(filename="vas.heic", why="file_type_not_allowed")


def asked(around: Neighbourhood) -> Case:
    around.push()
    return ask(around.ports, "LZD-1", an_ask(), BUDI)


def a_reply(case: Case, **more: Any) -> Reply:
    given = {"received_as": "m1", "case_id": case.case_id, "role": Role.BUYER, "sender": BUYER_ADDRESS, "text": "Halo"}
    return Reply(**{**given, **more})


def texts(around: Neighbourhood) -> list[str]:
    return [message.text for message in around.store.messages("LZD-1")]


def test_an_answer_to_a_mail_is_a_message_of_its_party() -> None:
    around = a_neighbourhood()
    case = asked(around)
    taken = take_reply(around.ports, a_reply(case))
    (message,) = around.store.messages("LZD-1")
    assert (message.text, message.by, message.case_id) == ("Halo", BUDI, case.case_id)
    assert (taken.message, taken.why) == (message, None)


def test_an_answer_that_is_told_again_is_one_message() -> None:
    around = a_neighbourhood()
    case = asked(around)
    for _ in range(3):
        assert take_reply(around.ports, a_reply(case)).why is None
    take_reply(around.ports, a_reply(case, received_as="m2"))
    assert len(texts(around)) == 2


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"sender": "mallory@example.com"}, NotTaken.STRANGER),
        ({"role": Role.SELLER}, NotTaken.STRANGER),
        ({"text": ""}, NotTaken.EMPTY),
        ({"text": "", "left_out": (STRANGE,)}, NotTaken.FILES),
        ({"case_id": "unknown"}, NotTaken.UNKNOWN),
    ],
)
def test_what_nobody_of_the_case_said_is_no_message(wrong: dict[str, Any], why: NotTaken) -> None:
    around = a_neighbourhood()
    case = asked(around)
    taken = take_reply(around.ports, a_reply(case, **wrong))
    assert (taken.message, taken.why) == (None, why)
    assert texts(around) == []


@pytest.mark.parametrize("tag", ["+marketplace", "+x+y", "+"])
def test_an_alias_of_the_partys_own_address_is_the_party(tag: str) -> None:
    around = a_neighbourhood()
    local, _, domain = BUYER_ADDRESS.partition("@")
    assert take_reply(around.ports, a_reply(asked(around), sender=f"{local}{tag}@{domain.upper()}")).message


def test_files_become_evidence_of_the_party_once_however_often_they_are_told() -> None:
    around = a_neighbourhood()
    case = asked(around)
    reply = a_reply(case, files=(PHOTO,))
    for _ in range(3):
        take_reply(around.ports, reply)
    (kept,) = around.store.evidence(case.case_id)
    assert (kept.filename, kept.by, kept.size) == ("vas.jpg", BUDI, len(PHOTO.content))
    assert around.ports.files.read(kept.sealed_key) == PHOTO.content
    assert kept.sha256 == hashlib.sha256(PHOTO.content).hexdigest()


def test_an_answer_that_broke_off_between_file_and_message_is_taken_whole_the_next_time() -> None:
    around = a_neighbourhood()
    case = asked(around)
    broken = replace(around.ports, store=_FailsOnCommit(around.store, case.case_id))
    reply = a_reply(case, files=(PHOTO,), text="Retak. Ini foto dari bawah ya")
    with pytest.raises(Unavailable):
        take_reply(broken, reply)
    assert texts(around) == []
    take_reply(around.ports, reply)
    assert texts(around) == ["Retak. Ini foto dari bawah ya"]
    assert len(around.store.evidence(case.case_id)) == 1


class _FailsOnCommit:
    """A store whose tables take no message."""

    def __init__(self, store: Any, case_id: str) -> None:
        self._store, self._case_id = store, case_id

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, change: Any) -> None:
        if change.message is not None:
            raise Unavailable("dynamodb")
        self._store.commit(change)


def test_a_photo_alone_is_a_message_without_words() -> None:
    around = a_neighbourhood()
    assert take_reply(around.ports, a_reply(asked(around), text="", files=(PHOTO,))).why is None
    assert texts(around) == [""]


def test_words_are_taken_where_a_file_is_not_and_the_file_is_named() -> None:
    around = a_neighbourhood()
    taken = take_reply(around.ports, a_reply(asked(around), left_out=(STRANGE,)))
    assert (taken.why, taken.left_out) == (NotTaken.FILES, (STRANGE,))
    assert texts(around) == ["Halo"]


def test_a_case_takes_no_more_files_than_it_may_hold() -> None:
    around = a_neighbourhood()
    case = asked(around)
    photos = tuple(replace(PHOTO, content=PHOTO.content + bytes([number])) for number in range(MOST_FILES + 2))
    taken = take_reply(around.ports, a_reply(case, files=photos))
    assert [each.why for each in taken.left_out] == ["too_many_files"] * 2
    alone = take_reply(around.ports, a_reply(case, received_as="m2", text="", files=photos[:1]))
    assert (alone.message, alone.why) == (None, NotTaken.FILES)


def test_a_long_answer_is_cut_as_long_as_a_message_may_be_and_shows_it() -> None:
    around = a_neighbourhood()
    take_reply(around.ports, a_reply(asked(around), text="x" * 4500))
    assert [(len(text), text[-1]) for text in texts(around)] == [(4000, "…")]


def test_reply_addresses_expire_with_the_case() -> None:
    around = a_neighbourhood()
    case = asked(around)
    say(around.ports, case.case_id, Approve(), SELLER)
    around.clock.at += REPLIES_AFTER_CLOSE - timedelta(seconds=1)
    assert take_reply(around.ports, a_reply(case, text="Terima kasih")).message
    around.clock.advance(1)
    assert take_reply(around.ports, a_reply(case, received_as="m2", text="Halo lagi")).why is NotTaken.CLOSED
    assert take_reply(around.ports, a_reply(case)).why is None, "what was taken is taken, told however late"
    assert texts(around) == ["Terima kasih"]


# --- without end --------------------------------------------------------------------------------------------------


def sent_often(around: Neighbourhood, case: Case, times: int, text: Callable[[int], str]) -> list[Taken]:
    return [
        take_reply(around.ports, a_reply(case, received_as=f"m{number}", text=text(number))) for number in range(times)
    ]


def test_a_party_may_send_so_many_a_day_and_so_many_in_all() -> None:
    around = a_neighbourhood()
    case = asked(around)
    taken = sent_often(around, case, REPLIES_A_DAY + 2, lambda number: f"Pesan {number}")
    assert [each.why for each in taken] == [None] * REPLIES_A_DAY + [NotTaken.TOO_MANY] * 2
    for day in range(1, 12):
        around.clock.advance(24 * 3600)
        for number in range(REPLIES_A_DAY + 1):
            take_reply(around.ports, a_reply(case, received_as=f"d{day}-{number}", text=f"{day} {number}"))
    assert len(texts(around)) == REPLIES_A_CASE
    assert take_reply(around.ports, a_reply(case, received_as="s", role=Role.SELLER, sender=SELLER_ADDRESS)).message


def test_long_words_that_come_again_are_a_machines_and_short_ones_are_not() -> None:
    around = a_neighbourhood()
    case = asked(around)
    long = "Terima kasih telah menghubungi kami, kami jawab pada jam kerja."
    assert [each.why for each in sent_often(around, case, 3, lambda _: long)] == [None, *[NotTaken.REPEATED] * 2]
    assert [take_reply(around.ports, a_reply(case, received_as=f"o{n}", text="ok")).why for n in range(2)] == [
        None,
        None,
    ]


@pytest.mark.parametrize("varies", [False, True])
def test_two_autoresponders_that_answer_each_other_come_to_an_end(varies: bool) -> None:
    """Both sides answer every mail at once, with no header that says so; some put a number into each answer."""
    around = a_neighbourhood()
    case = asked(around)
    take_reply(around.ports, a_reply(case, received_as="first"))
    answered, by_day = 0, []
    for _ in range(14):
        before = len(around.outbox.sent)
        for _ in range(24 * 4):
            around.clock.advance(900)
            sweep(around.ports)
            for mail in around.outbox.sent[answered:]:
                role = Role(mail.to)
                answered += 1
                take_reply(
                    around.ports,
                    a_reply(
                        case,
                        received_as=f"auto{answered}",
                        role=role,
                        sender={Role.BUYER: BUYER_ADDRESS, Role.SELLER: SELLER_ADDRESS}[role],
                        text=f"Terima kasih, e-mail Anda kami terima. {answered if varies else ''}",
                    ),
                )
        by_day.append(len(around.outbox.sent) - before)
    assert max(by_day) <= 2 * REPLIES_A_DAY + 10
    assert sum(by_day) <= (2 * REPLIES_A_CASE if varies else 2) + 12
    assert by_day[-1] == 0


def a_mail(case_id: str = "c1", to: str = BUYER_ADDRESS) -> Mail:
    return Mail(to=to, subject="s", text="t", html="h", kind="k", case_id=case_id, effect_id="", locale="id")


def test_an_address_is_told_once_about_a_case_in_a_day_and_three_times_about_all() -> None:
    around = a_neighbourhood()
    told = []
    for case_id in ("c1", "c1", "c2", "c3", "c4", "c5"):
        if may_tell(around.ports, BUYER_ADDRESS, case_id):
            tell_sender(around.ports, a_mail(case_id))
            told.append(case_id)
    assert told == ["c1", "c2", "c3"]
    around.clock.advance(24 * 3600)
    assert may_tell(around.ports, BUYER_ADDRESS, "c1")


def test_a_stopped_address_is_told_nothing() -> None:
    around = a_neighbourhood()
    stop(around.ports, [BUYER_ADDRESS], Why.BOUNCE, None)
    assert not may_tell(around.ports, BUYER_ADDRESS, "c1")


def test_what_could_not_be_sent_is_sent_the_next_time() -> None:
    around = a_neighbourhood()
    around.outbox.refuses = lambda mail: True
    with pytest.raises(Unavailable):
        tell_sender(around.ports, a_mail())
    around.outbox.refuses = lambda mail: False
    assert may_tell(around.ports, BUYER_ADDRESS, "c1")
