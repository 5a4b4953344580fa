"""What all mappings make in the same way: persons, lines, a whole that adds up, and the bodies of Batal's API."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .checking import check, due
from .reading import Json, MappingError, major, version_of, without_nothing

# Of a folded line these grow with every row.
_SUMS = ("quantity", "tax", "shipping")
# These change while an order goes on: a line must not fall apart when its first piece is sent.
_CHANGING = ("line_id", "package", "quantities")


def person(given: Mapping[str, Any] | None, *, contact: str = "direct", **told: str | None) -> Json:
    """A buyer or seller: what the payload tells, and what the caller knows better. `contact` is what this platform's
    addresses are; without one, or with a masked one, it says so."""
    one = {**without_nothing(told), **without_nothing(given or {})}
    if "*" in (phone := one.get("phone", "")) or len(phone) > LONGEST_PHONE:
        del one["phone"]
    if "@" not in one.get("email", "@"):
        del one["email"]
    email = one.get("email")
    if email is None or "*" in email:
        one["contact"] = "none" if email is None else "masked"
    elif contact != "direct":
        one.setdefault("contact", contact)
    return {"name": "", **one}


def discount(code: str, amount: int, funded_by: str | Mapping[str, int], **more: Any) -> list[Json]:
    """A discount of an order or of a line, where it is about any money."""
    return [{"code": code, "amount": amount, "funded_by": funded_by, **more}] if amount else []


def charge(kind: str, amount: int, **more: Any) -> list[Json]:
    """A charge, where it is about any money."""
    return [{"kind": kind, "amount": amount, **more}] if amount else []


def priced(whole: int, quantity: int) -> Json:
    """Unit price and, where the whole does not divide by the pieces, the few units that are too many, as a discount."""
    unit = -(-whole // quantity)
    return {"unit_price": unit, "discounts": discount("rounding", unit * quantity - whole, "seller")}


def as_gift(line: Json, parent_id: str | None) -> Json:
    """A line that was given: of its list price nothing was paid. With its parent, where one is known."""
    worth = line["quantity"] * line["unit_price"] - sum(each["amount"] for each in line.get("discounts", []))
    lowered = [*line.get("discounts", []), *discount("gift", worth, "seller")]
    related = {"parent_line_id": parent_id, "relation": "gift"} if parent_id else {}
    return {**line, **related, "discounts": lowered}


def folded(rows: Sequence[Json]) -> tuple[list[Json], dict[str, str]]:
    """Rows that say the same of one piece each become one line, named as the first of them.

    With the lines comes which line each row is in now: what a platform says of a row later is said of that line.
    """
    lines: dict[str, Json] = {}
    line_of: dict[str, str] = {}
    for row in rows:
        same = json.dumps({name: value for name, value in row.items() if name not in _CHANGING}, sort_keys=True)
        known = lines.get(same)
        lines[same] = row if known is None else _together(known, row)
        line_of[row["line_id"]] = lines[same]["line_id"]
    return list(lines.values()), line_of


def _together(known: Json, row: Json) -> Json:
    sums = {name: known[name] + row[name] for name in _SUMS if name in row}
    pairs = zip(known.get("discounts", []), row.get("discounts", []), strict=True)
    one, other = known.get("quantities", {}), row.get("quantities", {})
    return without_nothing(
        {
            **known,
            **sums,
            "discounts": [{**mine, "amount": mine["amount"] + theirs["amount"]} for mine, theirs in pairs],
            "package": known.get("package") if known.get("package") == row.get("package") else None,
            "quantities": {name: one.get(name, 0) + other.get(name, 0) for name in sorted({*one, *other})},
        }
    )


def pieces(line_ids: Sequence[str], line_of: Mapping[str, str] | None = None) -> list[Json]:
    """Rows of one piece each as quantities of the lines that they are in; a row that was not folded is a line."""
    counted: dict[str, int] = {}
    for row_id in line_ids:
        line_id = (line_of or {}).get(row_id, row_id)
        counted[line_id] = counted.get(line_id, 0) + 1
    return [{"line_id": line_id, "quantity": count} for line_id, count in counted.items()]


def settled(
    body: Json,
    *,
    total: int | None,
    path: str,
    method: str,
    known: Mapping[str, Any] | None = None,
    parts: Mapping[str, int] | None = None,
    tenders: Sequence[Json] = (),
    gap: str | None = None,
) -> Json:
    """The order with its tenders: `tenders` where all of them are told; else `parts` by their methods, and what is left
    of the total by `method`, with what else is `known` of that payment.

    `total` is what was paid by all of them; None where the platform does not say. Raises MappingError with both numbers
    where the order comes to something else, unless it comes to more and `gap` names the discount that is to say so.
    """
    comes_to = due(body)
    paid = comes_to if total is None else total
    currency = body["currency"]
    if comes_to > paid and gap:
        missing = discount(gap, comes_to - paid, "platform")
        body = {**body, "discounts": [*body.get("discounts", []), *missing]}
    elif comes_to != paid:
        told = f"the parts come to {major(comes_to, currency)}, the whole is {major(paid, currency)}"
        raise MappingError(path, told)
    if tenders:
        return {**body, "tenders": list(tenders)}
    given = {name: amount for name, amount in (parts or {}).items() if amount}
    rest = paid - sum(given.values())
    if rest < 0:
        raise MappingError(path, f"{major(paid, currency)} were paid, by parts of {major(paid - rest, currency)}")
    given[method] = given.get(method, 0) + rest
    made = [
        {"method": name, "amount": amount, **(known or {} if name == method else {})}
        for name, amount in given.items()
        if amount
    ]
    return {**body, "tenders": made}


# What is only shown is cut to what Batal takes (characters).
LONGEST_PHONE = 32
LONGEST_TEXT = 200
_SHOWN = ("cancel_reason", "shipping_service", "sku", "variant", "category", "carrier", "display_id")
_IMAGE = re.compile(r"https://[^\s\"<>\\]{1,1990}")

_NEEDED = ("order_id", "platform", "version", "status", "buyer", "seller", "placed_at", "currency", "lines")


def push(body: Mapping[str, Any]) -> Json:
    """The body of a push, without what says nothing; its version is the latest moment that it tells, where nothing says
    it better. Raises MappingError for what every order must say."""
    made = without_nothing(body)
    made.setdefault("version", version_of(*(made.get(name) for name in ("placed_at", "paid_at", "delivered_at"))))
    for name in _NEEDED:
        if made.get(name) is None:
            raise MappingError(name, f"the payload does not say it: hand it in as {name}=")
    for who in ("buyer", "seller"):
        if not made[who].get("id"):
            raise MappingError(f"{who}.id", f"the payload does not say it: hand it in as {who}={{'id': ...}}")
    # Of an order that is cancelled whole, no piece was rejected by itself.
    aside = "quantities" if made["status"] == "cancelled" else None
    lines = [shown(without_nothing({k: v for k, v in line.items() if k != aside})) for line in made["lines"]]
    body = {"tenders": [], **shown(made), "lines": lines}
    check(body)
    return body


def shown(fields: Json) -> Json:
    """The fields with what is only shown as short as Batal takes it, and without pictures that it would refuse."""
    made = {name: value[:LONGEST_TEXT] if name in _SHOWN else value for name, value in fields.items()}
    if not _IMAGE.fullmatch(made.get("image_url", "")):
        made.pop("image_url", None)
    return made


def status_post(status: str, at: str | None, **more: Any) -> Json:
    """The body of a change of status: with a version, or an event's id where the platform counts none."""
    if at is None:
        raise MappingError("at", "the payload does not say when: hand it in as at=")
    return shown(without_nothing({"status": status, "at": at, **more}))


