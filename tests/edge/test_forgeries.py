"""Thousands of forged tokens, signatures, links and sessions of every kind that we could think of: none is accepted,
and beside each kind stands a good one, made the same way, that is."""

import base64
import hmac
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from standardwebhooks.webhooks import Webhook

from chalicelib import wiring
from chalicelib.domain.errors import BatalError
from chalicelib.domain.parties import Actor, Door, Role
from chalicelib.edge import hand_overs
from chalicelib.edge.auth import actor_of_bearer
from chalicelib.edge.signatures import Sender, actor_of_signature
from chalicelib.links import Links
from chalicelib.pages import decision_link, sessions
from chalicelib.settings import Settings
from infra.sandbox.builders import a_case
from tests.fakes.ports import Neighbourhood, a_neighbourhood

ORDERS, PAYMENTS, STRANGER = (f"whsec_{base64.b64encode(each).decode()}" for each in (b"o" * 24, b"p" * 24, b"s" * 24))
KEYS: Mapping[str, Any] = {
    "ES256": ECKey.generate_key("P-256", {"kid": "ec"}, private=True),
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa"}, private=True),
    "Ed25519": OKPKey.generate_key("Ed25519", {"kid": "ed"}, private=True),
}
STRANGERS: Mapping[str, Any] = {
    "ES256": ECKey.generate_key("P-256", {"kid": "ec"}, private=True),
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa"}, private=True),
    "Ed25519": OKPKey.generate_key("Ed25519", {"kid": "ed"}, private=True),
}
SETTINGS = Settings(
    public_url="https://batal.example",
    jwt_jwks=json.dumps({"keys": [key.as_dict(private=False) for key in KEYS.values()]}),
    jwt_issuer="https://id.example",
    jwt_audience="batal",
    orders_secret=ORDERS,
    payments_secret=PAYMENTS,
    link_secret="link-secret",
    session_secret="session-secret",
)
LINKS = Links(public_url="https://batal.example", secret="link-secret", reply_domain="reply.example")
OTHERS = Links(public_url="https://batal.example", secret="another", reply_domain="reply.example")
CASE = a_case()
BUDI = Actor(role=Role.BUYER, id="budi", door=Door.PAGE)
NOW = 0  # by the real clock, which these libraries go by: set when the test begins


@dataclass(frozen=True)
class Kind:
    """Forgeries of one kind: what they are shown to, one that is good, and those that are not."""

    name: str
    opens: Callable[[Any], object]
    good: Any
    forged: Iterable[Any]


def lets_in(opens: Callable[[Any], object], shown: Any) -> bool:
    try:
        return opens(shown) not in (None, False)
    except BatalError:
        return False


# --- tokens ----------------------------------------------------------------------------------------------------------


def claims(**more: Any) -> dict[str, Any]:
    said = {"sub": "budi", "role": "buyer", "aud": "batal", "iss": "https://id.example", "exp": NOW + 600}
    return {name: value for name, value in {**said, **more}.items() if value is not ...}


def signed(alg: str = "ES256", key: Any = None, header: Mapping[str, Any] | None = None, **more: Any) -> str:
    mine = key or KEYS[alg]
    said = {"alg": alg, "kid": mine.kid, **(header or {})}
    return jwt.encode({k: v for k, v in said.items() if v is not ...}, claims(**more), mine, algorithms=[alg])


def by_hand(header: Mapping[str, Any]) -> str:
    """A token that is signed well, whatever its header says: libraries make none that asks for what nobody knows."""
    words = f"{part({'alg': 'RS256', 'kid': 'rsa', **header})}.{part(claims())}"
    key: Any = KEYS["RS256"].private_key
    return f"{words}.{part(key.sign(words.encode(), PKCS1v15(), SHA256()))}"


def part(value: Any) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def bytes_of(piece: str) -> bytes:
    return base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4))


def bearer(token: str) -> Actor:
    return actor_of_bearer(f"Bearer {token}", SETTINGS)


