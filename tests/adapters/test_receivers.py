"""Posting to receivers: slow, dead, redirecting, lying and private ones are survived."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import pytest
from standardwebhooks.webhooks import Webhook

from chalicelib.adapters.receivers import MOST_ANSWER, Https, is_public
from chalicelib.domain.errors import Invalid

HERE = Https(master="m", anywhere=True, limit=1.0)
SECRET = HERE.secret("w1", 1)
BODY = b'{"id":"e1"}'


@contextmanager
def speaking(says: Callable[[socket.socket, bytes], None]) -> Iterator[str]:
    """A house whose answers are raw bytes; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    heard = b""
                    while b"\r\n\r\n" not in heard or not heard.endswith(b"}"):
                        heard += connection.recv(65536)
                    with suppress(OSError):
                        says(connection, heard)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/hooks?a=1"


def plainly(answer: bytes) -> Callable[[socket.socket, bytes], None]:
    return lambda connection, heard: connection.sendall(answer)


def test_an_event_is_posted_signed_by_each_of_the_secrets() -> None:
    heard: list[bytes] = []

    def says(connection: socket.socket, request: bytes) -> None:
        heard.append(request)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    other = HERE.secret("w1", 2)
    with speaking(says) as url:
        reply = HERE.post(url, [other, SECRET], "e1", BODY)
    assert (reply.taken, reply.status, reply.answer) == (True, 200, "ok")
    head, _, body = heard[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /hooks?a=1 HTTP/1.1"
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    assert headers["content-type"] == "application/json"
    for secret in (SECRET, other):
        Webhook(secret).verify(body, headers)
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(HERE.secret("w2", 1)).verify(body, headers)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204),
        (b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", 500),
        (b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n", 302),
        (b"HTTP/1.1 307 Temporary\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 307),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nshort", 200),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope", 200),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n" + b"x" * 20000, 200),
    ],
)
def test_its_status_is_what_counts_whatever_comes_with_it(answer: bytes, status: int) -> None:
    with speaking(plainly(answer)) as url:
        reply = HERE.post(url, [SECRET], "e1", BODY)
    assert reply.status == status
    assert reply.taken == (status < 300)
    assert len(reply.answer) <= MOST_ANSWER


def test_it_says_by_when_it_wants_to_be_asked_again() -> None:
    with speaking(plainly(b"HTTP/1.1 429 Busy\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n")) as url:
        reply = HERE.post(url, [SECRET], "e1", BODY)
    assert reply.wait is not None
    assert reply.wait.total_seconds() == 120


@pytest.mark.parametrize("answer", [b"", b"garbage\r\n\r\n", b"HTTP/9.9 abc\r\n\r\n", b"\x00" * 50])
def test_what_is_no_answer_is_none(answer: bytes) -> None:
    with speaking(plainly(answer)) as url:
        reply = HERE.post(url, [SECRET], "e1", BODY)
    assert (reply.taken, reply.status) == (False, None)
    assert reply.problem


def drips(piece: bytes) -> Callable[[socket.socket, bytes], None]:
    def says(connection: socket.socket, heard: bytes) -> None:
        for _ in range(400):
            connection.sendall(piece)
            time.sleep(0.05)

    return says


@pytest.mark.parametrize("says", [drips(b"H"), drips(b"")])
def test_one_that_drips_is_cut_off(says: Callable[[socket.socket, bytes], None]) -> None:
    with speaking(says) as url:
        reply = HERE.post(url, [SECRET], "e1", BODY)
    assert (reply.status, reply.problem) == (None, "timeout")
    # Its own patience, with room for a machine under load; the drips alone would take twenty seconds.
    assert reply.milliseconds < 15_000


def test_one_that_drips_its_body_has_answered_all_the_same() -> None:
    def says(connection: socket.socket, heard: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n")
        drips(b"z")(connection, heard)

    with speaking(says) as url:
        assert HERE.post(url, [SECRET], "e1", BODY).taken


def test_nobody_there_is_not_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert HERE.post(f"http://127.0.0.1:{port}/", [SECRET], "e1", BODY).problem == "not_reached"


PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "192.0.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_no_private_address_is_public_in_any_disguise(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_of_the_internet_are(address: str) -> None:
    assert is_public(address)


class Names:
    """Where names lead, one answer after another."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)

    def __call__(self, host: str, port: int) -> Sequence[str]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.mark.parametrize("found", [["10.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:10.0.0.1"]])
def test_a_name_that_leads_into_a_private_network_is_refused_and_never_posted_to(found: list[str]) -> None:
    guarded = Https(master="m", resolve=Names(found))
    with pytest.raises(Invalid, match="url_not_allowed"):
        guarded.check("https://shop.example/hooks")
    reply = guarded.post("https://shop.example/hooks", [SECRET], "e1", BODY)
    assert (reply.taken, reply.problem) == (False, "private_address")


def test_a_name_that_leads_elsewhere_once_it_was_looked_at_gains_nothing() -> None:
    guarded = Https(master="m", resolve=Names(["8.8.8.8"], ["169.254.169.254"]), limit=0.2)
    guarded.check("https://shop.example/hooks")
    assert guarded.post("https://shop.example/hooks", [SECRET], "e1", BODY).problem == "private_address"


def test_the_connection_goes_to_the_very_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    went: list[object] = []

    def create_connection(address: object, *_: object, **__: object) -> socket.socket:
        went.append(address)
        raise OSError("not here")

    monkeypatch.setattr("urllib3.util.connection.create_connection", create_connection)
    guarded = Https(master="m", resolve=Names(["8.8.8.8"], ["10.0.0.1"]), limit=0.2)
    guarded.post("https://shop.example/hooks", [SECRET], "e1", BODY)
    assert went == [("8.8.8.8", 443)]


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "ftp://shop.example/",
        "https://",
        "https://user:pass@shop.example/",
        "https://shop.example/#fragment",
        "https://shop.example:0/",
        "https://shop.example:99999/",
        "https://shop .example/",
        "https://shop.example\\@10.0.0.1/",
        "https://toko\u202e.example/",
        "https://shop.example/\r\nHost: x",
        "https://[::1",
        "javascript:alert(1)",
        "https://" + "a" * 3000,
        "",
    ],
)
def test_what_is_no_address_of_the_internet_is_refused(url: str) -> None:
    guarded = Https(master="m", resolve=Names(["8.8.8.8"]))
    with pytest.raises(Invalid, match="url_not_allowed"):
        guarded.check(url)
    assert not guarded.post(url, [SECRET], "e1", BODY).taken


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://[::1]/"])
def test_a_private_address_written_otherwise_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="url_not_allowed"):
        Https(master="m").check(url)


def test_a_secret_can_be_made_again_and_no_other_is_like_it() -> None:
    assert HERE.secret("w1", 1) == Https(master="m").secret("w1", 1)
    secrets = {HERE.secret("w1", 1), HERE.secret("w1", 2), HERE.secret("w2", 1), Https(master="n").secret("w1", 1)}
    assert len(secrets) == 4
    assert "'m'" not in repr(HERE)
    with pytest.raises(ValueError, match="SIGNING_SECRET"):
        Https(master="").secret("w1", 1)
