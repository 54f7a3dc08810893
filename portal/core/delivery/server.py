"""How Granian is to be started, so that `flask serve`, the tests and the benchmark start the same server."""

from __future__ import annotations

from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

HEADER_SECONDS = 10
"""A connection that has not sent its whole header by then is closed; so is one that idles between two requests."""
CONNECTIONS = 1_024
"""Open connections of one worker; one that waits costs about 20 KB and no thread."""
STOP_SECONDS = 5
"""A worker that has not stopped by then is killed: one that is still loading, or waits for a body, never would."""


def granian_options(*, host: str, port: int, workers: int, threads: int) -> dict[str, Any]:
    """Return the keyword arguments of `Granian`, all but `target`."""
    return {
        "address": host,
        "port": port,
        "interface": Interfaces.WSGI,
        "workers": workers,
        "blocking_threads": threads,
        # Without HTTP/2 and WebSockets each connection is spared a look at what it may be.
        "http": HTTPModes.http1,
        "websockets": False,
        "backlog": 2 * CONNECTIONS,
        "backpressure": CONNECTIONS,
        "http1_settings": HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1_000, max_buffer_size=64 * 1_024),
        "respawn_failed_workers": True,
        "workers_kill_timeout": STOP_SECONDS,
        "log_access": False,
    }
