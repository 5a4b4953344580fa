"""Every code that anything raises has its status and title, and every text a person may need."""

import json
import re
from pathlib import Path

import pytest

from chalicelib.edge.problems import GATEWAY_RESPONSES, PROBLEMS, problem

SOURCE = Path(__file__).parent.parent.parent / "chalicelib"
RAISED = re.compile(r'(?:Invalid|Refused|_no|answer_problem|problem)\(\s*"([a-z_]+)"')


def raised() -> set[str]:
    return {code for path in SOURCE.rglob("*.py") for code in RAISED.findall(path.read_text(encoding="utf-8"))}


def test_every_code_that_is_raised_stands_in_the_table() -> None:
    assert len(raised()) > 20
    assert raised() <= set(PROBLEMS)


def test_every_answer_of_the_gateway_itself_has_a_code() -> None:
    assert set(GATEWAY_RESPONSES.values()) <= set(PROBLEMS)


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_problem_document_says_what_rfc_9457_asks_for(code: str) -> None:
    status, headers, body = problem(code, {"field": "x"})
    document = json.loads(body)
    come_again = {"Retry-After": "5"} if status in (429, 503) or code == "order_unknown_yet" else {}
    say_who = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    assert headers == {"Content-Type": "application/problem+json", **come_again, **say_who}
    assert (document["status"], document["code"], document["type"]) == (status, code, f"urn:batal:problem:{code}")
    assert document["title"]
    assert document["detail"].endswith(".")


def test_a_code_that_nobody_knows_is_our_mistake() -> None:
    assert problem("surprise")[0] == 500
