"""`python -m infra.smoke URL --tokens FILE`: two minutes against a deployment, and a report to send back.

Plays a yes, a no, a silence and a refund that fails first, as the conformance kit does, under its policy of seconds;
has events posted somewhere; then takes away what can be taken away. Exit code 0 where all went well, 1 where not, 2
where nothing was tried.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

from urllib3.exceptions import HTTPError

from infra.claims import CLAIMS
from infra.conformance.__main__ import tokens_in
from infra.conformance.calling import Batal
from infra.conformance.clocks import RealClock
from infra.conformance.endings import ENDINGS
from infra.conformance.finding import Json, Stopped
from infra.conformance.run import Run, a_run

PLAYED = ("agreed", "refused", "silence-grants", "refund-fails")
# Ids whose signs mean something in a path: they reach the function as they are, or not at all.
PATHS = ("a/b", "100%", "100%25", "a+b", "a b", "a;b", "\N{PACKAGE}" * 16)
_SOON = 90.0  # seconds within which an event is posted


@dataclass
class Report:
    """What was tried, what came of it, and how long it took."""

    url: str
    run: str
    say: Callable[[str], None]
    began: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    steps: dict[str, Json] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[Json]:
        """One step; what it notes stands in the report. What stops it is noted, and the next one is tried."""
        noted: Json = {}
        start = time.monotonic()
        try:
            yield noted
        except Stopped as stopped:
            noted["stopped"] = str(stopped)
        wrong = bool(noted.get("stopped") or noted.get("differences"))
        noted |= {"well": not wrong, "seconds": round(time.monotonic() - start, 1)}
        self.steps[name] = noted
        self.say(
            f"{'well ' if not wrong else 'WRONG'} {name} ({noted['seconds']} s) {noted.get('stopped', '')}".rstrip()
        )

    @property
    def well(self) -> bool:
        return all(step["well"] for step in self.steps.values())

    def as_json(self) -> str:
        """With every claim, and whether this run has shown it."""
        shown = {name for name, step in self.steps.items() if step["well"] and not step.get("left_out")}
        claims = [
            {"name": each.name, "says": each.says, "shown": each.step in shown, "by_hand": each.by_hand}
            for each in CLAIMS
        ]
        told = {"url": self.url, "run": self.run, "began": self.began, "well": self.well, "steps": self.steps}
        return json.dumps({**told, "claims": claims}, indent=1, ensure_ascii=False) + "\n"


def smoke(url: str, tokens: dict[str, str] | None, receiver: str | None, say: Callable[[str], None]) -> Report:
    """All steps. Without `tokens` it is a sandbox, whose clock is left alone."""
    run = a_run(url, say, tokens=tokens, real=True)
    report = Report(url, run.name, say)
    batal = run.batal
    with report.step("reached") as noted:
        noted["health"] = _expected(batal.open("GET", "/health").body, {"status": "ok"}, "GET /health")
        noted["version"] = batal.open("GET", "/openapi.json").body["info"]["version"]
    with report.step("refused"):
        answer = batal.open("GET", "/v1/orders")
        _expected((answer.status, answer.body["code"]), (401, "unauthorized"), "GET /v1/orders for nobody")
    with report.step("paths") as noted:
        _paths(batal, noted)
    before = _balance(batal) if tokens else 0
    with _webhook(batal, receiver or f"{url}/health", report) as webhook_id:
        with report.step("played") as noted:
            _played(run, noted)
        if webhook_id:
            with report.step("told") as noted:
                _told(batal, webhook_id, noted, taken=receiver is not None)
    if tokens:
        with report.step("wallet put back") as noted:
            noted["amount"] = _put_back(batal, before, run.name)
    return report


def _played(run: Run, noted: Json) -> None:
    if missing := run.prepare():
        raise Stopped("the policy `conformance`", "that an operator has set it", json.dumps(missing))
    found = run.play([each for each in ENDINGS if each.name in PLAYED])
    noted["endings"] = list(PLAYED)
    noted["differences"] = [f"{each.ending}: {each.what}: {each.expected}, not {each.found}" for each in found]


def _paths(batal: Batal, noted: Json) -> None:
    """Each is nobody's order, and the answer names what was asked for."""
    for order_id in PATHS:
        answer = batal.call("support", "GET", f"/v1/orders/{quote(order_id, safe='')}", known=(404,))
        _expected(answer.status, 404, f"an order that there is none of, {order_id!r}")
        _expected(answer.body.get("what"), "order", f"the function's own answer to {order_id!r}")
    noted["ids"] = list(PATHS)


