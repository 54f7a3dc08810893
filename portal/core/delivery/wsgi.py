"""The shapes of WSGI, and the one line of text with which a request is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
App = Callable[[Environ, StartResponse], Iterable[bytes]]


def plain(start_response: StartResponse, status: str, text: str, *extra: tuple[str, str]) -> list[bytes]:
    """Answer with one line of text."""
    body = f"{text}\n".encode()
    kind = ("Content-Type", "text/plain; charset=utf-8")
    start_response(status, [kind, ("Content-Length", str(len(body))), ("Cache-Control", "no-store"), *extra])
    return [body]
