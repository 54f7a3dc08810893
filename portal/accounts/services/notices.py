"""Mails to people about their own accounts. What is sent with a write is queued inside it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session as Database

from portal.accounts.models import Person
from portal.core import web


def tell(database: Database, person: Person, template: str, *, at: datetime, **values: str) -> None:
    """Queue a mail to a person in their language."""
    web.mail(
        database,
        to=person.email,
        template=template,
        locale=person.locale,
        at=at,
        values={"name": person.name, **values},
    )