@contextmanager
def _webhook(batal: Batal, receiver: str, report: Report) -> Iterator[str | None]:
    """One that is gone afterwards. Without a receiver of yours our own gateway gets the events, and refuses them: that
    they were posted shows all the same."""
    if not batal.people.has("operator") or urlsplit(receiver).scheme != "https":
        with report.step("told") as noted:
            noted["left_out"] = "events are posted by https alone, and an operator says where to"
        yield None
        return
    made = batal.call("operator", "POST", "/v1/webhooks", {"url": receiver}).body
    try:
        yield made["webhook_id"]
    finally:
        batal.call("operator", "DELETE", f"/v1/webhooks/{made['webhook_id']}")


def _told(batal: Batal, webhook_id: str, noted: Json, *, taken: bool) -> None:
    tried: list[Json] = []

    def came() -> bool:
        found = batal.call("operator", "GET", f"/v1/webhooks/{webhook_id}/deliveries").body["items"]
        tried[:] = [each for each in found if each["status"] is not None and (each["taken"] or not taken)]
        return bool(tried)

    RealClock().until(came, _SOON, "an event that was posted, and answered")
    noted["answered"] = tried[-1]["status"]
    noted["milliseconds"] = tried[-1]["milliseconds"]


def _balance(batal: Batal) -> int:
    return int(batal.call("buyer", "GET", f"/v1/wallets/{quote(batal.people.id_of('buyer'), safe='')}").body["balance"])


def _put_back(batal: Batal, before: int, run: str) -> int:
    """What the endings credited, taken out again; in minor units."""
    credited = _balance(batal) - before
    if credited > 0:
        body = {
            "event_id": f"smoke-{run}",
            "currency": "IDR",
            "amount": credited,
            "reason": "put back after a smoke run",
        }
        buyer = quote(batal.people.id_of("buyer"), safe="")
        batal.call("system", "POST", f"/v1/wallets/{buyer}/debits", body)
    return credited


def _expected(found: object, wanted: object, what: str) -> object:
    if found != wanted:
        raise Stopped(what, str(wanted), str(found))
    return found


def main(given: list[str] | None = None) -> int:
    """Try, say, and write the report."""
    said = os.environ.get
    parser = argparse.ArgumentParser(prog="python -m infra.smoke", description=__doc__)
    parser.add_argument("url", help="where Batal is, with its stage")
    parser.add_argument("--tokens", default=said("TOKENS"), help="a JSON file with a token for each role")
    parser.add_argument("--receiver", default=said("RECEIVER"), help="an address of yours that takes events, by https")
    parser.add_argument("--report", default=said("REPORT") or "build/smoke.json", help="where the report goes")
    wanted = parser.parse_args(given)
    try:
        tokens = tokens_in(wanted.tokens) if wanted.tokens else None
        report = smoke(wanted.url.rstrip("/"), tokens, wanted.receiver or None, lambda text: print(text, flush=True))
    except (ValueError, HTTPError, Stopped) as error:
        print(error, file=sys.stderr)
        return 2
    place = Path(wanted.report)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(report.as_json(), "utf-8")
    print(f"{'All went well' if report.well else 'Not all went well'}: {place}. What stays are its orders,")
    print(f"KIT-{report.run}-..., all of them closed and without addresses, and the policy `conformance`.")
    return 0 if report.well else 1


if __name__ == "__main__":
    raise SystemExit(main())
