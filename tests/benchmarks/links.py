"""Pages that nobody comes to from another page of ours: behind links of mails and of the marketplace, and those that
need more to have happened than a `furnished` house tells of."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from chalice.test import Client

from chalicelib import wiring
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.commands import Approve, PartTold
from chalicelib.domain.money.refund import Report, Told
from chalicelib.domain.parties import Actor
from chalicelib.domain.people.digests import Asked, DigestAsks
from chalicelib.domain.simulation.suggesting import Lever, Target
from chalicelib.edge import hand_overs
from chalicelib.edge.moving import workers
from chalicelib.workflow import asking, decisions, orders, reconciliations, rounds, simulating
from infra.sandbox.builders import BUDI, FINANCE, NOW, OPERATOR, SELLER, SYSTEM, a_body, a_policy, an_ask
from tests.benchmarks.pages import SARI, cookie_of


def every_other_page(cases: Mapping[str, str]) -> Sequence[tuple[str, Actor | None]]:
    """Each of them, and who opens it, of a `furnished` house, to which it adds what they need."""
    ports, links = wiring.ports(), wiring.links()
    waiting = ports.store.case(cases["waiting"])
    ended = ports.store.case(cases["cancelled"])
    assert waiting
    assert ended
    digest = DigestAsks(seller_id=waiting.seller_id, at=NOW, asked=(_asked(waiting), _asked(ended)))
    ports.store.put_digest_asks(digest)
    wanted = _without_a_way_back()
    account = ports.store.case(wanted)
    assert account
    job, _ = reconciliations.begin(
        ports, FINANCE, provider="midtrans", filename="2026-11.csv", since=NOW.replace(day=1), until=NOW, zone=None
    )
    latest = ports.store.messages_page("O-0", lambda message: True, limit=1, newest_first=True)
    earlier = quote(latest.next_cursor or "")
    return [
        *(
            (address.removeprefix(links.public_url), None)
            for address in (
                links.decision(waiting),
                links.digest(digest.seller_id, digest.at),
                links.payout(account),
                hand_overs.made(BUDI, "/orders")[0],
            )
        ),
        *((f"/cases/{wanted}/payout", actor) for actor in (BUDI, SARI)),
        (f"/cases/{cases['waiting']}/messages?before={earlier}", BUDI),
        (f"/orders/O-0/messages?before={earlier}", BUDI),
        *((f"/finance/reconciliations/{job.job_id}{part}", FINANCE) for part in ("", "/progress")),
        (f"/operations/simulations/{_tried()}", OPERATOR),
    ]


def opened(client: Client, path: str, actor: Actor | None, **headers: str) -> str:
    """The page as a browser has it: a link leaves the address bar, and a cookie stands for it from then on."""
    sent = {**cookie_of(actor), **headers}
    answer = client.http.get(path, headers=sent)
    if answer.status_code == 303:
        kept = str(answer.headers["Set-Cookie"]).partition(";")[0]
        answer = client.http.get(answer.headers["Location"], headers={**sent, "Cookie": kept})
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.body.decode()


def _tried() -> str:
    """A draft that was tried on what there is, with the steps of a lever."""
    ports = wiring.ports()
    draft = a_policy(version=9, max_attempts=9)
    target = Target(lever=Lever.ANSWER_TIME)
    job = simulating.begin(ports, OPERATOR, draft, target)
    rounds.go_on(ports, workers())
    return job.job_id


def _asked(case: Case) -> Asked:
    return Asked(case_id=case.case_id, run=case.run, turn=case.turn)


def _without_a_way_back() -> str:
    """A case whose refund finds no way back, so that its buyer is asked for an account."""
    ports = wiring.ports()
    orders.upsert(ports, a_body(order_id="VA", tenders={"virtual_account": 150_000}), SYSTEM)
    case_id = asking.ask(ports, "VA", an_ask(), BUDI).case_id
    case = decisions.say(ports, case_id, Approve(), SELLER)
    assert case.refund
    failed = Report(
        event_id="e1", part="1", told=Told.FAILED, amount=case.refund.total, at=NOW, reference=None, code="no_way_back"
    )
    decisions.part_event(ports, case_id, PartTold(report=failed), SYSTEM)
    return case_id
