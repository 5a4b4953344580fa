"""Events of large orders, as many as an outage leaves behind, go out in as many calls as AWS asks for."""

from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.aws import Clients
from chalicelib.adapters.event_bridge import EventBridge
from chalicelib.domain.ports import Event
from infra.sandbox.builders import NOW
from tests.strict_aws import check_request


class Bus:
    """EventBridge, as strict as AWS is."""

    def __init__(self) -> None:
        self.calls: list[list[Any]] = []

    def put_events(self, *, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803
        check_request("events", "PutEvents", {"Entries": Entries})
        self.calls.append(Entries)
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "e"} for _ in Entries]}


def event(number: int, size: int) -> Event:
    detail = {"case_id": "c1", "order_id": "LZD-1", "lines": "x" * size}
    return Event(event_id=f"e{number}", name="order.cancelled", at=NOW, detail=detail)


@settings(deadline=None)
@given(st.lists(st.integers(0, 200 * 1024), max_size=20))
def test_every_call_is_one_that_aws_takes_and_the_order_is_kept(sizes: list[int]) -> None:
    bus = Bus()
    events = [event(number, size) for number, size in enumerate(sizes)]
    assert EventBridge(clients=cast(Clients, lambda name: bus), bus="batal").publish(events) == set()
    sent = [entry["Detail"] for call in bus.calls for entry in call]
    assert [detail.split('"')[3] for detail in sent] == [each.event_id for each in events]
