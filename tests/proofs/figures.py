"""Each proof says its figure in one line; `make proofs` prints them all at the end."""

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

# Whether everything is proved (`make proofs`), or the samples that every test run can afford.
FULL = os.environ.get("BATAL_PROOFS") == "full"


def some(whole: Sequence[T], every: int) -> Sequence[T]:
    """All of them, or one of so many; the first differs with their number, so that all kinds come up."""
    return whole if FULL else whole[len(whole) % every :: every]


def figure(proof: str, text: str) -> None:
    """Write a line to the file that BATAL_FIGURES names, or to the captured output of the test."""
    line = f"{proof:16} {text}"
    path = os.environ.get("BATAL_FIGURES")
    if path:
        with open(path, "a", encoding="utf-8") as lines:
            lines.write(line + "\n")
    print(line)
