"""Lines that belong to another line: gifts that go with it, and parts of a bundle, which has one price."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from chalicelib.domain.orders.body import Line, OrderBody, Relation


class Gifts(StrEnum):
    """What becomes of a gift when the goods that it came with are cancelled or returned by the buyer's choice."""

    BACK = "back"  # it goes with them
    PRICE_KEPT = "price_kept"  # the buyer keeps it, and its price stays paid


def _children(body: OrderBody, relation: Relation) -> Iterator[tuple[Line, Line]]:
    """Each line of this relation, with its parent."""
    by_id = {line.line_id: line for line in body.lines}
    for line in body.lines:
        if line.relation is relation and line.parent_line_id:
            yield line, by_id[line.parent_line_id]


def _due(child: Line, parent: Line, gone: Mapping[str, int]) -> int:
    """How many pieces of a child go with the pieces of its parent that are gone: all of them with the last one."""
    return child.quantity * gone.get(parent.line_id, 0) // parent.quantity


def _with(gone: Mapping[str, int], wanted: Mapping[str, int]) -> dict[str, int]:
    return {line_id: gone.get(line_id, 0) + wanted.get(line_id, 0) for line_id in {**gone, **wanted}}


def with_children(
    body: OrderBody, gone: Mapping[str, int], wanted: Mapping[str, int], gifts: Gifts
) -> Mapping[str, int]:
    """The wanted pieces per line id with what goes along: the parts of a bundle whose own line is asked for, and gifts
    where policy asks them back. `gone` are the pieces that are gone already."""
    after, more = _with(gone, wanted), dict(wanted)
    for relation in (Relation.BUNDLE, Relation.GIFT):
        if relation is Relation.GIFT and gifts is not Gifts.BACK:
            continue
        for child, parent in _children(body, relation):
            missing = _due(child, parent, after) - after.get(child.line_id, 0)
            if wanted.get(parent.line_id) and missing > 0:
                more[child.line_id] = more.get(child.line_id, 0) + missing
    return more


def torn_bundles(body: OrderBody, gone: Mapping[str, int], wanted: Mapping[str, int]) -> tuple[str, ...]:
    """The line ids of bundles of which the wanted pieces would leave a part behind, or take one that is not due."""
    after = _with(gone, wanted)
    return tuple(
        dict.fromkeys(
            parent.line_id
            for child, parent in _children(body, Relation.BUNDLE)
            if wanted.get(child.line_id) or wanted.get(parent.line_id)
            if after.get(child.line_id, 0) != _due(child, parent, after)
        )
    )


def lone_gifts(body: OrderBody, gone: Mapping[str, int], wanted: Mapping[str, int]) -> tuple[str, ...]:
    """The line ids of gifts that are wanted away without the goods that they came with."""
    after = _with(gone, wanted)
    return tuple(
        child.line_id
        for child, parent in _children(body, Relation.GIFT)
        if wanted.get(child.line_id, 0) and after[child.line_id] > _due(child, parent, after)
    )


def gifts_that_stay(body: OrderBody, gone: Mapping[str, int], wanted: Mapping[str, int]) -> Mapping[str, int]:
    """Pieces of gifts, per line id, that would go with the wanted pieces and are not among them."""
    after = _with(gone, wanted)
    stays = {
        child.line_id: _due(child, parent, after) - max(_due(child, parent, gone), after.get(child.line_id, 0))
        for child, parent in _children(body, Relation.GIFT)
        if wanted.get(parent.line_id)
    }
    return {line_id: count for line_id, count in stays.items() if count > 0}
