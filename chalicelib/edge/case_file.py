"""The case file: everything about a case in one document, so that a dispute can be settled outside.

`infra/verify_case_file.py` checks it with nothing but Python: the chain of the timeline's hashes up to the head that
the row keeps, what people typed against its salted digests, and, for whoever has the service's secret, the seal over
the whole document.
"""

import hashlib
import hmac
import json
from typing import Any

import msgspec

from chalicelib.domain.cases.soundness import examine
from chalicelib.domain.cases.timeline import NAMELESS, Entry, content_of, words_in
from chalicelib.domain.parties import SEES_ALL, STAFF, Actor, Role
from chalicelib.domain.ports import Ports
from chalicelib.edge.answer_types import CaseFileAnswer
from chalicelib.edge.shapes import (
    evidence_shape,
    explained_case,
    kept_from,
    message_shape,
    order_seen_by,
)
from chalicelib.workflow.access import TO_KEEP, case_for, latest_entries, order_for
from chalicelib.workflow.evidence import evidence_of
from chalicelib.workflow.threads import latest_on_case

FORMAT = "batal-case-file/3"


def case_file(ports: Ports, case_id: str, actor: Actor, secret: str, before: str | None = None) -> CaseFileAnswer:
    """The document that this party may have. Of what is not for them, as notes of customer service, they get digests.
    What is long is cut in parts: the latest messages, or those `before` the cursor of a later part.

    Raises NotFound, Invalid `bad_cursor`.
    """
    case = case_for(ports, case_id, actor)
    order = order_for(ports, case.order_id, actor)
    staff = actor.role in SEES_ALL
    latest = latest_entries(ports, case_id, actor, within=TO_KEEP).items
    # What was decided since the row was read is not in its head.
    entries = [entry for entry in latest if entry.seq <= case.entries]
    left_out = entries[0].seq - 1 if entries else 0
    messages = latest_on_case(ports, case, actor, before, TO_KEEP)
    document = {
        "format": FORMAT,
        "exported_at": ports.now(),
        "exported_for": {"role": actor.role, "id": actor.id},
        "case": explained_case(case, order, "en", staff=staff),
        "order": order_seen_by(actor.role, order),
        "timeline": {
            "count": case.entries,
            "head": case.head,
            "soundness": examine(entries, case.entries, case.head, left_out).whole,
            "entries": [_entry(entry, actor.role) for entry in entries],
            **({"left_out": left_out} if left_out else {}),
        },
        "messages": [message_shape(message) for message in messages.items],
        "messages_earlier": messages.next_cursor,
        "evidence": [evidence_shape(file.evidence) for file in evidence_of(ports, case_id, actor)],
    }
    plain: Any = msgspec.to_builtins(document, str_keys=True)
    sealed: CaseFileAnswer = plain | {"seal": seal_of(plain, secret)}
    return sealed


def _entry(entry: Entry, role: Role) -> dict[str, Any]:
    """What the hash covers, the hash, and beside it the words that this reader may read; all but those kept from them.

    Versions before 0.8.0 put who of the marketplace's people it was under the hash: a party gets such an entry without
    that, and verifies its place alone.
    """
    kept, covered = kept_from(role, entry), content_of(entry)
    salts, words, withheld = entry.salts or {}, words_in(entry), sorted((entry.salts or {}).keys() & kept)
    if "person" in kept and entry.actor.role in STAFF and entry.actor.id != NAMELESS:
        covered["actor"], withheld = {"role": entry.actor.role}, ["actor", *withheld]
    beside = {
        "private": {name: {"text": words[name], "salt": salt} for name, salt in salts.items() if name not in kept},
        "withheld": withheld,
        "erased": entry.erased,
        "note": None if entry.is_salted or "note" in kept else entry.note,
    }
    return covered | {"hash": entry.hash} | {name: value for name, value in beside.items() if value}


def seal_of(document: dict[str, Any], secret: str) -> str:
    """HMAC-SHA256 over the document in canonical JSON (sorted keys, no spaces), without its seal."""
    canonical = json.dumps({k: v for k, v in document.items() if k != "seal"}, sort_keys=True, separators=(",", ":"))
    return hmac.new(f"case-file:{secret}".encode(), canonical.encode(), hashlib.sha256).hexdigest()
