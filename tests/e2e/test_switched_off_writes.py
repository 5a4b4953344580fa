"""While writing is switched off nobody changes anything, by whichever door, and everybody may look."""

import re
from collections.abc import Iterator

import pytest

from app import app
from chalicelib import wiring
from tests.e2e.conftest import Marketplace
from tests.e2e.contract import ROUTES
from tests.e2e.test_pages import Phone

SIGNING_IN = {"/sign-in", "/sign-out"}


@pytest.fixture
def only_looking(shared: Marketplace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Marketplace]:
    monkeypatch.setenv("SWITCHED_OFF", "writes")
    wiring.settings.cache_clear()
    yield shared
    monkeypatch.undo()
    wiring.settings.cache_clear()


def somewhere(path: str) -> str:
    return re.sub(r"\{\w+\}", "none", path)


def test_every_operation_that_could_change_something_says_come_again(only_looking: Marketplace) -> None:
    changing = [(method, path) for method, path in ROUTES if method != "GET"]
    assert len(changing) > 50
    let_in = []
    for method, path in changing:
        answer = only_looking.call(method, somewhere(path), {}, headers={"Authorization": "Bearer nobody"})
        if (answer.status, answer.headers.get("retry-after")) != (503, "5"):
            let_in.append((method, path, answer.status))
    # One who shows no token, or a wrong one, may be sent away before that.
    assert [each for each in let_in if each[2] != 401] == []
    told = only_looking.support("POST", "/v1/cases/none/approve", {})
    assert (told.status, told.json["code"], told.headers["retry-after"]) == (503, "try_again", "5")


def test_so_does_every_form_and_people_may_sign_in_and_look(only_looking: Marketplace) -> None:
    budi = Phone(only_looking)
    assert budi.sign_in().status in (302, 303)
    assert budi.open("/orders").status == 200
    posted_to = {path for path, methods in app.routes.items() if "POST" in methods}
    forms = posted_to - {path for _, path in ROUTES} - SIGNING_IN
    assert len(forms) > 20
    answers = {path: budi.press(somewhere(path), {"note": "x"}).status for path in sorted(forms)}
    assert {path: status for path, status in answers.items() if status != 503} == {}
    assert only_looking.support("GET", "/v1/refunds?state=pending").status == 200
