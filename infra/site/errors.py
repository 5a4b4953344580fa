"""docs/errors.md, made from the contract: every code, what it means, and who answers with it."""

from collections.abc import Iterator, Mapping

from app import app
from chalicelib.edge.contract.refusals import codes_of
from chalicelib.edge.problems import GATEWAY_RESPONSES, PROBLEMS
from chalicelib.edge.route import ROUTES

NAME = "errors.md"

# What a program does about it, by status.
_DO: Mapping[int, str] = {
    400: "Mend the request: it cannot be read.",
    401: "Fetch a new token, or look at secret, clock and body of what you sign: `errors` names the header of a "
    "signature that is wrong, and says why.",
    403: "Another role may do this, this one never. What a firewall stops is for whoever runs it to let through.",
    404: "It is not there, or not the caller's to see: both look alike. `what` names it; without `what`, no "
    "operation has this address.",
    405: "Another method.",
    409: "Nothing was changed. It cannot be done as things stand: the `case` that comes along, where one does, is as "
    "it is now. Show it, and offer what its `available_actions` say. With `Retry-After` say the same again then.",
    410: "Too late: ask for a new one.",
    413: "Send less at once ([limits](limits.md)).",
    415: "Send `application/json`.",
    422: "Mend the request: `errors` names the fields where fields are wrong. Give it an `Idempotency-Key` or "
    "`webhook-id` of its own, where the former counted already.",
    429: "Say it again after `Retry-After` seconds.",
    500: "Ours. Say it again under its `Idempotency-Key`, and tell us the `correlation_id`.",
    503: "Nothing was changed. Say it again after `Retry-After` seconds.",
}
# Above so many, who answers with it is everybody.
_FEW = 12

_HEAD = """# Errors

<!-- made by `python -m infra.site` from the contract (chalicelib/edge) -->

A no is a problem document ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)), `application/problem+json`. Programs
read `code`, which is stable; `title` and `detail` are English, for engineers: what people read is for your app to say,
in its own words. What else is known comes along: `errors` (each `field` and what is wrong with it), `allowed` or
`known` (what may be said instead), `case` (as it is now). `correlation_id` finds the request in the logs. New codes may
be added at any time: treat one that you do not know by its status.

Operations are named as in `/openapi.json` (`operationId`), where each lists its own codes; `/docs` of a running Batal
shows them.

"""


def page() -> str:
    """The whole page."""
    by_status: dict[int, list[str]] = {}
    for code, (status, _) in PROBLEMS.items():
        by_status.setdefault(status, []).append(code)
    said = _said_by()
    return _HEAD + "\n".join("\n".join(_section(status, by_status[status], said)) for status in sorted(by_status))


def _said_by() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for (_, path), route in ROUTES.items():
        if path in app.routes:
            for code in codes_of(route):
                found.setdefault(code, []).append(route.name)
    return found


def _section(status: int, codes: list[str], said: Mapping[str, list[str]]) -> Iterator[str]:
    yield from (f"## {status}", "", _DO[status], "", "| code | meaning | operations |", "|---|---|---|")
    for code in sorted(codes):
        yield f"| `{code}` | {PROBLEMS[code][1]} | {_operations(code, sorted(said.get(code, ())))} |"
    yield ""


def _operations(code: str, names: list[str]) -> str:
    if not names and code in GATEWAY_RESPONSES.values():
        return "before any operation"
    if not names:
        return "elsewhere: pages, jobs, rows of files"
    if len(names) > _FEW:
        return "many"
    return ", ".join(f"`{name}`" for name in names)
