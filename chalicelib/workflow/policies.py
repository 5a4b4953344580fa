"""The policy profiles, version by version."""

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.domain.errors import Conflict, Forbidden, NotFound, Refused
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.law import check_country, check_law
from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.policies.published import Published
from chalicelib.domain.ports import Page, Ports

READERS = frozenset({Role.OPERATOR, Role.SUPPORT})
WRITERS = frozenset({Role.OPERATOR})


def policies(ports: Ports, actor: Actor) -> Sequence[Policy]:
    """The current version of every profile. Raises Forbidden for parties."""
    may_read(actor)
    return [current_version(ports, name) for name in ports.policies.names()]


def policies_page(ports: Ports, actor: Actor, limit: int, cursor: str | None) -> Page[Policy]:
    """The same, page by page. Raises Forbidden for parties, Invalid `bad_cursor`."""
    may_read(actor)
    names = ports.policies.page_of_names(limit=limit, cursor=cursor)
    return Page(items=[current_version(ports, name) for name in names.items], next_cursor=names.next_cursor)


def policy(ports: Ports, actor: Actor, name: str, version: int | None = None) -> Policy:
    """One version of a profile, the current one unless said. Raises Forbidden, NotFound."""
    may_read(actor)
    try:
        return current_version(ports, name) if version is None else ports.policies.version(name, version)
    except Refused as refused:
        raise NotFound("policy") from refused


def history(ports: Ports, actor: Actor, name: str, most: int) -> Sequence[Policy]:
    """The latest versions of a profile, the newest first. Raises Forbidden, NotFound."""
    return versions(ports, policy(ports, actor, name), most)


def versions(ports: Ports, current: Policy, most: int) -> Sequence[Policy]:
    """The latest versions up to the current one, the newest first."""
    oldest = max(1, current.version - most + 1)
    found = [current]
    for version in range(current.version - 1, oldest - 1, -1):
        try:
            found.append(ports.policies.version(current.name, version))
        except Refused:
            # An operator's own profile may begin above 1.
            break
    return found


def publish_policy(ports: Ports, actor: Actor, draft: Policy, note: str | None = None) -> Policy:
    """Keep the next version of a profile and make it current; running cases keep the version they began with. It is
    kept who did so, when, and why.

    Raises Forbidden for everyone but operators, Invalid `validation_failed` for less than the law gives buyers and for
    a country whose holidays nobody knows, Refused `superseded` where the draft's version is not the next one: somebody
    else changed the profile meanwhile.
    """
    if actor.role not in WRITERS:
        raise Forbidden(actor.role, "keep_policy")
    if draft.version != next_version(ports, draft.name):
        raise Refused("superseded", next_version=next_version(ports, draft.name))
    check_country(draft, ports.calendar.countries)
    check_law(draft)
    kept = replace(draft, published=Published(by=actor.id, at=ports.now(), note=note))
    try:
        ports.store.put_policy(kept)
    except Conflict as conflict:
        raise Refused("superseded", next_version=next_version(ports, draft.name)) from conflict
    return kept


def next_version(ports: Ports, name: str) -> int:
    """The version that a change of this profile must carry; 1 where there is none yet."""
    return current_version(ports, name).version + 1 if name in ports.policies.names() else 1


def current_version(ports: Ports, name: str) -> Policy:
    """The current version as the store has it; what decides cases may lag behind a change by half a minute."""
    return ports.store.policy(name, None) or ports.policies.version(name, 1)


def may_read(actor: Actor) -> None:
    """Raises Forbidden for parties."""
    if actor.role not in READERS:
        raise Forbidden(actor.role, "see_policies")
