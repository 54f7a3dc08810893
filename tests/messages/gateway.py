"""A gateway of short messages for tests: a real HTTP server that keeps what it took."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from flask import Flask

from portal.core.database import transaction
from portal.messages import services
from portal.messages.rules import Channel
from tests.messages.helpers import AT, reach


@dataclass
class Gateway:
    """What the gateway took, and what it answers; each answer is used once."""

    taken: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    hold: int | None = None
    """Holds the request of this number, from 0, before it (`taken` unchanged) or after it was taken."""
    hold_after: bool = False
    reached: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.taken]


def _handler(gateway: Gateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's name
            gateway.paths.append(self.path)
            gateway.headers.append(dict(self.headers))
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            held = gateway.hold == len(gateway.paths) - 1
            if held and not gateway.hold_after:
                self._wait()
                return
            code = gateway.answers.pop(0) if gateway.answers else 200
            if code < 300:
                gateway.taken.append(said)
            if held:
                self._wait()
                return
            self.send_response(code)
            if 300 <= code < 400:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _wait(self) -> None:
            gateway.reached.set()
            gateway.release.wait(60)
            self.close_connection = True

        def do_GET(self) -> None:  # the library's name
            gateway.paths.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_words: Any) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def gateway(app: Flask, *, user: str = "", **options: Any) -> Iterator[Gateway]:
    """Run a gateway and let `app` send by it."""
    told = Gateway(**options)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(told))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        reach(app, sms=f"http://{user}127.0.0.1:{server.server_address[1]}/send?v=1")
        yield told
    finally:
        told.release.set()
        server.shutdown()
        server.server_close()
        thread.join()


def text(to: str = "13800000001", template: str = "event-cancelled", **more: Any) -> int:
    """Put a short message into the outbox."""
    values = {
        "title": "守住养老钱",
        "when": "2026年11月20日（周五）14:00",
        "lecture": "https://x.example/e",
        "telephone": "",
    }
    with transaction() as unit:
        return services.queue_text(
            unit, to=to, template=template, **{"locale": "zh-Hans", "values": values, "at": AT, **more}
        )


def send_texts(app: Flask) -> int:
    return services.send_batch(settings=app.config["PORTAL"], channel=Channel.SMS)
