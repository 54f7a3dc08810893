"""What people were written: read from the outbox, which is where a message is when its unit is over."""

from __future__ import annotations

from typing import Any

from portal.core.database import transaction
from portal.events.rules.seats import ContactKind
from portal.messages.models import Mail
from tests.messages.helpers import mails

MAIL: dict[str, Any] = {"contact_kind": ContactKind.MAIL, "contact": "wang@example.org"}
PHONE: dict[str, Any] = {"contact_kind": ContactKind.PHONE, "contact": "13800000001"}


def kinds() -> list[str]:
    """Return what was told, in order."""
    return [mail.template.removeprefix("event-") for mail in mails()]


def last() -> Mail:
    """Return the newest message."""
    return mails()[-1]


def empty() -> None:
    """Forget what was told so far."""
    with transaction() as session:
        for mail in mails():
            session.delete(session.merge(mail))
