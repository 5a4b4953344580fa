"""Reading a running Batal over HTTP with nothing but Python: one page or thing at a time, by a bearer token."""

import argparse
import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPException
from time import sleep as pause
from typing import Any
from urllib.parse import urlencode

_TRIES, _SECONDS = 4, 60.0
_LONGEST = 100  # of a page

Answer = Mapping[str, Any]
Fetch = Callable[[str, Mapping[str, str]], Answer]


def items(fetch: Fetch, path: str, query: Mapping[str, str]) -> Iterator[Answer]:
    """Everything on a list, page by page; `fetch` gets path and query of each."""
    asked = {**query, "limit": str(_LONGEST)}
    while True:
        page = fetch(path, asked)
        yield from page["items"]
        if page["next_cursor"] is None:
            return
        asked = {**asked, "cursor": page["next_cursor"]}


def service(parser: argparse.ArgumentParser, url: str) -> Fetch:
    """How to fetch from the service at an address, with the token in BATAL_TOKEN. Ends the command with code 2 where
    one of the two cannot be meant."""
    if not url.startswith(("https://", "http://")):
        parser.error("the address of the API begins with https://")
    token = os.environ.get("BATAL_TOKEN")
    if not token:
        parser.error("put a bearer token into BATAL_TOKEN: an operator's, of finance for the ledger")
    return fetcher(url, token)


def fetcher(url: str, token: str) -> Fetch:
    """How to fetch from a service. What fails for a moment is tried again, less and less often; what fails for good
    ends the command and says why."""

    def fetch(path: str, query: Mapping[str, str]) -> Answer:
        address = f"{url.rstrip('/')}{path}{'?' if query else ''}{urlencode(query)}"
        request = urllib.request.Request(address)  # noqa: S310 - `service` lets nothing but http through
        request.add_header("Authorization", f"Bearer {token}")
        for number in range(1, _TRIES + 1):
            try:
                with urllib.request.urlopen(request, timeout=_SECONDS) as heard:  # noqa: S310
                    answer: Answer = json.load(heard)
                    return answer
            except urllib.error.HTTPError as error:
                if error.code not in (429, 502, 503, 504) or number == _TRIES:
                    raise SystemExit(f"{error.code}: {_why(error.read())}") from error
            except (OSError, HTTPException) as error:
                if number == _TRIES:
                    raise SystemExit(f"{url} does not answer: {error}") from error
            except ValueError as error:
                raise SystemExit(f"{url} does not answer in JSON: is it the API, with its stage?") from error
            pause(2**number)
        raise AssertionError("unreachable")

    return fetch


def _why(body: bytes) -> str:
    try:
        return str(json.loads(body)["detail"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace")[:200]
