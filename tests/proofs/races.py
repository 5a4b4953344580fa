"""Races: sixteen threads, each with a store, a client and a house of its own, against an emulator that is atomic.

Sixteen go at four cases at once, four at each, and all sixteen at every twentieth. In every second pass each thread
is held at its first write until all have read, so that all decide on the same row and write at the same moment; in the
others they just start together.
"""

import json
import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from http.client import HTTPConnection, HTTPException
from itertools import count, islice
from threading import Barrier, Condition, Lock
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError
from botocore.loaders import create_loader
from urllib3.util.wait import wait_for_read

from chalicelib.adapters.dynamodb import DynamoStore, order_rows
from chalicelib.adapters.dynamodb.codec import SHARDS, case_of, dumped, entry_of, loaded, shard
from chalicelib.adapters.dynamodb.money import ledger_entry_of, wallet_entry_of
from chalicelib.adapters.dynamodb.packing import packed, unpacked
from chalicelib.adapters.dynamodb.tables import BALANCE, ROW, MoneyRow, Tables, ledger_key, tables
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Change
from chalicelib.domain.cases.log import Logged, LogPage, Position
from chalicelib.domain.cases.timeline import Entry, event_digest, rehashed
from chalicelib.domain.errors import BatalError, Conflict
from chalicelib.domain.money.dispatch import Dispatch, DispatchId
from chalicelib.domain.money.ledger import LedgerEntry
from chalicelib.domain.money.wallet import Wallet
from chalicelib.domain.orders.order import Order
from chalicelib.domain.ports import Event, Mail, Ports, Token
from infra.sandbox.builders import NOW, outbox_of
from tests.fakes.ports import Bus, Executions, HandClock, Outbox, a_neighbourhood
from tests.proofs.figures import FULL
from tests.proofs.invariants import promises, violations
from tests.proofs.world import Outside

THREADS = 16
ROUNDS = int(os.environ.get("BATAL_RACE_ROUNDS", "100" if FULL else "24"))
LONG = 60.0  # seconds until a race that hangs is given up


@dataclass(frozen=True)
class Story:
    """One order and its case; all ids come from one tag, so that a story can be copied by writing another tag."""

    tag: str
    deadline: datetime | None = None

    @property
    def order_id(self) -> str:
        return f"O-{self.tag}"

    @property
    def case_id(self) -> str:
        return f"c-{self.tag}"

    @property
    def buyer(self) -> str:
        return f"b-{self.tag}"


class Latch:
    """Opens when everybody has come to it, or has gone home without."""

    def __init__(self, expected: int) -> None:
        self._missing = expected
        self._changed = Condition()

    def come(self) -> None:
        with self._changed:
            self._missing -= 1
            self._changed.notify_all()

    def wait(self) -> None:
        self.come()
        with self._changed:
            assert self._changed.wait_for(lambda: self._missing <= 0, LONG), "somebody never came to the latch"


class RacingStore(DynamoStore):
    """The real store, on a client of its own, that can be held at its first write."""

    def __init__(self, *, prefix: str, client: Any) -> None:
        super().__init__(prefix=prefix)
        self.client = client
        # The models of a prefix are made once and share a connection: here every thread gets its own.
        self.tables = tables.__wrapped__(prefix)
        self.tables.connection._client = client
        self.latch: Latch | None = None
        self.only: Sequence[str] | None = None
        self.came_second = 0
        self.heard: bool | None = None

    def writes_small(self) -> bool:
        """Whether rows may become small: as the setting says, or as this thread has `heard`."""
        return super().writes_small() if self.heard is None else self.heard

    def commit(self, change: Change) -> None:
        self._meet()
        try:
            super().commit(change)
        except Conflict:
            self.came_second += 1
            raise

    def save_outbox(self, before: Case, after: Case) -> bool:
        self._meet()
        kept = super().save_outbox(before, after)
        self.came_second += not kept
        return kept

    def put_token(self, case_id: str, token: Token) -> None:
        self._meet()
        super().put_token(case_id, token)

    def put_dispatch(self, dispatch: Dispatch) -> bool:
        self._meet()
        kept = super().put_dispatch(dispatch)
        self.came_second += not kept
        return kept

    def due_dispatches(self, now: datetime, limit: int) -> Sequence[DispatchId]:
        """What the queue says; of `only` these the tries of their first part."""
        if self.only is None:
            return super().due_dispatches(now, limit)
        ids = [DispatchId(case_id=each, part="1", tries=tries) for each in self.only for tries in (1, 2, 3)]
        known = [each for each in map(self.dispatch, ids) if each]
        return [each.id for each in known if each.next_at and each.next_at <= now]

    def due(self, now: datetime, limit: int) -> Sequence[str]:
        """What the index says, or `only` these."""
        return super().due(now, limit) if self.only is None else self.only

    def _meet(self) -> None:
        latch, self.latch = self.latch, None
        if latch:
            latch.wait()

    def go_home(self) -> None:
        """Whoever ends without a write lets the others go."""
        latch, self.latch = self.latch, None
        if latch:
            latch.come()


