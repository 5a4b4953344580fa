"""Write down what Batal expects to have moved, for infra/reconcile.py: a line for each part of a refund that a payment
provider settles, and one for each payment of the same orders that was collected:

    BATAL_TOKEN=... python3 infra/expected.py https://....amazonaws.com/api > expected.jsonl

Nothing but Python is needed, and a bearer token of an operator in BATAL_TOKEN. Refunds are read page by page, each of
their orders once. How many lines each provider has is told on standard error, and how much names none and is left out.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

if not __package__:  # run as a plain script, it finds its neighbours from the root
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from chalicelib.domain.reconciliation.expecting import Line, Tenders, names_of_payment, part_line, payment_line
from infra.pages import Answer, Fetch, items, service


def lines(fetch: Fetch) -> Iterator[Line]:
    """Everything that is expected of providers, refund by refund. `provider` is None where nobody said who it is."""
    seen, known = set[str](), dict[str, Tenders]()
    for refund in items(fetch, "/v1/refunds", {}):
        # The queue moves while it is read: a refund may come again.
        if refund["refund_id"] in seen:
            continue
        seen.add(refund["refund_id"])
        order_id = refund["order_id"]
        if order_id not in known:
            order = fetch(f"/v1/orders/{quote(order_id, safe='')}", {})
            known[order_id] = tenders_of(order)
            yield from payments_of(order)
        yield from parts_of(refund, known[order_id])


def tenders_of(order: Answer) -> Tenders:
    """Of each tender its provider, and by what that knows the payment."""
    return {
        tender["tender_id"]: (
            tender["provider"],
            names_of_payment(tender["reference"], tender["references"], order["payment_id"]),
        )
        for tender in order["tenders"]
    }


def payments_of(order: Answer) -> Iterator[Line]:
    """A line for each payment of an order that was collected."""
    tenders, accounts, order_id = tenders_of(order), order["money"]["accounts"], order["order_id"]
    for tender in order["tenders"]:
        tender_id = tender["tender_id"]
        collected = accounts[tender_id]["collected"] if tender_id in accounts else 0
        if line := payment_line(tenders, order_id, tender_id, tender["method"], collected, order["currency"]):
            yield line


def parts_of(refund: Answer, tenders: Tenders) -> Iterator[Line]:
    """A line for each part of a refund that a provider gives back, however far it has come."""
    for part in refund["parts"]:
        line = part_line(
            tenders,
            refund["refund_id"],
            refund["order_id"],
            part["tender_id"],
            method=part["method"],
            state=part["state"],
            amount=part["amount"],
            currency=refund["currency"],
            names=(part["key"], part["reference"]),
            due_by=part["arrives_by"],
            to_account=part.get("account_ending") is not None,
            paid_by=part.get("provider"),
        )
        if line:
            yield line


def write(expected: Iterable[Line], out: TextIO) -> Counter[tuple[str, str | None]]:
    """Write the lines that name a provider; gives how many there are, by kind and provider."""
    counts = Counter[tuple[str, str | None]]()
    for line in expected:
        counts[line["kind"], line["provider"]] += 1
        if line["provider"] is not None:
            out.write(json.dumps(line) + "\n")
    return counts


def main(arguments: list[str] | None = None) -> int:
    """The command; gives its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="where the API is, with its stage")
    given = parser.parse_args(arguments)
    counts = write(lines(service(parser, given.url)), sys.stdout)
    for (kind, provider), count in sorted(counts.items(), key=lambda item: (item[0][0], item[0][1] or "")):
        print(f"{kind:12}{provider or 'left out: names nobody':32}{count:>12,}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
