"""What mails say, to whom, in which language."""

import ast
import inspect
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.cases import asking, outbox
from chalicelib.domain.cases.case import Decision, State
from chalicelib.domain.cases.commands import Approve, Expire, RefundFailed, Reject
from chalicelib.domain.cases.effects import MailKind, decode, encode
from chalicelib.domain.cases.steps import (
    amendments,
    answers,
    late_parcels,
    moves,
    offers,
    refund_parts,
    refunds,
    returns,
    support,
)
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.policy import ParcelMoves
from chalicelib.domain.policies.reasons import RefusingReason
from chalicelib.domain.zones import Zone
from chalicelib.locales import formats, say
from chalicelib.mail import compose
from chalicelib.mail.letter import KINDS
from chalicelib.mail.typed import first_words
from infra.sandbox.builders import NO, NOW, SELLER, SUPPORT, SYSTEM, a_case, a_context, a_policy, an_order
from infra.sandbox.specimens import EVERY, LATER, STORIES, answered, moved, order_of, said
from tests.mail.conftest import LINKS, pieces, visible, written

LOCALES = ("id", "en")


PROMISING = (asking, amendments, answers, refunds, refund_parts, offers, returns, support, outbox, late_parcels, moves)


def promised_by_the_domain() -> set[str]:
    """Every kind and reader of mails that the domain can promise: what its modules name, and what goes to both."""
    nodes = [node for module in PROMISING for node in ast.walk(ast.parse(inspect.getsource(module)))]
    calls = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    found: set[str] = set()
    for call in calls:
        kinds = [
            each for each in call.args if isinstance(each, ast.Attribute) and ast.unparse(each.value) == "MailKind"
        ]
        if not kinds or call.func.id not in ("Mail", "to_both", "end"):  # type: ignore[attr-defined]
            continue
        kind = MailKind[kinds[0].attr]
        one = call.func.id == "Mail" and isinstance(call.args[1], ast.Attribute)  # type: ignore[attr-defined]
        readers = [Role[call.args[1].attr]] if one else [Role.BUYER, Role.SELLER]  # type: ignore[attr-defined]
        found |= {f"{kind}:{role}" for role in readers}
    return found


def test_the_stories_here_cover_every_mail_that_the_domain_promises() -> None:
    assert {effect for _, effect in EVERY} == promised_by_the_domain()
    assert {effect.partition(":")[0] for _, effect in EVERY} == set(KINDS)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("story", "effect"), EVERY)
def test_every_mail_names_its_order_platform_case_and_page(story: str, effect: str, locale: str) -> None:
    mail = written(story, effect, locale)
    words, links = visible(mail.html)
    for part in (mail.text, words):
        assert "LZD-1" in part
        assert part.count("c1") >= 2
        assert "https://batal.example/api/cases/c1" in part
        assert re.search("Lazada|Shopee|Tokopedia", part)
        assert "Kemeja Batik" in part
    assert "https://batal.example/api/cases/c1" in links
    assert mail.subject.endswith(" · c1")
    assert f'<html lang="{locale}">' in mail.html
    assert (mail.locale, mail.case_id, mail.kind) == (locale, "c1", effect.partition(":")[0])
    assert mail.to == ("budi@example.com" if effect.endswith("buyer") else "toko-baju@example.com")


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("story", "effect"), EVERY)
def test_text_and_html_say_the_same(story: str, effect: str, locale: str) -> None:
    mail = written(story, effect, locale)
    words, _ = visible(mail.html)
    bare = re.sub(r"\W", "", words)
    for line in mail.text.splitlines():
        for piece in re.split(r": ", line.removeprefix("- ").removeprefix("> ")):
            assert re.sub(r"\W", "", piece) in bare, piece
    text = re.sub(r"\W", "", mail.text)
    label = re.sub(r"\W", "", say("mail.or_link", locale))
    for words in pieces(mail.html):
        assert re.sub(r"\W", "", words) in text + label, words


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("story", "effect"), EVERY)
def test_nothing_is_loaded_from_elsewhere_and_no_placeholder_is_left(story: str, effect: str, locale: str) -> None:
    mail = written(story, effect, locale)
    _, links = visible(mail.html)
    assert all(link.startswith("https://batal.example/api/") for link in links)
    assert not re.search(r"<(img|link|script|iframe|form)|url\(|@import|\ssrc=", mail.html)
    assert not re.search(r"\{\w*\}|None|Undefined|<built-in", mail.text)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("story", "effect"), EVERY)
