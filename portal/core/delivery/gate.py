"""Slow request bodies, kept away from the threads that answer pages."""

from __future__ import annotations

import io
import queue
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from portal.core.delivery.wsgi import App, Environ, StartResponse, plain


class BodyGate:
    """Keep slow request bodies away from the threads that answer pages.

    A body is never read for a method that has no use for one. Otherwise it is read whole before the application is
    called, within `deadline` seconds, and at most `threads - 1` requests with a body are inside at once; others get 503
    at once. The length must be announced: a body whose sender went away would otherwise look complete.
    """

    NO_BODY = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
    ABANDONED = 64
    """Reads that may be under way in one process, those given up included: the server cannot end one by force."""

    def __init__(self, app: App, *, threads: int, deadline: float = 10.0, max_body: int = 2_000_000) -> None:
        """`threads`: the server's blocking threads in this process; `deadline` in seconds; `max_body` in bytes."""
        self._app = app
        self._deadline = deadline
        self._max = max_body
        self._inside = threading.BoundedSemaphore(max(1, threads - 1))
        self._reads = threading.BoundedSemaphore(self.ABANDONED)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on with its body in memory, or refuse it."""
        announced = environ.get("CONTENT_LENGTH") or "0"
        chunked = "HTTP_TRANSFER_ENCODING" in environ
        if announced == "0" and not chunked:
            return self._app(environ, start_response)
        if environ["REQUEST_METHOD"] in self.NO_BODY:
            return self._pass(environ, start_response, b"")
        if chunked:
            return self._refuse(start_response, "411 Length Required", "A body needs a Content-Length.")
        if not (announced.isascii() and announced.isdecimal()):
            return self._refuse(start_response, "400 Bad Request", "The Content-Length is not a number.")
        if len(announced) > 12 or int(announced) > self._max:
            return self._refuse(start_response, "413 Content Too Large", f"A body may have {self._max} bytes.")
        if not self._inside.acquire(blocking=False):
            return self._busy(start_response)
        try:
            try:
                body = self._receive(environ["wsgi.input"], int(announced))
            except TimeoutError:
                return self._refuse(start_response, "408 Request Timeout", "The body did not arrive in time.")
            if body is None:
                return self._busy(start_response)
            if len(body) != int(announced):
                return self._refuse(start_response, "400 Bad Request", "The body is shorter than announced.")
            return self._pass(environ, start_response, body)
        finally:
            self._inside.release()

    def _receive(self, source: Any, length: int) -> bytes | None:
        """Read `length` bytes, or return None because too many reads are under way.

        Raises:
            TimeoutError: they did not arrive within the deadline.
        """
        arrived: queue.SimpleQueue[bytes] = queue.SimpleQueue()

        def read() -> None:
            data = b""
            # A broken connection, however the server reports it, leaves nothing to work with.
            with suppress(Exception):
                data = source.read(length)
            self._reads.release()
            arrived.put(data)

        if not self._reads.acquire(blocking=False):
            return None
        try:
            # The server's read has no time limit of its own, so it happens where waiting for it can be given up.
            threading.Thread(target=read, name="body", daemon=True).start()
        except RuntimeError:
            self._reads.release()
            return None
        try:
            return arrived.get(timeout=self._deadline)
        except queue.Empty:
            raise TimeoutError from None

    def _pass(self, environ: Environ, start_response: StartResponse, body: bytes) -> Iterable[bytes]:
        environ = {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return self._app(environ, start_response)

    def _busy(self, start_response: StartResponse) -> list[bytes]:
        text = "Too many forms are arriving at this moment. Please send it again in a few seconds."
        return self._refuse(start_response, "503 Service Unavailable", text, ("Retry-After", "5"))

    def _refuse(self, start_response: StartResponse, status: str, text: str, *extra: tuple[str, str]) -> list[bytes]:
        # The rest of the body is not wanted: the connection cannot be used again.
        return plain(start_response, status, text, ("Connection", "close"), *extra)
