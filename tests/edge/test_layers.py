"""What import-linter cannot see of the layers."""

import re

from infra.stages import ROOT

ABOVE_THE_WORKFLOW = ("api", "edge", "handlers", "mail", "pages")


def test_nothing_above_the_workflow_reaches_into_the_store() -> None:
    reaching = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for layer in ABOVE_THE_WORKFLOW
        for path in sorted((ROOT / "chalicelib" / layer).rglob("*.py"))
        for found in re.finditer(r".*\.store\b.*", path.read_text(encoding="utf-8"))
    ]
    assert reaching == []