def test_only_requests_to_decide_and_for_an_account_carry_a_signed_link(story: str, effect: str, locale: str) -> None:
    mail = written(story, effect, locale)
    carries = ("signed-token" in mail.text, "signed-token" in mail.html)
    asks = effect in ("decision_needed:seller", "account_wanted:buyer") or (story, effect) == (
        "a return is asked",
        "reminder:seller",
    )
    assert carries == (asks, asks)


# effect by effect: the sentence that makes the difference, and the money where there is some
SAYS = [
    ("a fee is offered", "offer_made:buyer", "id", "Biaya yang diminta: Rp10.000"),
    ("a fee is offered", "offer_made:buyer", "en", "Refund after that fee: Rp327.000"),
    ("the fee is accepted", "approved:buyer", "en", "You accepted the offer."),
    ("the fee is declined, customer service decides", "escalated:buyer", "en", "You declined the offer, so customer"),
    ("customer service offers", "offer_made:buyer", "en", "Customer service offers to cancel"),
    ("the offer is not answered", "escalated:seller", "id", "Pembeli tidak menjawab tawarannya"),
    ("a second person must agree", "escalated:buyer", "en", "checking your request a second time"),
    ("a second person must agree", "escalated:buyer", "en", "Customer service aims to decide by Wednesday"),
    ("a parcel does not come back", "escalated:buyer", "id", "Barangnya belum kembali seperti yang disepakati"),
    ("another way is agreed", "settled:seller", "en", "the variant is changed"),
    ("a return is asked", "request_received:buyer", "id", "Permintaan pengembalian barang Anda"),
    ("a return is agreed", "goods_awaited:buyer", "en", "Please send them by Monday, 30 November 2026"),
    ("goods are sent", "goods_sent:seller", "en", "Tracking number: JNE-77"),
    ("goods are sent", "goods_sent:seller", "en", "no news by Monday, 7 December 2026 10:00 WIB, customer"),
    ("a return is agreed", "reminder:buyer", "id", "Jika lewat, permintaan ini berakhir."),
    ("goods are sent", "reminder:seller", "en", "confirm on the page of this request once the goods are back"),
    ("the buyer appeals", "reopened:buyer", "id", "Pesan Anda:\n> Belum dikirim"),
    ("the buyer appeals", "reopened:seller", "id", "Pesan dari pembeli:\n> Belum dikirim"),
    ("goods arrive", "goods_arrived:seller", "id", "Menurut kurir, barangnya sudah sampai kembali"),
    ("goods arrive", "goods_arrived:buyer", "en", "The seller checks the goods by"),
    ("nobody saw the goods", "escalated:buyer", "id", "Belum ada kabar bahwa barang yang Anda kirim"),
    ("goods are contested", "escalated:buyer", "en", "Reported problem: The goods are damaged"),
    ("goods are contested", "escalated:buyer", "id", "> Kancingnya lepas"),
    ("goods are contested", "escalated:seller", "id", "Tambahkan foto"),
    ("a part is deducted", "approved:buyer", "id", "Potongan karena kondisi barang: dikurangi Rp37.000. Layanan"),
    (
        "a part is deducted",
        "approved:buyer",
        "en",
        "Taken off for the condition of the goods: minus Rp37.000. Customer",
    ),
    ("the money goes with the pick-up", "approved:buyer", "en", "The carrier has the goods that you sent back"),
    ("a label comes", "return_label:buyer", "id", "Kode penyerahan paket: JNE-4711"),
    ("a label comes", "return_label:buyer", "en", "Cost of sending back: paid by the seller"),
    ("goods are back", "approved:buyer", "en", "The seller has the goods back."),
    ("a parcel is called back", "goods_awaited:seller", "id", "tarik kembali paketnya"),
    ("a parcel is back", "approved:seller", "en", "The parcel has come back."),
    ("a parcel is stopped on its way", "approved:seller", "en", "The carrier stopped the parcel and brings it back"),
    ("a parcel is stopped on its way", "approved:buyer", "id", "Kurir menghentikan paketnya"),
    ("the platform cancels what was agreed", "approved:seller", "id", "Jika paketnya belum kembali kepada Anda"),
    ("the platform cancels what was agreed", "approved:buyer", "id", "Jika paketnya tetap sampai kepada Anda"),
    ("a parcel is called back", "goods_awaited:buyer", "id", "Dana yang dikembalikan kepada Anda"),
    ("the seller cannot deliver", "approved:buyer", "en", "the seller cannot deliver this order"),
    ("the buyer appeals", "reopened:seller", "id", "> Belum dikirim"),
    ("asked", "request_received:buyer", "id", "Dana yang dikembalikan jika disetujui: Rp337.000"),
    ("asked", "request_received:buyer", "en", "Refund if approved: Rp337.000"),
    ("asked", "request_received:buyer", "id", "paling lambat Selasa, 24 November 2026 10.00 WIB"),
    ("asked", "request_received:buyer", "en", "If there is no answer by then, customer service decides"),
    ("asked", "decision_needed:seller", "id", "Dana yang dikembalikan jika disetujui: Rp337.000"),
    ("asked", "decision_needed:seller", "id", "paling lambat Selasa, 24 November 2026 10.00 WIB"),
    ("asked", "decision_needed:seller", "en", "by Tuesday, 24 November 2026 10:00 WIB"),
    ("asked", "decision_needed:seller", "en", "Reason: Wrong size"),
    ("asked", "decision_needed:seller", "id", "- 2 x Kemeja Batik"),
    ("approved by the seller", "approved:buyer", "id", "Penjual menyetujui permintaan Anda."),
    ("approved by the seller", "approved:buyer", "id", "Dana Anda sebesar Rp337.000 dikembalikan"),
    ("approved by the seller", "approved:buyer", "en", "- Wallet: Rp237.000, already in your wallet"),
    ("approved by the seller", "approved:buyer", "en", "- Card: Rp100.000, with you by Friday, 11 December 2026"),
    ("approved by the seller", "approved:seller", "en", "You approved the cancellation"),
    ("approved by the seller", "approved:seller", "id", "Dana yang dikembalikan ke pembeli: Rp337.000"),
    ("approved by support", "approved:buyer", "en", "Customer service approved your request."),
    ("approved by support", "approved:seller", "id", "Layanan pelanggan menyetujui pembatalan"),
    ("approved by silence", "approved:buyer", "id", "Tidak ada jawaban sampai batas waktu"),
    ("approved by silence", "approved:seller", "en", "was not answered in time, so the cancellation was"),
    ("approved at once", "approved:buyer", "id", "langsung dibatalkan sesuai permintaan Anda"),
    ("approved at once", "approved:seller", "en", "without your approval"),
    ("refused by the seller", "rejected:buyer", "id", "Alasan penolakan: Paket sudah dikemas"),
    ("refused by the seller", "rejected:buyer", "en", "After delivery you can ask to return the goods."),
    ("refused by the seller", "rejected:seller", "en", "You refused this request"),
    ("refused by support", "rejected:buyer", "en", "customer service could not approve"),
    ("refused by support", "rejected:seller", "id", "Layanan pelanggan menolak permintaan"),
    ("expired", "expired:buyer", "id", "Pesanan Anda tetap berjalan."),
    ("expired", "expired:seller", "en", "carry on with this order"),
    ("withdrawn", "withdrawn:buyer", "en", "You withdrew this request."),
    ("withdrawn", "withdrawn:seller", "id", "Silakan lanjutkan pesanan ini."),
    ("escalated by silence", "escalated:buyer", "id", "Penjual tidak menjawab sampai batas waktu"),
    ("escalated by silence", "escalated:seller", "en", "You did not answer in time"),
    ("escalated by the parcel", "escalated:buyer", "id", "Status paket berubah sebelum permintaan Anda dijawab"),
    ("escalated by the parcel", "escalated:seller", "en", "The parcel's status changed before this request"),
    ("overtaken by the parcel", "overtaken:buyer", "en", "The parcel left before your request was answered"),
    ("overtaken by the platform", "overtaken:buyer", "id", "Kami sudah membatalkan pesanan ini"),
    ("paid back", "money_returned:buyer", "id", "- Saldo: Rp237.000, sudah masuk ke saldo Anda"),
    (
        "paid back",
        "money_returned:buyer",
        "id",
        "- Kartu: Rp100.000, sudah dikirim, sampai paling lambat Jumat, 11 Desember 2026",
    ),
    ("paid back", "money_returned:buyer", "en", "We have refunded Rp337.000"),
]


