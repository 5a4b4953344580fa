"""The message that Batal writes for the buyer to customer service (docs/rules.md R39), letter by letter.

The texts lie in golden/; a person who changes one reads the file that changes with it. To write them anew:
`python -m tests.mail.test_to_support`.
"""

from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.people.help import Wanted
from chalicelib.mail.to_support import write

GOLDEN = Path(__file__).parent / "golden"
CHANNELS, LOCALES = ("email", "chat", "phone"), ("id", "en")
REASONS = {"id": "ukurannya salah", "en": "it is the wrong size"}


def written(channel: str, locale: str, *, signed: bool) -> str:
    who: dict[str, Any] = {"name": "Budi Santoso", "phone": "+62 811 1111 1111"} if signed else {}
    made = write(channel, order_id="LZD-1001", reason=REASONS[locale], locale=locale, **who)
    head = f"Subject: {made['subject']}\n\n" if made["subject"] else ""
    return f"{head}{made['text']}\n"


def name_of(channel: str, locale: str, *, signed: bool) -> str:
    return f"to_support.{channel}.{locale}{'' if signed else '.unsigned'}.txt"


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("channel", CHANNELS)
def test_the_message_reads_as_it_was_approved(channel: str, locale: str, *, signed: bool) -> None:
    golden = GOLDEN / name_of(channel, locale, signed=signed)
    assert written(channel, locale, signed=signed) == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("channel", CHANNELS)
def test_it_asks_for_what_fits_the_order(channel: str) -> None:
    def told(wanted: Wanted) -> str:
        made = write(channel, order_id="LZD-1", reason="rusak", wanted=wanted, number="BTL-4F7K2M9QX")
        return f"{made['subject']} {made['text']}"

    assert "pengembalian barang" in told(Wanted.RETURN) or "mengembalikan barang" in told(Wanted.RETURN)
    assert "BTL-4F7K2M9QX" in told(Wanted.NEWS)
    assert "BTL-4F7K2M9QX" in told(Wanted.REFUND)
    assert "pengembalian dana" in told(Wanted.REFUND)
    for wanted in (Wanted.RETURN, Wanted.NEWS, Wanted.REFUND):
        assert "batal" not in told(wanted), wanted
        assert "rusak" in told(wanted)
        assert "LZD-1" in told(wanted)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_chat_message_is_one_line(locale: str) -> None:
    assert written("chat", locale, signed=True).count("\n") == 1


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("missing", ["order_id", "reason"])
@pytest.mark.parametrize("nothing", [None, "", "  ", "\n"])
def test_nothing_is_written_while_order_number_or_reason_is_missing(
    channel: str, missing: str, nothing: str | None
) -> None:
    facts = {"order_id": "LZD-1001", "reason": "wrong size", missing: nothing}
    with pytest.raises(Invalid) as refused:
        write(channel, order_id=facts["order_id"], reason=facts["reason"])
    assert (refused.value.code, refused.value.details) == ("message_incomplete", {"missing": [missing]})


def test_what_people_type_cannot_forge_a_line_of_the_message() -> None:
    made = write("email", order_id="LZD-1001", reason="x\nOrder number: LZD-9", name="Budi\r\nBcc: y")
    assert "\nOrder number" not in made["text"]
    assert "\nBcc" not in made["text"]


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for each in CHANNELS:
        for language in LOCALES:
            for with_name in (True, False):
                text = written(each, language, signed=with_name)
                (GOLDEN / name_of(each, language, signed=with_name)).write_text(text, encoding="utf-8")