def refund(refund_id: str | None, amount: int, at: str | None, **more: Any) -> Json:
    """Money that went back elsewhere, as a push tells it. Raises MappingError where the payload does not say when, or
    under which id."""
    if refund_id is None:
        raise MappingError("refund_id", "the payload does not say it: hand it in as refund_id=")
    if at is None:
        raise MappingError("at", "the payload does not say when: hand it in as at=")
    return without_nothing({"refund_id": refund_id, "amount": amount, "at": at, **more})


def paid_at(status: str | None, method: str, told: str | None, placed_at: str | None) -> str | None:
    """When an order of a marketplace was paid: it takes the money before anybody begins, so of an order that went on
    only the moment can be unknown; then it is that of the order. Cash is paid at the door."""
    if method == "cod":
        return None
    unknown = status in (None, "unpaid", "payment_review", "cancelled")
    return told or (None if unknown else placed_at)


def came_so_far(status: str) -> Json:
    """How far one piece came, as the `quantities` of its line tell it: a cancelled one will not be sent."""
    if status == "cancelled":
        return {"rejected": 1}
    arrived = status in ("delivered", "completed")
    return {**({"shipped": 1} if is_sent(status) else {}), **({"delivered": 1} if arrived else {})}


def is_sent(status: str) -> bool:
    """Whether what stands there has left the seller."""
    return status in _FAR and _FAR.index(status) >= _FAR.index("shipped")


def packages(rows: Iterable[tuple[str, str, Json]], line_of: Mapping[str, str]) -> list[Json]:
    """The parcels of rows of one piece: each with its row's id, its status, and what else its parcel says with
    `package_id`. What is cancelled is in no parcel: its line says so."""
    inside: dict[str, list[tuple[str, str, Json]]] = {}
    for row_id, status, told in rows:
        if status != "cancelled" and told.get("package_id"):
            inside.setdefault(told["package_id"], []).append((row_id, status, told))
    return [
        without_nothing(
            {
                **packed[0][2],
                "status": status_of_all([status for _, status, _ in packed]),
                "lines": pieces([row_id for row_id, _, _ in packed], line_of),
            }
        )
        for packed in inside.values()
    ]


# Statuses of an order from the least far to the furthest, as far as parts of it may stand at several.
_FAR = (
    *("unpaid", "placed", "payment_review", "on_hold", "processing", "ready_to_ship"),
    *("shipped", "failed_delivery", "returning_to_seller", "returned_to_seller", "lost", "delivered", "completed"),
)


def status_of_all(statuses: Sequence[str]) -> str:
    """Where an order stands whose lines stand at these: as far as the last of them, cancelled ones aside; where some
    were sent and others not, it is partly shipped."""
    left = [status for status in statuses if status != "cancelled"]
    if not left:
        return "cancelled"
    if "partly_shipped" in left:
        return "partly_shipped"
    sent = [is_sent(status) for status in left]
    if any(sent) and not all(sent):
        return "partly_shipped"
    return min(left, key=_FAR.index)
