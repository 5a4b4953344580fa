"""Mails as bytes: what leaves the house can be read back."""

import re
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from chalicelib.domain.ports import Mail
from chalicelib.mail.mime import as_bytes
from infra.sandbox.specimens import EVERY
from tests.mail.conftest import written

SENDER = "Batal <batal@example.com>"


def read_back(mail: Mail) -> EmailMessage:
    message = message_from_bytes(as_bytes(mail, SENDER), policy=default)
    assert isinstance(message, EmailMessage)
    return message


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("locale", ["id", "en"])
@pytest.mark.parametrize(("story", "effect"), EVERY)
def test_every_mail_reads_back_with_both_parts_and_its_ids(story: str, effect: str, locale: str) -> None:
    mail = written(story, effect, locale)
    message = read_back(mail)
    assert message.get_content_type() == "multipart/alternative"
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == mail.text
    assert html.get_content().replace("\r\n", "\n").rstrip() == mail.html.rstrip()
    assert message["To"] == mail.to
    assert message["From"] == SENDER
    assert message["Subject"] == mail.subject
    assert message["X-Batal-Kind"] == mail.kind
    assert message["X-Batal-Case"] == "c1"
    assert message["X-Batal-Effect"] == mail.effect_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == locale
    assert message["Date"] is None
    assert message.defects == []


def test_lines_are_short_enough_for_every_relay_and_end_in_crlf() -> None:
    raw = as_bytes(written("asked", "decision_needed:seller"), SENDER)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert not re.search(rb"(?<!\r)\n", raw)


def test_an_address_with_a_line_break_is_refused_rather_than_sent() -> None:
    mail = replace(written("asked", "request_received:buyer"), to="a@example.com\r\nBcc: b@example.com")
    with pytest.raises(ValueError, match=r"linefeed|carriage return|CR"):
        as_bytes(mail, SENDER)


def test_a_subject_beyond_ascii_survives_the_journey() -> None:
    mail = replace(written("asked", "request_received:buyer"), subject="Pesanan “Kemeja” ✓ 衬衫 " + "panjang " * 20)
    assert read_back(mail)["Subject"].strip() == mail.subject.strip()
