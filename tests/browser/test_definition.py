"""The state machine's definition as asl-validator reads it; statelint and our own lint read it in tests/e2e and
tests/deploy. It is here because it needs Node, as the browser's tests do."""

import subprocess
from pathlib import Path

from infra.sandbox.aws import DEFINITION
from tests.browser.test_markup import MARKUP


def findings(definition: Path) -> str:
    """What asl-validator says, empty where nothing is wrong."""
    command = [str(MARKUP / "node_modules/.bin/asl-validator"), "--json-path", str(definition)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    return said.stdout + said.stderr if said.returncode else ""


def test_the_definition_has_no_finding() -> None:
    assert findings(DEFINITION) == ""


def test_a_state_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    dangling = tmp_path / "dangling.json"
    dangling.write_text(DEFINITION.read_text().replace('"Next": "Expire"', '"Next": "Lapse"'))
    assert "Lapse" in findings(dangling)
