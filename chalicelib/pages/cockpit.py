"""Customer service's part of a case's page: who has it, both sides beside each other, why somebody said no, what else
these two asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib import wiring
from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.cases.claiming import claimed_since, holder
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.cases.timeline import Entry
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import SEES_ALL, Actor, Role
from chalicelib.locales import known
from chalicelib.pages.answers import answers_for
from chalicelib.pages.page import Visit
from chalicelib.workflow import access
from chalicelib.workflow.cockpit import CALLERS, look_up, others_of
from chalicelib.workflow.evidence import File
from chalicelib.workflow.sending_again import SENDERS, mails_of

# Of the words of a side so many are shown; the rest stands in the conversation and the timeline.
_WORDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that one side said: when, as what (a command, or None for a message), and in which words."""

    at: datetime
    command: Command | None
    text: str
    reason_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a case: its words, the latest last, and its files."""

    words: Sequence[Told]
    files: Sequence[File]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """How the run before this one ended, and who wanted it looked at again."""

    entry: Entry
    again: Entry | None


def cockpit(
    visit: Visit,
    actor: Actor,
    found: Case,
    order: Order,
    entries: Sequence[Entry],
    messages: Sequence[Message],
    files: Sequence[File],
) -> dict[str, Any]:
    """What the page shows to staff beside what everybody sees; nothing for the parties."""
    if actor.role not in SEES_ALL:
        return {"has_it": None}
    ports = wiring.ports()
    now = wiring.now()
    asked_for = visit.query.get("contact", "")
    party = Role(asked_for) if asked_for in (Role.BUYER, Role.SELLER) and actor.role in CALLERS else None
    return {
        "has_it": holder(found, now),
        "claimed_since": claimed_since(found),
        "sides": {role: _side(role, found, entries, messages, files) for role in (Role.BUYER, Role.SELLER)},
        "others": others_of(ports, found, actor),
        "refusal": _refusal(found, entries, actor),
        "answers": answers_for(found, order),
        "answers_in": known(order.body.buyer.locale),
        "calls": (party, look_up(found, order, party, actor)) if party else None,
        "may_call": actor.role in CALLERS,
        "mails": mails_of(found) if actor.role in SENDERS else [],
        "is_second": found.first_yes is not None and found.first_yes != actor.id,
    }


def _side(
    role: Role, found: Case, entries: Sequence[Entry], messages: Sequence[Message], files: Sequence[File]
) -> Side:
    said = [
        Told(at=entry.at, command=entry.command, text=entry.comment or "", reason_code=entry.reason_code)
        for entry in entries
        if entry.actor.role is role and (entry.comment or entry.command in _ANSWERS)
    ]
    if role is Role.BUYER and found.asked.comment and not any(each.command is Command.ASK for each in said):
        asked = Told(
            at=found.created_at, command=Command.ASK, text=found.asked.comment, reason_code=found.asked.reason_code
        )
        said = [asked, *said]
    wrote = [Told(at=each.at, command=None, text=each.text) for each in messages if each.by.role is role and each.text]
    words = sorted((*said, *wrote), key=lambda each: each.at)
    opening = words[:1] if len(words) > _WORDS else []
    return Side(
        words=[*opening, *words[len(words) - _WORDS + len(opening) :]] if len(words) > _WORDS else words,
        files=[file for file in files if file.evidence.by.role is role],
    )


# What a side said even without a word of its own.
_ANSWERS = frozenset({Command.ASK, Command.REJECT, Command.OFFER, Command.DECLINE_OFFER, Command.CONTEST_GOODS})


def _refusal(found: Case, entries: Sequence[Entry], actor: Actor) -> Refusal | None:
    """Why it was refused before somebody had it looked at again; None where that is not what is to be decided."""
    if found.run == 1 or found.state is not State.AWAITING_SUPPORT:
        return None
    known_so_far = entries
    if not any(_is_end(entry) for entry in known_so_far):
        known_so_far = access.latest_entries(wiring.ports(), found.case_id, actor, within=access.TO_PRINT).items
    ends = [entry for entry in known_so_far if _is_end(entry)]
    again = [entry for entry in known_so_far if entry.command in (Command.APPEAL, Command.REOPEN)]
    return Refusal(entry=ends[-1], again=again[-1] if again else None) if ends else None


def _is_end(entry: Entry) -> bool:
    return entry.outcome in (Outcome.REJECTED, Outcome.EXPIRED, Outcome.WITHDRAWN, Outcome.OVERTAKEN)