@pytest.mark.parametrize(("story", "effect", "locale", "sentence"), SAYS)
def test_each_mail_says_what_happened(story: str, effect: str, locale: str, sentence: str) -> None:
    assert sentence in written(story, effect, locale).text


@pytest.mark.parametrize("locale", LOCALES)
def test_what_a_marketplace_pays_itself_is_not_said_to_be_in_our_wallet(locale: str) -> None:
    case, goods = STORIES["paid back"][1](locale)
    elsewhere = replace(case, policy=replace(case.policy, built_in_wallet=False))
    here, there = (
        compose(decode("9:mail:money_returned:buyer"), each, goods, links=LINKS).text for each in (case, elsewhere)
    )
    word = {"id": "sudah masuk ke saldo Anda", "en": "already in your wallet"}[locale]
    assert (word in here, word in there) == (True, False)


@pytest.mark.parametrize(
    ("story", "back"),
    [
        ("a parcel is back", True),
        ("a parcel is stopped on its way", False),
        ("the platform cancels what was agreed", False),
    ],
)
def test_only_goods_that_somebody_got_back_are_said_to_be_back(story: str, back: bool) -> None:
    mail = written(story, "approved:seller", "id")
    assert ("sudah kembali" in mail.subject) is back
    assert ("sudah kembali" in mail.text) is back


