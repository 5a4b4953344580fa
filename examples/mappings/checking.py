"""What an order comes to, and what Batal would refuse of a push: said here with the field's name, before it is sent."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .reading import Json, MappingError, major

LONGEST_ID = 128
MOST = 10**13  # minor units
MOST_PIECES = 100_000
MOST_LINES = 500
MOST_TENDERS = 20


def due(body: Mapping[str, Any]) -> int:
    """What an order comes to, as Batal adds it up, in minor units."""
    lines, discounts = body.get("lines", ()), body.get("discounts", ())
    codes = {each["code"] for each in discounts}
    lowered = sum(each["amount"] for each in discounts)
    lowered += sum(x["amount"] for line in lines for x in line.get("discounts", ()) if x["code"] not in codes)
    told_tax = sum(line.get("tax") or 0 for line in lines)
    tax = 0 if body.get("tax_included") else max(body.get("tax", 0), told_tax)
    shipping = max(body.get("shipping_fee", 0), sum(line.get("shipping") or 0 for line in lines))
    charges = sum(each["amount"] for each in body.get("charges", ()))
    goods = sum(line["quantity"] * line["unit_price"] for line in lines)
    return int(goods + shipping + body.get("service_fee", 0) + tax + charges - lowered)


def check(body: Json) -> None:
    """Raises MappingError for what Batal would refuse of this push."""
    currency = str(body["currency"])
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        raise MappingError("currency", f"{body['currency']!r} is no code of a currency")
    lines: Sequence[Json] = body["lines"]
    if len(lines) > MOST_LINES:
        raise MappingError("lines", f"{len(lines)} lines, Batal takes {MOST_LINES}")
    if len(tenders := body.get("tenders", ())) > MOST_TENDERS:
        raise MappingError("tenders", f"{len(tenders)} tenders, Batal takes {MOST_TENDERS}")
    _check_ids(body)
    quantity = {line["line_id"]: line["quantity"] for line in lines}
    for line in lines:
        _check_line(line, body)
    for where in ("packages", "refunds"):
        _check_pieces(where, body.get(where, ()), quantity)
    money = [body.get(name, 0) for name in ("shipping_fee", "service_fee", "tax")]
    money += [each["amount"] for name in ("discounts", "charges", "refunds") for each in body.get(name, ())]
    if any(not 0 <= amount <= MOST for amount in money):
        raise MappingError("amounts", "below nothing, or above what any order costs")
    for figure, name in (("tax", "tax"), ("shipping", "shipping_fee")):
        whole, told = body.get(name, 0), sum(line.get(figure) or 0 for line in lines)
        if whole and told > whole:
            raise MappingError(name, f"lines say {major(told, currency)}, the order {major(whole, currency)}")


def _check_ids(body: Json) -> None:
    told = [("order_id", body["order_id"]), ("buyer.id", body["buyer"]["id"]), ("seller.id", body["seller"]["id"])]
    told += [("lines.line_id", line.get("line_id")) for line in body["lines"]]
    told += [("refunds.refund_id", refund["refund_id"]) for refund in body.get("refunds", ())]
    told += [("packages.package_id", package["package_id"]) for package in body.get("packages", ())]
    told += [("tenders.tender_id", each.get("tender_id", each["method"])) for each in body.get("tenders", ())]
    for where, name in told:
        if not isinstance(name, str) or not 0 < len(name.strip()) <= LONGEST_ID or not name.isprintable():
            raise MappingError(where, f"{name!r} is no id")
    for where in ("lines.line_id", "refunds.refund_id", "packages.package_id", "tenders.tender_id"):
        _refuse_doubles(where, [name for place, name in told if place == where])


def _refuse_doubles(where: str, names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise MappingError(where, f"{name} stands twice")


def _check_line(line: Json, body: Json) -> None:
    where, currency = f"lines.{line['line_id']}", str(body["currency"])
    if not 1 <= line["quantity"] <= MOST_PIECES:
        raise MappingError(f"{where}.quantity", f"{line['quantity']} pieces")
    amount = line["quantity"] * line["unit_price"]
    if not 0 <= amount <= MOST:
        raise MappingError(f"{where}.unit_price", f"{line['unit_price']} is no price")
    lowered, tax = sum(each["amount"] for each in line.get("discounts", ())), line.get("tax") or 0
    worth = amount + (line.get("shipping") or 0) + (0 if body.get("tax_included") else tax)
    if lowered > worth:
        raise MappingError(f"{where}.discounts", f"{major(lowered, currency)} off {major(worth, currency)}")
    if body.get("tax_included") and tax > amount:
        raise MappingError(f"{where}.tax", f"{major(tax, currency)} within {major(amount, currency)}")


def _check_pieces(where: str, holders: Iterable[Json], quantity: Mapping[str, int]) -> None:
    counted: dict[str, int] = {}
    for holder in holders:
        for pieces in holder.get("lines", ()):
            line_id = pieces["line_id"]
            counted[line_id] = counted.get(line_id, 0) + pieces["quantity"]
            if line_id not in quantity:
                raise MappingError(f"{where}.lines", f"there is no line {line_id}")
            if not 0 < pieces["quantity"] <= counted[line_id] <= quantity[line_id]:
                raise MappingError(f"{where}.lines", f"{line_id}: {counted[line_id]} pieces of {quantity[line_id]}")
