"""`python -m infra.conformance URL`: exit code 0 where all books agree, 1 where not, 2 where nothing was played."""

import argparse
import json
import os
import sys
from pathlib import Path

from urllib3.exceptions import HTTPError

from infra.conformance.calling import pool
from infra.conformance.endings import ENDINGS, Ending
from infra.conformance.finding import Json, Stopped
from infra.conformance.receivers import Receiver, TheirBooks
from infra.conformance.run import a_run

_ROLES = ("buyer", "seller", "support", "system")


def main(given: list[str] | None = None) -> int:
    """Play, and report."""
    wanted = _parser().parse_args(given)
    url = wanted.url.rstrip("/")
    try:
        tokens = tokens_in(wanted.tokens) if wanted.tokens else None
        endings = _chosen(wanted.only)
        if tokens is None and not _is_sandbox(url):
            raise ValueError(f"{url} is no sandbox: TOKENS= names a file with tokens by role (docs/conformance.md)")
        run = a_run(
            url,
            lambda text: print(text, flush=True),
            tokens=tokens,
            real=wanted.real,
            pace=wanted.pace,
            seed=wanted.seed or None,
            receiver=Receiver(wanted.receiver, wanted.secret or None) if wanted.receiver else None,
            books=TheirBooks(wanted.books) if wanted.books else None,
        )
        print(f"{len(endings)} endings against {url}; their orders begin with KIT-{run.name}-", flush=True)
        missing = run.prepare()
        if missing is not None:
            print(f"An operator has to set this first, PUT {url}/v1/policies/{missing['name']}:\n{json.dumps(missing)}")
            return 2
        return 1 if run.play(endings) else 0
    except (ValueError, HTTPError, Stopped) as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    """What `make` hands on stands in the environment, as it was typed."""
    said = os.environ.get
    parser = argparse.ArgumentParser(prog="python -m infra.conformance", description=__doc__)
    parser.add_argument("url", help="where Batal is, such as http://127.0.0.1:8000")
    parser.add_argument("--tokens", default=said("TOKENS"), help="a JSON file with a token for each role")
    parser.add_argument("--receiver", default=said("RECEIVER"), help="where your events are posted to")
    parser.add_argument("--secret", default=said("SECRET"), help="what your receiver verifies with (whsec_...)")
    parser.add_argument("--books", default=said("BOOKS"), help="where your books are read")
    parser.add_argument("--only", default=said("ONLY"), help="names of endings, with commas between")
    parser.add_argument("--seed", default=said("SEED"), help="what orders are named by, and mischief goes by")
    parser.add_argument("--pace", type=int, help="seconds that everybody has whose silence is played")
    parser.add_argument("--real", action="store_true", help="wait for real, although it is a sandbox")
    return parser


def tokens_in(place: str) -> dict[str, str]:
    """The tokens of a file, by role. Raises ValueError where it does not say what is needed."""
    try:
        found: Json = json.loads(Path(place).read_text())
    except OSError as error:
        raise ValueError(f"{place}: {error.strerror}") from error
    if found.get("not_production") is not True:
        raise ValueError(f'{place}: orders of the kit stay, and their refunds are booked. Say "not_production": true')
    if missing := [role for role in _ROLES if role not in found]:
        raise ValueError(f"{place}: there is no token for {', '.join(missing)}")
    return {role: str(token) for role, token in found.items() if role != "not_production"}


def _chosen(only: str | None) -> list[Ending]:
    names = [name.strip() for name in (only or "").split(",") if name.strip()]
    if unknown := set(names) - {ending.name for ending in ENDINGS}:
        raise ValueError(f"no such ending: {', '.join(sorted(unknown))}")
    return [ending for ending in ENDINGS if not names or ending.name in names]


def _is_sandbox(url: str) -> bool:
    try:
        return pool().request("GET", f"{url}/sandbox/clock").status == 200
    except HTTPError as error:
        asked = "Is the sandbox running (make run), and on this port (PORT=, URL=)?"
        raise ValueError(f"{url}: nobody answers there. {asked}") from error


if __name__ == "__main__":
    raise SystemExit(main())
