"""What `make test` leaves out, and that it is run elsewhere."""

import re

import pytest

from infra.stages import ROOT
from tests.sampling import covering

pytest_plugins = ["pytester"]


def test_each_value_of_each_parameter_is_in_the_sample() -> None:
    cases = [(state, command) for state in "abc" for command in "xyz"]
    kept = covering(cases, lambda case: list(enumerate(case)))
    assert {state for state, _ in kept} == set("abc")
    assert {command for _, command in kept} == set("xyz")
    assert len(kept) == 5


def test_samples_are_whole_where_all_is_proved(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makeini("[pytest]\nmarkers =\n    sampled: x\n    whole: x\n")
    pytester.makeconftest(
        f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.conftest import pytest_collection_modifyitems
"""
    )
    pytester.makepyfile(
        """
import pytest

@pytest.mark.sampled
@pytest.mark.parametrize("a", range(4))
@pytest.mark.parametrize("b", range(4))
def test_pairs(a, b): pass

@pytest.mark.sampled(every=5)
@pytest.mark.parametrize("a", range(11))
def test_row(a): pass

@pytest.mark.whole
def test_heavy(): pass

def test_light(): pass
"""
    )
    monkeypatch.delenv("BATAL_PROOFS", raising=False)
    pytester.runpytest_subprocess().assert_outcomes(passed=7 + 3 + 1, deselected=9 + 8 + 1)
    monkeypatch.setenv("BATAL_PROOFS", "full")
    pytester.runpytest_subprocess().assert_outcomes(passed=16 + 11 + 1 + 1)


def test_all_that_is_sampled_is_whole_in_the_proofs() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = dict(re.findall(r"(?m)^([a-z-]+):[^\n]*\n((?:\t[^\n]*\n)+)", makefile))
    whole = 'BATAL_PROOFS=full $(PYTEST) $(OUTSIDE) $(FUZZ:%=--ignore=%) -m "sampled or whole"'
    assert targets["whole"].strip() == whole
    assert "$(FUZZ)" in targets["proofs-ci"]
    assert re.search(r"(?m)^if room \d+ .*make whole; fi$", (ROOT / ".ci/run").read_text(encoding="utf-8"))
    for target in ("proofs", "proofs-long"):
        assert re.search(r"(?m)^\tBATAL_PROOFS=full .*\$\(PYTEST\) \$\(OUTSIDE\)$", targets[target])
    (outside,) = re.findall(r"(?m)^OUTSIDE := (.*)$", makefile)
    assert set(re.findall(r"tests/(\w+)", outside)) == {"browser", "clients", "model", "site", "verify"}
