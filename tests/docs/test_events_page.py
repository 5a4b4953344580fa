"""The page on events, and the schemas beside it, are what the events say of themselves."""

import base64
import json
from pathlib import Path

import jsonschema_rs
import pytest

from chalicelib.adapters.dynamodb.packing import unpacked
from chalicelib.domain.cases.events import EventName
from chalicelib.edge.contract.webhooks import every_event
from infra.event_schemas import FOLDER, files
from infra.events_page import PAGE, page

# The versions since events have schemas, and the one before.
FILES = (Path(__file__).parents[1] / "proofs" / "golden").glob("*.json")
GOLDEN = [file for file in sorted(FILES) if file.stem >= "0.7"]


def test_the_page_is_what_the_events_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m infra.events_page writes it anew"


def test_the_schemas_are_what_the_events_say() -> None:
    lying_there = {file.name: file.read_text("utf-8") for file in FOLDER.glob("*.json")}
    assert lying_there == files(every_event()), "python -m infra.events_page writes them anew"


@pytest.mark.parametrize("file", GOLDEN, ids=[file.stem for file in GOLDEN])
def test_what_earlier_versions_told_still_keeps_to_the_schemas(file: Path) -> None:
    """A change that an old event breaks is one of meaning, and needs another number."""
    for name, payload in frozen_in(json.loads(file.read_text("utf-8"))):
        jsonschema_rs.validate(json.loads((FOLDER / f"{name}.json").read_text("utf-8")), payload)


def frozen_in(rows: object) -> list[tuple[str, object]]:
    """What the events of all entries in a golden file say, by name."""
    if isinstance(rows, list):
        return [each for row in rows for each in frozen_in(row)]
    if not isinstance(rows, dict):
        return []
    if "sk" in rows and str(rows["sk"].get("S", "")).startswith("T#"):
        text = rows["body"]["S"] if "body" in rows else unpacked(base64.b64decode(rows["z"]["B"]))
        return list((json.loads(text).get("events") or {}).items())
    return [each for row in rows.values() for each in frozen_in(row)]


def test_every_name_has_one_event_and_every_event_says_what_to_do() -> None:
    events = every_event()
    assert sorted(each.name for each in events) == sorted(EventName)
    assert [each for each in events if len((each.__doc__ or "").split()) < 6] == []
