"""That one of the marketplace's people looked at a request or an order is logged, by ids alone."""

import logging

import pytest

from chalicelib.domain.errors import NotFound
from chalicelib.domain.parties import Actor, Role
from chalicelib.workflow import access
from chalicelib.workflow.asking import ask
from infra.sandbox.builders import BUDI, OPERATOR, SELLER, SUPPORT, an_ask
from tests.fakes.ports import a_neighbourhood


def looks(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str | None]]:
    found = [vars(record) for record in caplog.records if record.message == "looked"]
    return [(each["by"], each["order_id"], each.get("case_id")) for each in found]


def test_staff_who_look_are_named_and_what_they_saw_is_not(caplog: pytest.LogCaptureFixture) -> None:
    around = a_neighbourhood()
    case_id = ask(around.ports, around.push().order_id, an_ask(comment="Saya Budi"), BUDI).case_id
    caplog.set_level(logging.INFO)
    for actor in (SUPPORT, OPERATOR):
        access.case_for(around.ports, case_id, actor)
    access.order_for(around.ports, "LZD-1", SUPPORT)
    assert looks(caplog) == [("sari", "LZD-1", case_id), ("omar", "LZD-1", case_id), ("sari", "LZD-1", None)]
    assert all("Budi" not in str(vars(record)) for record in caplog.records)


def test_parties_who_read_their_own_and_strangers_who_read_nothing_are_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    around = a_neighbourhood()
    case_id = ask(around.ports, around.push().order_id, an_ask(), BUDI).case_id
    caplog.set_level(logging.INFO)
    for actor in (BUDI, SELLER):
        access.case_for(around.ports, case_id, actor)
    with pytest.raises(NotFound):
        access.case_for(around.ports, case_id, Actor(role=Role.BUYER, id="ani"))
    assert looks(caplog) == []
