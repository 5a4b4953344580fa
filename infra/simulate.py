"""Try a policy on past cases, and say what it would have changed:

    python -m infra.simulate --policy draft.json --data past.ndjson

POLICY is a profile as `GET /v1/policies/{name}` gives it, or as somebody wrote it. DATA are past cases, a line each, as
`POST /v1/exports {"kind": "past"}` writes them down, plain or gzip; docs/simulator.md tells the form. It is read twice:
first to learn how sellers answer, then case by case, so that it may be as long as it likes. `--json FILE` keeps all
that was found. `--suggest 'answer_time 90 12 2'` tries a lever in steps, and suggests the one that decides 90 % within
12 hours at no more than 2 % more fees, changing as little as it can. The exit code is 2 where the input cannot be used.
"""

import argparse
import gzip
import json
import resource
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec

from chalicelib.adapters.calendar import COUNTRIES, public_days_off
from chalicelib.adapters.policies import shipped
from chalicelib.domain.errors import Invalid
from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.simulation.comparing import ChangedCase, Endings, Estimate, Outlook, interval
from chalicelib.domain.simulation.hearing import Hearing
from chalicelib.domain.simulation.past import PastCase
from chalicelib.domain.simulation.simulating import Stage, take_in
from chalicelib.domain.simulation.suggesting import (
    STEPS,
    Lever,
    Step,
    Target,
    Tried,
    drafts,
    steps,
    suggested,
    try_all,
)
from chalicelib.edge.past_cases import read_line
from chalicelib.edge.reading import policy_of

_UNUSABLE = 2
_HOURS = (1, 6, 12, 24, 48)


@dataclass(slots=True, kw_only=True)
class Lines:
    """A file of past cases: what could not be read of it, and which policies it brought along."""

    path: Path
    unread: int = 0
    first: str = ""
    policies: dict[tuple[str, int], Policy] = field(default_factory=dict)

    def pasts(self) -> Iterator[PastCase]:
        """Every past case, one after the other."""
        self.unread = 0
        with _opened(self.path) as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                try:
                    found = read_line(line)
                except Invalid as wrong:
                    self.unread += 1
                    self.first = self.first or f"line {number}: {wrong.details.get('errors', wrong.code)}"
                    continue
                if isinstance(found, Policy):
                    self.policies[found.name, found.version] = found
                else:
                    yield found


def _opened(path: Path) -> BinaryIO:
    packed = path.open("rb").read(2) == b"\x1f\x8b"
    return cast("BinaryIO", gzip.open(path, "rb") if packed else path.open("rb"))


def read_policy(text: str) -> Policy:
    """A draft as a file says it. Raises Invalid, ValueError."""
    given: dict[str, Any] = json.loads(text)
    given.pop("published", None)
    return policy_of(str(given.get("name", "")), {"version": 1, **given})


def days_off(at: Any, country: str | None) -> frozenset[Any]:
    """The public holidays of a country around a moment, as far as they are known here."""
    return public_days_off(at.year, country) if country in COUNTRIES else frozenset()


def simulate(draft: Policy, lines: Lines, tried: Sequence[Tried] = (), lever: Lever = Lever.ANSWER_TIME) -> Outlook:
    """What a draft would have changed, over all past cases of a file; the same for the steps of a lever."""
    hearing, found = Hearing(), Outlook()
    for past in lines.pasts():
        if past.policy == draft.name:
            hearing.note(past)
    in_force = {version: each for (name, version), each in lines.policies.items() if name == draft.name}
    ours = shipped(draft.name)
    if ours is not None:
        in_force.setdefault(ours.version, ours)
    stage = Stage(draft=draft, in_force=in_force, days_off=days_off, hears=hearing.heard)
    moved = drafts(draft, lever) if tried else {}
    for past in lines.pasts():
        was = take_in(found, past, stage)
        if was:
            try_all(tried, past, was, stage, moved)
    return found


# --- told


def report(found: Outlook) -> Iterator[str]:
    """What was found, as lines to print. Amounts are in minor units."""
    yield f"{found.cases:,} cases replayed: " + ", ".join(f"{n:,} {basis}" for basis, n in sorted(found.bases.items()))
    yield ""
    yield f"{'':24}{'before':>16}  after (nine times of ten between)"
    for name, was, becomes in _rows(found.before, found.after):
        yield f"{name:24}{was.mean:>16,.0f}  {told(becomes)}"
    for hours in _HOURS:
        was_share, share = (each.decided_within(hours) for each in (found.before, found.after))
        yield f"{f'decided within {hours} h':24}{was_share:>16.1%}  {share:.1%}"
    if found.changed:
        yield ""
        yield "What changes, and why:"
    for why, count in sorted(found.changed.items(), key=lambda item: -item[1].mean):
        yield f"  {why:16}{told(count)}"
        yield from (f"    {_in_words(each)}" for each in found.examples.get(why, ())[:3])
    yield ""
    yield from _doubts(found)