@pytest.mark.parametrize("locale", LOCALES)
def test_no_mail_says_that_it_may_be_answered_and_need_not_be(locale: str) -> None:
    needless = {"id": r"tidak perlu (di)?(balas|jawab|menjawab|membalas)", "en": r"do not need to (answer|reply)"}
    for story, effect in EVERY:
        mail = written(story, effect, locale)
        assert not re.search(needless[locale], mail.text), mail.subject


@pytest.mark.parametrize(
    ("story", "effect"),
    [("refused by the seller", "rejected"), ("expired", "expired"), ("the fee is declined for good", "offer_declined")],
)
def test_who_was_refused_reads_how_to_ask_again_and_until_when(story: str, effect: str) -> None:
    case, order = STORIES[story][1]("id")
    assert case.closed_at
    mail = written(story, f"{effect}:buyer", "id")
    last = formats.deadline(case.closed_at + timedelta(days=3), "id", Zone.WIB)
    assert f"meminta peninjauan ulang satu kali di halaman permintaan ini, paling lambat {last}." in mail.text
    assert "peninjauan ulang" not in written(story, f"{effect}:seller", "id").text
    late = compose(decode(f"2:mail:{effect}:buyer"), case, order, links=LINKS)
    assert "peninjauan ulang" not in late.text, "the appeal is over, or was used"