class LockedExecutions(Executions):
    """Like Step Functions, takes a token once, however many answer it in the same moment."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()

    def answer(self, token: Token, ticket: Any) -> bool:
        with self._lock:
            return super().answer(token, ticket)


@dataclass
class Party:
    """One thread's house, store, clock, and the ids it gave out in this race."""

    store: RacingStore
    clock: HandClock
    ports: Ports
    minted: list[str] = field(default_factory=list)

    def mint(self) -> str:
        self.minted.append(uuid4().hex)
        return self.minted[-1]


Move = Callable[[Party, Story], Any]
Maker = Callable[[Party, Story], None]


@dataclass(frozen=True)
class Told:
    """What one contestant heard: an answer or a refusal."""

    move: Move
    story: Story
    answer: Any = None
    error: BatalError | None = None
    own: frozenset[str] = frozenset()

    @property
    def won(self) -> bool:
        """Whether it was told that its own decision stands."""
        return isinstance(self.answer, Case) and self.answer.decision_id in self.own

    @property
    def sees(self) -> Case | None:
        """The case that the answer or the refusal carries."""
        return self.answer if self.error is None else getattr(self.error, "case", None)


@dataclass(frozen=True)
class Round:
    """One story, and what everybody who raced for it heard."""

    story: Story
    told: Sequence[Told]

    @property
    def winners(self) -> list[Told]:
        return [each for each in self.told if each.won]


class Line:
    """One thread's connection, in place of botocore's pool of them, which costs a fifth of every call."""

    def __init__(self, address: str) -> None:
        place = urlsplit(address)
        self._line = HTTPConnection(place.hostname or "", place.port, timeout=LONG)

    def send(self, request: Any) -> AWSResponse:
        """Sends on the open connection, or on a new one where the other side has hung up since the last call.

        Raises `ConnectionClosedError`, which botocore tries again, and forgets a connection that failed: the standard
        library's would refuse every later request on it.
        """
        if self._line.sock is not None and wait_for_read(self._line.sock, timeout=0):
            self._line.close()
        try:
            self._line.request(request.method, "/", request.body, dict(request.headers))
            answer = self._line.getresponse()
            body = answer.read()
        except (HTTPException, OSError) as error:
            self._line.close()
            raise ConnectionClosedError(endpoint_url=request.url, error=error) from error
        response = AWSResponse(request.url, answer.status, dict(answer.getheaders()), None)
        response._content = body
        return response

    def close(self) -> None:
        """Hangs up; a call that follows opens the connection anew."""
        self._line.close()


class Ground:
    """What is made once: clients and threads. They share a loader: the service's description is large."""

    def __init__(self, address: str) -> None:
        loader = create_loader()
        self.clients = [self._client(address, loader) for _ in range(THREADS + 1)]
        for client in self.clients[:THREADS]:
            client._endpoint.http_session = Line(address)
        self.pool = ThreadPoolExecutor(THREADS)
        self._prefixes = count(1)

    def prefix(self) -> str:
        return f"race{next(self._prefixes)}-"

    @staticmethod
    def _client(address: str, loader: Any) -> Any:
        session = botocore.session.Session()
        session.register_component("data_loader", loader)
        session.set_credentials("race", "race")
        # Tries and checks as tables.py has them; more patience, since sixteen share one emulator and two cores.
        # A user agent of our own, since putting botocore's together costs a tenth of every call.
        config = Config(
            parameter_validation=False,
            read_timeout=LONG,
            retries={"mode": "standard", "total_max_attempts": 3},
            user_agent="races",
        )
        return session.create_client("dynamodb", "ap-southeast-1", endpoint_url=address, config=config)


