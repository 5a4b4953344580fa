"""A seller's own rules, by which they say yes in advance."""

from collections.abc import Sequence

from chalicelib.domain.errors import Forbidden
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.seller_rules import SellerRule, SellerRules
from chalicelib.domain.ports import Ports
from chalicelib.workflow.access import sees_seller

# Customer service looks at a seller's rules, it does not make them.
WRITERS = frozenset({Role.SELLER, Role.OPERATOR})


def seller_rules(ports: Ports, actor: Actor, seller_id: str) -> SellerRules:
    """A seller's own rules. Raises Forbidden for buyers, and NotFound for other sellers."""
    sees_seller(actor, seller_id)
    return ports.store.seller_rules(seller_id)


def save_seller_rules(ports: Ports, actor: Actor, seller_id: str, rules: Sequence[SellerRule]) -> SellerRules:
    """Keep a seller's rules, all of them; they count for requests made from now on.

    Raises Forbidden but for the seller and operators, NotFound for other sellers, ValueError for too many.
    """
    sees_seller(actor, seller_id)
    if actor.role not in WRITERS:
        raise Forbidden(actor.role, "keep_rules")
    kept = SellerRules(version=ports.store.seller_rules(seller_id).version + 1, rules=tuple(rules))
    ports.store.put_seller_rules(seller_id, kept)
    return kept