def test_a_notice_of_a_message_says_who_wrote_and_how_it_begins() -> None:
    mail = written("somebody wrote", "message:buyer", "en")
    assert "Customer service wrote to you on this request." in mail.text
    assert "Message from customer service:\n> Apakah paketnya utuh?" in mail.text
    long = first_words("kata " * 100)
    assert (len(long) <= 202, long.endswith(" …")) == (True, True)


@pytest.mark.parametrize(
    ("story", "effect", "decides"),
    [
        ("asked", "decision_needed:seller", True),
        ("asked", "request_received:buyer", False),
        ("a fee is offered", "offer_made:buyer", True),
        ("approved by the seller", "approved:seller", False),
    ],
)
def test_who_is_waited_for_reads_that_an_answer_by_mail_decides_nothing(story: str, effect: str, decides: bool) -> None:
    for locale, words in (("id", "belum menjadi keputusan"), ("en", "it decides nothing")):
        mail = written(story, effect, locale)
        assert (words in mail.text) is decides
        assert (words in mail.html) is decides


def test_the_subject_of_a_refund_names_the_amount() -> None:
    assert (
        written("paid back", "money_returned:buyer", "id").subject
        == "Dana Rp337.000 sudah dikembalikan: 2x Kemeja Batik dan 1 lainnya · c1"
    )


def test_a_seller_who_refuses_a_travelling_parcel_gives_its_number_to_the_buyer() -> None:
    case, order = answered(Reject(reason_code=RefusingReason.ALREADY_SHIPPED, tracking_number="JNE-0042"))("id")
    mail = compose(decode("2:mail:rejected:buyer"), case, order, links=LINKS)
    assert "Alasan penolakan: Paket sudah dikirim\nNomor resi: JNE-0042" in mail.text
    assert "JNE-0042" in mail.html


def test_a_comment_reaches_the_other_side_and_a_note_of_supports_nobody() -> None:
    case, order = answered(replace(NO, comment="Paket sudah di gudang.", note="SECRET fraud flag"), SUPPORT)("id")
    for role in ("buyer", "seller"):
        mail = compose(decode(f"2:mail:rejected:{role}"), case, order, links=LINKS)
        assert "Pesan dari layanan pelanggan:\n> Paket sudah di gudang." in mail.text
        assert "SECRET" not in mail.text + mail.html + mail.subject


def test_a_fee_is_named_before_it_is_kept() -> None:
    order = order_of(status="shipped", service_fee=1_000, tenders={"wallet": 338_000})
    mail = compose(decode("1:mail:request_received:buyer"), a_case(order), order, links=LINKS)
    assert "Dana yang dikembalikan jika disetujui: Rp318.500" in mail.text
    assert "- Biaya pembatalan: dikurangi Rp6.500. Penjual sudah menyiapkan pesanan" in mail.text
    assert "- Ongkos kirim yang sudah terpakai: dikurangi Rp12.000. Paketnya sudah dikirim" in mail.text
    assert "- Biaya layanan tidak dikembalikan: dikurangi Rp1.000. Menurut kebijakan" in mail.text


def test_a_seller_whose_parcel_travels_is_not_asked_to_hold_it() -> None:
    order = order_of(status="shipped", locale="en")
    asked = compose(decode("1:mail:decision_needed:seller"), a_case(order), order, links=LINKS)
    approved = compose(decode("2:mail:approved:seller"), said(a_case(order), Approve()), order, links=LINKS)
    assert "hold the parcel" not in asked.text
    assert approved.subject.startswith("Cancelled after shipping: 2x Kemeja Batik")
    assert "ask the carrier to bring it back" in approved.text


def test_an_order_that_was_never_paid_promises_no_money() -> None:
    order = an_order(status="unpaid", paid=False, locale="en")
    mail = compose(decode("1:mail:approved:buyer"), a_case(order), order, links=LINKS)
    assert "There is no money to refund for this order." in mail.text
    assert "Rp" not in mail.text


def test_a_completed_order_is_not_told_that_it_can_be_returned() -> None:
    case, order = moved(ParcelMoves.END, OrderStatus.COMPLETED)("en")
    assert "return" not in compose(decode("2:mail:overtaken:buyer"), case, order, links=LINKS).text


