"""Mails ask their reader for what only they can do, and those about returns never speak of cancelling."""

import pytest

from chalicelib.domain.policies.reasons import Kind
from chalicelib.locales import languages
from infra.sandbox.specimens import EVERY, STORIES
from tests.mail.conftest import written


def test_who_must_send_goods_or_look_at_them_is_not_reminded_of_an_answer() -> None:
    to_buyer = written("a return is agreed", "reminder:buyer", "id")
    to_seller = written("goods arrive", "reminder:seller", "id")
    assert to_buyer.subject.startswith("Pengingat, kirim kembali sebelum Sen 30 Nov 10.00: ")
    assert to_seller.subject.startswith("Pengingat, konfirmasi barang sebelum Sen 30 Nov 10.00: ")
    assert not [each for each in (to_buyer, to_seller) if "jawaban" in each.subject + each.text.partition("--")[0]]
    asked = written("a return is asked", "reminder:seller", "id").subject
    assert asked.startswith("Pengingat, jawab sebelum Rab 25 Nov 10.00: pengembalian ")


@pytest.mark.parametrize(
    ("story", "effect", "facts"),
    [
        ("a return is agreed", "reminder:buyer", ("Jl. Braga 5, Bandung", "Rp337.000", "Mohon kirim paling lambat")),
        ("a fee is offered", "reminder:buyer", ("Rp10.000", "Rp327.000", "Silakan terima atau tolak paling lambat")),
        ("a return is asked", "reminder:seller", ("Rp337.000", "Mohon jawab paling lambat", "Lihat dan jawab")),
        ("goods are sent", "reminder:seller", ("Rp337.000", "layanan pelanggan akan memeriksanya")),
        ("goods arrive", "reminder:seller", ("Rp337.000", "barangnya dianggap baik")),
        (
            "a parcel is called back",
            "reminder:seller",
            ("Mohon tarik kembali paketnya", "layanan pelanggan yang memutuskan"),
        ),
    ],
)
def test_a_reminder_holds_all_that_its_reader_needs(story: str, effect: str, facts: tuple[str, ...]) -> None:
    text = " ".join(written(story, effect, "id").text.split())
    assert [fact for fact in facts if fact not in text] == []


@pytest.mark.parametrize("locale", languages())
@pytest.mark.parametrize(
    ("story", "effect"), [each for each in EVERY if STORIES[each[0]][1]("id")[0].kind is Kind.RETURN]
)
def test_no_mail_about_a_return_speaks_of_cancelling(story: str, effect: str, locale: str) -> None:
    mail = written(story, effect, locale)
    words = f"{mail.subject}\n{mail.text.partition('--')[0]}".lower().replace("\nbatal\n", "")
    assert "pembatalan" not in words
    assert "dibatalkan" not in words
    assert "cancel" not in words
