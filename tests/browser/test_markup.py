"""What html-validate says of pages and mails, and what caniemail.com knows of mail clients: nothing, or a reason."""

import json
import subprocess
from pathlib import Path
from typing import Any

from infra.sandbox.digests import DIGESTS, digest_specimen
from infra.sandbox.specimens import EVERY
from tests.browser.conftest import Opener
from tests.browser.orders import every_case
from tests.browser.test_accessibility import PAGES, VIEWERS
from tests.mail.conftest import LINKS, written

MARKUP = Path(__file__).parent.parent / "markup"

IN_PAGES: dict[str, str] = {}
IN_MAILS = {
    "no-deprecated-attr": "Outlook on Windows lays tables out by these attributes alone, and knows no CSS for it",
    "caniemail: overflow-wrap": "long ids may break; where unknown, word-break or the reader's own scrolling helps",
    "caniemail: word-break": "as overflow-wrap: one of the two is known nearly everywhere",
    "caniemail: table-layout": "long words break within their cell; where unknown, Outlook breaks them itself",
    "caniemail: height property": "max-height hides the preheader; display:none does where it is unknown",
    "caniemail: overflow": "as the height: three ways to hide the preheader, one of which is always known",
    "caniemail: display:none": "as the height: where unknown the preheader is a first line, which reads well, too",
    "caniemail: border-radius": "corners are square where it is unknown",
    "caniemail: @media": "only dark colours depend on it; where unknown the light ones stay, readable",
    "caniemail: <style> element": "holds the dark colours only; everything else is written on the elements",
    "caniemail: <body> element": "its colours come back on the tables within it",
    "caniemail: role attribute": "a table for layout is read out as one where the role is unknown",
}


def findings(kind: str, folder: Path) -> list[dict[str, Any]]:
    assert (MARKUP / "node_modules").is_dir(), "html-validate is not there: make browser"
    made = subprocess.run(
        ["node", str(MARKUP / "check.mjs"), kind, str(folder)], capture_output=True, text=True, check=False, cwd=MARKUP
    )
    assert made.returncode == 0, made.stderr[-2000:]
    found: list[dict[str, Any]] = json.loads(made.stdout)
    return found


def test_every_page_is_valid_html(visit: Opener, address: str, tmp_path: Path) -> None:
    cases = every_case(address)
    number = 0
    for who, paths in PAGES.items():
        page = visit(who)
        for path in (*paths, *(f"/cases/{case}" for case in cases.values() if who in VIEWERS)):
            html = page.request.get(path.format(**cases)).text()
            number += 1
            (tmp_path / f"{number:03} {who} {path.replace('/', '_').replace('?', '_')}.html").write_text(html)
    found = [each for each in findings("pages", tmp_path) if each["rule"] not in IN_PAGES]
    assert found == []


def test_every_mail_is_valid_html_that_clients_understand(tmp_path: Path) -> None:
    for number, (story, effect) in enumerate(EVERY):
        for locale in ("id", "en"):
            (tmp_path / f"{number:03} {locale}.html").write_text(written(story, effect, locale).html)
    for number, story in enumerate(DIGESTS):
        for locale in ("id", "en"):
            (tmp_path / f"digest {number} {locale}.html").write_text(digest_specimen(story, locale, LINKS).html)
    found = findings("mails", tmp_path)
    assert [each for each in found if each["rule"] not in IN_MAILS] == []
    assert {each["rule"] for each in found} == set(IN_MAILS), "a reason that excuses nothing any more can go"
