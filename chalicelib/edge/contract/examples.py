"""Requests that tests sent, and what they were answered: `python -m tests.e2e.write_examples` writes them anew."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import msgspec


@cache
def examples() -> Mapping[str, Any]:
    """Of each operation, by its name: `query`, `body` and `answer`; of each event, by its type: what was `told`."""
    text = (resources.files("chalicelib.edge.contract") / "examples.json").read_bytes()
    found: Mapping[str, Any] = msgspec.json.decode(text)
    return found
