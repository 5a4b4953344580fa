"""How Batal is called: by HTTP, for somebody; and what may go wrong with a call on purpose."""

import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from infra.conformance.finding import Json, Stopped

_BUSY = (429, 503)
_TRIES = 6
_LONGEST_WAIT = 30.0  # seconds that a Retry-After is heeded for


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: Any


class People(Protocol):
    """Who takes part, and the tokens that speak for them."""

    def has(self, who: str) -> bool:
        """Whether somebody of this role takes part."""

    def id_of(self, who: str) -> str:
        """The id that orders know them by."""

    def token(self, who: str) -> str:
        """Their token. Raises Stopped where there is none."""


def pool() -> PoolManager:
    """Connections that follow nobody elsewhere and try nothing again by themselves."""
    return PoolManager(maxsize=16, retries=Retry(0, redirect=0), timeout=Timeout(connect=5, read=35))


@dataclass
class Batal:
    """Where Batal is, and for whom it is called."""

    url: str
    people: People
    connections: PoolManager = field(default_factory=pool)

    def call(
        self,
        who: str,
        method: str,
        path: str,
        body: Json | None = None,
        key: str | None = None,
        known: Collection[int] = (),
    ) -> Answer:
        """A call for somebody, made again while Batal is busy or not reached. Raises Stopped unless it goes well, or
        answers with one of the `known` statuses."""
        headers = {"Authorization": f"Bearer {self.people.token(who)}", **({"Idempotency-Key": key} if key else {})}
        answer = self._patient(method, path, body, headers)
        if answer.status >= 300 and answer.status not in known:
            raise Stopped(f"{who}: {method} {path}", "that it goes well", _refusal(answer))
        return answer

    def say(self, who: str, method: str, path: str, body: Json, key: str) -> Any:
        """A call that counts once however often it is made, and is made twice, as by somebody whose first answer was
        lost. The answer's body. Raises Stopped where it is refused, or the second answer is another one."""
        first = self.call(who, method, path, body, key)
        again = self.call(who, method, path, body, key, known=range(400, 600))
        if (again.status, again.body) != (first.status, first.body):
            raise Stopped(
                f"{who}: {method} {path}, said again under the same key",
                f"the first answer once more ({_in_short(first)})",
                _in_short(again),
            )
        return first.body

    def open(self, method: str, path: str, body: Json | None = None) -> Answer:
        """A call for nobody, as the sandbox's own routes take them; whatever it answers."""
        return self._patient(method, path, body, {})

    def _patient(self, method: str, path: str, body: Json | None, headers: Mapping[str, str]) -> Answer:
        said = {"Content-Type": "application/json", "Accept-Language": "en", **headers}
        content = None if body is None else json.dumps(body).encode()
        for attempt in range(1, _TRIES):
            answer, wait = self._once(method, path, content, said)
            wait = 0.2 * 2**attempt if wait is None else wait
            # A quota that is used up comes back with the hour: nobody waits for that here.
            if answer and (answer.status not in _BUSY or wait > _LONGEST_WAIT):
                return answer
            # An answer that was lost is asked for again: whatever was done under that key or id counts once.
            time.sleep(wait)
        answer, _ = self._once(method, path, content, said)
        if answer is None:
            raise Stopped(f"{method} {path}", "an answer", f"none, {_TRIES} times")
        return answer

    def _once(
        self, method: str, path: str, content: bytes | None, said: Mapping[str, str]
    ) -> tuple[Answer | None, float | None]:
        """What came back, if anything did, and how many seconds to wait before asking again, if it says so."""
        try:
            found = self.connections.request(method, self.url + path, body=content, headers=said)
        except HTTPError:
            return None, None
        wish = found.headers.get("Retry-After", "")
        return Answer(found.status, _parsed(found.data)), float(wish) if wish.isdigit() else None


@dataclass
class SandboxPeople:
    """People that the sandbox makes tokens for; each ending has a buyer of its own."""

    url: str
    buyer: str
    seller: str = "kit-shop"
    connections: PoolManager = field(default_factory=pool)
    _tokens: dict[str, str] = field(default_factory=dict)

    def has(self, who: str) -> bool:
        return True

    def id_of(self, who: str) -> str:
        return {"buyer": self.buyer, "seller": self.seller}.get(who, f"kit-{who}")

    def token(self, who: str) -> str:
        if who not in self._tokens:
            wish = {"sub": self.id_of(who), "role": who, **({"seller_id": self.seller} if who == "seller" else {})}
            made = self.connections.request("POST", f"{self.url}/sandbox/token", json=wish)
            if made.status != 201:
                raise Stopped("POST /sandbox/token", "a token", f"{made.status}")
            self._tokens[who] = json.loads(made.data)["token"]
        return self._tokens[who]


@dataclass
class NamedPeople:
    """People whose tokens were handed in, by role."""

    tokens: Mapping[str, str]

    def has(self, who: str) -> bool:
        return who in self.tokens

    def id_of(self, who: str) -> str:
        claims = json.loads(urlsafe_b64decode(self.token(who).split(".")[1] + "=="))
        return str(claims["seller_id"] if who == "seller" else claims["sub"])

    def token(self, who: str) -> str:
        if who not in self.tokens:
            raise Stopped("the file of tokens", f"one for {who}", f"those of {', '.join(sorted(self.tokens))}")
        return self.tokens[who]


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return content.decode("utf-8", "replace")[:200]


def _refusal(answer: Answer) -> str:
    told = answer.body if isinstance(answer.body, Mapping) else {}
    return f"{answer.status} {told.get('code', '')} {told.get('detail', '')}".strip()


def _in_short(answer: Answer) -> str:
    told = answer.body if isinstance(answer.body, Mapping) else {}
    said = (told.get(name) for name in ("case_id", "refund_id", "state", "outcome", "code"))
    return " ".join([str(answer.status), *(str(each) for each in said if each)])
