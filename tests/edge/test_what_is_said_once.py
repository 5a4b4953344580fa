"""What a reader may count on: views see no raw request, the workflow alone sees the store."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.edge import limits
from infra.stages import ROOT
from tests.e2e.contract import ROUTES, document, operation_of

API, EDGE, HANDLERS = (sorted((ROOT / "chalicelib" / name).glob("*.py")) for name in ("api", "edge", "handlers"))
# What turns a request into what a view is handed.
RAW = {"route.py", "boundary.py", "keys.py"}


def attributes(path: Path) -> Iterator[str]:
    return (each.attr for each in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(each, ast.Attribute))


@pytest.mark.parametrize("path", [*API, *EDGE, *HANDLERS], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_store_is_reached_through_the_workflow(path: Path) -> None:
    assert "store" not in set(attributes(path))


@pytest.mark.parametrize("path", [*API, *EDGE], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_nothing_is_read_from_a_request_by_hand(path: Path) -> None:
    by_hand = {"isdigit", "isdecimal", "isnumeric", "query_params", "json_body"}
    by_hand |= set() if path.name in RAW else {"current_request", "raw_body"}
    found = set(attributes(path)) & by_hand
    assert found == ({"query_params"} if path.name == "boundary.py" else set())


def test_every_view_of_the_api_is_registered_by_its_route_alone() -> None:
    for path in API:
        assert "bp.route" not in path.read_text("utf-8"), path.name


def test_the_contract_names_what_is_mandatory_and_what_is_bounded() -> None:
    schemas = document()["components"]["schemas"]
    assert schemas["NotePost"]["required"] == ["note"]
    assert "note" in schemas["ExtendPost"]["required"]
    assert schemas["AppealPost"]["required"] == ["comment"]
    options = operation_of("GET", "/v1/orders/{order_id}/cancellation-options")["parameters"]
    (lines,) = [each["schema"]["pattern"] for each in options if each["name"] == "lines"]
    assert re.search(lines, "1:2,A.b-c:10")
    for wrong in ("X", "1", "1:0", "1:02", "1:1,", "1:1000000", ""):
        assert not re.search(lines, wrong), wrong
    assert schemas["MessagePost"]["properties"]["text"]["maxLength"] == limits.LONGEST_MESSAGE


def test_every_list_is_read_page_by_page() -> None:
    for (method, path), known in ROUTES.items():
        names = {each["name"] for each in operation_of(method, path)["parameters"]}
        listed = any(name in str(known.gives) for name in ("Listed", "WalletAnswer")) and method == "GET"
        assert ({"limit", "cursor"} <= names) is listed, path
