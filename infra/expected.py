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
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

if not __package__:  # run as a plain script, it finds its neighbours from the root
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from chalicelib.domain.orders.methods import Method, PaidBackBy
from infra.pages import Answer, Fetch, items, service

# Nobody who settles has these in a file; a method that is not known yet is expected, and missing if that is wrong.
_NOT_BACK = {method.value for method in Method if method.paid_back_by is not PaidBackBy.PROVIDER}
# Cash may be collected by somebody who settles it, though it goes back into the wallet.
_NOT_COLLECTED = _NOT_BACK - {Method.COD.value}
# A part that failed too often did not go: that the file has none of it is right, and a line is `contradicted`, which
# stops the person who would send it another way.
_STATES = {"held": "failed", "needs_account": "failed"}
_REDIRECTED = "redirected"  # another part goes in its place

Line = dict[str, Any]
Tenders = Mapping[str, tuple[str | None, list[str]]]


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
    """Of each tender its provider, and by what that knows the payment: the strongest first, at last by what orders that
    were paid together share."""
    return {
        tender["tender_id"]: (
            tender["provider"],
            _named(tender["reference"], *(tender["references"] or {}).values(), order["payment_id"]),
        )
        for tender in order["tenders"]
    }


def payments_of(order: Answer) -> Iterator[Line]:
    """A line for each payment of an order that was collected."""
    tenders, accounts = tenders_of(order), order["money"]["accounts"]
    for tender in order["tenders"]:
        tender_id = tender["tender_id"]
        provider, references = tenders[tender_id]
        collected = accounts[tender_id]["collected"] if tender_id in accounts else 0
        if collected and tender["method"] not in _NOT_COLLECTED:
            yield {
                "id": f"{order['order_id']}:{tender_id}",
                "kind": "payment",
                "provider": provider,
                "order_id": order["order_id"],
                "references": references,
                "amount": collected,
                "currency": order["currency"],
                "state": "collected",
                "due_by": None,
            }


def parts_of(refund: Answer, tenders: Tenders) -> Iterator[Line]:
    """A line for each part of a refund that a provider gives back, however far it has come."""
    for part in refund["parts"]:
        provider, references = tenders.get(part["tender_id"], (None, []))
        if part.get("account_ending"):
            # Not the way it came: whoever took the money settles nothing of it.
            provider, references = part.get("provider"), []
        if part["amount"] and part["method"] not in _NOT_BACK and part["state"] != _REDIRECTED:
            yield {
                "id": f"{refund['refund_id']}:{part['tender_id']}",
                "kind": "refund",
                "provider": provider,
                "order_id": refund["order_id"],
                "references": _named(part["key"], part["reference"], *references),
                "amount": part["amount"],
                "currency": refund["currency"],
                "state": _STATES.get(part["state"], part["state"]),
                "due_by": part["arrives_by"],
            }


def _named(*references: str | None) -> list[str]:
    return list(dict.fromkeys(each for each in references if each))


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