def test_silence_while_the_parcel_moved_is_told_as_both() -> None:
    case, order = moved(ParcelMoves.CONTINUE, OrderStatus.SHIPPED)("en")
    policy = a_policy(parcel_moves=ParcelMoves.CONTINUE)
    escalated = said(case, Expire(), SYSTEM, by=a_context(policy), now=LATER)
    text = compose(decode("3:mail:escalated:buyer"), escalated, order, links=LINKS).text
    assert "did not answer in time, and the parcel's status has changed" in text


def test_a_seller_who_agreed_after_the_parcel_moved_is_not_called_silent() -> None:
    case, order = moved(ParcelMoves.CONTINUE, OrderStatus.SHIPPED)("en")
    escalated = said(case, Approve(), SELLER)
    assert escalated.state is State.AWAITING_SUPPORT
    text = compose(decode("3:mail:escalated:seller"), escalated, order, links=LINKS).text
    assert "The parcel's status changed before" in text
    assert "not answered" not in text


def test_a_mail_that_is_paid_late_names_no_deadline_that_is_over() -> None:
    case, order = answered(Approve())("en")
    text = compose(decode("1:mail:request_received:buyer"), case, order, links=LINKS).text
    assert "answers by" not in text
    assert "withdraw" not in text


def test_money_that_arrives_by_midnight_arrives_on_the_day_before() -> None:
    case, order = answered(Approve())("en")
    assert case.refund is not None
    midnight = datetime(2026, 12, 7, 17, 0, tzinfo=UTC)  # Tuesday 00:00 in Jakarta
    parts = tuple(replace(part, arrives_by=midnight) for part in case.refund.parts)
    text = compose(
        decode("2:mail:approved:buyer"), replace(case, refund=replace(case.refund, parts=parts)), order, links=LINKS
    ).text
    assert "with you by Monday, 7 December 2026" in text


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("story", STORIES)
def test_no_mail_says_a_deadline_as_midnight(story: str, locale: str) -> None:
    """Monday's end in Jakarta, where each of these stories waits for somebody."""
    effects, tell = STORIES[story]
    case, order = tell(locale)
    case = replace(case, deadline_at=case.deadline_at and datetime(2026, 12, 7, 17, 0, tzinfo=UTC))
    for effect in effects:
        mail = compose(decode(f"1:mail:{effect}"), case, order, links=LINKS)
        assert not re.search(r"\b00[.:]00\b", mail.text), effect


def test_each_reader_is_told_times_of_the_zone_they_live_in() -> None:
    case, order = STORIES["asked"][1]("id")
    buyer = replace(order.body.buyer, zone=Zone.WIT)
    in_jayapura = replace(order, body=replace(order.body, buyer=buyer))
    told = compose(decode("1:mail:request_received:buyer"), case, in_jayapura, links=LINKS).text
    assert "Selasa, 24 November 2026 12.00 WIT" in told
    asked = compose(decode("1:mail:decision_needed:seller"), case, in_jayapura, links=LINKS).text
    assert "Selasa, 24 November 2026 10.00 WIB" in asked
    in_bangkok = replace(order, body=replace(order.body, buyer=replace(buyer, zone=Zone("Asia/Bangkok"))))
    told = compose(decode("1:mail:request_received:buyer"), case, in_bangkok, links=LINKS).text
    assert "Selasa, 24 November 2026 10.00 UTC+7" in told


def test_a_part_that_failed_is_not_promised_for_a_day() -> None:
    case, order = answered(Approve())("en")
    failed = said(case, RefundFailed(amount=100_000, event_id="e1"), SYSTEM)
    text = compose(decode("2:mail:approved:buyer"), failed, order, links=LINKS).text
    assert "- Card: Rp100.000, did not go through yet; we are on it" in text


