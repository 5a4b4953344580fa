"""One run: all endings that were asked for, one after the other by the sandbox's clock, else side by side."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from infra.conformance import policy, report
from infra.conformance.calling import Batal, NamedPeople, People, SandboxPeople
from infra.conformance.clocks import Clock, RealClock, SandboxClock
from infra.conformance.endings import Ending
from infra.conformance.finding import Event, Finding, Json, Stopped
from infra.conformance.judging import Judge
from infra.conformance.player import Played, a_play
from infra.conformance.receivers import Receiver, TheirBooks

# How long everybody has whose silence is played: by a clock that is moved it does not matter.
PACE_BY_CLOCK, PACE = 7200, 20  # seconds
# A policy that was just set may not count for this long everywhere.
_POLICY_SPREADS = 35  # seconds
_SIDE_BY_SIDE = 6
_AWAY = ("events", "mail", "step_functions", "webhooks")


@dataclass
class Run:
    """What is played, where, and who listens. `say` gets every line of the report."""

    batal: Batal
    clock: Clock
    name: str
    pace: int
    say: Callable[[str], None]
    receiver: Receiver | None = None
    books: TheirBooks | None = None
    findings: list[Finding] = field(default_factory=list)

    def prepare(self) -> Json | None:
        """See to the policy. What somebody else has to set first; None where all is ready."""
        if not self.batal.people.has("operator"):
            self.say(f"Without an operator's token the policy `{policy.NAME}` is taken to be in force.")
            return None
        missing = policy.in_force(self.batal, self.pace)
        if missing is None:
            return None
        put = self.batal.call("operator", "PUT", f"/v1/policies/{policy.NAME}", missing, known=(401, 403))
        if put.status != 200:
            return missing
        self.say(f"The policy `{policy.NAME}` is set, version {missing['version']}.")
        if isinstance(self.clock, RealClock):
            self.clock.rest(_POLICY_SPREADS)
        return None

    def play(self, endings: Sequence[Ending]) -> list[Finding]:
        """All of them, and where anything differs."""
        if isinstance(self.clock, SandboxClock):
            everything = [self._one(number, ending) for number, ending in enumerate(endings)]
        else:
            with ThreadPoolExecutor(_SIDE_BY_SIDE) as together:
                everything = list(together.map(self._one, range(len(endings)), endings))
        found = [*self.findings, *self._bus(everything), *self._foreign(everything)]
        self.say("")
        for each in report.differences(found):
            self.say(each)
        if self.receiver and self.receiver.stumbles:
            self.say(report.stumbles(self.receiver.stumbles))
        self.say(report.last_line(len(endings), found))
        return found

    def _one(self, number: int, ending: Ending) -> Played:
        player = a_play(self._for(ending), self.clock, ending, self.name, number)
        if self.receiver:
            player.hears = (self.receiver.takes,)
        # Every other one is played while mail, bus, webhooks and Step Functions are away; the next one has them again.
        if isinstance(self.clock, SandboxClock):
            self._outage(down=number % 2 == 1)
        played = player.play()
        findings = list(self._judged(player.batal, played))
        self.findings += findings
        self.say(report.line(played, findings))
        return played

    def _for(self, ending: Ending) -> Batal:
        people = self.batal.people
        if isinstance(people, SandboxPeople):
            own: People = replace(people, buyer=f"kit-{self.name}-{ending.name}", _tokens={})
            return replace(self.batal, people=own)
        return self.batal

    def _judged(self, batal: Batal, played: Played) -> Iterable[Finding]:
        judge = Judge(played)
        yield from judge.stopped()
        yield from judge.log()
        if played.stopped:
            return
        yield from judge.books("books filled by events", played.books.shown())
        try:
            yield from judge.answers(batal)
            yield from self._theirs(judge)
        except Stopped as stopped:
            played.stopped = stopped
            yield from judge.stopped()

    def _theirs(self, judge: Judge) -> Iterable[Finding]:
        if self.books is None:
            return
        found = self.books.of(judge.played.order_id, judge.agrees)
        yield from judge.books("your books", found if found is not None else dict.fromkeys(judge.expected(), "unknown"))

    def _outage(self, *, down: bool) -> None:
        self.batal.open("POST", "/sandbox/outage", {"services": _AWAY if down else (), "down": down})

    def _bus(self, everything: Sequence[Played]) -> Iterable[Finding]:
        """Once all is back, the bus has told all that the log holds. Only a sandbox shows what its bus was given."""
        if not isinstance(self.clock, SandboxClock):
            return
        self._outage(down=False)
        judges = [Judge(played) for played in everything]
        missing: list[Finding] = []
        # What was tried in vain is tried again within an hour.
        for later in (0, 100, 3_700, 3_700):
            if later:
                self.clock.advance(later)
            told: list[Event] = self.batal.open("GET", "/sandbox/events").body["items"]
            missing = [finding for judge in judges for finding in judge.bus(told)]
            if not missing:
                return
        yield from missing

    def _foreign(self, everything: Sequence[Played]) -> Iterable[Finding]:
        """A receiver that takes what somebody else signed can be told anything."""
        played = next((each for each in everything if each.events), None)
        if self.receiver and played and self.receiver.takes_foreign(played.events[0]):
            yield Finding(
                ending=played.ending.name,
                order_id=played.order_id,
                where="your receiver",
                what="an event that was signed with another secret",
                expected="a refusal",
                found="it was taken",
                event=played.events[0],
            )


def a_run(
    url: str,
    say: Callable[[str], None],
    *,
    tokens: dict[str, str] | None = None,
    real: bool = False,
    pace: int | None = None,
    seed: str | None = None,
    receiver: Receiver | None = None,
    books: TheirBooks | None = None,
) -> Run:
    """A run against this address: a sandbox makes tokens for its people and has a clock, unless `real` time is wanted;
    anything else needs tokens by role."""
    name = seed or secrets.token_hex(3)
    people: People = NamedPeople(tokens) if tokens else SandboxPeople(url, buyer=f"kit-{name}")
    batal = Batal(url, people)
    clock: Clock = RealClock() if real or tokens else SandboxClock(batal)
    usual = PACE_BY_CLOCK if isinstance(clock, SandboxClock) else PACE
    return Run(batal, clock, name, pace or usual, say, receiver, books)
