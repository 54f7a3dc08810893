"""Slow request bodies, kept away from the threads that answer pages."""

from __future__ import annotations

import io
import queue
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import IO, Any

from portal.core.delivery.wsgi import App, Environ, StartResponse, plain


class BodyGate:
    """Keep slow request bodies away from the threads that answer pages.

    A body is never read for a method that has no use for one. Otherwise it is read whole before the application is
    called, within `deadline` seconds, and at most `threads - 1` bodies are coming in at once; others get 503
    at once. The length must be announced: a body whose sender went away would otherwise look complete.

    A body longer than `max_body` is taken only from a sender for whom `allowance` says so, one at a time, into a file
    instead of memory, and with more patience.
    """

    NO_BODY = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
    ABANDONED = 64
    """Reads that may be under way in one process, those given up included: the server cannot end one by force."""

    LARGE_DEADLINE = 180.0
    """Seconds in which a body longer than `max_body` must come."""
    CHUNK = 4_000_000
    RUSH = 0.5
    """Seconds that somebody waits for a place that was taken as lately as that."""

    def __init__(
        self,
        app: App,
        *,
        threads: int,
        deadline: float = 10.0,
        max_body: int = 2_000_000,
        allowance: Callable[[Environ], int | None] | None = None,
    ) -> None:
        """Take what bounds the bodies.

        Args:
            threads: the server's blocking threads in this process.
            deadline: seconds in which a body must come.
            max_body: bytes that anybody may send.
            allowance: how many bytes this sender may send to this address; asked only where `max_body` is exceeded.
                None: nobody can tell at this moment.
        """
        self._app = app
        self._deadline = deadline
        self._max = max_body
        self._allowance = allowance
        self._large = threading.BoundedSemaphore(1)
        self._last_came = float("-inf")
        self._inside = threading.BoundedSemaphore(max(1, threads - 1))
        self._reads = threading.BoundedSemaphore(self.ABANDONED)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on with its body in memory, or refuse it."""
        announced = environ.get("CONTENT_LENGTH") or "0"
        chunked = "HTTP_TRANSFER_ENCODING" in environ
        if announced == "0" and not chunked:
            return self._app(environ, start_response)
        if environ["REQUEST_METHOD"] in self.NO_BODY:
            return self._pass(environ, start_response, io.BytesIO(), 0)
        if chunked:
            return self._refuse(start_response, "411 Length Required", "A body needs a Content-Length.")
        if not (announced.isascii() and announced.isdecimal()):
            return self._refuse(start_response, "400 Bad Request", "The Content-Length is not a number.")
        length = int(announced) if len(announced) <= 12 else 10**12
        if length <= self._max:
            return self._take(environ, start_response, length, io.BytesIO(), self._deadline)
        allowed = self._allowance(environ) if self._allowance else 0
        if allowed is None:
            return self._busy(start_response)
        if length > allowed:
            text = f"A body may have {max(self._max, allowed)} bytes."
            return self._refuse(start_response, "413 Content Too Large", text)
        if not self._large.acquire(blocking=False):
            return self._busy(start_response)
        try:
            with tempfile.TemporaryFile() as file:
                return self._take(environ, start_response, length, file, self.LARGE_DEADLINE)
        finally:
            self._large.release()

    def _take(
        self, environ: Environ, start_response: StartResponse, length: int, into: IO[bytes], deadline: float
    ) -> Iterable[bytes]:
        """Receive the body and pass the request on with it."""
        if not self._may_come_in():
            return self._busy(start_response)
        try:
            came = self._receive(environ["wsgi.input"], length, into, deadline)
        except TimeoutError:
            return self._refuse(start_response, "408 Request Timeout", "The body did not arrive in time.")
        finally:
            # Only what is still coming can be slow: a body that is here is answered like any other request.
            self._inside.release()
        if came is None:
            return self._busy(start_response)
        if came != length:
            return self._refuse(start_response, "400 Bad Request", "The body is shorter than announced.")
        into.seek(0)
        return self._pass(environ, start_response, into, length)

    def _may_come_in(self) -> bool:
        """Take a place among the bodies that are coming; return whether there was one.

        Many who send in the same moment wait for each other, since an honest body is here at once. Where nobody has
        begun lately, those inside are slow, and nobody waits for them: the last thread is for those who only read.
        """
        is_rush = time.monotonic() - self._last_came < self.RUSH
        if not self._inside.acquire(timeout=self.RUSH if is_rush else 0):
            return False
        self._last_came = time.monotonic()
        return True

    def _receive(self, source: Any, length: int, into: IO[bytes], deadline: float) -> int | None:
        """Read `length` bytes; return how many came, or None because too many reads are under way.

        Raises:
            TimeoutError: they did not arrive within the deadline.
        """
        arrived: queue.SimpleQueue[int] = queue.SimpleQueue()
        given_up = threading.Event()

        def read() -> None:
            came = 0
            # A broken connection, however the server reports it, leaves nothing to work with.
            with suppress(Exception):
                while came < length and not given_up.is_set():
                    data = source.read(min(length - came, self.CHUNK))
                    if not data:
                        break
                    into.write(data)
                    came += len(data)
            self._reads.release()
            arrived.put(came)

        if not self._reads.acquire(blocking=False):
            return None
        try:
            # The server's read has no time limit of its own, so it happens where waiting for it can be given up.
            threading.Thread(target=read, name="body", daemon=True).start()
        except RuntimeError:
            self._reads.release()
            return None
        try:
            return arrived.get(timeout=deadline)
        except queue.Empty:
            given_up.set()
            raise TimeoutError from None

    def _pass(self, environ: Environ, start_response: StartResponse, body: IO[bytes], length: int) -> Iterable[bytes]:
        environ = {**environ, "wsgi.input": body, "CONTENT_LENGTH": str(length)}
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return self._app(environ, start_response)

    def _busy(self, start_response: StartResponse) -> list[bytes]:
        text = "Too many forms are arriving at this moment. Please send it again in a few seconds."
        return self._refuse(start_response, "503 Service Unavailable", text, ("Retry-After", "5"))

    def _refuse(self, start_response: StartResponse, status: str, text: str, *extra: tuple[str, str]) -> list[bytes]:
        # The rest of the body is not wanted: the connection cannot be used again.
        return plain(start_response, status, text, ("Connection", "close"), *extra)
