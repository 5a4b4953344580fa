"""The profiles that are shipped say nothing that is read into nothing."""

import json
from importlib import resources

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.policies.policy import Policy
from chalicelib.edge.reading import strictly

FOLDER = resources.files("chalicelib.domain.policies") / "profiles"
SHIPPED = sorted(each.name for each in FOLDER.iterdir() if each.name.endswith(".json"))


def test_there_are_profiles() -> None:
    assert len(SHIPPED) >= 3


@pytest.mark.parametrize("name", SHIPPED)
def test_every_word_of_a_shipped_profile_is_known(name: str) -> None:
    given = json.loads((FOLDER / name).read_text("utf-8"))
    assert strictly(given, Policy).name == name.removesuffix(".json")


@pytest.mark.parametrize("wrong", [{"max_atempts": 9}, {"offers": {"round": 3}}])
def test_a_misspelt_setting_is_seen(wrong: dict[str, object]) -> None:
    given = json.loads((FOLDER / SHIPPED[0]).read_text("utf-8"))
    with pytest.raises(Invalid):
        strictly({**given, **wrong}, Policy)
