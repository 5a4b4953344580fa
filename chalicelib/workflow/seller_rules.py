"""A seller's own rules: what they say yes to in advance, and how they are told of what waits for them."""

from collections.abc import Sequence

from chalicelib.domain.errors import Forbidden, Invalid
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.rhythms import Rhythm
from chalicelib.domain.policies.seller_rules import SellerRule, SellerRules
from chalicelib.domain.ports import Ports
from chalicelib.workflow.access import sees_seller

# Customer service looks at a seller's rules, it does not make them.
WRITERS = frozenset({Role.SELLER, Role.OPERATOR})


def seller_rules(ports: Ports, actor: Actor, seller_id: str) -> SellerRules:
    """A seller's own rules. Raises Forbidden for buyers, and NotFound for other sellers."""
    sees_seller(actor, seller_id)
    return ports.store.seller_rules(seller_id)


def currencies(ports: Ports) -> Sequence[str]:
    """Those that the limits of any platform speak of: a rule may be for orders in one of them."""
    return sorted({ports.policies.current(name).currency_of_figures for name in ports.policies.names()})


def save_seller_rules(
    ports: Ports,
    actor: Actor,
    seller_id: str,
    rules: Sequence[SellerRule],
    return_address: str | None = None,
    digest: Rhythm | None = None,
) -> SellerRules:
    """Keep a seller's rules, all of them, and where returned goods come to (None: as before, empty: nowhere); both
    count for requests made from now on. And in which rhythm digests tell them what waits (None: as before): what was
    noted for one until now still goes out with it.

    Raises Forbidden but for the seller and operators, NotFound for other sellers, ValueError for too many, Invalid
    `validation_failed` for an amount without its currency, but of rules that stood there before as they are.
    """
    sees_seller(actor, seller_id)
    if actor.role not in WRITERS:
        raise Forbidden(actor.role, "keep_rules")
    before = ports.store.seller_rules(seller_id)
    unclear = [n for n, rule in enumerate(rules) if rule.names_no_currency and rule not in before.rules]
    if unclear:
        errors = [{"field": f"rules[{n}].currency", "message": "say of which currency `at_most` is"} for n in unclear]
        raise Invalid("validation_failed", errors=errors)
    address = before.return_address if return_address is None else return_address.strip() or None
    kept = SellerRules(
        version=before.version + 1,
        rules=tuple(rules),
        return_address=address,
        digest=before.digest if digest is None else digest,
    )
    ports.store.put_seller_rules(seller_id, kept)
    return kept
