"""Each proof says its figure in one line; `make proofs` prints them all at the end."""

import os

# Whether everything is proved (`make proofs`), or the samples that every test run can afford.
FULL = os.environ.get("BATAL_PROOFS") == "full"


def figure(proof: str, text: str) -> None:
    """Write a line to the file that BATAL_FIGURES names, or to the captured output of the test."""
    line = f"{proof:16} {text}"
    path = os.environ.get("BATAL_FIGURES")
    if path:
        with open(path, "a", encoding="utf-8") as lines:
            lines.write(line + "\n")
    print(line)
