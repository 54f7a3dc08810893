"""Asking another site whether a page is there, so that nobody can use the portal to reach what only it can reach.

A name is looked up once, every address it has must be public, and that very address is connected to; where an answer
leads on, the same is done again. No proxy is asked, nothing but the head of an answer is read, and nothing of it kept
but the status.
"""

from __future__ import annotations

import http.client
import io
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urljoin

from portal.articles.rules import PORTS, Outcome, Target, is_public, outcome_of, target

MOST_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TOO_MANY_REQUESTS = 429
_HEAD = (
    "{method} {aim.path} HTTP/1.1\r\nHost: {aim.authority}\r\nUser-Agent: Mozilla/5.0 (compatible; Mingbai-links/1)\r\n"
    "Accept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a check keeps to. No setting changes it; tests do, for servers of their own."""

    allowed: Callable[[str], bool] = is_public
    ports: frozenset[int] = PORTS
    seconds: float = 5
    """For all of it: looking names up, redirects, asking once more."""
    most_bytes: int = 1_000_000
    """Of one answer."""
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context


STRICT = Bounds()


@dataclass(frozen=True, slots=True)
class Found:
    """What a check came to."""

    outcome: Outcome
    status: int | None = None


class _Refused(Exception):
    """The address is not public."""


def fetch(url: str, *, bounds: Bounds = STRICT) -> Found:
    """Ask whether the page at `url` is there; whatever the server does, this ends in time and raises nothing."""
    deadline = time.monotonic() + bounds.seconds
    found = _follow("HEAD", url, deadline, bounds)
    # Many servers answer a HEAD wrongly, or with nothing.
    is_doubtful = found.outcome is Outcome.GARBLED or (found.status or 0) >= 400
    return _follow("GET", url, deadline, bounds) if is_doubtful and found.status != _TOO_MANY_REQUESTS else found


def _follow(method: str, url: str, deadline: float, bounds: Bounds) -> Found:
    for _step in range(MOST_REDIRECTS + 1):
        aim = target(url, ports=bounds.ports)
        if aim is None:
            return Found(Outcome.REFUSED)
        try:
            status, onward = _ask(method, aim, deadline, bounds)
            if onward is None:
                return Found(outcome_of(status), status)
            url = urljoin(url, onward)
        except _Refused:
            return Found(Outcome.REFUSED)
        except TimeoutError:
            return Found(Outcome.SLOW)
        except ssl.SSLError:
            return Found(Outcome.UNTRUSTED)
        except (http.client.HTTPException, ValueError):
            return Found(Outcome.GARBLED)
        except socket.gaierror as problem:
            # Where no server of names answers, nothing is known of this one.
            return Found(Outcome.UNREACHABLE if problem.errno == socket.EAI_AGAIN else Outcome.NO_NAME)
        except OSError:
            return Found(Outcome.UNREACHABLE)
    return Found(Outcome.ASTRAY)


def _ask(method: str, aim: Target, deadline: float, bounds: Bounds) -> tuple[int, str | None]:
    """Return the status of one answer, and where it leads on to."""
    with _connected(aim, deadline, bounds) as line:
        wire = _Wire(line, deadline, bounds.most_bytes)
        line.settimeout(_left(deadline))
        line.sendall(_HEAD.format(method=method, aim=aim).encode("ascii"))
        answer = http.client.HTTPResponse(cast("socket.socket", wire), method=method)
        answer.begin()
        onward = answer.getheader("Location") if answer.status in _REDIRECTS else None
        # Headers are read as Latin-1, but servers write addresses in UTF-8.
        return answer.status, onward and onward.encode("latin-1").decode("utf-8", "replace")


class _Wire(io.RawIOBase):
    """A connection as `HTTPResponse` reads it, which ends at the deadline and after so many bytes."""

    def __init__(self, line: socket.socket, deadline: float, most: int) -> None:
        self._line = line
        self._deadline = deadline
        self._more = most

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._line.settimeout(_left(self._deadline))
        count = self._line.recv_into(buffer)
        self._more -= count
        if self._more < 0:
            raise http.client.HTTPException("the answer is too long")
        return count


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _connected(aim: Target, deadline: float, bounds: Bounds) -> socket.socket:
    """Connect to one of the addresses that were looked at, and to nothing else."""
    places = _looked_up(aim, deadline)
    if not all(bounds.allowed(str(place[0])) for _family, place in places):
        raise _Refused
    problem = OSError()
    for family, place in places:
        line = socket.socket(family, socket.SOCK_STREAM)
        try:
            line.settimeout(_left(deadline))
            line.connect(place)
        except OSError as failed:
            line.close()
            problem = failed
            continue
        if aim.scheme == "http":
            return line
        with line:
            line.settimeout(_left(deadline))
            # Takes the connection over, which the end of this block then no longer closes.
            return bounds.trust().wrap_socket(line, server_hostname=aim.host)
    raise problem


def _looked_up(aim: Target, deadline: float) -> list[tuple[socket.AddressFamily, Any]]:
    """Return every address of a host. The system's resolver knows no deadline, so a thread of its own waits for it."""
    told: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            told.put(socket.getaddrinfo(aim.host, aim.port, type=socket.SOCK_STREAM))
        except (OSError, ValueError) as problem:
            told.put(problem)

    threading.Thread(target=look_up, daemon=True).start()
    try:
        found = told.get(timeout=_left(deadline))
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(found, Exception):
        raise found
    return [(family, place) for family, _kind, _protocol, _name, place in found]
