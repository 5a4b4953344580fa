"""Of all that hangs on a mail, what somebody sent is kept and what programs hang there is not."""

import struct
from email.message import EmailMessage
from typing import Any

import pytest

from chalicelib.domain.cases.evidence import MOST_BYTES
from chalicelib.mail.reading import Read, read

QUOTE = '<blockquote type="cite"><p>Halo</p><img src="cid:quoted"></blockquote>'


def a_png(side: int, size: int) -> bytes:
    head = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", side, side)
    return head + bytes(max(0, size - len(head)))


def a_jpeg(side: int, size: int) -> bytes:
    head = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08" + struct.pack(">HH", side, side)
    return head + bytes(size - len(head))


PHOTO = a_jpeg(900, 40_000)


def a_mail(html: str = "<p>Ini fotonya</p>" + QUOTE) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "budi@example.com"
    mail["Subject"] = "Re: x"
    mail.set_content("Ini fotonya\n")
    mail.add_alternative(html, subtype="html")
    return mail


def hung(mail: EmailMessage, content: bytes, kind: str = "image/jpeg", **more: Any) -> EmailMessage:
    main, _, sub = kind.partition("/")
    mail.add_attachment(content, maintype=main, subtype=sub, **{"filename": "f.jpg", **more})
    return mail


def shown(mail: EmailMessage, content: bytes, cid: str, kind: str = "image/png") -> EmailMessage:
    main, _, sub = kind.partition("/")
    mail.get_payload()[1].add_related(content, maintype=main, subtype=sub, cid=f"<{cid}>", filename="image001.png")  # type: ignore[union-attr, index]
    return mail


def names(found: Read) -> list[tuple[str, str]]:
    return [(each.filename, each.content_type) for each in found.files]


@pytest.mark.parametrize("kind", ["image/jpeg", "image/jpg", "image/pjpeg", "application/octet-stream", "text/plain"])
def test_the_type_is_what_the_bytes_are_whatever_a_program_says(kind: str) -> None:
    assert names(read(hung(a_mail(), PHOTO, kind).as_bytes())) == [("f.jpg", "image/jpeg")]


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"%PDF-1.4", "application/pdf"), (a_png(20, 400), "image/png"), (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp")],
)
def test_every_type_of_evidence_is_known(content: bytes, kind: str) -> None:
    (found,) = read(hung(a_mail(), content, "application/octet-stream").as_bytes()).files
    assert (found.content_type, found.content) == (kind, content)


@pytest.mark.parametrize(
    ("content", "kind", "why"),
    [
        (b"....ftypheic", "image/heic", "file_type_not_allowed"),
        (b"<html>", "image/jpeg", "file_type_not_allowed"),
        (b"PK\x03\x04", "application/zip", "file_type_not_allowed"),
        (b"\xff\xd8\xff" + bytes(MOST_BYTES), "image/jpeg", "file_too_large"),
    ],
)
def test_what_is_left_out_is_named_with_its_reason(content: bytes, kind: str, why: str) -> None:
    found = read(hung(a_mail(), content, kind).as_bytes())
    assert [(each.filename, each.why) for each in found.left_out] == [("f.jpg", why)]
    assert found.files == ()


def test_a_logo_a_pixel_and_the_quoted_mails_pictures_are_nobodys_evidence() -> None:
    mail = a_mail('<p>Ini fotonya</p><img src="cid:logo"><p>Budi</p><img src="cid:pixel" width="1">' + QUOTE)
    shown(mail, a_png(64, 3_000), "logo")
    shown(mail, a_png(1, 90), "pixel")
    shown(mail, a_png(900, 50_000), "quoted")
    found = read(mail.as_bytes())
    assert (found.files, found.left_out) == ((), ())
    assert found.text == "Ini fotonya"


def test_a_photo_that_was_put_among_the_words_is_evidence() -> None:
    mail = a_mail('<p>Ini fotonya <img src="cid:photo"></p>' + QUOTE)
    shown(mail, PHOTO, "photo", "image/jpeg")
    assert names(read(mail.as_bytes())) == [("image001.png", "image/jpeg")]


def test_a_photo_that_stands_nowhere_is_evidence_and_a_pixel_is_not() -> None:
    mail = hung(a_mail(), a_jpeg(400, 2_000), disposition="inline")
    hung(mail, a_png(1, 500), "image/png", disposition="inline")
    assert len(read(mail.as_bytes()).files) == 1


@pytest.mark.parametrize(
    "kind", ["application/pkcs7-signature", "application/pgp-signature", "application/ms-tnef", "text/calendar"]
)
def test_what_wraps_a_mail_is_no_file(kind: str) -> None:
    found = read(hung(a_mail(), b"xxxx", kind, filename="smime.p7s").as_bytes())
    assert (found.files, found.left_out) == ((), ())


def test_the_files_of_a_mail_within_the_mail_are_not_the_senders() -> None:
    inner = hung(a_mail(), PHOTO)
    mail = a_mail()
    mail.add_attachment(inner, filename="old.eml")
    found = read(mail.as_bytes())
    assert found.files == ()
    assert [each.filename for each in found.left_out] == ["old.eml"]


def test_one_file_twice_is_one() -> None:
    assert len(read(hung(hung(a_mail(), PHOTO), PHOTO, filename="again.jpg").as_bytes()).files) == 1


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="../../etc/foto.jpg"', "foto.jpg"),
        ("attachment; filename*=utf-8''foto%20%E2%9C%93.jpg", "foto ✓.jpg"),
        ('attachment; filename="=?utf-8?q?foto_=E2=9C=93=2Ejpg?="', "foto ✓.jpg"),
        (f'attachment; filename="{"x" * 200}.jpg"', "x" * 110 + ".jpg"),
        ("attachment", "file-1.jpg"),
        ("attachment; filename*=nonsense''%FF%FE.jpg", None),
    ],
)
def test_a_file_is_called_as_evidence_may_be_called(header: str, name: str | None) -> None:
    raw = b"From: budi@example.com\r\nContent-Type: image/jpeg\r\nContent-Disposition: " + header.encode() + b"\r\n"
    (found,) = read(raw + b"Content-Transfer-Encoding: 8bit\r\n\r\n" + a_jpeg(300, 500)).files
    assert found.filename == name or name is None
    assert 0 < len(found.filename) <= 120


def test_a_text_that_was_attached_is_a_file_and_no_word() -> None:
    found = read(hung(a_mail(), b"catatan", "text/plain", filename="catatan.txt").as_bytes())
    assert found.text == "Ini fotonya"
    assert [each.filename for each in found.left_out] == ["catatan.txt"]
