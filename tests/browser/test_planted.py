"""Each fault of pages is put back into a copy of the tree, and the test that is named beside it finds it there.

Some 20 minutes (`make planted`); that each fault still has its place and its test is looked at in tests/docs.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from infra.stages import ROOT
from tests.browser.planted import PLANTED, Planted, place_of


@pytest.mark.whole
@pytest.mark.parametrize("planted", PLANTED, ids=lambda each: each.fault.replace(" ", "-"))
def test_a_fault_that_comes_back_is_found(planted: Planted, tmp_path: Path) -> None:
    tree, told = tmp_path / "tree", tmp_path / "told.xml"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    for name in filter(None, listed.stdout.split("\0")):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tree / name)
    for path, text in planted.changed(tree).items():
        path.write_text(text, encoding="utf-8")
    options = ["-q", "-x", "-p", "no:cacheprovider", f"--junit-xml={told}"]
    subprocess.run(
        [sys.executable, "-m", "pytest", *options, place_of(planted.test)],
        cwd=tree,
        env={**os.environ, "BATAL_PROOFS": ""},
        check=False,
        capture_output=True,
        timeout=300,
    )
    (suite,) = ElementTree.parse(told).iter("testsuite")
    found = suite.get("failures"), suite.get("errors")
    assert found == ("1", "0"), ElementTree.tostring(suite, encoding="unicode")[-2000:]
