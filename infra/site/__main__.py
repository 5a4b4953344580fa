"""`python -m infra.site` writes the pages of docs/ that are made from the code anew; those on events have a command of
their own."""

from infra.site import errors, limits, states
from infra.stages import ROOT

PAGES = (errors, limits, states)


def main() -> None:
    """Write them."""
    for each in PAGES:
        (ROOT / "docs" / each.NAME).write_text(each.page(), encoding="utf-8")


if __name__ == "__main__":
    main()
