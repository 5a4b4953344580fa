"""The plain template of what `make package` made, beside it: for whoever applies it without our command, such as CDK.

python -m infra.plain [--out build/package] [--region ap-southeast-3]
"""

import argparse
import json
from pathlib import Path

from infra.sam import expanded
from infra.stages import ROOT

# Who applies it says where the code is: each function's bucket and key are these words until then.
BUCKET, KEY = "BUCKET", "KEY"


def main(arguments: list[str] | None = None) -> None:
    """Write `plain.json` and say where."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "package")
    parser.add_argument("--region", default="ap-southeast-3", help="its partition is written into roles")
    given = parser.parse_args(arguments)
    sam = json.loads((given.out / "template.json").read_text("utf-8"))
    place = given.out / "plain.json"
    place.write_text(json.dumps(expanded(sam, BUCKET, KEY, given.region), indent=1, sort_keys=True) + "\n", "utf-8")
    print(place)


if __name__ == "__main__":
    main()
