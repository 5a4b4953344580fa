"""Faults that people met on pages, each put back where it was: tests/README.md has them in a table, and its tests find
them. A fault is one place of the tree, and what stood there instead.
"""

import re
from dataclasses import dataclass
from pathlib import Path

_PAGES = "chalicelib/pages"
_TEMPLATES = f"{_PAGES}/templates"
_SCRIPTS = f"{_PAGES}/static"


@dataclass(frozen=True, slots=True)
class Planted:
    """What is wrong then, the test that must find it, and the change: `right` stands in `file` once. Where one place
    alone changes nothing, since another holds the page up, `also` is that other one."""

    fault: str
    test: str
    file: str
    right: str
    wrong: str
    also: tuple[str, str, str] | None = None

    def changed(self, tree: Path) -> dict[Path, str]:
        """The files of a tree with the fault in them."""
        found = dict[Path, str]()
        for name, right, wrong in ((self.file, self.right, self.wrong), *([self.also] if self.also else [])):
            path = tree / name
            text = found.get(path) or path.read_text(encoding="utf-8")
            if text.count(right) != 1 or right == wrong:
                raise LookupError(f"{name} has not one place for: {right}")
            found[path] = text.replace(right, wrong)
        return found


PLANTED = (
    Planted(
        "what ended still promises money if approved",
        "test_what_ended_promises_nothing_and_says_what_is_left_to_do",
        f"{_TEMPLATES}/case.html.j2",
        "{% if case.outcome and not case.refund %}\n<h2>",
        "{% if false %}\n<h2>",
    ),
    Planted(
        "money that arrived is still to come",
        "test_what_ended_promises_nothing_and_says_what_is_left_to_do",
        "chalicelib/domain/cases/milestones.py",
        "            return Standing.IN_WALLET\n",
        "            return Standing.DUE\n",
    ),
    Planted(
        "a late refund says nothing",
        "test_a_deadline_at_midnight_belongs_to_the_day_before_and_a_late_refund_says_so",
        "chalicelib/domain/cases/milestones.py",
        "        return Standing.LATE if over else",
        "        return Standing.DUE\n        return Standing.LATE if over else",
    ),
    Planted(
        "midnight is a deadline of the next day",
        "test_a_deadline_at_midnight_belongs_to_the_day_before_and_a_late_refund_says_so",
        "chalicelib/locales/formats.py",
        "    return at - timedelta(minutes=1) if midnight else at\n",
        "    return at\n",
    ),
    Planted(
        "a step is ticked for an answer that never came",
        "test_what_ended_promises_nothing_and_says_what_is_left_to_do",
        "chalicelib/domain/cases/milestones.py",
        '        yield f"silent.{entry.came_from}", Stage.MISSED\n',
        '        yield "approved.seller", Stage.DONE\n',
    ),
    Planted(
        "settled does not say what was agreed",
        "test_what_ended_promises_nothing_and_says_what_is_left_to_do",
        f"{_TEMPLATES}/case.html.j2",
        '{% if agreed %}{{ t("page.case.agreed"',
        '{% if false %}{{ t("page.case.agreed"',
    ),
    Planted(
        "a return is called a cancellation",
        "test_what_ended_promises_nothing_and_says_what_is_left_to_do",
        f"{_TEMPLATES}/case.html.j2",
        '{% set heading = t("page.case.heading." ~ case.kind.value) %}',
        '{% set heading = t("page.case.heading.cancellation") %}',
    ),
    Planted(
        "a refund of several parts is one step",
        "test_the_tracker_tells_parts_and_mails_and_is_followed_by_all_three",
        "chalicelib/domain/cases/milestones.py",
        "    for part in _parts(case):\n"
        "        stands = standing(case, part, waits=part.tender_id in waits, now=now)\n",
        "    for part in _parts(case)[:1]:\n"
        "        stands = standing(case, part, waits=part.tender_id in waits, now=now)\n",
    ),
    Planted(
        "an open page grows old for sellers and customer service",
        "test_the_tracker_tells_parts_and_mails_and_is_followed_by_all_three",
        f"{_TEMPLATES}/case.html.j2",
        '<section{% if not case.outcome or (coming and coming.value != "there") %}',
        '<section{% if viewer == "buyer" %}',
    ),
    Planted(
        "a page that follows its case takes what somebody types",
        "test_an_open_page_follows_its_case_and_leaves_alone_what_somebody_types",
        f"{_SCRIPTS}/tracker.js",
        "function isBusy() {\n",
        "function isBusy() {\n  return false;\n",
    ),
    Planted(
        "a page that nothing happens on asks as often as any",
        "test_an_unchanged_page_asks_ever_less_often_by_its_mark_and_not_at_all_while_hidden",
        f"{_SCRIPTS}/tracker.js",
        "      pause = Math.min(pause * 1.5, LONGEST_PAUSE);\n",
        "      pause = FIRST_LOOK;\n",
    ),
    Planted(
        "a page asks while nobody sees it",
        "test_an_unchanged_page_asks_ever_less_often_by_its_mark_and_not_at_all_while_hidden",
        f"{_SCRIPTS}/tracker.js",
        "    if (document.hidden) clearTimeout(nextLook);\n    else lookIn(200);\n",
        "    lookIn(200);\n",
        (
            f"{_SCRIPTS}/tracker.js",
            "  if (document.hidden || !seen.dataset.now) return;\n",
            "  if (!seen.dataset.now) return;\n",
        ),
    ),
    Planted(
        "times are Jakarta's for everybody",
        "test_who_chose_no_zone_reads_the_times_of_their_machine",
        f"{_SCRIPTS}/batal.js",
        "if (shown && theirs && theirs !== shown",
        "if (false && shown",
    ),
    Planted(
        "a session that ended takes what was being written",
        "test_a_session_that_ends_while_somebody_writes_loses_nothing",
        f"{_PAGES}/page.py",
        'return _sign_in_again(visit) if visit.request.method == "POST" else away(',
        "return away(",
    ),
    Planted(
        "Back and another language take a message",
        "test_what_was_typed_outlives_back_and_another_language_until_it_is_sent",
        f"{_SCRIPTS}/typed.js",
        "    field.value = kept;\n",
        "",
    ),
    Planted(
        "a message that was sent is there to be sent again",
        "test_what_was_typed_outlives_back_and_another_language_until_it_is_sent",
        f"{_SCRIPTS}/typed.js",
        "forget(`typed:${sent}:`);\n",
        "forget('nothing');\n",
    ),
    Planted(
        "another language takes the reason",
        "test_what_was_typed_and_chosen_outlives_a_language_a_zone_a_refusal_and_a_wrong_file",
        f"{_SCRIPTS}/typed.js",
        "      if (kept !== null) choose(field, kept);\n",
        "",
    ),
    Planted(
        "a message without a word is sent back without one",
        "test_what_was_typed_and_chosen_outlives_a_language_a_zone_a_refusal_and_a_wrong_file",
        f"{_TEMPLATES}/parts.html.j2",
        '<p class="note bad" role="alert" id="unsaid">',
        '<p class="note bad" id="unsaid" hidden>',
    ),
    Planted(
        "an address that nobody knows is answered in JSON",
        "test_what_was_typed_and_chosen_outlives_a_language_a_zone_a_refusal_and_a_wrong_file",
        f"{_PAGES}/unknown.py",
        "    if code is None or not speaks_html(event):\n",
        '    if code is None or code == "not_found" or not speaks_html(event):\n',
    ),
    Planted(
        "what is posted where nothing is taken is answered in JSON",
        "test_what_is_sent_to_an_address_that_takes_nothing_is_answered_by_a_page",
        f"{_PAGES}/unknown.py",
        "    if code is None or not speaks_html(event):\n",
        '    if code is None or code == "method_not_allowed" or not speaks_html(event):\n',
    ),
    Planted(
        "a note of customer service is gone once a colleague was faster",
        "test_customer_service_takes_the_most_urgent_and_sees_all_that_is_known",
        f"{_TEMPLATES}/case.html.j2",
        '{{ typed.get(name, "") if pressed == action else "" }}',
        "",
        (f"{_SCRIPTS}/typed.js", "    field.value = kept;\n", ""),
    ),
    Planted(
        "filters go with the next page",
        "test_filters_go_with_the_search_from_page_to_page_and_are_kept_as_a_view",
        f"{_TEMPLATES}/inbox.html.j2",
        'rel="next" href="{{ url(\'/seller\') }}?{{ fields.on(fields.tab, number + 1) }}"',
        'rel="next" href="{{ url(\'/seller\') }}?page={{ number + 1 }}"',
    ),
    Planted(
        "what a seller looked for goes with another language",
        "test_a_seller_finds_any_request_and_keeps_what_was_looked_for",
        f"{_PAGES}/page.py",
        "        asked = urlencode([*kept, *chosen.items()])\n",
        "        asked = urlencode(chosen)\n",
    ),
    Planted(
        "a photo is gone after another page",
        "test_a_photo_outlives_a_reload_and_another_page_before_the_request_is_sent",
        f"{_SCRIPTS}/photo.js",
        "(files.length ? photos.put(",
        "(false ? photos.put(",
    ),
    Planted(
        "a file that is too large travels all the same",
        "test_a_file_that_would_be_refused_is_said_to_be_before_it_travels",
        f"{_SCRIPTS}/batal.js",
        "    input.setCustomValidity(why);\n",
        "",
    ),
    Planted(
        "another tab does not see what was answered",
        "test_what_was_answered_in_one_tab_is_seen_in_the_other_and_not_answered_twice",
        f"{_SCRIPTS}/tracker.js",
        "    seen.replaceWith(fresh);\n",
        "",
    ),
    Planted(
        "what would help instead is a sentence without a link",
        "test_asking_shows_what_one_bought_what_it_brings_and_what_else_would_help",
        f"{_TEMPLATES}/quote.html.j2",
        '<a href="{{ place }}">{{ t("page.ask.instead.go." ~ mend if own else "page.case.help") }}</a>',
        "",
    ),
    Planted(
        "a stuck refund has no buttons for those in charge",
        "test_an_operator_finds_a_stuck_refund_reads_why_and_has_it_sent_again",
        f"{_TEMPLATES}/stuck_refunds.html.j2",
        'else ("retry", "redirect", "resolve"))',
        'else ("resolve",))',
    ),
    Planted(
        "held messages have no buttons",
        "test_what_could_not_be_sent_for_days_is_sent_again",
        f"{_TEMPLATES}/held.html.j2",
        '<button name="what" value="ticked">{{ t("page.held.deliver") }}</button>\n',
        "",
    ),
    Planted(
        '"contact them another way" does not say how',
        "test_a_mail_that_comes_back_is_seen_answered_mails_are_read_and_operators_lift_the_stop",
        f"{_TEMPLATES}/case.html.j2",
        "{% if staff and may_call %}",
        "{% if false %}",
    ),
    Planted(
        "sellers who cannot deliver have to know an address",
        "test_a_seller_reads_figures_offers_from_the_mail_and_finds_what_cannot_be_sent",
        f"{_PAGES}/page.py",
        '        ("/orders", "nav.shop_orders"),\n',
        "",
    ),
    Planted(
        "what ended does not say what each side can still do",
        "test_what_ended_promises_nothing_and_says_what_is_left_to_do",
        f"{_TEMPLATES}/case.html.j2",
        '{% if case.outcome %}{% include "ended.html.j2" %}{% endif %}',
        "",
    ),
    Planted(
        "a number of the operators' pages leads nowhere",
        "test_every_number_leads_on_and_says_how_it_is_counted",
        f"{_TEMPLATES}/operations_parts.html.j2",
        '{% if link %}<a href="{{ link }}">',
        '{% if false %}<a href="{{ link }}">',
    ),
    Planted(
        "a sum of money leads to no refunds",
        "test_operators_read_anew_and_every_sum_of_money_leads_to_its_refunds",
        f"{_TEMPLATES}/finance.html.j2",
        "{% if not only or going %}<section",
        "{% if not only %}<section",
    ),
)


def place_of(test: str) -> str:
    """The file of a browser's test and its name, as pytest takes them."""
    (found,) = (
        path
        for path in sorted(Path(__file__).parent.glob("test_*.py"))
        if re.search(rf"(?m)^def {test}\b", path.read_text(encoding="utf-8"))
    )
    return f"tests/browser/{found.name}::{test}"
