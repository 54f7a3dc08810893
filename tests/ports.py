"""Ports for servers that tests start."""

from __future__ import annotations

import random
import socket

BELOW = 32_000
"""Linux gives connections that go out ports from 32,768 on: one of those may be taken before the server has it."""
FROM = 20_000


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody uses, and that the system gives to nobody else meanwhile."""
    numbers = random.SystemRandom()
    while True:
        port = numbers.randrange(FROM, BELOW)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
