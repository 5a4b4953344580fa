"""Whether every case is found by whatever a caller may say of it, and by nothing that is not listed beside it."""

from collections.abc import Iterator

from chalicelib.domain.people.clues import clues_of
from tests.proofs.world import ProofWorld


def lost_clues(world: ProofWorld, order_id: str) -> Iterator[str]:
    """What a caller may say in vain of a case of this order, once all that was promised is delivered."""
    ports, order = world.ports, world.store.order(order_id)
    for case in filter(None, map(world.store.case, order.cases if order else ())):
        listed = world.store.noted(case.case_id).fingerprints
        for clue in sorted(clues_of(order, case)) if order else ():
            fingerprint = ports.fingerprint(clue)
            found = world.store.cases_by_clues([fingerprint], ports.now(), 10)
            if case.case_id not in {each.case_id for each in found.cases}:
                yield f"{case.case_id} is not found by its {clue.kind}"
            if fingerprint not in listed:
                yield f"{case.case_id} could not be made to be found no more by its {clue.kind}"
