"""What a caller may say to a case right now, as answers name it."""

from collections.abc import Collection

from msgspec.structs import fields

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.parties import Actor, Role
from chalicelib.edge.answer_types import ActionAnswer
from chalicelib.edge.route import ROUTES, Route


def actions_of(may: Collection[Command], case: Case, actor: Actor) -> list[ActionAnswer]:
    """Of what may be said, all that has an address of its own under the case; `until` where it is this caller who is
    waited for."""
    until = case.deadline_at if case.waiting_for is actor.role else None
    found = [(_word(command), _route(command)) for command in sorted(may) if _is_said_to_a_case(command)]
    return [
        {"action": word, "by": actor.role, "until": until, "needs": _needs(route, actor.role)} for word, route in found
    ]


def _is_said_to_a_case(command: Command) -> bool:
    return ("POST", _place(command)) in ROUTES


def _word(command: Command) -> str:
    return command.replace("_", "-")


def _place(command: Command) -> str:
    return f"/v1/cases/{{case_id}}/{_word(command)}"


def _route(command: Command) -> Route:
    return ROUTES["POST", _place(command)]


def _needs(route: Route, role: Role) -> list[str]:
    """What its body must say; customer service says why, too."""
    known = fields(route.takes) if route.takes else ()
    needed = [field.encode_name for field in known if field.required]
    says_why = role is Role.SUPPORT and any(field.encode_name == "note" for field in known) and "note" not in needed
    return [*needed, *(["note"] if says_why else [])]
