"""Slow senders: the gate by itself, and in front of a real server under 120 of them."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from portal.core.delivery import BodyGate
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
SLOW = 120
PATIENCE = 30.0
"""Seconds in which a page comes on any machine; clients that never end would keep it away for ever."""
BLOCKED = 3.0
"""Seconds after which a page is taken to be kept away."""

HALVES = {
    "a header": b"GET /cold HTTP/1.1\r\nHost: x\r\nX-Half",
    "a GET with a body": b"GET /cold HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf",
    "a chunked GET": b"GET /cold HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha",
    "a POST": b"POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf",
    "a chunked POST": b"POST /form HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha",
}

SERVER = """
import os, sys
from granian import Granian
from portal.core.delivery import BodyGate, PageCache
from portal.core.delivery.server import granian_options

def read_all(environ, start_response):
    body = environ["wsgi.input"].read()
    kind = "no-store" if environ["PATH_INFO"] == "/cold" else "public"
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body) + 2)), ("Cache-Control", kind)]
    start_response("200 OK", headers)
    return [b"ok", body]

gated = PageCache(BodyGate(read_all, threads=4, deadline=1.0), version=lambda: 1, max_bytes=1_000_000)
bare = PageCache(read_all, version=lambda: 1, max_bytes=1_000_000)

if __name__ == "__main__":
    options = granian_options(host="127.0.0.1", port=int(sys.argv[2]), workers=2, threads=4)
    Granian(target="server:" + sys.argv[1], log_enabled=False, **options).serve()
