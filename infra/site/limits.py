"""docs/limits.md, made from the limits themselves."""

from chalicelib.adapters.receivers import LIMIT
from chalicelib.domain.cases import evidence
from chalicelib.domain.cases.webhooks import ATTEMPTS_KEPT, MOST_WEBHOOKS
from chalicelib.domain.ports import LONGEST_PAGE, PAGE
from chalicelib.edge import limits

NAME = "limits.md"

_HEAD = """# Limits

<!-- made by `python -m infra.site` from chalicelib/edge/limits.py and its neighbours -->

What is larger is refused with 413 `body_too_large` or 422 `validation_failed`, and changes nothing. Each field's own
limit stands beside it in `/openapi.json`.

| what | at most |
|---|---|
"""

_TAIL = """
How often: buyers, people and source addresses have [quotas](security.md#quotas) by the hour, which a deployment sets
(`QUOTAS`); all callers together have API Gateway's (100 requests a second, 200 at once, unless
[raised](operations.md#quotas-which-one-breaks-first)). Both say 429 `too_many_requests` with `Retry-After`. Systems
that push orders are better served by `POST /v1/orders/batch` than by haste.

How long: an answer under an `Idempotency-Key` or a `webhook-id` is kept for 48 hours, the log of events for 90 days
(the events of one order for as long as its cases), attempts to post a webhook for {attempts} days, files of jobs for 90
days. What else is kept, and for how long, is in [security](security.md).
"""


def page() -> str:
    """The whole page."""
    rows = "".join(f"| {what} | {most} |\n" for what, most in _rows())
    return _HEAD + rows + _TAIL.format(attempts=ATTEMPTS_KEPT.days)


def _rows() -> list[tuple[str, str]]:
    return [
        ("a body", _size(limits.MOST_BYTES)),
        ("a batch of orders", f"{_size(limits.MOST_BATCH_BYTES)}, {limits.MOST_ROWS:,} lines"),
        ("rows of an import that come with the request", f"{limits.MOST_INLINE:,}; a file: 5 GB"),
        ("lines of an order", f"{limits.MOST_LINES:,}"),
        ("pieces of a line", f"{limits.MOST_PIECES:,}"),
        ("tenders of an order", f"{limits.MOST_TENDERS:,}, each with {limits.MOST_REFERENCES} references"),
        ("charges of an order", f"{limits.MOST_CHARGES:,}"),
        ("packages of an order", f"{limits.MOST_PACKAGES:,}"),
        ("refunds elsewhere of an order", f"{limits.MOST_REFUNDS:,}"),
        ("an id of yours", f"{limits.LONGEST_ID} characters, of any script"),
        ("an `Idempotency-Key`", f"{limits.LONGEST_KEY} characters"),
        ("a name of a person, shop or article", f"{limits.LONGEST_NAME:,} characters"),
        ("a comment or note", f"{limits.LONGEST_WORDS:,} characters"),
        ("a message", f"{limits.LONGEST_MESSAGE:,} characters"),
        ("evidence", f"{_size(evidence.MOST_BYTES)} a file, {evidence.MOST_FILES} files of one party"),
        ("decisions in one call", f"{limits.MOST_AT_ONCE}"),
        ("items of one page of a list", f"{LONGEST_PAGE} (`limit`; {PAGE} unless said)"),
        ("webhooks", f"{MOST_WEBHOOKS}"),
        ("an answer to a webhook", f"{LIMIT:.0f} seconds"),
    ]


def _size(count: int) -> str:
    """A number of bytes as people read it."""
    return f"{count // 1024**2} MiB" if count % 1024**2 == 0 else f"{count // 1024} KiB"