def told(found: Estimate) -> str:
    """A sum, with its bounds where it has some."""
    if found.exact:
        return f"{found.mean:,.0f}"
    low, high = interval(found)
    return f"{found.mean:,.0f} ({low:,} to {high:,})"


def _rows(before: Endings, after: Endings) -> Iterator[tuple[str, Estimate, Estimate]]:
    for way in sorted({*before.ways, *after.ways}):
        yield way, before.ways.get(way, Estimate()), after.ways.get(way, Estimate())
    yield "escalated", before.escalated, after.escalated
    for name, mine, theirs in (("refunds", before.refunds, after.refunds), ("fees", before.fees, after.fees)):
        for currency in sorted({*mine, *theirs}):
            yield f"{name} {currency}", mine.get(currency, Estimate()), theirs.get(currency, Estimate())
    yield "mails", before.mails, after.mails


def _in_words(each: ChangedCase) -> str:
    chance = "" if each.chance > 0.995 else f" ({each.chance:.0%})"
    money = f", {each.currency} {each.refund_was:,} -> {each.refund_becomes:,}"
    return f"{each.case_id}: {each.was} -> {each.becomes}{chance}{money}"


def trade_off(found: Sequence[Step], target: Target) -> Iterator[str]:
    """The steps of a lever beside each other, and the one to take."""
    hours, fees = target.within, f"{target.more_fees:.0%}"
    yield f"\n{target.lever}, to decide {target.share:.0%} within {hours} h at no more than {fees} more fees:"
    yield f"{'hours':>6}{'decided':>10}{'fees':>9}  {'without an answer':24}{'changed':24}"
    for each in found:
        fees = "-" if each.more_fees is None else f"{each.more_fees:+.1%}"
        sums = f"{told(each.unanswered):24}{told(each.changed):24}"
        yield f"{each.hours:>6}{each.decided:>10.1%}{fees:>9}  {sums}{'reaches it' if each.reaches else ''}".rstrip()
    best = suggested(found, target.lever)
    yield f"suggested: {best.hours} h" if best else "no step reaches it"


def read_target(text: str) -> Target:
    """A target as somebody types it: `answer_time 90 12 2`, which is 90 % decided within 12 hours at no more than 2 %
    more fees. Raises ValueError."""
    lever, *numbers = text.split()
    share, hours, fees = map(int, numbers or (90, 12, 2))
    if not (0 < share <= 100 and hours > 0):
        raise ValueError("a share of 1 to 100 percent, within an hour or more")
    return Target(lever=Lever(lever), share=share / 100, within=hours, more_fees=fees / 100)


def _doubts(found: Outlook) -> Iterator[str]:
    if found.unexplained:
        yield f"{found.unexplained:,} are not as the policy in force would have made them: see docs/simulator.md"
    if found.unsure:
        yield f"{found.unsure:,} have amounts that are not exact to the unit"
    if found.elsewhere:
        yield f"{found.elsewhere:,} belong to another policy, and were left out"
    if found.unseen:
        yield f"not looked at, though the draft changes it: {', '.join(sorted(found.unseen))}"


def _kept(found: Outlook) -> bytes:
    plain: Mapping[str, Any] = msgspec.to_builtins(found, str_keys=True)
    return msgspec.json.format(msgspec.json.encode(plain))


def main(arguments: list[str] | None = None) -> int:
    """The command. Gives its exit code."""
    parser = argparse.ArgumentParser(prog="make simulate", description="Try a policy on past cases.")
    parser.add_argument("--policy", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--suggest", type=read_target)
    given = parser.parse_args(arguments)
    began, lines = time.perf_counter(), Lines(path=given.data)
    try:
        draft = read_policy(given.policy.read_text(encoding="utf-8"))
        target: Target | None = given.suggest
        tried = [Tried(hours=hours) for hours in STEPS] if target else []
        found = simulate(draft, lines, tried, target.lever if target else Lever.ANSWER_TIME)
    except (OSError, EOFError, ValueError, Invalid) as wrong:
        details = getattr(wrong, "details", {}).get("errors", wrong)
        print(f"cannot be used: {details}", file=sys.stderr)
        return _UNUSABLE
    for line in report(found):
        print(line)
    if target:
        for line in trade_off(steps(found.before, tried, target, draft.currency_of_figures), target):
            print(line)
    if lines.unread:
        print(f"{lines.unread:,} lines could not be read; {lines.first}", file=sys.stderr)
    if given.json:
        given.json.write_bytes(_kept(found))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    took, worked = time.perf_counter() - began, time.process_time()
    print(f"{found.cases:,} cases in {took:.1f} s ({worked:.1f} s of the processor's time), at most {peak:.0f} MB")
    return 0 if found.cases else _UNUSABLE


if __name__ == "__main__":
    raise SystemExit(main())
