"""A server of another site, which answers whatever a test lets it, well or badly, and counts who connects."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

Answer = bytes | Callable[[socket.socket, threading.Event], None]
_resolver = socket.getaddrinfo
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def said(status: int, *lines: str) -> bytes:
    """Return the head of an answer."""
    return "\r\n".join([f"HTTP/1.1 {status} Said", *lines, "", ""]).encode()


def onward(place: str, status: int = 302) -> bytes:
    """Return an answer that leads on."""
    return said(status, f"Location: {place}", "Content-Length: 0")


@dataclass
class Site:
    """What the server answers to a request line without its version (`*`: to any), and what it was asked."""

    answers: dict[str, Answer] = field(default_factory=dict)
    hits: int = 0
    """Connections, whatever came over them."""
    asked: list[str] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    """The names that sealed connections were begun with."""
    port: int = 0
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def site(*, host: str = "127.0.0.1", port: int = 0, sealed: ssl.SSLContext | None = None) -> Iterator[Site]:
    """Run a server."""
    told = Site()
    if sealed is not None:
        sealed.sni_callback = lambda _line, name, _context: told.names.append(name)
    listening = socket.create_server((host, port))
    told.port = listening.getsockname()[1]
    threads: list[threading.Thread] = []

    def accept() -> None:
        while not told.over.is_set():
            try:
                line, _who = listening.accept()
            except OSError:
                return
            if told.over.is_set():
                line.close()
                return
            told.hits += 1
            threads.append(threading.Thread(target=_answer, args=(told, line, sealed)))
            threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield told
    finally:
        told.over.set()
        # Lets go of the call that waits for somebody to connect.
        with suppress(OSError):
            socket.create_connection((host, told.port), 5).close()
        accepting.join()
        listening.close()
        for thread in threads:
            thread.join()


def _answer(told: Site, line: socket.socket, sealed: ssl.SSLContext | None) -> None:
    line.settimeout(30)
    with suppress(OSError), line:
        if sealed is not None:
            line = sealed.wrap_socket(line, server_side=True)
        head = b""
        while b"\r\n\r\n" not in head:
            more = line.recv(4096)
            if not more:
                return
            head += more
        told.heads.append(head)
        asked = head.partition(b" HTTP/1.1\r\n")[0].decode()
        told.asked.append(asked)
        answer = told.answers.get(asked) or told.answers.get("*") or said(404, "Content-Length: 0")
        if callable(answer):
            answer(line, told.over)
        else:
            line.sendall(answer)
        line.close()


def again_and_again(piece: bytes, first: bytes = b"") -> Answer:
    """Return an answer that never ends."""

    def answer(line: socket.socket, over: threading.Event) -> None:
        line.sendall(first)
        while not over.is_set():
            line.sendall(piece)

    return answer


def dripping(piece: bytes) -> Answer:
    """Return an answer of which a byte comes now and then."""

    def answer(line: socket.socket, over: threading.Event) -> None:
        for byte in piece:
            line.sendall(bytes([byte]))
            if over.wait(0.03):
                return

    return answer


def silent(_line: socket.socket, over: threading.Event) -> None:
    """Say nothing until the test is over."""
    over.wait(30)


def resolver(names: dict[str, list[list[str]]]) -> tuple[Callable[..., Any], list[str]]:
    """Return a resolver for the network's edge, and the list of what it is asked.

    Args:
        names: by name the addresses of the first answer, of the second and so on; the last is given again. What
            the system takes for an address stands for itself.
    """
    asked: list[str] = []

    def look_up(host: str, port: int, **_options: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        if host not in names:
            return _resolver(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        left = names[host]
        places = left.pop(0) if len(left) > 1 else left[0]
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (place, port, 0, 0))
            if ":" in place
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, port))
            for place in places
        ]

    return look_up, asked