"""


def call(app: Any, method: str = "POST", body: bytes = b"a=1", **extra: Any) -> tuple[int, dict[str, str], bytes]:
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": "/",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    given: list[tuple[str, list[tuple[str, str]]]] = []
    result = b"".join(app({**environ, **extra}, lambda status, headers: given.append((status, headers))))
    return int(given[0][0][:3]), dict(given[0][1]), result


def echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [environ["wsgi.input"].read(), environ["CONTENT_LENGTH"].encode()]


class Stuck(io.BytesIO):
    """A body that does not come until `go` is set."""

    def __init__(self) -> None:
        super().__init__(b"abc")
        self.go, self.reading = threading.Event(), threading.Event()

    def read(self, size: int | None = -1) -> bytes:
        self.reading.set()
        assert self.go.wait(30)
        return super().read(size)


def test_a_whole_body_arrives_as_sent() -> None:
    assert call(BodyGate(echo, threads=4), body=b"x" * 5000) == (200, {}, b"x" * 5000 + b"5000")


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        ({"CONTENT_LENGTH": "3000000"}, 413),
        ({"CONTENT_LENGTH": "9" * 5000}, 413),
        ({"CONTENT_LENGTH": "-1"}, 400),
        ({"CONTENT_LENGTH": "3x"}, 400),
        ({"CONTENT_LENGTH": "99"}, 400),
        ({"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}, 411),
    ],
)
def test_a_body_that_cannot_be_taken_is_refused(extra: dict[str, str], code: int) -> None:
    got, headers, _ = call(BodyGate(echo, threads=4), **extra)
    assert (got, headers["Connection"]) == (code, "close")


@pytest.mark.parametrize("length", [{"CONTENT_LENGTH": "3"}, {"HTTP_TRANSFER_ENCODING": "chunked"}])
def test_a_get_is_answered_without_a_look_at_its_body(length: dict[str, str]) -> None:
    stuck = Stuck()
    assert call(BodyGate(echo, threads=4), "GET", **{"wsgi.input": stuck}, **length) == (200, {}, b"0")
    assert not stuck.reading.is_set()


def test_a_late_body_is_given_up_and_its_place_is_free_again() -> None:
    gate = BodyGate(echo, threads=2, deadline=0.01)
    stuck = Stuck()
    assert call(gate, **{"wsgi.input": stuck})[0] == 408
    assert call(gate)[0] == 200
    stuck.go.set()


def test_one_thread_is_always_kept_from_bodies() -> None:
    gate = BodyGate(echo, threads=3, deadline=30)
    stuck = [Stuck(), Stuck()]
    waiting = [threading.Thread(target=call, args=(gate,), kwargs={"wsgi.input": body}) for body in stuck]
    for thread, body in zip(waiting, stuck, strict=True):
        thread.start()
        assert body.reading.wait(10)
    code, headers, _ = call(gate)
    assert (code, headers["Connection"], headers["Retry-After"]) == (503, "close", "5")
    for body in stuck:
        body.go.set()
    for thread in waiting:
        thread.join()
    assert call(gate)[0] == 200


def test_reads_that_cannot_be_ended_are_bounded() -> None:
    gate = BodyGate(echo, threads=2, deadline=0.001)
    stuck = [Stuck() for _ in range(BodyGate.ABANDONED)]
    assert {call(gate, **{"wsgi.input": body})[0] for body in stuck} == {408}
    assert call(gate)[0] == 503
    assert call(gate, "GET")[0] == 200
    for body in stuck:
        body.go.set()


def test_a_large_body_is_taken_from_whom_the_allowance_names() -> None:
    asked: list[str] = []

    def allowance(environ: dict[str, Any]) -> int | None:
        asked.append(environ["PATH_INFO"])
        return {"/upload": 9_000_000, "/broken": None}.get(environ["PATH_INFO"], 0)

    gate = BodyGate(echo, threads=4, allowance=allowance)
    large = b"x" * 8_999_999
    assert call(gate, body=large, PATH_INFO="/upload") == (200, {}, large + b"8999999")
    assert call(gate, body=large + b"yz", PATH_INFO="/upload")[0] == 413
    assert call(gate, body=large, PATH_INFO="/broken")[0] == 503
    assert call(gate, body=large, PATH_INFO="/")[0] == 413
    assert call(gate, PATH_INFO="/upload", CONTENT_LENGTH="8000000")[0] == 400
    assert asked == ["/upload", "/upload", "/broken", "/", "/upload"]
    assert call(gate, body=b"small")[0] == 200
    assert len(asked) == 5, "nobody is asked about a small body"


def test_large_bodies_come_one_at_a_time_and_small_ones_beside_them() -> None:
    gate = BodyGate(echo, threads=4, deadline=30, allowance=lambda _environ: 9_000_000)
    stuck = Stuck()
    wait = {"wsgi.input": stuck, "CONTENT_LENGTH": "8000000"}
    waiting = threading.Thread(target=call, args=(gate,), kwargs=wait)
    waiting.start()
    assert stuck.reading.wait(10)
    assert call(gate, body=b"x" * 3_000_000)[0] == 503
    assert call(gate)[0] == 200
    stuck.go.set()
    waiting.join()
    assert call(gate, body=b"x" * 3_000_000)[0] == 200


def test_a_large_body_that_stays_away_is_given_up_and_its_place_is_free_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BodyGate, "LARGE_DEADLINE", 0.01)
    gate = BodyGate(echo, threads=4, allowance=lambda _environ: 9_000_000)
    stuck = Stuck()
    assert call(gate, **{"wsgi.input": stuck, "CONTENT_LENGTH": "8000000"})[0] == 408
    stuck.go.set()
    monkeypatch.undo()
    assert call(gate, body=b"x" * 3_000_000)[0] == 200


@contextmanager
def granian(folder: Path, app: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    (folder / "server.py").write_text(SERVER)
    port = free_port()
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "server.py", app, str(port)], cwd=folder, env=environ)
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                assert get(port, "/page").startswith(b"HTTP/1.1 200")
                break
            except OSError:
                assert time.monotonic() < deadline, "the server did not start"
                time.sleep(0.05)
        yield port, process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        finally:
            process.kill()


def get(port: int, path: str, *, patience: float = PATIENCE) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        return client.recv(4096)


@contextmanager
def slow_clients(port: int, half: bytes) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        clients = [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10)) for _ in range(SLOW)]
        for client in clients:
            client.sendall(half)
        yield clients


def test_slow_clients_do_not_stop_pages(tmp_path: Path) -> None:
    with granian(tmp_path, "gated") as (port, _):
        for what, half in HALVES.items():
            with slow_clients(port, half):
                for path in ("/page", "/cold") * 4:
                    assert get(port, path).startswith(b"HTTP/1.1 200"), what


@pytest.mark.parametrize("half", ["a GET with a body", "a POST"])
def test_the_same_clients_do_stop_pages_without_the_gate(tmp_path: Path, half: str) -> None:
    def read_pages() -> None:
        # More than one try: the first may find a thread that no slow client has reached yet.
        for _try in range(10):
            get(port, "/page", patience=BLOCKED)

    with granian(tmp_path, "bare") as (port, _), slow_clients(port, HALVES[half]), pytest.raises(TimeoutError):
        read_pages()


def test_the_server_stops_while_bodies_are_awaited(tmp_path: Path) -> None:
    with granian(tmp_path, "gated") as (port, process), slow_clients(port, HALVES["a POST"]):
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) is not None


def test_head_and_304_over_the_wire(tmp_path: Path) -> None:
    with (
        granian(tmp_path, "gated") as (port, _),
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client,
    ):
        replies = []
        for extra in (
            b"HEAD /page HTTP/1.1\r\n",
            b"GET /page HTTP/1.1\r\nIf-None-Match: *\r\n",
            b"GET /page HTTP/1.1\r\n",
        ):
            client.sendall(extra + b"Host: x\r\n\r\n")
            replies.append(client.recv(4096))
        head, unchanged, page = replies
        assert b"content-length: 2" in head.lower()
        assert head.endswith(b"\r\n\r\n")
        assert unchanged.startswith(b"HTTP/1.1 304")
        assert unchanged.endswith(b"\r\n\r\n")
        assert page.endswith(b"\r\n\r\nok"), "all on one connection: each reply ended where it should"
