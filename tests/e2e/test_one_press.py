"""One press, one act: a form that was drawn once acts once, and what is said after an act is what happened."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.orders.body import Line
from infra.stages import ROOT
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.forms import forms_of
from tests.e2e.test_pages import Phone
from tests.e2e.test_stories import decision_link

pytestmark = pytest.mark.dynamodb

# These commit nothing of ours: who signs in or out, and what the bucket takes.
COMMIT_NOTHING = ("/sign-in", "/sign-out", "upload.url")
SHIRTS = (Line(line_id="1", name="Kemeja", quantity=3, unit_price=50_000, category="fashion"),)
TWO_LINES = (
    Line(line_id="1", name="Kemeja", quantity=1, unit_price=50_000, category="fashion"),
    Line(line_id="2", name="Topi", quantity=1, unit_price=30_000, category="fashion"),
)


def phone_of(market: Marketplace, who: str, role: str) -> Phone:
    phone = Phone(market)
    phone.sign_in(who, role)
    return phone


def just_paid(market: Marketplace, order_id: str = "NEW-1") -> str:
    """Three shirts inside the window in which nobody has to agree."""
    now = market.world.clock()
    return market.order(order_id, status="placed", lines=SHIRTS, placed_at=now - timedelta(minutes=5))


def acts(market: Marketplace) -> Mapping[str, int]:
    """How many cases, entries, messages and files there are, and every setting as it is; what a case is found by is
    noted after the press, by whoever delivers its promises."""
    tables, _ = market.everything()
    found = [
        f"{item['case_id']['S']}/{item['sk']['S']}"
        for name, items in tables.items()
        if name.endswith("-cases")
        for item in items
        if item["sk"]["S"] not in ("TOKEN", "CLUES")
    ]
    settings = [
        str([item for item in items if not item["name"]["S"].startswith("tok#")])
        for name, items in tables.items()
        if name.endswith("-settings")
    ]
    assert settings
    return {each: (found + settings).count(each) for each in found + settings}


def notice(page: Answer) -> str | None:
    found = re.search(r'role="status">([^<]*)<', page.text)
    return found[1] if found else None


def test_every_form_that_commits_something_carries_a_key_of_its_own() -> None:
    found = 0
    for path in sorted((ROOT / "chalicelib" / "pages" / "templates").glob("*.j2")):
        for form in re.findall(r'<form[^>]*method="post".*?</form>', path.read_text(encoding="utf-8"), re.DOTALL):
            opened = form.partition(">")[0]
            if not any(name in opened for name in COMMIT_NOTHING):
                found += 1
                # What is carried on carries its key along.
                keys = ("field(form_token)", "key()", "carried(kept)")
                assert any(key in form for key in keys), f"{path.name}: {opened}"
    assert found > 20


def test_each_drawing_of_a_form_has_another_key(market: Marketplace) -> None:
    case_id = market.ask(market.order("KEY-1"))["case_id"]
    market.waits_in(case_id)
    seller = phone_of(market, "toko-baju", "seller")
    pages = [seller.open(f"/cases/{case_id}") for _ in range(2)] + [
        seller.open("/seller"),
        seller.open("/seller/rules"),
    ]
    pages.append(market.behind(decision_link(market, case_id)))
    forms = [form for page in pages for form in forms_of(page) if form.action != "/sign-out"]
    keys = [form.fields["form_key"] for form in forms]
    assert len(forms) > 8
    assert len(set(keys)) == len(keys)
    assert min(len(key) for key in keys) >= 32


Way = Callable[[Marketplace], tuple[Phone, str, str, dict[str, str]]]


def asking(who: str, role: str, **filled: str) -> Way:
    def way(market: Marketplace) -> tuple[Phone, str, str, dict[str, str]]:
        path = f"/orders/{just_paid(market)}/cancel"
        quantity = {name: value for name, value in filled.items() if name.startswith("line")}
        opened = f"{path}?reason_code=wrong_size" + "".join(f"&line-1={value}" for value in quantity.values())
        more = {} if quantity else filled
        return phone_of(market, who, role), opened, path, {"accept_terms": "yes", **more}

    return way


def unpaid(market: Marketplace) -> tuple[Phone, str, str, dict[str, str]]:
    path = f"/orders/{market.order('UNPAID', status='unpaid', paid=False, lines=SHIRTS)}/cancel"
    return phone_of(market, "budi", "buyer"), f"{path}?reason_code=wrong_size&line-1=1", path, {"accept_terms": "yes"}


def returning(market: Marketplace) -> tuple[Phone, str, str, dict[str, str]]:
    path = f"/orders/{market.order('BACK-1', status='delivered', lines=SHIRTS)}/return"
    filled = {"accept_terms": "yes", "comment": "Sobek"}
    return phone_of(market, "budi", "buyer"), f"{path}?reason_code=damaged&line-1=1", path, filled


def cannot_deliver(market: Marketplace) -> tuple[Phone, str, str, dict[str, str]]:
    order = f"/orders/{market.order('EMPTY-1')}"
    return phone_of(market, "toko-baju", "seller"), order, f"{order}/cancel", {"reason_code": "out_of_stock"}


def on_case(who: str, role: str, action: str, **filled: str) -> Way:
    def way(market: Marketplace) -> tuple[Phone, str, str, dict[str, str]]:
        case_id = market.ask(market.order("CASE-1"))["case_id"]
        market.waits_in(case_id)
        return phone_of(market, who, role), f"/cases/{case_id}", f"/cases/{case_id}/{action}", filled

    return way


def help_wanted(market: Marketplace) -> tuple[Phone, str, str, dict[str, str]]:
    order = f"/orders/{market.order('HELP-1')}"
    return phone_of(market, "budi", "buyer"), f"{order}/help", f"{order}/messages", {"text": "Halo"}


def evidence(market: Marketplace) -> tuple[Phone, str, str, dict[str, str]]:
    case_id = market.ask(market.order("FILE-1"))["case_id"]
    place = f"/cases/{case_id}/evidence"
    return phone_of(market, "budi", "buyer"), place, place, {"name": "foto"}


def bulk(market: Marketplace) -> tuple[Phone, str, str, dict[str, str]]:
    case_id = market.ask(market.order("BULK-1"))["case_id"]
    market.waits_in(case_id)
    opened = f"/seller/answer?tab=answer&answer=reject&reason_code=already_packed&case_id={case_id}"
    return phone_of(market, "toko-baju", "seller"), opened, "/seller?tab=answer", {}


def rules(market: Marketplace) -> tuple[Phone, str, str, dict[str, str]]:
    filled = {"name": "Murah", "statuses": "processing", "at_most": "100.000"}
    return phone_of(market, "toko-baju", "seller"), "/seller/rules", "/seller/rules", filled


def policy(market: Marketplace) -> tuple[Phone, str, str, dict[str, str]]:
    place = "/operations/policies/lazada"
    return phone_of(market, "omar", "operator"), place, place, {"what": "keep", "note": "Libur"}


def link(market: Marketplace) -> tuple[Phone, str, str, dict[str, str]]:
    case_id = market.ask(market.order("LINK-1"))["case_id"]
    market.waits_in(case_id)
    phone = Phone(market)
    place = phone.follow(decision_link(market, case_id))
    return phone, place, place, {"answer": "approve"}


WAYS: dict[str, Way] = {
    "one of three": asking("budi", "buyer", line="1"),
    "the whole order": asking("budi", "buyer"),
    "one of three, asked on behalf": asking("sari", "support", line="1"),
    "one of three, unpaid": unpaid,
    "a return": returning,
    "a seller who cannot deliver": cannot_deliver,
    "approve": on_case("toko-baju", "seller", "approve"),
    "reject": on_case("toko-baju", "seller", "reject", reason_code="already_packed"),
    "an offer": on_case("toko-baju", "seller", "offer", what="fee", fee="20rb", sure="20000"),
    "withdraw": on_case("budi", "buyer", "withdraw"),
    "extend": on_case("sari", "support", "extend", note="sakit"),
    "a message": on_case("budi", "buyer", "messages", text="Halo"),
    "a message before a case": help_wanted,
    "a file": evidence,
    "many at once": bulk,
    "a seller's rule": rules,
    "a policy": policy,
    "the link of a mail": link,
}
# What is done at once and for good is asked once more, on a page whose form is the one that acts.
AT_ONCE = (
    "one of three",
    "the whole order",
    "one of three, asked on behalf",
    "one of three, unpaid",
    "a seller who cannot deliver",
)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", WAYS)
def test_a_form_that_is_pressed_twice_acts_once_and_says_the_same(market: Marketplace, name: str) -> None:
    phone, opened, action, filled = WAYS[name](market)
    page = phone.open(opened)
    if name in AT_ONCE:
        page = phone.submit(page, action, **filled)
        assert "Ya, batalkan sekarang" in page.text
    before = acts(market)
    first = phone.submit(page, action, **filled)
    assert first.status in (200, 303), first.text
    after = acts(market)
    assert after != before, "the first press acts"
    second = phone.submit(page, action, **filled)
    assert (second.status, second.headers.get("location")) == (first.status, first.headers.get("location"))
    assert acts(market) == after
    if first.status == 200:
        assert notice(second) == notice(first)
    elif "did=" in first.headers["location"]:
        shown = [phone.open(answer.headers["location"].partition("#")[0]) for answer in (first, second)]
        if name != "the link of a mail":
            assert notice(shown[0])
            assert notice(shown[0]) == notice(shown[1])
        else:
            assert all("Jawaban Anda sudah tercatat" in each.text for each in shown)


def sure(page: Answer) -> Answer:
    """The page that asks once more."""
    assert "Ya, batalkan sekarang" in page.text
    return page


def test_two_forms_are_two_acts_and_a_key_is_nobody_elses(market: Marketplace) -> None:
    path = f"/orders/{just_paid(market)}/cancel"
    budi, sari = phone_of(market, "budi", "buyer"), phone_of(market, "sari", "support")
    opened = f"{path}?reason_code=wrong_size&line-1=1"
    first, other = (sure(phone.submit(phone.open(opened), path, accept_terms="yes")) for phone in (budi, sari))
    key = next(form for form in forms_of(first) if form.action == path).fields["form_key"]
    pressed = budi.submit(first, path, accept_terms="yes")
    assert sari.submit(other, path, accept_terms="yes", form_key=key).status == 303
    again = sure(budi.submit(budi.open(opened), path, accept_terms="yes"))
    assert budi.submit(again, path).headers["location"] != pressed.headers["location"]
    order = market.world.ports.store.order("NEW-1")
    assert order
    assert order.cancelled == {"1": 3}


def test_a_form_that_was_sent_and_changed_is_not_taken_for_sent_again(market: Marketplace) -> None:
    path = f"/orders/{just_paid(market)}/cancel"
    budi = phone_of(market, "budi", "buyer")
    page = sure(budi.submit(budi.open(f"{path}?reason_code=wrong_size&line-1=1"), path, accept_terms="yes"))
    assert budi.submit(page, path, accept_terms="yes").status == 303
    before = acts(market)
    changed = budi.submit(page, path, accept_terms="yes", **{"line-1": "2"})
    assert changed.status == 422
    assert "sudah pernah dikirim" in changed.text
    assert acts(market) == before


def test_another_message_from_the_same_form_is_sent(market: Marketplace) -> None:
    phone, opened, action, _ = WAYS["a message"](market)
    page = phone.open(opened)
    for text in ("Halo", "Masih ada?"):
        assert phone.submit(page, action, text=text).status == 303
    assert "Halo" in phone.open(opened).text
    assert "Masih ada?" in phone.open(opened).text


@pytest.mark.sampled
@pytest.mark.parametrize(("who", "role"), [("budi", "buyer"), ("sari", "support")])
@pytest.mark.parametrize("kind", ["cancel", "return"])
@pytest.mark.parametrize("changed", [{"line-1": "1"}, {"reason_code": "OTHER"}])
def test_what_was_changed_after_the_money_was_worked_out_is_quoted_first(
    market: Marketplace, who: str, role: str, kind: str, changed: dict[str, str]
) -> None:
    returned = kind == "return"
    order_id = market.order("STALE-1", status="delivered" if returned else "processing", lines=SHIRTS)
    path = f"/orders/{order_id}/{kind}"
    phone = phone_of(market, who, role)
    drawn = phone.open(path)
    reasons = re.findall(r'name="reason_code" value="(\w+)"', drawn.text)
    worked_out = phone.submit(drawn, path, what="quote", reason_code=reasons[0], comment="Sobek")
    assert (worked_out.status, "Ajukan pe" in worked_out.text) == (200, True)
    changed = {name: value.replace("OTHER", reasons[1]) for name, value in changed.items()}
    before = acts(market)
    asked_again = phone.submit(worked_out, path, accept_terms="yes", **changed)
    assert asked_again.status == 200
    assert "Belum ada yang diajukan" in asked_again.text
    assert acts(market) == before
    drawn_again = next(form for form in forms_of(asked_again) if form.action == path).fields
    assert changed.items() <= drawn_again.items(), "what is on the screen is kept"
    assert drawn_again["comment"] == "Sobek"
    sent = phone.submit(asked_again, path, accept_terms="yes")
    assert sent.status == 303
    case: Any = market.case(sent.headers["location"].partition("?")[0].removeprefix("/cases/"))
    row = market.row(case["case_id"])
    assert row.lines == {"1": int(changed.get("line-1", "3"))}
    assert row.asked.reason_code == changed.get("reason_code", reasons[0])


def test_a_second_tab_is_told_of_the_open_request_and_what_is_in_it(market: Marketplace) -> None:
    path = f"/orders/{market.order('TABS-1', lines=TWO_LINES)}/cancel"
    budi = phone_of(market, "budi", "buyer")
    shirt = budi.open(f"{path}?reason_code=wrong_size&line-1=1&line-2=0")
    hat = budi.open(f"{path}?reason_code=changed_mind&line-1=0&line-2=1")
    first = budi.submit(shirt, path, accept_terms="yes")
    place = first.headers["location"].partition("?")[0]
    second = budi.submit(hat, path, accept_terms="yes")
    assert second.status == 409
    main = second.text.partition("<main")[2]
    for told in ("Sudah ada permintaan", "tidak terkirim", "<bdi>Kemeja</bdi> × 1", "Salah ukuran", f'href="{place}"'):
        assert told in main
    assert "Topi" not in main
    assert notice(second) is None
    assert market.row(place.removeprefix("/cases/")).lines == {"1": 1}


def test_a_notice_is_never_believed_from_an_address(market: Marketplace) -> None:
    phone, place, action, _ = WAYS["withdraw"](market)
    case = market.row(place.removeprefix("/cases/"))
    for forged in ("done=withdraw", "done=asked", "did=withdraw", "did=", "did=" + "0" * 32, "did=ask"):
        assert notice(phone.open(f"{place}?{forged}")) is None
    seller = phone_of(market, "toko-baju", "seller")
    assert notice(seller.open(f"{place}?did={case.decision_id}")) is None, "another's act"
    assert notice(phone.open(f"{place}?did={case.decision_id}"))
    page = phone.open(place)
    done = phone.submit(page, action)
    assert notice(phone.open(f"{place}?did={case.decision_id}")) is None, "something else was done since"
    later = done.headers["location"]
    assert "ditarik" in (notice(phone.open(later)) or "").lower()
    market.world.clock.advance(16 * 60)
    assert notice(phone.open(later)) is None, "it is long ago"


def test_a_message_without_words_is_not_said_to_be_sent(market: Marketplace) -> None:
    phone, place, action, _ = WAYS["a message"](market)
    before = acts(market)
    sent = phone.submit(phone.open(place), action, text=" ")
    assert sent.status == 422
    assert notice(sent) is None
    assert acts(market) == before


def test_the_link_says_it_is_recorded_only_where_it_recorded_something(market: Marketplace) -> None:
    phone, place, _, _ = link(market)
    row = market.world.ports.store.order("LINK-1")
    assert row
    assert row.open_case
    market.say("buyer", row.open_case, "withdraw")
    page = phone.open(place)
    assert "Jawaban Anda sudah tercatat" not in page.text
    assert "tidak bisa dipakai" in page.text
