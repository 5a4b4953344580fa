"""`make bench`: what one page costs in our own CPU, without AWS: the store is the one in memory.

Prints the median of each page over many requests, in milliseconds of CPU, and against the health check of the same run:
machines differ, ratios less so. The aim is 50 ms a page.
"""

import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from chalice.test import Client

from chalicelib import wiring
from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import Ports
from chalicelib.links import Links
from chalicelib.pages import sessions
from chalicelib.settings import Settings
from chalicelib.workflow import asking, decisions, orders, threads, webhooks
from infra.sandbox.builders import BUDI, FINANCE, NO, NOW, OPERATOR, SELLER, SYSTEM, a_body, an_ask
from tests.fakes.ports import a_neighbourhood

TIMES, WARM_UP, AIM = 60, 5, 50.0
SETTINGS = Settings(link_secret="bench", session_secret="bench")
LINKS = Links(public_url=SETTINGS.public_url, secret=SETTINGS.link_secret)
SARI = Actor(role=Role.SUPPORT, id="sari")


@contextmanager
def furnished(asked: int = 12) -> Iterator[dict[str, str]]:
    """A house with the sandbox's like: some orders, some cases, `asked` of them; gives their ids. With none there is
    nothing in it at all."""
    around = a_neighbourhood()
    ports = around.ports
    with standing_in(ports):
        yield _moved_in(ports, asked) if asked else {}


def _moved_in(ports: Ports, asked: int) -> dict[str, str]:
    for number in range(asked + 8):
        orders.upsert(ports, a_body(order_id=f"O-{number}"), SYSTEM)
    for number in range(2):
        orders.upsert(ports, a_body(order_id=f"PAID-{number}", payment_id="PAY-1"), SYSTEM)
    orders.upsert(ports, a_body(order_id="DELIVERED", status="delivered"), SYSTEM)
    cases = [asking.ask(ports, f"O-{number}", an_ask(), BUDI).case_id for number in range(asked)]
    for number in range(8):
        threads.write_on_case(ports, cases[0], f"Pesan {number}", BUDI if number % 2 else SELLER)
    for case_id in cases[6:9]:
        decisions.say(ports, case_id, Approve(), SELLER)
    for case_id in cases[9:12]:
        decisions.say(ports, case_id, NO, SELLER)
    webhook = webhooks.create(ports, OPERATOR, "https://example.com/batal", ["*"])
    return {"waiting": cases[0], "cancelled": cases[6], "rejected": cases[9], "webhook": webhook.webhook_id}


@contextmanager
def standing_in(ports: Ports) -> Iterator[None]:
    """Pages are served from this store, with settings and a clock of their own, while this lasts."""
    kept = (wiring.ports, wiring.settings, wiring.now, wiring.links)
    wiring.ports, wiring.settings, wiring.now = lambda: ports, lambda: SETTINGS, lambda: NOW  # type: ignore[assignment]
    wiring.links = lambda: LINKS  # type: ignore[assignment]
    try:
        yield
    finally:
        wiring.ports, wiring.settings, wiring.now, wiring.links = kept


def every_page(cases: Mapping[str, str]) -> Sequence[tuple[str, Actor | None]]:
    """Each page that people open without a link of a mail, and who opens it: once for every way in which it looks
    other, of a `furnished` house."""
    waiting, cancelled, rejected = cases["waiting"], cases["cancelled"], cases["rejected"]
    return [
        ("/", None),
        ("/sign-in", None),
        ("/sign-in/done", BUDI),
        *(
            (path, BUDI)
            for path in (
                "/orders",
                "/orders/O-0",
                "/orders/PAID-0/cancel?reason_code=wrong_size",
                "/orders/DELIVERED/return?reason_code=damaged",
                "/orders/O-0/help?reason=salah+ukuran",
                "/payments/PAY-1",
                f"/cases/{waiting}/evidence",
                f"/cases/{waiting}/file",
                f"/cases/{waiting}/timeline",
            )
        ),
        *((f"/cases/{case_id}", actor) for case_id in (waiting, cancelled, rejected) for actor in (BUDI, SELLER, SARI)),
        *(
            (path, SELLER)
            for path in (
                "/seller",
                "/seller?tab=closed",
                "/seller/answer?tab=answer&answer=reject&all=1",
                "/seller/figures",
                "/seller/odds?kind=cancellation&status=processing",
                "/seller/rules",
                "/orders",
            )
        ),
        *((path, SARI) for path in ("/support", "/support?tab=seller", "/support?q=budi", "/orders/PAID-0/goodwill")),
        *(
            (f"/operations{path}", OPERATOR)
            for path in (
                "",
                "?days=90",
                "/held",
                "/days-off",
                "/jobs",
                "/figures/asked",
                "/lists/due_soon",
                "/open/awaiting_seller",
                "/policies",
                "/policies/lazada",
                "/policies/lazada/change",
                "/policies/lazada/history",
                "/webhooks",
                f"/webhooks/{cases['webhook']}",
            )
        ),
        *((f"/finance{path}", FINANCE) for path in ("", f"/refunds/{cancelled}", "/reconciliations")),
    ]


def cookie_of(actor: Actor | None) -> dict[str, str]:
    """What the browser of somebody sends, who may be signed in."""
    return {"Cookie": sessions.begin(actor, SETTINGS, 2**33).partition(";")[0]} if actor else {}


def cost(client: Client, path: str, actor: Actor | None) -> float:
    """The median CPU of one request, in milliseconds."""
    headers = cookie_of(actor)
    taken = []
    for number in range(TIMES + WARM_UP):
        began = time.process_time()
        answer = client.http.get(path, headers=headers)
        spent = time.process_time() - began
        assert answer.status_code == 200, (path, answer.status_code)
        if number >= WARM_UP:
            taken.append(spent * 1000)
    return statistics.median(taken)


def main() -> int:
    """Measure every page; the exit code is 1 where one costs more than the aim."""
    from app import app

    with furnished() as cases, Client(app) as client:
        nothing = cost(client, "/health", BUDI)
        print(f"{nothing:7.2f} ms   1.0 x  /health")
        costs = [(cost(client, path, actor), path, actor) for path, actor in every_page(cases)]
    for spent, path, actor in sorted(costs, key=lambda each: -each[0]):
        print(f"{spent:7.2f} ms {spent / nothing:5.1f} x  {path}  ({actor.role if actor else 'nobody'})")
    dearest = max(spent for spent, _, _ in costs)
    print(f"the dearest page: {dearest:.1f} ms of CPU; the aim is {AIM:.0f} ms")
    return int(dearest > AIM)


if __name__ == "__main__":
    raise SystemExit(main())
