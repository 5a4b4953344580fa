"""Rewrite a Lambda zip with bytecode in it, so that the same content always gives the same bytes.

    python -m infra.bytecode FROM.zip TO.zip 3.13

Our own modules keep their source, so that tracebacks show it; libraries travel as bytecode alone, which Python imports
as well. The bytecode is unchecked (PEP 552): Lambda cannot rewrite it, and every entry bears the same date. It fits one
minor version of Python only, so this is run by an interpreter of that one (infra/build.py looks for it); where there is
none, none is written and Lambda compiles as it starts. It needs the standard library alone.
"""

import sys
import zipfile
from importlib import _bootstrap_external
from importlib.util import cache_from_source, source_hash
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)
_FILE = 0o100644 << 16
_OURS = ("app.py", "chalicelib/")


def rewrite(source: Path, target: Path, python: str) -> None:
    """The zip `target` from the zip `source`."""
    with zipfile.ZipFile(source) as given:
        entries = {name: given.read(name) for name in given.namelist() if not name.endswith("/")}
    entries = {name: data for name, data in entries.items() if "__pycache__/" not in name}
    if python == f"{sys.version_info.major}.{sys.version_info.minor}":
        for name, data in list(entries.items()):
            if not name.endswith(".py"):
                continue
            if name.startswith(_OURS):
                entries[cache_from_source(name)] = _compiled(name, data)
            else:
                entries[f"{name}c"] = _compiled(name, data, optimize=2)
                del entries[name]
    with zipfile.ZipFile(target, "w") as made:
        for name in sorted(entries):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.external_attr, info.compress_type = _FILE, zipfile.ZIP_DEFLATED
            made.writestr(info, entries[name], compresslevel=9)


def _compiled(name: str, data: bytes, optimize: int = 0) -> bytes:
    code = compile(data, f"/var/task/{name}", "exec", dont_inherit=True, optimize=optimize)
    return bytes(_bootstrap_external._code_to_hash_pyc(code, source_hash(data), checked=False))  # type: ignore[attr-defined]


if __name__ == "__main__":
    rewrite(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
