"""What properties and parameters mean (meanings.json): a name means one thing wherever it stands; where it does not,
`Type.name` says so. What a type says of its own properties (a description in its annotation, a table in its docstring)
is not said here again."""

from collections.abc import Mapping
from importlib import resources

import msgspec

MEANINGS: Mapping[str, str] = msgspec.json.decode(
    (resources.files("chalicelib.edge.contract") / "meanings.json").read_bytes()
)
