"""What SES tells of mails: addresses are stopped and flagged on the case, answers join its conversation."""

import json
from base64 import b64encode
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import boto3
import pytest

from chalicelib import wiring
from chalicelib.domain.cases.threads import REPLIES_AFTER_CLOSE
from chalicelib.domain.parties import Actor, Role
from chalicelib.workflow import mail_stops
from infra.sandbox import aws
from infra.sandbox.mails import RECEIVED, answered, by_sns, came_back, into_bucket, told_by_bucket
from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone

CORPUS = Path(__file__).parent.parent / "mail" / "replies"


def tell(market: Marketplace, notice: Any) -> bool:
    """As SNS brings it; whether the Lambda took it."""
    message = notice if isinstance(notice, str) else json.dumps(notice)
    answer, failed = aws.invoke(market.world.app, "on_mail", by_sns(message))
    assert not failed, answer
    return True


def hand_in(market: Marketplace, mail: aws.SentMail, raw: bytes, **receipt: Any) -> dict[str, Any]:
    """A received mail as SES's S3 action tells it, and what was told."""
    notice = into_bucket(answered(mail, {}), raw)
    notice["receipt"] |= receipt
    tell(market, notice)
    return notice


def a_letter(mail: aws.SentMail, text: str = "", sender: str = "", **headers: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender or mail.to, mail.reply_to, f"Re: {mail.subject}"
    for name, value in headers.items():
        letter[name.replace("_", "-")] = value
    letter.set_content(f"{text}\n\nPada Sel, 24 Nov 2026 pukul 09.20 Batal <b@example.com> menulis:\n> Halo\n")
    return letter


def said(market: Marketplace, case_id: str) -> list[str]:
    return [each["text"] for each in market.seller("GET", f"/v1/cases/{case_id}/messages").json["items"]]


def told(market: Marketplace) -> list[aws.SentMail]:
    return [mail for mail in market.mails() if mail.kind == "reply_not_taken"]


def asked(market: Marketplace) -> tuple[str, aws.SentMail]:
    """A waiting case, and the mail that the buyer got about it."""
    market.push("LZD-1001")
    case_id = market.ask("LZD-1001")["case_id"]
    market.waits_in(case_id)
    (mail,) = [mail for mail in market.mails() if mail.kind == "request_received"]
    return case_id, mail


@pytest.mark.parametrize("what", ["bounce", "complaint"])
def test_a_mail_that_comes_back_stops_the_address_and_flags_the_case(market: Marketplace, what: str) -> None:
    case_id, mail = asked(market)
    assert market.case(case_id)["mail_stopped"] == []
    for _ in range(2):
        assert tell(market, came_back(mail, what))
    assert market.case(case_id)["mail_stopped"] == ["buyer"]
    (stop,) = market.as_("operator", "omar", "GET", "/v1/mail-stops").json["items"]
    assert (stop["address"], stop["why"], stop["case_id"]) == (mail.to, what, case_id)
    sent = len(market.mails())
    market.say("seller", case_id, "approve")
    market.ended(case_id)
    assert [mail.to.split("@")[0] for mail in market.mails()[sent:]] == ["toko-baju"]
    lifted = market.as_("operator", "omar", "DELETE", f"/v1/mail-stops?id={stop['stop_id']}")
    assert lifted.status == 200
    assert market.case(case_id)["mail_stopped"] == []


def test_a_full_mailbox_stops_nothing(market: Marketplace) -> None:
    case_id, mail = asked(market)
    notice = came_back(mail, "bounce")
    notice["bounce"]["bounceType"] = "Transient"
    assert tell(market, notice)
    assert market.case(case_id)["mail_stopped"] == []


def test_only_operators_lift_a_stop_and_parties_do_not_see_any(market: Marketplace) -> None:
    assert market.buyer("GET", "/v1/mail-stops").status == 403
    assert market.support("GET", "/v1/mail-stops").json["items"] == []
    assert market.support("DELETE", "/v1/mail-stops?id=x").status == 403
    assert market.as_("operator", "omar", "DELETE", "/v1/mail-stops").status == 422


@pytest.mark.parametrize("way", [told_by_bucket, answered])
def test_an_answer_to_a_mail_joins_the_conversation_of_the_case(market: Marketplace, way: Any) -> None:
    case_id, mail = asked(market)
    notice = way(mail, {"text": "Tolong secepatnya ya.\nTerima kasih"})
    for _ in range(2):
        assert tell(market, notice)
    (message,) = market.seller("GET", f"/v1/cases/{case_id}/messages").json["items"]
    assert (message["text"], message["by"]["role"]) == ("Tolong secepatnya ya.\nTerima kasih", "buyer")


@pytest.mark.parametrize("name", ["forged", "forwarded", "spam", "machine", "elsewhere"])
def test_other_mail_is_no_message(market: Marketplace, name: str) -> None:
    case_id, mail = asked(market)
    notice = answered(mail, {"text": "Halo", "from": "mallory@example.com" if name == "forwarded" else mail.to})
    if name == "forged":
        local, _, domain = mail.reply_to.partition("@")
        notice["receipt"]["recipients"] = [f"{local[:-1]}{'0' if local[-1] != '0' else '1'}@{domain}"]
    if name == "elsewhere":
        notice["receipt"]["recipients"] = [mail.reply_to.replace("reply.", "other.")]
    if name == "spam":
        notice["receipt"]["spamVerdict"]["status"] = "FAIL"
    if name == "machine":
        raw = "From: budi@example.com\r\nAuto-Submitted: auto-replied\r\n\r\nI am away\r\n"
        notice |= {"content": raw, "receipt": notice["receipt"] | {"action": {"encoding": "UTF8"}}}
    assert tell(market, notice)
    assert market.seller("GET", f"/v1/cases/{case_id}/messages").json["items"] == []


@pytest.mark.parametrize(
    "nonsense", ["", "[]", "{", '"x"', '{"eventType": "Bounce"}', '{"notificationType": "Received"}']
)
def test_what_cannot_be_understood_is_taken_and_left(market: Marketplace, nonsense: str) -> None:
    before = market.everything()
    assert tell(market, nonsense)
    assert market.everything() == before


VERDICTS = [
    {f"{name}Verdict": {"status": status}}
    for name in ("spam", "virus", "dmarc")
    for status in ("FAIL", "GRAY", "PROCESSING_FAILED", "DISABLED", "", None)
]


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize(
    "wrong", [*VERDICTS, {"dmarcVerdict": {}}, {"spfVerdict": {"status": "FAIL"}, "dkimVerdict": {"status": "GRAY"}}]
)
def test_whose_sender_is_not_certain_is_neither_heard_nor_answered(market: Marketplace, wrong: dict[str, Any]) -> None:
    case_id, mail = asked(market)
    hand_in(market, mail, a_letter(mail, "Halo").as_bytes(), **wrong)
    hand_in(market, mail, a_letter(mail).as_bytes(), **wrong)
    assert (said(market, case_id), told(market)) == ([], [])


def test_a_missing_verdict_is_no_pass(market: Marketplace) -> None:
    case_id, mail = asked(market)
    for name in ("spam", "virus", "dmarc"):
        notice = told_by_bucket(mail, {"text": "Halo"})
        del notice["receipt"][f"{name}Verdict"]
        tell(market, notice)
    assert said(market, case_id) == []


def test_a_name_that_looks_like_the_party_is_not_the_party(market: Marketplace) -> None:
    case_id, mail = asked(market)
    raw = (
        f"From: {mail.to} <evil@example.net>\r\nReply-To: {mail.to}\r\nSubject: Re: x\r\n\r\nKirim uangnya ke saya\r\n"
    )
    hand_in(market, mail, raw.encode())
    assert said(market, case_id) == []
    (answer,) = told(market)
    assert answer.to == "evil@example.net"
    assert case_id not in answer.text
    assert "LZD-1001" not in answer.text


def test_an_alias_of_the_partys_address_is_the_party(market: Marketplace) -> None:
    case_id, mail = asked(market)
    hand_in(market, mail, a_letter(mail, "Halo", mail.to.replace("@", "+batal@")).as_bytes())
    assert said(market, case_id) == ["Halo"]


def test_files_of_a_mail_are_evidence_and_too_large_for_a_notice_of_sns(market: Marketplace) -> None:
    case_id, mail = asked(market)
    letter = a_letter(mail, "Ini fotonya")
    photo, slip = b"\xff\xd8\xff" + bytes(400_000), b"%PDF-1.7 resi"
    letter.add_attachment(photo, maintype="application", subtype="octet-stream", filename="vas retak.jpg")
    letter.add_attachment(slip, maintype="application", subtype="pdf", filename="resi.pdf")
    notice = hand_in(market, mail, letter.as_bytes())
    tell(market, notice)
    items = market.seller("GET", f"/v1/cases/{case_id}/evidence").json["items"]
    assert [(each["filename"], each["content_type"], each["size"], each["by"]["role"]) for each in items] == [
        ("vas retak.jpg", "image/jpeg", len(photo), "buyer"),
        ("resi.pdf", "application/pdf", len(slip), "buyer"),
    ]
    assert said(market, case_id) == ["Ini fotonya"]
    assert told(market) == []


def test_a_photo_alone_is_shown_and_its_message_says_so_on_the_page(market: Marketplace) -> None:
    case_id, mail = asked(market)
    hand_in(
        market,
        mail,
        (CORPUS / "20-iphone-id-photo-only.eml").read_bytes().replace(b"lestari@example.org", mail.to.encode()),
    )
    assert said(market, case_id) == [""]
    (item,) = market.seller("GET", f"/v1/cases/{case_id}/evidence").json["items"]
    assert item["filename"] == "IMG_4127.jpeg"


def test_who_sent_what_cannot_be_taken_is_told_so_once_a_day(market: Marketplace) -> None:
    case_id, mail = asked(market)
    letter = a_letter(mail)
    letter.add_attachment(b"....ftypheic", maintype="image", subtype="heic", filename="IMG_1.heic")
    for raw in (letter.as_bytes(), a_letter(mail).as_bytes(), letter.as_bytes()):
        hand_in(market, mail, raw)
    (answer,) = told(market)
    assert (answer.to, answer.locale, answer.reply_to) == (mail.to, "id", "")
    assert "IMG_1.heic: jenis berkas ini tidak bisa kami terima" in answer.text
    assert f"/cases/{case_id}" in answer.text
    assert said(market, case_id) == []
    market.world.clock.advance(24 * 3600)
    hand_in(market, mail, a_letter(mail).as_bytes())
    assert len(told(market)) == 2


def test_words_beside_a_file_that_cannot_be_taken_are_kept(market: Marketplace) -> None:
    case_id, mail = asked(market)
    letter = a_letter(mail, "Ini videonya")
    letter.add_attachment(b"....ftypmp4", maintype="video", subtype="mp4", filename="vas.mp4")
    hand_in(market, mail, letter.as_bytes())
    assert said(market, case_id) == ["Ini videonya"]
    (answer,) = told(market)
    assert "sudah masuk ke percakapan" in answer.text
    assert "vas.mp4" in answer.text


@pytest.mark.parametrize(
    "name",
    ["21-exchange-out-of-office-id", "22-cpanel-autoresponder-id", "23-postfix-dsn", "26-outlook-read-receipt-id"],
)
def test_machines_are_neither_heard_nor_answered(market: Marketplace, name: str) -> None:
    case_id, mail = asked(market)
    raw = (CORPUS / f"{name}.eml").read_bytes()
    wanted = json.loads((CORPUS / f"{name}.json").read_text("utf-8"))
    hand_in(market, mail, raw.replace(wanted["sender"].encode(), mail.to.encode()))
    assert (said(market, case_id), told(market)) == ([], [])


def test_addresses_that_we_did_not_make_are_not_answered_whoever_writes(market: Marketplace) -> None:
    _, mail = asked(market)
    hand_in(market, mail, a_letter(mail).as_bytes(), recipients=[mail.reply_to.replace("reply.", "other.")])
    assert told(market) == []


def test_an_answer_long_after_the_end_is_told_where_to_turn(market: Marketplace) -> None:
    case_id, mail = asked(market)
    market.say("seller", case_id, "approve")
    market.ended(case_id)
    market.world.clock.advance(REPLIES_AFTER_CLOSE.total_seconds())  # type: ignore[arg-type]
    hand_in(market, mail, a_letter(mail, "Halo?").as_bytes())
    assert said(market, case_id) == []
    (answer,) = told(market)
    assert "layanan pelanggan" in answer.text


def test_a_mail_that_is_gone_from_the_bucket_is_noted_and_left(market: Marketplace) -> None:
    case_id, mail = asked(market)
    notice = told_by_bucket(mail, {"text": "Halo"})
    boto3.client("s3").delete_object(Bucket=RECEIVED, Key=notice["receipt"]["action"]["objectKey"])
    assert tell(market, notice)
    assert said(market, case_id) == []


def test_the_bucket_is_our_own_whatever_a_notice_says(market: Marketplace) -> None:
    case_id, mail = asked(market)
    notice = told_by_bucket(mail, {"text": "Halo"})
    notice["receipt"]["action"]["bucketName"] = "somebody-elses"
    tell(market, notice)
    assert said(market, case_id) == ["Halo"]


def test_a_notice_of_the_former_way_still_counts(market: Marketplace) -> None:
    case_id, mail = asked(market)
    notice = answered(mail, {})
    raw = a_letter(mail, "Halo").as_bytes()
    tell(market, notice | {"content": b64encode(raw).decode()})
    assert said(market, case_id) == ["Halo"]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("what", ["bounce", "complaint"])
@pytest.mark.parametrize(
    "form", ["<{}>", '"Budi" <{}>', " {} ", "{} (Budi)", "forwarded-to@elsewhere.example", "<nonsense", ""]
)
def test_what_comes_back_stops_the_address_that_we_wrote_to(market: Marketplace, what: str, form: str) -> None:
    case_id, mail = asked(market)
    notice = came_back(mail, what)
    recipients = (
        notice["bounce"]["bouncedRecipients"] if what == "bounce" else notice["complaint"]["complainedRecipients"]
    )
    recipients[0]["emailAddress"] = form.format(mail.to.upper())
    tell(market, notice)
    (stop,) = market.support("GET", "/v1/mail-stops").json["items"]
    assert stop["address"] == mail.to
    assert market.case(case_id)["mail_stopped"] == ["buyer"]


def test_of_several_that_we_wrote_to_the_one_is_stopped_that_came_back(market: Marketplace) -> None:
    _case_id, mail = asked(market)
    notice = came_back(mail, "bounce")
    notice["mail"]["destination"] = ["other@example.com", f"Budi <{mail.to}>"]
    tell(market, notice)
    assert [stop["address"] for stop in market.support("GET", "/v1/mail-stops").json["items"]] == [mail.to]


def test_a_report_without_a_destination_is_taken_at_its_word(market: Marketplace) -> None:
    case_id, mail = asked(market)
    notice = came_back(mail, "bounce")
    del notice["mail"]["destination"]
    notice["bounce"]["bouncedRecipients"][0]["emailAddress"] = f"<{mail.to}>"
    tell(market, notice)
    assert market.case(case_id)["mail_stopped"] == ["buyer"]


def test_a_reader_who_says_not_spam_gets_mail_again(market: Marketplace) -> None:
    case_id, mail = asked(market)
    notice = came_back(mail, "complaint")
    tell(market, notice)
    assert market.case(case_id)["mail_stopped"] == ["buyer"]
    notice["complaint"] |= {
        "complaintFeedbackType": "not-spam",
        "complainedRecipients": [{"emailAddress": f"<{mail.to}>"}],
    }
    for _ in range(2):
        tell(market, notice)
        assert market.case(case_id)["mail_stopped"] == []


def test_one_answer_to_two_cases_is_a_message_on_both(market: Marketplace) -> None:
    case_id, mail = asked(market)
    other = market.ask(market.order("LZD-7"))["case_id"]
    market.waits_in(other)
    (second,) = [each for each in market.mails() if each.kind == "request_received" and each.case_id == other]
    for _ in range(2):
        notice = into_bucket(answered(mail, {}), a_letter(mail, "Keduanya ya, tolong").as_bytes())
        notice["mail"]["messageId"] = "both"
        notice["receipt"]["recipients"] = [mail.reply_to, second.reply_to]
        tell(market, notice)
    assert (said(market, case_id), said(market, other)) == (["Keduanya ya, tolong"], ["Keduanya ya, tolong"])


@pytest.mark.sampled
@pytest.mark.parametrize("kind", ["eventType", "notificationType"])
@pytest.mark.parametrize("subtype", ["OnAccountSuppressionList", "Suppressed"])
def test_what_ses_keeps_on_a_list_of_its_own_is_no_bounce_of_the_mailbox(
    market: Marketplace, subtype: str, kind: str
) -> None:
    case_id, mail = asked(market)
    notice = came_back(mail, "bounce")
    notice[kind] = notice.pop("eventType")
    notice["bounce"]["bounceSubType"] = subtype
    for _ in range(2):
        tell(market, notice)
    (stop,) = market.support("GET", "/v1/mail-stops").json["items"]
    assert (stop["why"], market.case(case_id)["mail_stopped"]) == ("suppressed", ["buyer"])
    assert market.as_("operator", "omar", "DELETE", f"/v1/mail-stops?id={stop['stop_id']}").status == 200
    assert market.case(case_id)["mail_stopped"] == []


NEVER_SENT = {
    "Reject": {"reject": {"reason": "Bad content"}},
    "Rendering Failure": {"failure": {"templateName": "x", "errorMessage": "y"}},
}


@pytest.mark.parametrize("kind", NEVER_SENT)
def test_a_mail_that_was_never_sent_is_held_once_and_can_go_out_again(market: Marketplace, kind: str) -> None:
    case_id, mail = asked(market)
    about = came_back(mail, "bounce")["mail"]
    notice = {"eventType": kind, "mail": about, **NEVER_SENT[kind]}
    for _ in range(2):
        tell(market, notice)
    (held,) = market.as_("operator", "omar", "GET", "/v1/held").json["items"]
    assert (held["kind"], held["to"], held["case_id"]) == ("request_received", "buyer", case_id)
    released = market.as_("operator", "omar", "POST", "/v1/held/deliver", {"ids": [held["id"]], "note": "again"})
    assert released.json["delivering"] == [held["id"]]
    # The same notice, told once more, holds nothing again.
    tell(market, notice)
    assert market.as_("operator", "omar", "GET", "/v1/held").json["items"] == []
    assert market.case(case_id)["mail_stopped"] == []


def test_a_mail_without_a_promise_that_was_never_sent_is_only_noted(market: Marketplace) -> None:
    _case_id, mail = asked(market)
    about = came_back(mail, "bounce")["mail"]
    for effect in ("", "3:event:case.opened", "nonsense"):
        headers = [about["headers"][0], {"name": "X-Batal-Effect", "value": effect}]
        tell(market, {"eventType": "Reject", "mail": about | {"headers": headers}, "reject": {"reason": "Bad content"}})
    assert market.as_("operator", "omar", "GET", "/v1/held").json["items"] == []


def test_a_late_mail_stops_nothing_and_operators_see_it(market: Marketplace) -> None:
    case_id, mail = asked(market)
    at = market.world.clock().isoformat()
    notice = {
        "eventType": "DeliveryDelay",
        "deliveryDelay": {
            "delayType": "TransientCommunicationFailure",
            "delayedRecipients": [{"emailAddress": mail.to}],
            "timestamp": at,
        },
        "mail": came_back(mail, "bounce")["mail"],
    }
    for _ in range(2):
        tell(market, notice)
    assert market.case(case_id)["mail_stopped"] == []
    assert market.as_("operator", "omar", "GET", "/v1/mail-stops").json["items"] == []
    (late,) = mail_stops.delays(wiring.ports(), Actor(role=Role.OPERATOR, id="omar"))
    assert (late.why, late.case_id) == ("TransientCommunicationFailure", case_id)
    staff = Phone(market)
    staff.sign_in("omar", "operator")
    assert f"/cases/{case_id}" in staff.open("/operations/lists/late").text