def test_anybody_with_another_language_is_written_to_in_english() -> None:
    order = order_of(locale="fr")
    mail = compose(decode("1:mail:request_received:buyer"), a_case(order), order, links=LINKS)
    assert mail.locale == "en"
    assert mail.text.startswith("Hello Budi,")


def test_the_senders_name_can_be_the_marketplaces_own() -> None:
    case, order = STORIES["asked"][1]("en")
    mail = compose(decode("1:mail:request_received:buyer"), case, order, links=LINKS, sender_name="Lazada Care")
    assert "Kind regards,\nLazada Care" in mail.text


@pytest.mark.parametrize(
    "effect", ["mail:poem:buyer", "mail:money_returned:seller", "mail:approved:support", "mail:approved", "start"]
)
def test_a_mail_that_nobody_wrote_is_an_error(effect: str) -> None:
    case, order = STORIES["asked"][1]("id")
    with pytest.raises((KeyError, ValueError)):
        compose(decode(f"1:{effect}"), case, order, links=LINKS)


NASTY = (
    "Budi\r\nBcc: all@example.com\u202egnp.exe\u200b\x00\x1b[31m<script>alert(1)</script>{{ 7*7 }}{name}" + "x" * 5000
)


def test_nasty_names_do_no_harm() -> None:
    plain = order_of(locale="en")
    order = replace(
        plain,
        body=replace(
            plain.body,
            buyer=replace(plain.body.buyer, name=NASTY),
            lines=tuple(replace(line, name=NASTY) for line in plain.body.lines),
        ),
    )
    mail = compose(decode("1:mail:request_received:buyer"), a_case(order), order, links=LINKS)
    assert not re.search("[\r\u202e\u200b\x00\x1b]", mail.subject + mail.text + mail.html)
    assert "\n" not in mail.subject
    assert "<script" not in mail.html
    assert "&lt;script&gt;" in mail.html
    assert "{{ 7*7 }}{name}" in mail.text
    assert max(map(len, mail.text.splitlines())) < 400


def test_nasty_comments_stay_quoted_and_whole() -> None:
    comment = "Tolong.\r\n\r\n\r\nTerima kasih\u202e <b>ya</b>\x00\n--\nJangan " + "y" * 1500
    case, order = answered(replace(NO, comment=comment))("id")
    mail = compose(decode("2:mail:rejected:buyer"), case, order, links=LINKS)
    assert "> Tolong.\n> \n> Terima kasih <b>ya</b>\n> --\n> Jangan " + "y" * 1500 in mail.text
    assert "Terima kasih &lt;b&gt;ya&lt;/b&gt;" in mail.html
    assert "\u202e" not in mail.text + mail.html


def test_a_name_made_of_nothing_visible_is_greeted_all_the_same() -> None:
    plain = order_of(locale="en")
    order = replace(plain, body=replace(plain.body, buyer=replace(plain.body.buyer, name="\u200b\u202e")))
    assert compose(decode("1:mail:request_received:buyer"), a_case(order), order, links=LINKS).text.startswith(
        "Hello,\n"
    )


def test_a_decision_of_nobody_known_still_has_words() -> None:
    case, order = answered(Approve())("en")
    assert isinstance(case.decision, Decision)
    at_once = compose(decode("1:mail:approved:buyer"), replace(case, decision=None), order, links=LINKS)
    assert "at once" in at_once.text


def test_arrival_never_lies_before_the_decision() -> None:
    case, _ = answered(Approve())("id")
    assert case.refund is not None
    assert all(part.arrives_by >= NOW + timedelta(hours=1) for part in case.refund.parts)


def test_a_seller_is_asked_to_hold_a_parcel_only_while_it_is_there() -> None:
    case, order = STORIES["the buyer appeals"][1]("en")
    (effect,) = [key for key in case.outbox if encode(key).endswith("mail:reopened:seller")]
    gone = replace(case, order_status=OrderStatus.SHIPPED)
    holds = ["do not ship it for now" in compose(effect, each, order, links=LINKS).text for each in (case, gone)]
    assert holds == [True, False]
