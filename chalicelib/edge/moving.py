"""Rows of imports and exports: read from lines, written as JSON values. What a house of ours writes down, another takes
in as it was."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from chalicelib import wiring
from chalicelib.domain.cases.arrivals import CaseKept
from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.effects import Announcement, RefundCall, encode
from chalicelib.domain.cases.eligibility import per_line
from chalicelib.domain.cases.timeline import Entry
from chalicelib.domain.cases.told_cases import CaseTold
from chalicelib.domain.errors import Invalid
from chalicelib.domain.jobs import Imported, JobKind
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.reasons import Kind, RefusingReason
from chalicelib.domain.ports import Ports
from chalicelib.edge.batches import order_told
from chalicelib.edge.case_file import case_file
from chalicelib.edge.limits import OWN_ID
from chalicelib.edge.moving_bodies import CASE_FORM, ORDER_FORM, CaseRow
from chalicelib.edge.past_cases import past_row, policy_row
from chalicelib.edge.reading import id_of, read_json, strictly
from chalicelib.edge.shapes import order_seen_by
from chalicelib.edge.wallets import ledger_entry_shape
from chalicelib.workflow import (
    erasing,
    exporting,
    importing,
    person_exports,
    reconciliation_rounds,
    retaining,
    simulating,
)
from chalicelib.workflow.rounds import Worker

_OWN_ID = re.compile(OWN_ID)
# What a row of a case does not hold: what it has promised, and how far that is, are the house's that promised it.
_NOT_TOLD = ("outbox", "wake_at", "leased_to", "lease_until")
# What a case may have promised to programs.
_TO_PROGRAMS = (Announcement, RefundCall)


def workers() -> Mapping[JobKind, Worker]:
    """What goes on with each kind of job."""
    return {
        JobKind.RECONCILIATION: reconciliation_rounds.work_on,
        JobKind.IMPORT: importing.worker(row_of),
        JobKind.ERASURE: erasing.work_on,
        JobKind.RETENTION: retaining.work_on,
        JobKind.SIMULATION: simulating.work_on,
        JobKind.PERSON_EXPORT: person_exports.worker(
            person_exports.PersonForms(order=order_seen_by, file=_file),
        ),
        JobKind.EXPORT: exporting.worker(
            exporting.Forms(
                order=order_row,
                case=case_row,
                file=_file,
                entry=ledger_entry_shape,
                event=lambda event: event.envelope,
                past=past_row,
                policy=policy_row,
            )
        ),
    }


# --- read


def row_of(of: Imported, line: bytes) -> importing.Row:
    """The row of a line. Raises Invalid as requests do."""
    form = _form_of(line)
    if form is not None and form != (ORDER_FORM if of is Imported.ORDERS else CASE_FORM):
        raise Invalid("validation_failed", errors=[{"field": "format", "message": "not one that is taken in here"}])
    if of is Imported.ORDERS:
        return order_told(line) if form is None else _order_kept(line)
    return _case_told(line) if form is None else _case_kept(line)


class _Form(msgspec.Struct):
    format: str | None = None


def _form_of(line: bytes) -> str | None:
    try:
        return msgspec.json.decode(line, type=_Form).format
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise Invalid("malformed_json") from error


class _OrderRow(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    format: str
    order: dict[str, Any]


class _CaseRow(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    format: str
    case: dict[str, Any]
    timeline: list[dict[str, Any]]
    promised: list[str] = []


def _order_kept(line: bytes) -> Order:
    order = strictly(read_json(line, _OrderRow).order, Order)
    id_of(order.order_id, "order.body.order_id")
    return order


def _case_kept(line: bytes) -> CaseKept:
    row = read_json(line, _CaseRow)
    case, entries = strictly(row.case, Case), tuple(strictly(each, Entry) for each in row.timeline)
    if not _OWN_ID.fullmatch(case.case_id):
        raise Invalid("validation_failed", errors=[{"field": "case.case_id", "message": "none that leads to a case"}])
    return CaseKept(case=case, timeline=entries, promised=tuple(row.promised))


def _case_told(line: bytes) -> CaseTold:
    row = read_json(line, CaseRow)
    if row.decision_reason is not None and row.decision_reason not in frozenset(RefusingReason):
        raise Invalid("reason_not_allowed", reason_code=row.decision_reason, allowed=[x.value for x in RefusingReason])
    return CaseTold(
        case_id=row.case_id,
        order_id=row.order_id,
        kind=Kind(row.kind),
        asked_at=row.asked_at,
        state=State.AWAITING_SELLER if row.outcome else State(row.state),
        reason_code=row.reason_code,
        comment=row.comment,
        lines=per_line((x.line_id, x.quantity) for x in row.lines) if row.lines else None,
        attempt=row.attempt,
        channel=row.channel,
        deadline_at=row.deadline_at,
        if_silent=row.if_silent,
        outcome=row.outcome,
        closed_at=row.closed_at,
        decided_by=Role(row.decided_by) if row.decided_by else None,
        refused_for=row.decision_reason,
        decision_comment=row.decision_comment,
        refunded={x.tender_id: x.amount for x in row.refunded},
    )


# --- written


def order_row(order: Order) -> Mapping[str, Any]:
    """An order with all that is known of it."""
    return {"format": ORDER_FORM, "order": msgspec.to_builtins(order, str_keys=True)}


def case_row(case: Case, timeline: Sequence[Entry]) -> Mapping[str, Any]:
    """A case with its timeline, and what programs are still to hear of it."""
    told: dict[str, Any] = msgspec.to_builtins(replace(case, outbox={}), str_keys=True)
    entries = [msgspec.to_builtins(replace(entry, log_place=None), str_keys=True) for entry in timeline]
    return {
        "format": CASE_FORM,
        "case": {name: value for name, value in told.items() if name not in _NOT_TOLD},
        "timeline": entries,
        "promised": [encode(promise) for promise in case.outbox if isinstance(promise.effect, _TO_PROGRAMS)],
    }


def _file(ports: Ports, case_id: str, actor: Actor) -> Any:
    return case_file(ports, case_id, actor, wiring.settings().link_secret)
