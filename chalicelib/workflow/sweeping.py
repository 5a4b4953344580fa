"""The sweep: every minute, whatever was lost is carried on. It reads only rows whose time has come."""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from chalicelib.domain.cases.case import Case, Deliverer
from chalicelib.domain.cases.outbox import took_lease
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.ports import Event, Events, Mail, Mailer, Ports
from chalicelib.workflow import digests
from chalicelib.workflow.decisions import expire
from chalicelib.workflow.delivering import deliver

log = logging.getLogger(__name__)

BATCH = 100
# How often in a row a service may be away before a sweep leaves it alone.
_ENOUGH = 3


@dataclass(slots=True)
class Swept:
    """What a sweep did: rows looked at, lapsed ones decided, rows delivered, rows that failed and will be met again,
    digests sent."""

    seen: int = 0
    expired: int = 0
    delivered: int = 0
    failed: int = 0
    digests: int = 0


@dataclass(slots=True)
class _Spared:
    """Mail and event bus for the length of one sweep: which was away several times in a row is not asked again.

    What it was to get counts as tried: else every row would wait out a timeout, and a sweep would carry three.
    """

    mailer: Mailer
    events: Events
    away: Counter[str] = field(default_factory=Counter)

    def send(self, mail: Mail) -> None:
        """Hand one mail over. Raises Unavailable."""
        with self._asking("ses"):
            self.mailer.send(mail)

    def publish(self, events: Sequence[Event]) -> Collection[str]:
        """Hand events over. Raises Unavailable."""
        with self._asking("events"):
            return self.events.publish(events)

    @contextmanager
    def _asking(self, service: str) -> Iterator[None]:
        if self.away[service] >= _ENOUGH:
            raise Unavailable(service)
        try:
            yield
        except Unavailable:
            self.away[service] += 1
            raise
        self.away[service] = 0


def sweep(ports: Ports, go_on: Callable[[], bool] = lambda: True) -> Swept:
    """Expire what lapsed first, then deliver what is pending, until nothing is due or `go_on` says stop; then send
    digests.

    A row that fails is left for the next sweep; it never keeps the others waiting.
    """
    swept, met = Swept(), set[str]()
    spared = _Spared(mailer=ports.mailer, events=ports.events)
    ports = replace(ports, mailer=spared, events=spared)
    while go_on():
        ids = [case_id for case_id in ports.store.due(ports.now(), BATCH + len(met)) if case_id not in met]
        if not ids:
            break
        met.update(ids)
        swept.seen += len(ids)
        for work in (_expire_lapsed, _deliver_due):
            for case_id in ids:
                if not go_on():
                    return swept
                _one(ports, case_id, work, swept)
    swept.digests = digests.send_due(ports, go_on)
    return swept


def _one(ports: Ports, case_id: str, work: Callable[[Ports, Case, Swept], None], swept: Swept) -> None:
    try:
        case = ports.store.case(case_id)
        if case and case.wake_at and case.wake_at <= ports.now():
            work(ports, case, swept)
    except Exception as error:
        swept.failed += 1
        log.exception("sweep could not carry a case", extra={"case_id": case_id, "why": type(error).__name__})


def _expire_lapsed(ports: Ports, case: Case, swept: Swept) -> None:
    """The execution's own timer gets a grace; after it the sweep lets silence speak."""
    if case.deadline_at and (ports.now() - case.deadline_at).total_seconds() >= ports.pace.patience(case.case_id):
        mine = ports.new_id()
        after = expire(ports, case.case_id, decision_id=mine, deliverer=Deliverer.SWEEP, wakes=False)
        if after.decision_id == mine:
            swept.expired += 1
            if took_lease(after, ports.pace):
                # Maybe nobody else is there to deliver what silence promised: no need to let a lease run out first.
                deliver(ports, after, leased=True)


def _deliver_due(ports: Ports, case: Case, swept: Swept) -> None:
    deliver(ports, case)
    swept.delivered += 1
