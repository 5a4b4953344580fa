"""What is said after an act: looked up from what really happened, never believed from an address.

An address names what was made (`did`: the id of a decision, a message or a file), and the notice is said only to who
made it, for a quarter of an hour, and until they do something else to the case.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from chalicelib import wiring
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.cases.evidence import Evidence
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.cases.timeline import Entry
from chalicelib.domain.parties import Actor
from chalicelib.workflow.evidence import File

_SAID_FOR = timedelta(minutes=15)


def did(made: str | None, entries: Sequence[Entry], actor: Actor) -> Command | None:
    """What the actor said to the case by the decision that is named: their last one, and a moment ago."""
    own = [entry for entry in entries if entry.speaker == actor]
    last = own[-1] if own else None
    return last.command if last and made and last.decision_id == made and _just_now(last.at) else None


def said(
    made: str | None, actor: Actor, entries: Sequence[Entry], messages: Iterable[Message], files: Iterable[File]
) -> str | None:
    """What the page of a case says that the actor just did, as the end of a text's name; None for nothing."""
    if command := did(made, entries, actor):
        return command
    if _wrote(made, messages, actor):
        return "written"
    return "uploaded" if _uploaded(made, files, actor) else None


def refused_file(made: str | None, actor: Actor, files: Iterable[File]) -> Evidence | None:
    """The file that the actor just sent and that is not shown; it says why."""
    own = (file.evidence for file in files if file.evidence.by == actor and file.evidence.refused is not None)
    return next((each for each in own if each.evidence_id == made and _just_now(each.at)), None)


def _wrote(made: str | None, messages: Iterable[Message], actor: Actor) -> bool:
    return any(each.message_id == made and each.by == actor and _just_now(each.at) for each in messages)


def _uploaded(made: str | None, files: Iterable[File], actor: Actor) -> bool:
    known = (file.evidence for file in files if file.evidence.refused is None)
    return any(each.evidence_id == made and each.by == actor and _just_now(each.at) for each in known)


def _just_now(at: datetime) -> bool:
    return wiring.now() - at < _SAID_FOR
