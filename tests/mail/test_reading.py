"""Of an answered mail only the answer counts, and only what a person wrote."""

from email.message import EmailMessage

import pytest

from chalicelib.mail.reading import own_words, read


@pytest.mark.parametrize(
    "quoted",
    [
        "On Mon, 23 Nov 2026 at 10:00, Batal <batal@example.com> wrote:\n> Halo Budi,",
        "Pada Sen, 23 Nov 2026 pukul 10.00 Batal <batal@example.com>\nmenulis:\n> Halo Budi,",
        "> Halo Budi,",
        "________________________________\nFrom: Batal <batal@example.com>\nSent: Monday",
        "Dari: Batal <batal@example.com>\nDikirim: Senin",
        "-----Original Message-----\nFrom: Batal",
        "-- \nBudi\n+62 812 0000",
    ],
)
def test_what_is_quoted_is_left_out(quoted: str) -> None:
    assert own_words(f"\nSudah saya kirim kembali.\n\nTerima kasih\n\n{quoted}\n") == [
        "Sudah saya kirim kembali.",
        "",
        "Terima kasih",
    ]


def test_an_answer_without_a_quotation_is_kept_whole() -> None:
    text = "On second thought I keep it.\nPada dasarnya saya setuju.\nFrom now on, no mails."
    assert own_words(text) == text.splitlines()


def a_mail(**headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Budi <budi@example.com>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("Halo\n")
    mail.add_alternative("<p>Halo</p>", subtype="html")
    return mail


def test_sender_and_plain_text_are_read() -> None:
    given = read(a_mail().as_bytes())
    assert (given.sender, given.text, given.by_machine) == ("budi@example.com", "Halo", False)


@pytest.mark.parametrize(
    "headers", [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"X_Autoreply": "yes"}, {"List_Id": "x"}]
)
def test_machines_are_known_by_their_headers(headers: dict[str, str]) -> None:
    assert read(a_mail(**headers).as_bytes()).by_machine


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe",
        b"Content-Type: text/plain; charset=nonsense\r\n\r\nHalo",
        b"Content-Type: text/html\r\n\r\n<p>",
    ],
)
def test_anything_can_be_read(raw: bytes) -> None:
    assert read(raw).text == ""
