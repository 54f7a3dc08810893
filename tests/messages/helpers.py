"""A real SMTP server for tests, and mail for it."""

from __future__ import annotations

import email
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from typing import Any

import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession
from flask import Flask
from sqlalchemy.orm import Session

from portal.core.database import db, transaction
from portal.core.settings import Settings
from portal.messages import services
from portal.messages.models import Mail

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
VALUES = {
    "title": "刷单返利",
    "who": "周明",
    "why": "第 2 段缺来源",
    "link": "https://x.example/desk/1",
    "day": "12月1日",
}


def put(to: str = "lin.jing@example.org", template: str = "changes-asked", **more: Any) -> int:
    """Put a mail into the outbox as a view would."""
    with transaction() as unit:
        said = {"locale": "zh-Hans", "values": VALUES, "at": AT, **more}
        return services.queue(unit, to=to, template=template, **said)


def mails() -> list[Mail]:
    """Return every mail, in the order it was put there; no read unit stays open, which would keep writers out."""
    with Session(db.engine) as session:
        found = list(session.scalars(sa.select(Mail).order_by(Mail.id)))
        session.expunge_all()
    return found


def states() -> list[str]:
    return [mail.state.value for mail in mails()]


def claim(at: datetime = AT, **more: Any) -> list[services.Claim]:
    with transaction() as unit:
        return services.claim(unit, at=at, **more)


@dataclass
class Taking:
    """What the server took, and what it answers; an answer of each list is used once."""

    taken: list[tuple[list[str], bytes]] = field(default_factory=list)
    to_recipients: list[str] = field(default_factory=list)
    to_data: list[str] = field(default_factory=list)
    tried: int = 0

    async def handle_RCPT(  # noqa: N802  # the library's name
        self, _server: SMTP, _session: SmtpSession, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tried += 1
        if self.to_recipients:
            return self.to_recipients.pop(0)
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  # the library's name
        self, _server: SMTP, _session: SmtpSession, envelope: Envelope
    ) -> str:
        answer = self.to_data.pop(0) if self.to_data else "250 OK"
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.taken.append((list(envelope.rcpt_tos), envelope.content))
        return answer

    @property
    def messages(self) -> list[EmailMessage]:
        return [email.message_from_bytes(content, policy=default) for _to, content in self.taken]  # type: ignore[misc]


class OnAnyPort(Controller):
    """A server on a port that the system chooses."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def server(app: Flask, taking: Taking | None = None, **options: Any) -> Iterator[Taking]:
    """Run an SMTP server and let `app` send by it."""
    taking = taking or Taking()
    controller = OnAnyPort(taking, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        reach(app, mail=f"smtp://127.0.0.1:{controller.port}")
        yield taking
    finally:
        controller.stop()


def reach(app: Flask, **changed: Any) -> Settings:
    """Change the settings of `app`."""
    settings: Settings = replace(app.config["PORTAL"], **changed)
    app.config["PORTAL"] = settings
    return settings


def send(app: Flask) -> int:
    return services.send_batch(settings=app.config["PORTAL"])


MINUTE = timedelta(minutes=1)