def flipped(token: str) -> Iterator[str]:
    """One bit of each byte of each segment turned around; what is written otherwise and means the same is none."""
    pieces = token.split(".")
    for number, piece in enumerate(pieces):
        raw = bytes_of(piece)
        for at in range(len(raw)):
            changed = raw[:at] + bytes([raw[at] ^ (1 << at % 8)]) + raw[at + 1 :]
            yield ".".join([*pieces[:number], part(changed), *pieces[number + 1 :]])


def unsigned() -> Iterator[str]:
    _, body, mark = signed().split(".")
    roles = ("buyer", "seller", "support", "operator", "finance", "system")
    for word, role in product(("none", "None", "NONE", "nOnE", "", None, "ES256"), roles):
        head = part({"alg": word, "typ": "JWT", "kid": "ec"})
        content = part(claims(role=role, seller_id="toko-baju"))
        yield from (f"{head}.{content}.", f"{head}.{content}", f"{head}.{content}.{part(b'x')}", f"{head}.{content}..")
        yield f"{head}.{content}.{mark}"
    yield f"{part({'alg': 'none'})}.{body}.{mark}"


def with_public_keys() -> Iterator[str]:
    """HMACs made with what everybody may read: the oldest trick of all."""
    for key in KEYS.values():
        public = key.as_dict(private=False)
        shapes = [
            key.as_pem(private=False),
            key.as_der(private=False),
            json.dumps(public).encode(),
            json.dumps({"keys": [public]}).encode(),
            SETTINGS.jwt_jwks.encode(),
            *(str(value).encode() for value in public.values()),
        ]
        for secret, size in product(shapes, ("256", "384", "512")):
            # By hand: a library that knows what this is makes none.
            words = f"{part({'alg': f'HS{size}', 'kid': key.kid})}.{part(claims(role='operator'))}"
            yield f"{words}.{part(hmac.digest(secret, words.encode(), f'sha{size}'))}"


def with_other_keys() -> Iterator[str]:
    kids = ("ec", "rsa", "ed", "x", "", "../../dev/null", "ec' OR '1'='1", ...)
    for (alg, key), kid, role in product(STRANGERS.items(), kids, ("buyer", "operator")):
        yield signed(alg, key, {"kid": kid}, role=role)
    for (alg, key), (mine, other) in product(STRANGERS.items(), KEYS.items()):
        if alg != mine:
            yield signed(alg, key, {"kid": other.kid})
            yield signed(mine, KEYS[mine], {"kid": KEYS[alg].kid})
    for alg, key in STRANGERS.items():
        for name, value in (
            ("jwk", key.as_dict(private=False)),
            ("jku", "https://evil.example/jwks"),
            ("x5u", "https://evil.example/cert"),
            ("x5c", ["AAAA"]),
        ):
            yield signed(alg, key, {name: value})


NO_ROLES: tuple[Any, ...] = (
    "Buyer",
    "BUYER",
    "buyer ",
    "",
    None,
    ...,
    1,
    True,
    [],
    ["king"],
    {"buyer": 1},
    "Role.BUYER",
)
NO_ISSUERS: tuple[Any, ...] = (
    *("https://id.example/", "https://ID.example", "http://id.example"),
    *("", "x", None, ..., 1, {"a": 1}),
)
NO_AUDIENCES: tuple[Any, ...] = ("Batal", "batal ", "other", "", None, ..., 1, [], ["other"], {"batal": 1})
NO_SUBJECTS: tuple[Any, ...] = ("", None, ..., 1, ["budi"], {"budi": 1})
NO_ENDS: tuple[Any, ...] = (None, ..., "", "soon", [], {}, True)
NO_BEGINNINGS: tuple[Any, ...] = ("", "now", [], {})
NO_WORDS: tuple[Any, ...] = (
    ["c2", "shop", 1, 1, "2100-01-01T00:00:00+00:00"],
    ["c9", "budi", 0],
    {},
    [],
    None,
    "c1",
    1,
)


