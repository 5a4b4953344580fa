"""`make bench`: what one page costs in our own CPU, without AWS: the store is the one in memory.

Prints the median of each page over many requests, in milliseconds of CPU, and against the health check of the same run:
machines differ, ratios less so. The aim is 50 ms a page.
"""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

from chalice.test import Client

from chalicelib import wiring
from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import Ports
from chalicelib.pages import sessions
from chalicelib.settings import Settings
from chalicelib.workflow import asking, decisions, orders, threads
from infra.sandbox.builders import BUDI, NO, NOW, OPERATOR, SELLER, SUPPORT, SYSTEM, a_body, an_ask
from tests.fakes.ports import a_neighbourhood

TIMES, WARM_UP, AIM = 60, 5, 50.0
SETTINGS = Settings(link_secret="bench", session_secret="bench")
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
    cases = [asking.ask(ports, f"O-{number}", an_ask(), BUDI).case_id for number in range(asked)]
    for number in range(8):
        threads.write_on_case(ports, cases[0], f"Pesan {number}", BUDI if number % 2 else SELLER)
    for case_id in cases[6:9]:
        decisions.say(ports, case_id, Approve(), SELLER)
    for case_id in cases[9:12]:
        decisions.say(ports, case_id, NO, SELLER)
    return {"waiting": cases[0], "cancelled": cases[6], "rejected": cases[9]}


@contextmanager
def standing_in(ports: Ports) -> Iterator[None]:
    """Pages are served from this store, with settings and a clock of their own, while this lasts."""
    kept = (wiring.ports, wiring.settings, wiring.now)
    wiring.ports, wiring.settings, wiring.now = lambda: ports, lambda: SETTINGS, lambda: NOW  # type: ignore[assignment]
    try:
        yield
    finally:
        wiring.ports, wiring.settings, wiring.now = kept


def cost(client: Client, path: str, actor: Actor) -> float:
    """The median CPU of one request, in milliseconds."""
    headers = {"Cookie": sessions.begin(actor, SETTINGS, 2**33).partition(";")[0]}
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
        pages = [
            ("/orders", BUDI),
            ("/orders/O-0", BUDI),
            ("/orders/O-15/cancel?reason_code=wrong_size", BUDI),
            (f"/cases/{cases['waiting']}", BUDI),
            (f"/cases/{cases['cancelled']}", BUDI),
            (f"/cases/{cases['rejected']}", BUDI),
            (f"/cases/{cases['waiting']}/file", BUDI),
            ("/orders/O-0/help?reason=salah+ukuran", BUDI),
            (f"/cases/{cases['waiting']}", SELLER),
            ("/seller", SELLER),
            ("/seller/figures", SELLER),
            (f"/cases/{cases['waiting']}", SARI),
            ("/support?tab=seller", SUPPORT),
            ("/operations", OPERATOR),
            ("/operations/policies/lazada", OPERATOR),
            ("/operations/policies/lazada/change", OPERATOR),
        ]
        nothing = cost(client, "/health", BUDI)
        print(f"{nothing:7.2f} ms   1.0 x  /health")
        costs = [(cost(client, path, actor), path, actor) for path, actor in pages]
    for spent, path, actor in sorted(costs, key=lambda each: -each[0]):
        print(f"{spent:7.2f} ms {spent / nothing:5.1f} x  {path}  ({actor.role})")
    dearest = max(spent for spent, _, _ in costs)
    print(f"the dearest page: {dearest:.1f} ms of CPU; the aim is {AIM:.0f} ms")
    return int(dearest > AIM)


if __name__ == "__main__":
    raise SystemExit(main())
