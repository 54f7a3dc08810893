"""120 clients that send half a request and wait, against what `make run` starts."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

from bench import site
from bench.report import Report

CLIENTS = 120
PATIENCE = 3.0
START = b"%s /search?q=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
HALVES = {
    "half a header": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half",
    "GET, half a body": START % b"GET" + b"Content-Length: 1000\r\n\r\nhalf",
    "GET, half a chunk": START % b"GET" + b"Transfer-Encoding: chunked\r\n\r\n5\r\nha",
    "POST, half a body": START % b"POST" + b"Content-Length: 1000\r\n\r\nhalf",
    "POST, half a chunk": START % b"POST" + b"Transfer-Encoding: chunked\r\n\r\n5\r\nha",
}


def run(report: Report) -> None:
    """Print the longest wait for a kept page, and for one that must be rendered, under each kind of slow client."""
    site.prepare()
    with site.portal() as (url, _):
        address = (urlsplit(url).hostname or "", urlsplit(url).port or 0)
        _get(address, site.ARTICLE)
        for what, half in HALVES.items():
            with ExitStack() as stack:
                for _client in range(CLIENTS):
                    client = stack.enter_context(socket.create_connection(address, timeout=10))
                    client.sendall(half)
                kept = max(_get(address, site.ARTICLE) for _ in range(5))
                made = max(_get(address, f"{site.ARTICLE}?{what[:3]}{len(what)}{turn}") for turn in range(5))
            report.value(f"{CLIENTS} x {what}: a kept page", kept, "s", at_most=PATIENCE)
            report.value(f"{CLIENTS} x {what}: a page to be made", made, "s", at_most=PATIENCE)


def _get(address: tuple[str, int], path: str) -> float:
    begun = time.monotonic()
    try:
        with socket.create_connection(address, timeout=15) as client:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            if not client.recv(65_536).startswith(b"HTTP/1.1 200"):
                return float("inf")
    except OSError:
        return float("inf")
    return time.monotonic() - begun
