"""`python -m infra.history URL`: has a running sandbox make a year of history; exit code 1 where none answers."""

import json
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

# Seconds: thousands of requests are lived through, on a machine that may be busy.
_PATIENCE = 600


def main() -> int:
    """Ask for it, and say what came of it."""
    url = sys.argv[1].rstrip("/")
    print("A year of requests is lived through; it takes about a minute on a machine at rest.", flush=True)
    try:
        asked = Request(f"{url}/sandbox/history", data=b"{}", headers={"Content-Type": "application/json"})  # noqa: S310
        with urlopen(asked, timeout=_PATIENCE) as answer:  # noqa: S310 - whoever types the address chooses it
            print(json.load(answer)["said"])
    except HTTPError as error:
        print(f"{url}: {error}. Only a sandbox has a history to make.", file=sys.stderr)
        return 1
    except (OSError, ValueError) as error:
        print(f"{url}: {error}. Is the sandbox running (make run), and on this port (PORT=)?", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
