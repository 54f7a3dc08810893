"""Mails and short messages into the outbox, back into it, and out of it for good."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Set
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
from jinja2 import Environment, StrictUndefined, Template
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core import crypto
from portal.core.database import insert, table_of
from portal.core.errors import PortalError
from portal.core.i18n import to_hant
from portal.core.settings import ROOT, Locale
from portal.messages import rules
from portal.messages.models import Mail
from portal.messages.rules import KEPT, Channel, State

TEMPLATES = ROOT / "templates" / "messages"
TEXTS = TEMPLATES / "sms"

_MAIL = table_of(Mail).insert()

# Plain text has nothing to escape; what is filled in is never read as a template.
_ENVIRONMENT = Environment(trim_blocks=True, undefined=StrictUndefined, autoescape=False)  # noqa: S701  # nosec B701  # plain text


class NotFailed(PortalError):
    """The message is not among those that could not be sent: it waits already, or has been sent."""


def queue(
    session: Session,
    *,
    to: str,
    template: str,
    locale: str,
    values: Mapping[str, object],
    at: datetime,
    calendar: str = "",
) -> int:
    """Put a mail into the outbox, inside the caller's write unit; return its number.

    It is sent when that unit has been committed, and never when it was undone.

    Args:
        template: the name of `templates/messages/<template>.<locale>.txt`: a line for the subject, then the body.
            zh-Hant is made from zh-Hans; what is filled in stays as it was typed.
        values: what is filled in; every name that the template uses.
        calendar: an RFC 5545 text that goes with it, as a part that calendars open.

    Raises:
        ValueError: `to` is not one address, or something could break out of a header.
        UndefinedError: the template uses a name that `values` lacks.
    """
    rules.recipient(to)
    head, text = _template(rules.template_name(template), Locale(locale))
    subject, body = rules.one_line(head.render(values)), text.render(values)
    if calendar:
        rules.calendar_method(calendar)
    words = (subject, body, calendar or None)
    return _put(session, Channel.MAIL, to=to, template=template, locale=locale, words=words, at=at)


def queue_text(
    session: Session, *, to: str, template: str, locale: str, values: Mapping[str, object], at: datetime
) -> int:
    """Put a short message into the outbox, as `queue` does with a mail; return its number.

    Args:
        to: a mobile number of the mainland.
        template: the name of `templates/messages/sms/<template>.<locale>.txt`, one paragraph.

    Raises:
        ValueError: `to` is no such number, or what is filled in has line breaks.
        UndefinedError: the template uses a name that `values` lacks.
    """
    number = rules.phone(to)
    text = rules.one_line(_text(rules.template_name(template), Locale(locale)).render(values).strip())
    words = ("", text, None)
    return _put(session, Channel.SMS, to=number, template=template, locale=locale, words=words, at=at)


def _put(
    session: Session,
    channel: Channel,
    *,
    to: str,
    template: str,
    locale: str,
    words: tuple[str, str, str | None],
    at: datetime,
) -> int:
    subject, body, calendar = words
    values = {
        "key": secrets.token_hex(16),
        "channel": channel,
        "template": template,
        "locale": locale,
        "recipient": to,
        "subject": subject,
        "body": body,
        "calendar": calendar,
        "digest": digest_of(to, subject, body),
        "state": State.WAITING,
        "created_at": at,
        "due_at": at,
    }
    return insert(session, _MAIL, values)


def digest_of(recipient: str, subject: str, body: str) -> str:
    """Return what shows later whether a given mail was this one."""
    return crypto.keyed_digest("\n".join((recipient, subject, body)), purpose="mail")


@lru_cache(maxsize=128)
def _template(name: str, locale: Locale) -> tuple[Template, Template]:
    subject, body = rules.parts(_source(TEMPLATES, name, locale))
    return _ENVIRONMENT.from_string(subject), _ENVIRONMENT.from_string(body)


@lru_cache(maxsize=128)
def _text(name: str, locale: Locale) -> Template:
    return _ENVIRONMENT.from_string(_source(TEXTS, name, locale).strip())


def _source(folder: Path, name: str, locale: Locale) -> str:
    written = Locale.HANS if locale is Locale.HANT else locale
    text = (folder / f"{name}.{written}.txt").read_text("utf-8")
    return to_hant(text) if locale is Locale.HANT else text


def retry(session: Session, *, mail_id: int, by: str, at: datetime) -> None:
    """Let a message that could not be sent be tried again from the beginning.

    Raises:
        NotFailed: it is none of those.
    """
    anew = {"state": State.WAITING, "attempts": 0, "due_at": at, "failed_at": None, "claimed_until": None}
    failed = sa.update(Mail).where(Mail.id == mail_id, Mail.state == State.FAILED)
    if session.execute(failed.values(anew)).rowcount == 0:  # type: ignore[attr-defined]  # an UPDATE has a count
        raise NotFailed("This message is not among those that could not be sent.")
    record(session, Tag.MAIL_RETRIED, by=by, at=at, target=f"mail {mail_id}")


def forget(session: Session, *, recipients: Set[str], templates: str) -> int:
    """Delete what has not been sent to these people, of templates whose name begins so; return how many there were.

    What a worker is sending in this moment goes as well: it finds nothing to mark afterwards.
    """
    if not recipients:
        return 0
    rows = sa.select(Mail.id, sa.type_coerce(Mail.recipient, sa.Text))
    rows = rows.where(Mail.state != State.SENT, Mail.template.startswith(templates, autoescape=True))
    gone = []
    for number, sealed in session.execute(rows).all():
        with suppress(crypto.Unreadable):
            if sealed is not None and crypto.unseal(sealed) in recipients:
                gone.append(number)
    if gone:
        session.execute(sa.delete(Mail).where(Mail.id.in_(gone)))
    return len(gone)


def purge(session: Session, *, at: datetime) -> int:
    """Delete the notes of messages that were sent, or could not be sent, a month ago; return how many."""
    old = sa.or_(Mail.sent_at < at - KEPT, sa.and_(Mail.state == State.FAILED, Mail.failed_at < at - KEPT))
    deleted: int = session.execute(sa.delete(Mail).where(old)).rowcount  # type: ignore[attr-defined]  # has a count
    return deleted
