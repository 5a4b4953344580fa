"""What /docs shows the contract by: Swagger UI, whole and ours to serve. `python -m infra.swagger FOLDER` packs it anew
from a folder that npm filled with swagger-ui-dist (tests/clients/node_modules/swagger-ui-dist).

Pictures within its style sheet go: the pages' policy lets no address of the scheme `data:` in.
"""

import argparse
import gzip
import json
import re
from pathlib import Path

from infra.stages import ROOT

FOLDER = ROOT / "chalicelib" / "pages" / "swagger"
_PICTURE = re.compile(r'url\((?:"data:(?:\\.|[^"\\])*"|data:[^)]*)\)')


def packed(folder: Path) -> dict[str, bytes]:
    """Each file by its name, the same bytes each time."""
    script = (folder / "swagger-ui-bundle.js").read_text("utf-8")
    sheet = _PICTURE.sub("none", (folder / "swagger-ui.css").read_text("utf-8"))
    # The maps that they name stay where they are made.
    texts = {"swagger-ui-bundle.js": script, "swagger-ui.css": sheet}
    texts = {name: re.sub(r"\n?(//|/\*)# sourceMappingURL=.*", "", text) for name, text in texts.items()}
    made = {f"{name}.gz": gzip.compress(text.encode(), 9, mtime=0) for name, text in texts.items()}
    told = {name: (folder / name).read_bytes() for name in ("LICENSE", "NOTICE")}
    version = json.loads((folder / "package.json").read_text("utf-8"))["version"]
    return {**made, **told, "VERSION": f"{version}\n".encode()}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    FOLDER.mkdir(exist_ok=True)
    for name, content in packed(parser.parse_args().folder).items():
        (FOLDER / name).write_bytes(content)
        print(f"{len(content):8} {name}")


if __name__ == "__main__":
    main()