def of_others() -> Iterator[str]:
    yield from (signed(iss=each) for each in NO_ISSUERS)
    yield from (signed(aud=each) for each in NO_AUDIENCES)
    yield from (signed(role=each) for each in NO_ROLES)
    yield from (signed(sub=each) for each in NO_SUBJECTS)
    yield from (signed(role="seller", seller_id=each) for each in NO_SUBJECTS)


def out_of_time() -> Iterator[str]:
    for ago in (31, 60, 3600, 86400, NOW, NOW * 2):
        yield signed(exp=NOW - ago)
    yield from (signed(exp=each) for each in (*NO_ENDS, str(NOW + 600)))
    for ahead in (60, 3600, 86400, 10**9):
        yield signed(nbf=NOW + ahead)
        yield signed(iat=NOW + ahead)
    yield from (signed(nbf=each) for each in NO_BEGINNINGS)


def swapped() -> Iterator[str]:
    """The signature of one over the words of another."""
    head, _, mark = signed().split(".")
    for role, sub in product(("buyer", "seller", "support", "operator", "finance", "system"), ("ani", "sari", "oms")):
        content = claims(role=role, sub=sub, seller_id="toko-sepatu")
        yield f"{head}.{part(content)}.{mark}"
        yield f"{head}.{part({**content, 'exp': NOW + 10**6})}.{signed(sub=sub).split('.')[2]}"
    for alg in KEYS:
        yield f"{part({'alg': alg, 'kid': 'ec'})}.{part(claims())}.{signed(alg).split('.')[2]}"


def misshapen() -> Iterator[str]:
    token = signed()
    pieces = token.split(".")
    yield from (piece.swapcase() for piece in (token, *pieces))
    for number, piece in enumerate(pieces):
        yield ".".join([*pieces[:number], piece.swapcase(), *pieces[number + 1 :]])
        yield ".".join([*pieces[:number], "", *pieces[number + 1 :]])
        yield ".".join(pieces[:number] + pieces[number + 1 :])
    yield from (f"{token}.", f".{token}", f"{token}.{token}", f"{token}.x.y", token.replace(".", ".."), "..", ".", "")
    yield from (token[::-1], f"{token[:9]} {token[9:]}", f"{token}\u00e9", "\u0000", "a" * 10_000, "e30.e30.e30")
    yield json.dumps({"payload": pieces[1], "signatures": [{"protected": pieces[0], "signature": pieces[2]}]})
    yield by_hand({"crit": ["exp"]})
    yield by_hand({"crit": ["b64"], "b64": False})
    yield by_hand({"crit": ["mine"], "mine": 1})


def schemes() -> Iterator[str]:
    token = signed()
    yield from (f"{each}{token}" for each in ("", "Basic ", "Token ", "JWT ", "Bearer", "Bearer:", "Bearer, ", "DPoP "))


# --- signatures ------------------------------------------------------------------------------------------------------

BODY = '{"order_id": "LZD-1", "status": "shipped", "version": 2}'


def message(secret: str = ORDERS, number: str = "msg-1", body: str = BODY, shift: int = 0) -> tuple[Any, bytes]:
    at = datetime.fromtimestamp(NOW + shift, UTC)
    mark = Webhook(secret).sign(number, at, body)
    return {"webhook-id": number, "webhook-timestamp": str(NOW + shift), "webhook-signature": mark}, body.encode()


def heard(shown: tuple[Mapping[str, str], bytes]) -> Actor:
    return actor_of_signature(*shown, (Sender.ORDERS,), SETTINGS)


def wrong_secrets() -> Iterator[Any]:
    for number in range(200):
        yield message(f"whsec_{base64.b64encode(number.to_bytes(3) * 8).decode()}")
    yield from (message(PAYMENTS), message(STRANGER), message(ORDERS[6:-4] + "AAAA"))


def wrong_times() -> Iterator[Any]:
    for shift in (360, 600, 3600, 86400, -302, -600, -3600, -86400, -NOW + 1):
        yield message(shift=shift)
    good, body = message()
    for said in ("", "now", "nan", "inf", "-1", "0", str(NOW * 1000), f"0x{NOW:x}", str(NOW + 7), str(NOW - 7)):
        yield {**good, "webhook-timestamp": said}, body


