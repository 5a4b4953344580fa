"""Of an answered mail only the answer counts, and only what a person wrote."""

from email.message import EmailMessage

import pytest

from chalicelib.mail.lines import of_text
from chalicelib.mail.own_words import own
from chalicelib.mail.quotes import Envelope
from chalicelib.mail.reading import read


def own_words(text: str) -> list[str]:
    return own(of_text(text), Envelope()).text.splitlines()


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
        b"Content-Type: text/html\r\n\r\n<p>",
    ],
)
def test_anything_can_be_read(raw: bytes) -> None:
    assert read(raw).text == ""


@pytest.mark.parametrize(
    "raw",
    [b"\xff\xfe", b"\n\n\x00", b"From: \xff\r\nSubject: =?x?b?!?=\r\n\r\n", b"Content-Type: multipart/mixed\r\n\r\nx"],
)
def test_nonsense_breaks_nothing(raw: bytes) -> None:
    assert read(raw).files == ()


@pytest.mark.parametrize(
    ("charset", "content"),
    [
        ("nonsense", b"Halo, caf\xc3\xa9"),
        ("us-ascii", b"Halo, caf\xc3\xa9"),
        ("us-ascii", b"Halo, caf\xe9"),
        ("utf-8", b"Halo, caf\xe9"),
        ("iso-8859-1", b"Halo, caf\xe9"),
        ("Windows-1252", b"Halo, caf\xe9"),
        ("utf-8", b"Halo, caf\xc3\xa9"),
    ],
)
def test_words_are_read_whatever_the_charset_is_called(charset: str, content: bytes) -> None:
    raw = f"From: budi@example.com\r\nContent-Type: text/plain; charset={charset}\r\n\r\n".encode() + content
    assert read(raw).text == "Halo, café"


@pytest.mark.parametrize(
    ("given", "sender"),
    [
        ("budi@example.com", "budi@example.com"),
        ("Budi <budi@example.com>", "budi@example.com"),
        ('"toko@example.com" <evil@example.net>', "evil@example.net"),
        ("toko@example.com <evil@example.net>", "evil@example.net"),
        ("toko@example.com (<toko@example.com>) <evil@example.net>", "evil@example.net"),
        ('"Toko \\"<toko@example.com>\\"" <evil@example.net>', "evil@example.net"),
        ("=?utf-8?q?toko=40example=2Ecom?= <evil@example.net>", "evil@example.net"),
        ("<toko@example.com> <evil@example.net>", ""),
        ("toko@example.com, evil@example.net", ""),
        ("toko@example.com, Evil <evil@example.net>", "evil@example.net"),
        ("toko@example.com\r\n <evil@example.net>", "evil@example.net"),
        ("evil@example.net <toko@example.com", ""),
        ("MAILER-DAEMON@example.net (Mail Delivery System)", "MAILER-DAEMON@example.net"),
        ("undisclosed", ""),
        ("", ""),
        ("Café <budi@bücher.example>", "budi@bücher.example"),
    ],
)
def test_of_a_sender_the_address_alone_counts(given: str, sender: str) -> None:
    assert read(f"From: {given}\r\n\r\nHalo".encode()).sender == sender


def test_two_senders_are_nobody() -> None:
    assert read(b"From: toko@example.com\r\nFrom: evil@example.net\r\n\r\nHalo").sender == ""


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Autorespond": "x"},
        {"X_Autoresponder": "x"},
        {"X_AutoReply_From": "x"},
        {"X_Auto_Response_Suppress": "All"},
        {"Auto_Submitted": "auto-generated"},
        {"Precedence": "auto_reply"},
        {"Return_Path": "<>"},
        {"List_Unsubscribe": "<mailto:x@example.com>"},
        {"X_Batal_Kind": "message"},
        *(
            {"Subject": subject}
            for subject in (
                "Automatic reply: Pesan baru",
                "Autoreply",
                "Out of office",
                "OOO: x",
                "Balasan otomatis - Toko",
                "Jawaban otomatis: x",
                "[Balasan Otomatis] x",
                "Sedang cuti",
                "Di luar kantor: x",
                "I am on leave",
                "Out of the Office Re: x",
            )
        ),
    ],
)
def test_absences_without_the_header_of_the_standard_are_known_too(headers: dict[str, str]) -> None:
    assert read(a_mail(**headers).as_bytes()).by_machine


@pytest.mark.parametrize(
    ("text", "machine"),
    [
        ("Terima kasih. Pesan ini adalah balasan otomatis.", True),
        ("This is an automated response. We answer in office hours.", True),
        ("This message was automatically generated.", True),
        ("E-mail ini dikirim secara otomatis, mohon tidak dibalas.", True),
        ("Kemarin cuma dapat balasan otomatis, tolong dijawab orang.", False),
        ("I only got an automatic reply from you.", False),
    ],
)
def test_a_machine_says_so_itself_and_people_complain_of_machines(text: str, machine: bool) -> None:
    assert read(f"From: budi@example.com\r\nSubject: Re: x\r\n\r\n{text}\r\n".encode()).by_machine is machine


def test_an_answer_above_our_own_notice_is_no_machine_for_what_the_notice_says() -> None:
    text = "Baik.\n\nOn Mon, 23 Nov 2026 at 10:00, Batal <b@example.com> wrote:\n> This is an automatic message.\n"
    assert not read(f"From: budi@example.com\r\n\r\n{text}".encode()).by_machine