class Ring:
    """Sixteen contestants and one who looks on, around fresh tables."""

    def __init__(self, ground: Ground, store: type[RacingStore] = RacingStore) -> None:
        self.ground = ground
        self.prefix = ground.prefix()
        self.outbox, self.bus, self.executions = Outbox(), Bus(), LockedExecutions()
        around = a_neighbourhood().ports
        self._around = replace(around, mailer=self.outbox, events=self.bus, orchestrator=self.executions)
        *self.parties, self.lead = [self._party(store(prefix=self.prefix, client=each)) for each in ground.clients]
        self.lead.store.create_tables()
        # All cases lie in one shard, since a copy keeps the shard of the first.
        self._tags = (tag for tag in map("r{:07d}".format, count(1)) if shard(Story(tag).case_id) == 0)
        self.contestants = 0

    def _party(self, store: RacingStore) -> Party:
        clock = HandClock()
        party = Party(store, clock, replace(self._around, store=store, now=clock))
        party.ports = replace(party.ports, new_id=party.mint, new_reference=party.mint)
        return party

    def turning(self) -> None:
        """Stories begin with plain rows, of which every other thread has heard that they may become small."""
        self.lead.store.heard = False
        for number, party in enumerate(self.parties):
            party.store.heard = bool(number % 2)

    # --- stories -------------------------------------------------------------------------------------------------

    def stories(self, number: int, *makers: Maker) -> list[Story]:
        """`number` stories, made by each maker in turn."""
        shares = [self._copies(maker, len(range(index, number, len(makers)))) for index, maker in enumerate(makers)]
        return [shares[index % len(makers)][index // len(makers)] for index in range(number)]

    def _copies(self, maker: Maker, number: int) -> list[Story]:
        """The first is lived through, the others are copies of its rows under another tag."""
        if number == 0:
            return []
        first = Story(next(self._tags))
        maker(self.lead, first)
        case = self.lead.store.case(first.case_id)
        first = replace(first, deadline=case.deadline_at if case else None)
        made = [first, *(replace(first, tag=tag) for tag in islice(self._tags, number - 1))]
        lived = self._rows(first)
        rows = [row for story in made[1:] for row in _copied(lived, first.tag, story.tag)]
        for start in range(0, len(rows), 25):
            request: dict[str, list[Any]] = {}
            for table, item in rows[start : start + 25]:
                request.setdefault(table, []).append({"PutRequest": {"Item": item}})
            self.lead.store.client.batch_write_item(RequestItems=request)
        for story in made[1:]:
            self._copy_what_went_out(first, story)
        return made

    def _copy_what_went_out(self, first: Story, story: Story) -> None:
        mails = [mail for mail in self.outbox.sent if mail.case_id == first.case_id]
        events = [event for event in self.bus.published if event.detail["case_id"] == first.case_id]
        self.outbox.sent += [replace(mail, case_id=story.case_id) for mail in mails]
        self.bus.published += [
            replace(
                event,
                event_id=event.event_id.replace(first.tag, story.tag),
                detail={**event.detail, "case_id": story.case_id},
            )
            for event in events
        ]

    def _rows(self, story: Story) -> list[tuple[str, Any]]:
        client, orders, cases = self.lead.store.client, f"{self.prefix}orders", f"{self.prefix}cases"
        order = client.get_item(TableName=orders, Key={"order_id": {"S": story.order_id}})["Item"]
        found = client.query(
            TableName=cases,
            KeyConditionExpression="case_id = :c",
            ExpressionAttributeValues={":c": {"S": story.case_id}},
        )
        told = client.scan(
            TableName=cases,
            FilterExpression="begins_with(case_id, :l) AND contains(sk, :o)",
            ExpressionAttributeValues={":l": {"S": "log#"}, ":o": {"S": f"#{story.order_id}"}},
        )
        items = [*found["Items"], *told["Items"]]
        return [(orders, order), *((cases, item) for item in items), *self._booked(story)]

    def _booked(self, story: Story) -> list[tuple[str, Any]]:
        """What the ledger says of the story. A copy stays in the shard of the first: endings read all of them."""
        money = f"{self.prefix}money"
        answers = [
            self.lead.store.client.query(
                TableName=money,
                KeyConditionExpression="wallet = :w",
                FilterExpression="contains(sk, :c)",
                ExpressionAttributeValues={
                    ":w": {"S": ledger_key("IDR", NOW.date(), number)},
                    ":c": {"S": story.case_id},
                },
            )
            for number in range(SHARDS)
        ]
        return [(money, item) for answer in answers for item in answer["Items"]]

    # --- races ---------------------------------------------------------------------------------------------------

    def rounds(
        self, stories: Sequence[Story], moves: Sequence[Move], *, each: int = THREADS, crowds: bool = True
    ) -> list[Round]:
        """Every story raced for by `each` threads; with `crowds` every twentieth by all. Moves take turns in front."""
        crowded = stories[::20] if crowds else []
        others = [story for story in stories if story not in crowded]
        some = THREADS // each
        batches = [(THREADS, [story]) for story in crowded]
        batches += [(each, others[start : start + some]) for start in range(0, len(others), some)]
        told = []
        for number, (on_each, batch) in enumerate(batches):
            turns = [(moves[(index + number // 2) % len(moves)], story) for index in range(on_each) for story in batch]
            told += self.race(turns, together=number % 2 == 0)
        by_story: dict[str, list[Told]] = {story.tag: [] for story in stories}
        for one in told:
            by_story[one.story.tag].append(one)
        return [Round(story, by_story[story.tag]) for story in stories]

    def race(self, turns: Sequence[tuple[Move, Story]], *, together: bool) -> list[Told]:
        """Everybody at once; `together` holds them at their first write."""
        self.contestants += len(turns)
        start, latch = Barrier(len(turns)), Latch(len(turns)) if together else None
        running = [
            self.ground.pool.submit(self._run, party, *turn, start, latch)
            for party, turn in zip(self.parties, turns, strict=False)
        ]
        return [each.result(LONG) for each in running]

    @staticmethod
    def _run(party: Party, move: Move, story: Story, start: Barrier, latch: Latch | None) -> Told:
        party.store.latch = latch
        party.clock.at = NOW
        party.minted.clear()
        try:
            start.wait(LONG)
            for _ in range(random.randrange(4)):
                # Who reads less by themselves would come first every time.
                party.store.order(story.order_id)
            return Told(move, story, answer=move(party, story), own=frozenset(party.minted))
        except BatalError as refusal:
            return Told(move, story, error=refusal)
        finally:
            party.store.go_home()

    # --- after the race ------------------------------------------------------------------------------------------

    @property
    def came_second(self) -> int:
        """How many writes met a row that had moved on since it was read."""
        return sum(party.store.came_second for party in self.parties)

    def ending(self) -> "Ending":
        """How it stands now that the race is over."""
        return Ending(self.lead.store.tables, self.outbox.sent, self.bus.published)


def _copied(lived: Sequence[tuple[str, Any]], before: str, after: str) -> list[tuple[str, Any]]:
    """The rows of another story. Its events name its own ids, so its chain of hashes is its own as well."""
    rows = [(table, _retold(item, before, after)) for table, item in lived]
    hashes: dict[str, str] = {}
    entries = [item for _, item in rows if item.get("sk", {}).get("S", "").startswith("T#")]
    for item in sorted(entries, key=lambda item: str(item["sk"]["S"])):
        was = loaded(_text(item), Entry)
        told = {name: event_digest(payload, was) for name, payload in (was.events or {}).items()}
        facts = {**(was.facts or {}), "events": told} if told else was.facts
        now = rehashed(replace(was, facts=facts, previous=hashes.get(was.previous, was.previous)))
        hashes[was.hash] = now.hash
        _tell(item, dumped(now))
    for _, item in rows:
        if item.get("sk", {}).get("S") == ROW:
            head = loaded(_text(item), Case).head
            _tell(item, _text(item).replace(head, hashes.get(head, head)))
    return rows


def _text(item: Mapping[str, Any]) -> str:
    text: str = unpacked(item["z"]["B"]) if "z" in item else item["body"]["S"]
    return text


def _tell(item: dict[str, Any], text: str) -> None:
    if "z" in item:
        item["z"] = {"B": packed(text, item["z"]["B"][0])}
    else:
        item["body"] = {"S": text}


def _retold(item: Mapping[str, Any], before: str, after: str) -> dict[str, Any]:
    """The row of another story; what is packed in it is told anew, too."""
    plain = {name: value for name, value in item.items() if "B" not in value}
    made: dict[str, Any] = json.loads(json.dumps(plain).replace(before, after))
    if "gone" in item:
        made["gone"] = item["gone"]
    if "z" in item:
        z = packed(unpacked(item["z"]["B"]).replace(before, after), item["z"]["B"][0])
        made["z"] = {"B": z}
    if "body_digest" in item:
        made["body_digest"] = {"S": order_rows.digest_of(made["z"]["B"])}
    return made


class Ending:
    """All rows as they are after a race, read at once, and what reached the world: what invariants are checked on."""

    def __init__(self, tables: Tables, mails: Sequence[Mail], events: Sequence[Event]) -> None:
        self._outside: dict[str, Outside] = {}
        for mail in mails:
            self._reached(mail.case_id).mails[mail.case_id, mail.effect_id] += 1
        for event in events:
            self._reached(event.detail["case_id"]).events[event.event_id] += 1
        ids = [row.order_id for row in tables.order.scan()]
        self._orders = {each.order_id: each for each in order_rows.orders(tables, ids) if each}
        self._cases = {row.case_id: case_of(row) for row in tables.case.scan(tables.case.sk == ROW)}
        self._entries: dict[str, list[Entry]] = {case_id: [] for case_id in self._cases}
        for row in tables.entry.scan(tables.entry.sk.startswith("T#")):
            self._entries[row.case_id].append(entry_of(row))
        self._money: dict[str, list[MoneyRow]] = {}
        for money in tables.money.scan(tables.ledger.z.does_not_exist()):
            self._money.setdefault(money.wallet, []).append(money)
        rows = tables.log.scan(tables.log.case_id.startswith("log#"))
        self._log = [loaded(unpacked(row.z), Logged) for row in rows]
        self._ledger = {row.sk: ledger_entry_of(row) for row in tables.ledger.scan(tables.ledger.z.exists())}

    def log(self, after: Position | None, **_: Any) -> LogPage:
        """The whole log at once."""
        items = tuple(sorted(self._log, key=lambda item: item.position))
        return LogPage(items=items, upto=Position(pos=0), more=False)

    @property
    def ledger_rows(self) -> Mapping[str, LedgerEntry]:
        """Every entry of the ledger, by its place."""
        return self._ledger

    def order(self, order_id: str) -> Order:
        return self._orders[order_id]

    def case(self, case_id: str) -> Case:
        return self._cases[case_id]

    def timeline(self, case_id: str) -> Sequence[Entry]:
        return sorted(self._entries[case_id], key=lambda entry: entry.seq)

    def wallet(self, buyer_id: str, currency: str) -> Wallet:
        rows = self._money.get(f"{buyer_id}#{currency}", [])
        return Wallet(
            buyer_id=buyer_id,
            currency=currency,
            balance=sum(int(row.balance or 0) for row in rows),
            entries=[wallet_entry_of(row) for row in rows if row.sk != BALANCE],
        )

    def broken(self, *, delivered: bool = False) -> list[str]:
        """Every invariant that does not hold. Unless all is `delivered`, effects may be pending, but not lost."""
        found = []
        for order in self._orders.values():
            outside = Outside()
            for case_id in order.cases:
                outside.mails.update(self._reached(case_id).mails)
                outside.events.update(self._reached(case_id).events)
            nobody = SimpleNamespace(executions={})
            world: Any = SimpleNamespace(store=self, clock=HandClock(), outside=outside, executions=nobody)
            wrong = violations(world, order.order_id, faults=0)
            if not delivered:
                wrong = [
                    each for each in wrong if not each.endswith(" was never delivered") and "still pending" not in each
                ]
            found += [f"{order.order_id}: {each}" for each in wrong]
        held = {case_id for order in self._orders.values() for case_id in order.cases}
        found += [f"I1: {case_id} belongs to no order" for case_id in self._cases.keys() - held]
        found += [f"I3: {case_id} reached the world and has no row" for case_id in self._outside.keys() - held]
        if not delivered:
            found += [f"{case.case_id}: {each}" for case in self._cases.values() for each in self._lost(case)]
        return found

    def _lost(self, case: Case) -> Iterator[str]:
        outside = self._reached(case.case_id)
        for effect, dropped in promises(case, self.timeline(case.case_id)):
            reached = outside.mails[case.case_id, effect] + outside.events[f"{case.case_id}:{effect}"]
            if not (effect in outbox_of(case) or reached or dropped):
                yield f"I3: {effect} is neither pending nor delivered"

    def _reached(self, case_id: str) -> Outside:
        return self._outside.setdefault(case_id, Outside())


class CarelessStore(RacingStore):
    """Never looks whether the row has moved on since it was read. It is here to be caught."""

    def commit(self, change: Change) -> None:
        self._meet()
        while True:
            try:
                return super().commit(self._onto_the_row_as_it_is(change))
            except Conflict:
                continue

    def _onto_the_row_as_it_is(self, change: Change) -> Change:
        now = self.case(change.case.case_id) if change.case else None
        if now is None or change.case is None or change.entry is None:
            return change
        return replace(
            change,
            case=replace(change.case, rev=now.rev + 1, entries=now.entries + 1),
            entry=replace(change.entry, seq=now.entries + 1),
            slot=None,
            credits=(),
            ledger=None,
        )


@dataclass
class LostReply:
    """Lets writes through and takes the first good reply to each away, so that the client sends it again.

    operation   which write
    forgetful   DynamoDB no longer knows the request's token, as after ten minutes, and judges the second copy anew
    for_good    every reply is lost, until the client gives up
    meanwhile   what others do with the case before the second copy comes
    """

    operation: str = "TransactWriteItems"
    forgetful: bool = False
    for_good: bool = False
    meanwhile: Callable[[str], Any] = lambda case_id: None
    lost: set[bytes] = field(default_factory=set)

    @contextmanager
    def on(self, parties: Sequence[Party]) -> Iterator[None]:
        """While the block lasts, for all these parties."""
        with ExitStack() as stack:
            for party in parties:
                client = party.store.client
                for event, handler in (
                    ("before-send", partial(self._send, client._endpoint.http_session)),
                    ("needs-retry", self._at_once),
                ):
                    name = f"{event}.dynamodb.{self.operation}"
                    client.meta.events.register_first(name, handler)
                    stack.callback(client.meta.events.unregister, name, handler)
            yield

    def _send(self, session: Any, request: Any, **_: Any) -> AWSResponse:
        body = request.body
        again = body in self.lost
        if again and self.forgetful:
            request.body = json.dumps(json.loads(body) | {"ClientRequestToken": uuid4().hex}).encode()
            request.headers["Content-Length"] = str(len(request.body))
        response: AWSResponse = session.send(request)
        if response.status_code == 200 and (self.for_good or not again):
            self.lost.add(body)
            if not again and self.operation == "TransactWriteItems":
                item = json.loads(body)["TransactItems"][0]["Put"]["Item"]
                self.meanwhile(item["case_id"]["S"] if "case_id" in item else "")
            raise ConnectionClosedError(endpoint_url=request.url)
        return response

    @staticmethod
    def _at_once(caught_exception: Exception | None, attempts: int, **_: Any) -> float | None:
        """Without the pause that botocore would make."""
        return 0.0 if isinstance(caught_exception, ConnectionClosedError) and attempts < 3 else None
