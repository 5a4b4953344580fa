"""What an order adds up to, by its own figures and by what its lines say, and the refusal of one that does not.

The order's `shipping_fee`, `tax` and `discounts` are the whole of each; what lines say is a part of it, and where only
lines say, their sum is the whole. Amounts in minor units.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from chalicelib.domain.errors import Invalid
from chalicelib.domain.orders.body import Discount, Line, OrderBody, Pieces, Scope, TenderState


def shipping_of(body: OrderBody) -> int:
    """What was asked for sending the goods."""
    return max(body.shipping_fee, sum(line.shipping or 0 for line in body.lines))


def tax_of(body: OrderBody) -> int:
    """All tax, whether on top of the prices or inside them."""
    return max(body.tax, _told_tax(body.lines))


def holds_tax(line: Line, body: OrderBody) -> bool:
    """Whether the price of this line holds its tax already."""
    return body.tax_included if line.tax_included is None else line.tax_included


def added_tax(line: Line, body: OrderBody) -> int:
    """What the line says of tax that comes on top of its price."""
    return 0 if holds_tax(line, body) else line.tax or 0


def untold_tax(body: OrderBody) -> int:
    """The tax on top of the prices of which no line says that it is its own."""
    return 0 if body.tax_included else tax_of(body) - _told_tax(body.lines)


def discounts_of(body: OrderBody) -> tuple[Discount, ...]:
    """All discounts, with those that lines alone speak of."""
    codes = {discount.code for discount in body.discounts}
    only_lines: dict[str, Discount] = {}
    for line in body.lines:
        for told in line.discounts:
            if told.code in codes:
                continue
            known = only_lines.get(told.code)
            only_lines[told.code] = Discount(
                code=told.code,
                amount=told.amount + (known.amount if known else 0),
                funded_by=known.funded_by if known else told.funded_by,
                scope=Scope.LINES,
                line_ids=(*(known.line_ids if known else ()), line.line_id),
            )
    return (*body.discounts, *only_lines.values())


def due_of(body: OrderBody) -> int:
    """What the buyer was asked to pay."""
    tax = untold_tax(body) + sum(added_tax(line, body) for line in body.lines)
    charges = sum(charge.amount for charge in body.charges)
    asked = body.goods + shipping_of(body) + body.service_fee + tax + charges
    return asked - sum(discount.amount for discount in discounts_of(body))


def check_body(body: OrderBody) -> None:
    """Refuse an order whose parts contradict each other.

    Raises Invalid `amounts_do_not_add_up` where the tenders are not what the order comes to, and with the line's or the
    discount's name where what lines say does not fit the whole; Invalid `validation_failed` where ids stand twice or
    name nothing.
    """
    _refuse_doubles("lines", "line_id", [line.line_id for line in body.lines])
    _refuse_doubles("tenders", "tender_id", [tender.tender_id for tender in body.tenders])
    _refuse_doubles("packages", "package_id", [package.package_id for package in body.packages])
    _refuse_doubles("refunds", "refund_id", [refund.refund_id for refund in body.refunds])
    _check_names(body)
    _check_tenders(body)
    _check_relations(body)
    _check_quantities(body)
    _check_wholes(body)
    due = due_of(body)
    if body.paid != due:
        raise Invalid("amounts_do_not_add_up", tenders=body.paid, order=due)


def _told_tax(lines: Sequence[Line]) -> int:
    return sum(line.tax or 0 for line in lines)


def _refuse_doubles(where: str, name: str, values: Sequence[str]) -> None:
    if len(set(values)) != len(values):
        raise _wrong(where, f"{name} must be unique")


def _check_names(body: OrderBody) -> None:
    """Every line and tender that something speaks of is there."""
    known = {line.line_id for line in body.lines}
    spoken_of: list[tuple[str, Iterable[str]]] = [
        ("lines.parent_line_id", [x.parent_line_id for x in body.lines if x.parent_line_id]),
        ("discounts.line_ids", [line_id for discount in body.discounts for line_id in discount.line_ids]),
        ("charges.line_id", [charge.line_id for charge in body.charges if charge.line_id]),
        ("packages.lines", [pieces.line_id for package in body.packages for pieces in package.lines]),
        ("refunds.lines", [pieces.line_id for refund in body.refunds for pieces in refund.lines]),
    ]
    for where, line_ids in spoken_of:
        for line_id in line_ids:
            if line_id not in known:
                raise _wrong(where, f"there is no line {line_id}")
    tenders = {tender.tender_id for tender in body.tenders}
    for refund in body.refunds:
        if refund.tender_id and refund.tender_id not in tenders:
            raise _wrong("refunds.tender_id", f"there is no tender {refund.tender_id}")
    for discount in body.discounts:
        if (discount.scope is Scope.LINES) != bool(discount.line_ids):
            raise _wrong("discounts.line_ids", "scope lines names its lines, and no other scope does")


def _check_tenders(body: OrderBody) -> None:
    """What was collected has a moment for it, and what is not to be divided is no money."""
    for tender in body.tenders:
        if tender.collected_at and tender.state is not TenderState.COLLECTED:
            raise _wrong("tenders.collected_at", f"{tender.tender_id}: only with state collected")
        if tender.indivisible and not tender.is_promo:
            raise _wrong("tenders.indivisible", f"{tender.tender_id}: money can be divided")


def _check_relations(body: OrderBody) -> None:
    """A gift, a part of a bundle or a variant has a parent, and that one has none."""
    by_id = {line.line_id: line for line in body.lines}
    for line in body.lines:
        if (line.parent_line_id is None) != (line.relation is None):
            raise _wrong("lines.relation", f"{line.line_id}: parent_line_id and relation come together")
        if line.parent_line_id and by_id[line.parent_line_id].parent_line_id:
            raise _wrong("lines.parent_line_id", f"{line.line_id}: the parent of a line has no parent itself")


def _check_quantities(body: OrderBody) -> None:
    """No more pieces are in parcels, or came so far, than a line has."""
    quantity = {line.line_id: line.quantity for line in body.lines}
    for where, packed in (
        ("packages.lines", pieces_in([package.lines for package in body.packages])),
        ("refunds.lines", pieces_in([refund.lines for refund in body.refunds])),
    ):
        for line_id, count in packed.items():
            if count > quantity[line_id]:
                raise _wrong(where, f"{line_id}: {count} pieces of {quantity[line_id]}")
    for line in body.lines:
        if (told := line.quantities) is None:
            continue
        most = max(told.shipped, told.delivered, told.returned, told.rejected + told.shipped)
        if most > line.quantity:
            raise _wrong("lines.quantities", f"{line.line_id}: {most} pieces of {line.quantity}")


def pieces_in(groups: Iterable[Iterable[Pieces]]) -> Counter[str]:
    """How many pieces of each line there are in all of them."""
    counted: Counter[str] = Counter()
    for group in groups:
        for pieces in group:
            counted[pieces.line_id] += pieces.quantity
    return counted


def _check_wholes(body: OrderBody) -> None:
    for line in body.lines:
        lowered = sum(discount.amount for discount in line.discounts)
        worth = line.amount + added_tax(line, body) + (line.shipping or 0)
        if lowered > worth:
            raise Invalid("amounts_do_not_add_up", line_id=line.line_id, discounts=lowered, line=worth)
        if holds_tax(line, body) and (line.tax or 0) > line.amount:
            raise Invalid("amounts_do_not_add_up", line_id=line.line_id, tax=line.tax, line=line.amount)
    taxed, shipped = [x for x in body.lines if x.tax], [x for x in body.lines if x.shipping]
    _refuse_more_than(body.tax, [(x.line_id, x.tax or 0) for x in taxed], "tax")
    _refuse_more_than(body.shipping_fee, [(x.line_id, x.shipping or 0) for x in shipped], "shipping_fee")
    for code, whole in _amounts_by_code(body).items():
        lowered_by = [(line.line_id, x.amount) for line in body.lines for x in line.discounts if x.code == code]
        if (told := sum(amount for _, amount in lowered_by)) > whole:
            figures: dict[str, Any] = {"figure": f"discount {code}", "order": whole, "lines": told}
            raise Invalid("amounts_do_not_add_up", line_id=lowered_by[-1][0], **figures)


def _refuse_more_than(whole: int, told: Sequence[tuple[str, int]], name: str) -> None:
    """Where lines say more than the whole; a whole of nothing was left out."""
    total = sum(amount for _, amount in told)
    if whole and total > whole:
        raise Invalid("amounts_do_not_add_up", line_id=told[-1][0], figure=name, order=whole, lines=total)


def _amounts_by_code(body: OrderBody) -> Counter[str]:
    amounts: Counter[str] = Counter()
    for discount in body.discounts:
        amounts[discount.code] += discount.amount
    return amounts


def _wrong(field: str, message: str) -> Invalid:
    return Invalid("validation_failed", errors=[{"field": field, "message": message}])
