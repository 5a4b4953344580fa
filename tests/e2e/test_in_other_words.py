"""Every operation's valid request, again and again: by whoever of its roles is named, in any words that the contract
allows, in any language, with a key and without. It is taken, and answered as the contract says.

`make fuzz` does it twenty times and more (with random requests, which are mostly refused: test_openapi.py).
"""

import os
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.e2e.conftest import Marketplace
from tests.e2e.contract import ROUTES, operation_of, resolved
from tests.e2e.every_operation import REQUESTS, Request
from tests.e2e.test_every_operation import sent
from tests.proofs.figures import figure

pytestmark = pytest.mark.dynamodb  # what is thrown at it meets what will keep it

EACH = int(os.environ.get("BATAL_FUZZ", "3"))
TIMES = 20 if EACH >= 20 else EACH // 3
# Of what is begun or looked at here there may be twenty at a time (test_in_other_words_anew.py).
FEW = ("jobs", "people", "reconciliations", "webhooks")
LANGUAGES = st.sampled_from([None, "id", "en", "en-GB,id;q=0.5", "fr", "*", "x" * 60])
# What is free to say: nothing is looked up by it, and nothing is reckoned with it.
FREE = ("comment", "note", "text", "carrier", "tracking_number", "label", "filename", "pickup_code", "hours")


def free_words(method: str, path: str, body: Any) -> dict[str, Any]:
    """Which words of a body are free, each with the schema of what may stand there."""
    content = operation_of(method, path).get("requestBody", {}).get("content", {})
    if "application/json" not in content or not isinstance(body, dict):
        return {}
    schema = resolved(content["application/json"]["schema"])
    found = {name: each for name, each in schema.get("properties", {}).items() if name in FREE}
    plain = {name: _text(each) for name, each in found.items()}
    return {name: each for name, each in plain.items() if each and (name in body or name in ("comment", "note"))}


def _text(schema: Any) -> Any:
    """The part of a schema that is a text; None where there is none."""
    return next((one for one in schema.get("anyOf", [schema]) if one.get("type") == "string"), None)


def words(schema: Any) -> st.SearchStrategy[str]:
    """Any words of this schema: a few, many, as many as may be."""
    longest = schema.get("maxLength", 200)
    # Half a character is no text, and no store keeps NUL.
    letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0/\\")
    some = st.text(letters, min_size=schema.get("minLength", 0), max_size=min(longest, 200))
    said = st.one_of(some, st.just("x" * longest))
    if pattern := schema.get("pattern"):
        control = r"\x00-\x1f" in pattern
        return said.map(lambda text: f"a{text}"[:longest]).filter(lambda text: not control or text.isprintable())
    return said


BUSY = [key for key, route in ROUTES.items() if not route.subject.endswith(FEW)]


@pytest.mark.sampled(every=5)
@pytest.mark.parametrize(("method", "path"), BUSY, ids=[f"{method} {path}" for method, path in BUSY])
def test_a_valid_request_is_taken_in_whatever_words(shared: Marketplace, method: str, path: str) -> None:
    asked_in_other_words(shared, method, path)


def asked_in_other_words(market: Marketplace, method: str, path: str) -> None:
    """Ask it again and again, and each time be answered well."""
    heard = Counter[int]()
    numbers = iter(range(10_000))

    @settings(
        max_examples=TIMES,
        deadline=None,
        database=None,
        derandomize=EACH < 20,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data(), language=LANGUAGES, key=st.none() | st.integers(0, 10**9))
    def asked(data: st.DataObject, language: str | None, key: int | None) -> None:
        request = said_otherwise(REQUESTS[method, path](market), method, path, data)
        headers = {"Accept_Language": language} if language else {}
        if key is not None and ROUTES[method, path].keyed:
            headers["Idempotency_Key"] = f"{path} {next(numbers)} {key}"
        answer = sent(market, method, path, request, request.who, **headers)
        heard[answer.status] += 1
        assert answer.status < 300, (request, answer.text)

    asked()
    figure("api fuzz", f"{method} {path}, in other words: {dict(sorted(heard.items()))}")


def said_otherwise(request: Request, method: str, path: str, data: st.DataObject) -> Request:
    """The same request with other free words."""
    free = free_words(method, path, request.body)
    others = {name: data.draw(words(schema), name) for name, schema in free.items()}
    return replace(request, body={**request.body, **others}) if others else request
