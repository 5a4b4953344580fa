"""What a subject says at one look, and what it never does."""

from dataclasses import replace

import pytest

from chalicelib.domain.cases.beside import Beside
from chalicelib.domain.cases.effects import decode
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.orders.body import Line
from chalicelib.links import Links
from chalicelib.mail import compose
from chalicelib.mail.mime import as_bytes
from chalicelib.mail.ours import beside_subject
from infra.sandbox.builders import NOW, SELLER, a_case
from infra.sandbox.specimens import EVERY, STORIES, order_of
from tests.mail.conftest import LINKS, written


def asked_for(*names: str) -> str:
    """The subject that asks a seller about goods of these names."""
    lines = tuple(
        Line(line_id=str(number), name=name, quantity=1, unit_price=337_000 if number == 0 else 0)
        for number, name in enumerate(names)
    )
    order = order_of(lines=lines, shipping_fee=0)
    return compose(decode("1:mail:decision_needed:seller"), a_case(order), order, links=LINKS).subject


def test_a_seller_reads_what_how_much_by_when_and_the_number() -> None:
    whole = "Jawab sebelum Sel 24 Nov 10.00: batal 1x Kemeja Batik, Rp337.000 · c1"
    assert asked_for("Kemeja Batik") == whole
    assert "batal 1x Kemeja Batik dan 2 lainnya, " in asked_for("Kemeja Batik", "Topi", "Kaus")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("[PROMO] (COD) Kemeja Batik!!!", "1x Kemeja Batik,"),
        ("[Batik]", "1x [Batik],"),
        ("Kemeja Batik Pria Lengan Panjang Katun Halus Premium", "1x Kemeja Batik Pria Lengan Panjang Katun …,"),
        ("x" * 300, f"1x {'x' * 40} …,"),
        ("\u202e\u200b", "batal LZD-1, Rp"),
    ],
)
def test_names_of_goods_are_short_and_no_promotion(name: str, shown: str) -> None:
    assert shown in asked_for(name)


@pytest.mark.parametrize("locale", ["id", "en"])
def test_a_wait_that_is_over_is_not_dated(locale: str) -> None:
    """Whoever delivers may come when the case has moved on already."""
    case, order = STORIES["a return is agreed"][1](locale)
    over = replace(case, deadline_at=None, if_silent=None)
    subject = compose(decode("2:mail:goods_awaited:buyer"), over, order, links=LINKS).subject
    assert subject.startswith({"id": "Permintaan sudah berlanjut: ", "en": "The request has moved on: "}[locale])


def test_a_new_message_says_who_writes_and_how_it_begins() -> None:
    case, order = STORIES["somebody wrote"][1]("id")

    def subject(text: str) -> str:
        wrote = Message(message_id="m", order_id="LZD-1", case_id="c1", at=NOW, by=SELLER, text=text)
        return compose(decode("1:mail:message:buyer"), case, order, Beside(message=wrote), links=LINKS).subject

    assert subject("Apakah Anda mau\nwarna lain?") == "Penjual menulis: Apakah Anda mau warna lain? · c1"
    assert subject("Lihat https://x.example").startswith("Penjual menulis: Lihat https : // x.example")
    assert len(subject("kata " * 100)) < 100
    assert subject("\u200b") == "Pesan baru: 2x Kemeja Batik dan 1 lainnya · c1"


@pytest.mark.parametrize("locale", ["id", "en"])
def test_what_is_written_beside_any_subject_of_ours_is_found(locale: str) -> None:
    for story, effect in EVERY:
        subject = written(story, effect, locale).subject
        assert beside_subject(f"{subject} oke") == "  oke", subject
        assert beside_subject(f"oke {subject}") == "oke  ", subject


def test_subjects_of_earlier_versions_are_still_known() -> None:
    assert beside_subject("Mohon dijawab: pembeli ingin membatalkan pesanan LZD-1 oke") == "  oke"
    assert beside_subject("Reminder: order LZD-1 is waiting for your answer") == " "


def test_all_mails_of_a_case_to_one_reader_are_one_thread() -> None:
    def root(story: str, effect: str) -> bytes:
        raw = as_bytes(written(story, effect), "Batal <batal@example.com>")
        roots = {line.partition(b": ")[2] for line in raw.split(b"\r\n") if line.startswith((b"Refer", b"In-Reply"))}
        (one,) = roots
        return one

    assert root("asked", "decision_needed:seller") == b"<c1.seller@example.com>"
    assert root("asked", "decision_needed:seller") == root("approved by the seller", "approved:seller")
    assert root("asked", "request_received:buyer") == b"<c1.buyer@example.com>"


def test_pictures_come_from_hosts_that_are_named_and_say_what_they_show() -> None:
    line = Line(line_id="1", name="Topi <b>", quantity=1, unit_price=337_000, image_url="https://img.example/1.jpg")
    order = order_of(lines=(line,), shipping_fee=0)
    links = Links(public_url="https://batal.example", secret="x", image_hosts=frozenset({"img.example"}))
    shown = compose(decode("1:mail:request_received:buyer"), a_case(order), order, links=links).html
    assert '<img src="https://img.example/1.jpg" width="48" height="48" alt="Topi &lt;b&gt;"' in shown
    elsewhere = replace(links, image_hosts=frozenset({"other.example"}))
    assert "<img" not in compose(decode("1:mail:request_received:buyer"), a_case(order), order, links=elsewhere).html
