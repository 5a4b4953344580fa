"""`python -m examples.marketplace`: a tiny marketplace against a running sandbox; exit code 1 where books differ."""

import argparse
import sys

from examples.marketplace.story import play


def main() -> int:
    """Play the story, and say where the books differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="where `make run` serves (%(default)s)")
    url = parser.parse_args().url.rstrip("/")
    try:
        found = play(url, lambda line: print(line, flush=True))
    except OSError as error:
        # Also TimeoutError: nobody listens there, or nothing came.
        print(f"{url}: {error}. Is the sandbox running (make run), and on this port (PORT=)?", file=sys.stderr)
        return 1
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
