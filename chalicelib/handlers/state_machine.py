"""The Lambdas behind the state machine, and the schedule. They run without app.py, so each has its own boundary."""

import json
import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import wraps
from math import inf
from typing import Any

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib import wiring
from chalicelib.edge.moving import workers
from chalicelib.settings import retention_in
from chalicelib.workflow import counting, refund_calls, retaining, rounds, sweeping, waiting, watching

log = logging.getLogger(__name__)

bp = Blueprint(__name__)

# Seconds of Lambda time that a sweep leaves itself to finish the row at hand.
_RESERVE = 10
# Seconds that a few steps of one refund may take.
_LONGEST_CALL = 45


def logged(step: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Log what fails, with the case; the error still reaches Step Functions, which tries again."""

    @wraps(step)
    def guarded(event: Any, context: Any) -> Any:
        try:
            return step(event, context)
        except Exception as error:
            case_id = event.get("case_id") if isinstance(event, dict) else None
            log.exception("step failed", extra={"case_id": case_id, "why": type(error).__name__})
            raise

    return guarded


@bp.lambda_function(name="enter")
@logged
def enter(event: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
    """Enter a wait, or the end."""
    return waiting.enter(wiring.ports(), event["case_id"], event["run"], event["turn"], event.get("token"))


@bp.lambda_function(name="expire")
@logged
def expire(event: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
    """The timer of a wait fired."""
    return waiting.time_out(wiring.ports(), event["case_id"], event["run"], event["turn"])


def _time_left(event: CloudWatchEvent, reserve: int) -> Callable[[], bool]:
    """Whether more than these seconds of Lambda time are left."""
    # Not the blueprint's: Lambda runs this without app.py.
    context: Any = event.context
    return lambda: context is None or context.get_remaining_time_in_millis() > reserve * 1000


@bp.schedule(Rate(1, unit=Rate.MINUTES), name="sweep")
def sweep(event: CloudWatchEvent) -> Mapping[str, Any]:
    """Every minute: carry on whatever was lost."""
    swept = asdict(sweeping.sweep(wiring.ports(), _time_left(event, _RESERVE)))
    if swept["seen"] or swept["digests"]:
        log.info("swept", extra=swept)
    return swept


@bp.schedule(Rate(1, unit=Rate.MINUTES), name="refund_calls")
def refund_calls_go_out(event: CloudWatchEvent) -> Mapping[str, Any]:
    """Every minute: ask payment providers for refunds. It stands apart: one that hangs holds up nothing else."""
    called = asdict(refund_calls.call_due(wiring.ports(), _time_left(event, _LONGEST_CALL)))
    if called["seen"]:
        log.info("providers were asked", extra=called)
    return called


@bp.schedule(Rate(1, unit=Rate.MINUTES), name="reconcile")
def reconcile(event: CloudWatchEvent) -> Mapping[str, Any]:
    """Every minute: count what was decided, and go on with long work that somebody asked for: reconciliations, imports,
    exports; once a day, see to what has outlived its time. What was taken away of people's is counted in metrics."""
    context: Any = event.context
    left = (lambda: inf) if context is None else (lambda: float(context.get_remaining_time_in_millis()) / 1000)
    _count(_time_left(event, _LONGEST_CALL))
    retaining.begin_daily(wiring.ports(), retention_in(wiring.settings().retention))
    did = asdict(rounds.go_on(wiring.ports(), workers(), left))
    for kind, erased in did["erased"].items():
        _measured({"Job": kind.value}, {f"erased_{what}": (count, "Count") for what, count in erased.items()})
    if did["seen"]:
        log.info("went on with jobs", extra=did)
    return did


def _count(go_on: Callable[[], bool]) -> None:
    """Figures that stand still for a while keep no job from going on."""
    try:
        counting.catch_up(wiring.ports(), go_on)
    except Exception as error:
        log.exception("figures were not counted", extra={"why": type(error).__name__})


@bp.schedule(Rate(5, unit=Rate.MINUTES), name="watch")
def watch(event: CloudWatchEvent) -> Mapping[str, Any]:
    """Every five minutes: metrics of what is stuck, in CloudWatch's embedded format, which needs no permission."""
    found = asdict(watching.watch(wiring.ports()))
    plain = {name: figure for name, figure in found.items() if name != "money"}
    units = {"oldest_due_seconds": "Seconds", "oldest_refund_days": "None"}
    _measured({}, {name: (figure, units.get(name, "Count")) for name, figure in plain.items()})
    for currency, sums in found["money"].items():
        _measured({"Currency": currency}, {f"money_{place}": (amount, "None") for place, amount in sums.items()})
    return found


def _measured(dimensions: Mapping[str, str], figures: Mapping[str, tuple[float, str]]) -> None:
    """Write a line of metrics: their figures with units, under the tables' prefix and these dimensions."""
    of = {"Tables": wiring.settings().table_prefix, **dimensions}
    metrics = [{"Name": name, "Unit": unit} for name, (_, unit) in figures.items()]
    about = {"Namespace": "Batal", "Dimensions": [list(of)], "Metrics": metrics}
    line = {
        "_aws": {"Timestamp": int(wiring.now().timestamp() * 1000), "CloudWatchMetrics": [about]},
        **of,
        **{name: figure for name, (figure, _) in figures.items()},
    }
    sys.stdout.write(json.dumps(line) + "\n")
