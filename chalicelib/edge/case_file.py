"""The case file: everything about a case in one document, so that a dispute can be settled outside.

`infra/verify_case_file.py` checks it with nothing but Python: the chain of the timeline's hashes up to the head that
the row keeps, and, for whoever has the service's secret, the seal over the whole document.
"""

import hashlib
import hmac
import json
from typing import Any

import msgspec

from chalicelib.domain.cases.timeline import content_of
from chalicelib.domain.parties import SEES_ALL, Actor
from chalicelib.domain.ports import Ports
from chalicelib.edge.answer_types import CaseFileAnswer
from chalicelib.edge.shapes import case_shape, evidence_shape, message_shape, order_for_seller, order_shape
from chalicelib.workflow.access import TO_KEEP, case_for, latest_entries, order_for
from chalicelib.workflow.evidence import evidence_of
from chalicelib.workflow.threads import latest_on_case

FORMAT = "batal-case-file/1"


def case_file(ports: Ports, case_id: str, actor: Actor, secret: str, before: str | None = None) -> CaseFileAnswer:
    """The document that this party may have. Notes of customer service stay among staff; others get their hashes.
    What is long is cut in parts: the latest messages, or those `before` the cursor of a later part.

    Raises NotFound, Invalid `bad_cursor`.
    """
    case = case_for(ports, case_id, actor)
    order = order_for(ports, case.order_id, actor)
    staff = actor.role in SEES_ALL
    entries = latest_entries(ports, case_id, actor, within=TO_KEEP).items
    messages = latest_on_case(ports, case, actor, before, TO_KEEP)
    document = {
        "format": FORMAT,
        "exported_at": ports.now(),
        "exported_for": {"role": actor.role, "id": actor.id},
        "case": case_shape(case, "en", staff=staff),
        "order": order_for_seller(order) if actor.role == "seller" else order_shape(order),
        "timeline": {
            "count": case.entries,
            "head": case.head,
            "entries": [
                content_of(entry) | {"hash": entry.hash} | ({"note": entry.note} if staff and entry.note else {})
                for entry in entries
            ],
            **({"left_out": entries[0].seq - 1} if entries and entries[0].seq > 1 else {}),
        },
        "messages": [message_shape(message) for message in messages.items],
        "messages_earlier": messages.next_cursor,
        "evidence": [evidence_shape(file.evidence) for file in evidence_of(ports, case_id, actor)],
    }
    plain: Any = msgspec.to_builtins(document, str_keys=True)
    sealed: CaseFileAnswer = plain | {"seal": seal_of(plain, secret)}
    return sealed


def seal_of(document: dict[str, Any], secret: str) -> str:
    """HMAC-SHA256 over the document in canonical JSON (sorted keys, no spaces), without its seal."""
    canonical = json.dumps({k: v for k, v in document.items() if k != "seal"}, sort_keys=True, separators=(",", ":"))
    return hmac.new(f"case-file:{secret}".encode(), canonical.encode(), hashlib.sha256).hexdigest()
