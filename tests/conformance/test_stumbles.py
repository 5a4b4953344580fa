"""A receiver that fails at first is told of: books that differ often do so by what it failed on."""

from collections.abc import Mapping
from typing import Any

from infra.conformance import report
from infra.conformance.receivers import Receiver
from tests.e2e.json_server import json_server

EVENT = {"id": "e1", "type": "refund.part_changed", "data": {"order_id": "KIT-1-part"}}


def test_what_was_taken_at_the_second_post_is_named_with_the_first_answer() -> None:
    answers = [500, 204, 204]

    def says(path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Any]:
        return answers.pop(0), {}

    with json_server(says) as url:
        receiver = Receiver(url)
        receiver.takes(EVENT)
        receiver.takes(EVENT)
    assert receiver.stumbles == ["refund.part_changed of KIT-1-part: 500"]
    assert "refund.part_changed of KIT-1-part: 500" in report.stumbles(receiver.stumbles)


def test_a_long_list_is_cut() -> None:
    said = report.stumbles([f"case.opened of KIT-1-{number}: 500" for number in range(30)])
    assert said.endswith("    and 20 more")