def wrong_words() -> Iterator[Any]:
    good, body = message()
    for at in range(len(body)):
        yield good, body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
    for other in (b"", b"{}", body + b" ", body[1:], BODY.replace("LZD-1", "LZD-2").encode(), b"\xff" + body):
        yield good, other
    for number in ("", "msg-2", "msg-1 ", "MSG-1", "msg-1.0", f"msg-1.{NOW}"):
        yield {**good, "webhook-id": number}, body


def wrong_marks() -> Iterator[Any]:
    good, body = message()
    mark = good["webhook-signature"].removeprefix("v1,")
    raw = base64.b64decode(mark)
    for at in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[at // 8] ^= 1 << at % 8
        yield {**good, "webhook-signature": f"v1,{base64.b64encode(bytes(changed)).decode()}"}, body
    for length in range(0, len(mark), 4):
        yield {**good, "webhook-signature": f"v1,{mark[:length]}"}, body
    shapes = ("", " ", ",", "v1", "v1,", mark, f"v2,{mark}", f"v1a,{mark}", f"V1,{mark}", f"v1;{mark}", "v1,\u00e9")
    crowds = ("v1,AAAA " * 200, " ".join(f"v1,{part(bytes([n]) * 32)}=" for n in range(200)), f"v1,{mark.swapcase()}")
    for each in (*shapes, *crowds):
        yield {**good, "webhook-signature": each}, body


def swapped_headers() -> Iterator[Any]:
    good, body = message()
    other, _ = message(number="msg-2", shift=1)
    names = list(good)
    for name in names:
        yield {each: value for each, value in good.items() if each != name}, body
        yield {**good, name: other[name]}, body
    for one, two in product(names, names):
        if one != two:
            yield {**good, one: good[two], two: good[one]}, body


# --- links, hand-overs, sessions -------------------------------------------------------------------------------------


def token_in(address: str) -> str:
    return address.rpartition("/")[2]


DECISION, PAYOUT = token_in(LINKS.decision(CASE)), token_in(LINKS.payout(CASE))


def recombined(token: str, *others: str) -> Iterator[str]:
    """The words of one with the signature of another, and words that nobody signed."""
    words, _, mark = token.rpartition(".")
    for other in others:
        yield f"{words}.{other.rpartition('.')[2]}"
        yield f"{other.rpartition('.')[0]}.{mark}"
    for content in NO_WORDS:
        yield f"{part(content)}.{mark}"
        yield f"{part(content)}."
        yield f"{part(content)}.{part(b'x' * 32)}"


def cut(token: str) -> Iterator[str]:
    yield from (token[:length] for length in range(len(token)))
    yield from (f"{token}A", f"{token}.{token}", f"A{token}", token.swapcase(), token.upper(), token.lower())


def of_another_case(purpose: str, token: str, links: Links = OTHERS) -> Iterator[str]:
    for number in range(40):
        other = replace(CASE, case_id=f"o{number}", seller_id=f"shop-{number}")
        yield token_in(links.decision(other) if purpose == "decision" else links.payout(other))
        yield from recombined(token, token_in((LINKS.decision if purpose == "decision" else LINKS.payout)(other)))


def replies() -> Iterator[str]:
    good = str(LINKS.reply("c1", Role.BUYER))
    local, _, domain = good.partition("@")
    case_id, role, mark = local.split(".")
    for at, sign in product(range(len(mark)), "0123456789abcdef"):
        if mark[at] != sign:
            yield f"{case_id}.{role}.{mark[:at]}{sign}{mark[at + 1 :]}@{domain}"
    for number in range(50):
        yield f"c{number + 2}.{role}.{mark}@{domain}"
        yield str(OTHERS.reply(f"c{number}", Role.BUYER))
    for said in ("seller", "support", "operator", "system", "finance", "", "x"):
        yield f"{case_id}.{said}.{mark}@{domain}"
    yield from (f"{local}@evil.example", f"{local}@{domain}.evil.example", local, f"{case_id}.{role}.@{domain}", "@")


def closed(shown: tuple[Any, Any]) -> bool:
    """Whether the buttons behind a link still decide."""
    return decision_link._closed_because(*shown) is None


def used_or_over() -> Iterator[Any]:
    """Links that are good, and whose case has gone on: answered, asked anew, or silent for too long."""
    link = LINKS.read(DECISION)
    for run, turn in product(range(4), range(1, 8)):
        if (run, turn) != (CASE.run, CASE.turn):
            yield link, replace(CASE, run=run, turn=turn)
    assert CASE.deadline_at
    for seconds in (0, 1, 60, 3600, 10**6):
        yield link, replace(CASE, deadline_at=CASE.created_at - timedelta(seconds=seconds))
    yield link, replace(CASE, deadline_at=None)


def cookie(value: str) -> Mapping[str, str]:
    return {"cookie": f"{sessions.COOKIE}={value}"}


def in_session(value: str) -> Actor | None:
    return sessions.actor_of(cookie(value), SETTINGS)


def session(actor: Actor = BUDI, settings: Settings = SETTINGS, lasts: int = 600) -> str:
    return sessions.begin(actor, settings, NOW + lasts).partition("=")[2].partition(";")[0]


def sessions_forged() -> Iterator[str]:
    good = session()
    yield from flipped(good)
    yield from cut(good)
    words, at, mark = good.split(".")
    for role in Role:
        other = session(Actor(role=role, id="ani"))
        yield f"{other.split('.')[0]}.{at}.{mark}"
        yield f"{words}.{at}.{other.split('.')[2]}"
        yield session(Actor(role=role, id="budi"), replace(SETTINGS, session_secret="another"))
        yield f"{part([role, 'budi', None, None, NOW + 10**6, 'x'])}.{at}.{mark}"
    yield from (session(lasts=over) for over in (0, -1, -60, -NOW))
    yield from (DECISION, PAYOUT, hand_over())


def sessions_of_later() -> Iterator[str]:
    """The signed moment of a cookie moved on, so that it would live for ever."""
    words, at, mark = session().split(".")
    for more in range(1, 200):
        yield f"{words}.{part((int.from_bytes(bytes_of(at)) + more).to_bytes(4))}.{mark}"


def hand_over() -> str:
    return token_in(hand_overs.made(BUDI, "/orders")[0])


def handed_over() -> Iterator[str]:
    good = hand_over()
    yield from flipped(good)
    yield from cut(good)
    one = hand_overs.at_address(good)
    yield from recombined(good, hand_overs.opened(one, known=True), DECISION, PAYOUT, hand_over())
    yield hand_overs.opened(one, known=True)
    for onward in ("https://evil.example", "//evil.example", "/\\evil.example", "", "orders", "/\t/x"):
        yield token_in(hand_overs.made(BUDI, onward)[0])
    for over in (0, 1, 60, 10**6):
        yield hand_overs._sealed(replace(one, until=NOW - over), hand_overs._ADDRESS)
    for _ in range(20):
        used = hand_over()
        hand_overs.use(replace(hand_overs.at_address(used), by="somebody"))
        yield used


def kinds() -> list[Kind]:
    token, signed_words = signed(), message()
    many = {**signed_words[0], "webhook-signature": f"v1,AAAA v1a,x {signed_words[0]['webhook-signature']}"}
    return [
        Kind("token without a signature", bearer, token, unsigned()),
        Kind("token signed with a public key", bearer, signed("RS256"), with_public_keys()),
        Kind("token signed with another key", bearer, signed("Ed25519"), with_other_keys()),
        Kind("token of another house, or of nobody", bearer, signed(aud=["x", "batal"]), of_others()),
        Kind("token out of its time", bearer, signed(exp=NOW - 10, nbf=NOW + 10, iat=NOW), out_of_time()),
        *(Kind(f"token with a bit turned ({alg})", bearer, signed(alg), flipped(signed(alg))) for alg in KEYS),
        Kind("token cut short", bearer, token, cut(token)),
        Kind("token with another's words", bearer, signed(role="operator", sub="omar"), swapped()),
        Kind("token out of shape", bearer, by_hand({"typ": "JWT"}), misshapen()),
        Kind("token of another scheme", lambda it: actor_of_bearer(it, SETTINGS), f"bearer {token}", schemes()),
        Kind("signature by a wrong secret", heard, signed_words, wrong_secrets()),
        Kind("signature out of its time", heard, message(shift=-200), wrong_times()),
        Kind("signature over other words", heard, message(body="{}"), wrong_words()),
        Kind("signature that is none", heard, (many, signed_words[1]), wrong_marks()),
        Kind("signature with headers swapped", heard, message(number="msg-2"), swapped_headers()),
        Kind("decision link with a bit turned", LINKS.read, DECISION, flipped(DECISION)),
        Kind("decision link cut short", LINKS.read, DECISION, cut(DECISION)),
        Kind("decision link of another case", LINKS.read, DECISION, of_another_case("decision", DECISION)),
        Kind("decision link of another purpose", LINKS.read, DECISION, [PAYOUT, hand_over(), session()]),
        Kind("decision link that is used or over", closed, (LINKS.read(DECISION), CASE), used_or_over()),
        Kind("payout link with a bit turned", LINKS.read_payout, PAYOUT, flipped(PAYOUT)),
        Kind("payout link cut short", LINKS.read_payout, PAYOUT, cut(PAYOUT)),
        Kind("payout link of another case", LINKS.read_payout, PAYOUT, of_another_case("payout", PAYOUT)),
        Kind("address of replies", LINKS.read_reply, LINKS.reply("c1", Role.BUYER), replies()),
        Kind("hand-over", hand_overs.at_address, hand_over(), handed_over()),
        Kind("session", in_session, session(), sessions_forged()),
        Kind("session that lives on", in_session, session(lasts=10**6), sessions_of_later()),
    ]


@pytest.fixture
def neighbourhood(monkeypatch: pytest.MonkeyPatch) -> Neighbourhood:
    """Links, settings and a store of fakes, as the edge is wired to them."""
    this = a_neighbourhood()
    for name, made in (("settings", SETTINGS), ("links", LINKS), ("ports", this.ports)):
        monkeypatch.setattr(wiring, name, lambda made=made: made)
    monkeypatch.setattr("tests.edge.test_forgeries.NOW", int(time.time()))
    monkeypatch.setattr(wiring, "now", lambda: CASE.created_at)
    return this


def test_of_thousands_of_forgeries_none_is_accepted(neighbourhood: Neighbourhood) -> None:
    tried: Counter[str] = Counter()
    accepted: list[tuple[str, Any]] = []
    for kind in kinds():
        assert lets_in(kind.opens, kind.good), f"{kind.name}: a good one is turned away"
        seen = {repr(each): each for each in kind.forged}
        assert repr(kind.good) not in seen
        tried[kind.name] = len(seen)
        accepted += [(kind.name, each) for each in seen.values() if lets_in(kind.opens, each)]
    assert accepted == []
    assert min(tried.values()) >= 3, tried
    assert tried.total() >= 2_000, tried
    print(f"{tried.total()} forgeries, 0 accepted:", json.dumps(tried, indent=1))
    assert neighbourhood


def test_a_session_that_was_ended_opens_nothing_and_another_one_does(neighbourhood: Neighbourhood) -> None:
    ended = [session() for _ in range(20)]
    for each in ended:
        sessions.keep_ended(cookie(each), neighbourhood.ports)
    assert all(sessions.ended(cookie(each), neighbourhood.ports) for each in ended)
    assert not sessions.ended(cookie(session()), neighbourhood.ports)


def test_the_key_set_of_these_tests_is_the_one_that_is_given() -> None:
    assert {key.kid for key in KeySet.import_key_set(json.loads(SETTINGS.jwt_jwks)).keys} == {"ec", "rsa", "ed"}
