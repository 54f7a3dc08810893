"""The table of the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, Key

ORIGIN_LENGTH = 64


class Event(Base):
    """One act: who did what to what, when, from where. Rows are only ever added: triggers refuse all else.

    Each row keeps the digest of the one before it, and one row alone can follow another.
    """

    __tablename__ = "audit_event"
    __table_args__ = (sa.UniqueConstraint("previous"), sa.UniqueConstraint("digest"))

    id: Mapped[Key]
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(sa.String(120))
    tag: Mapped[str] = mapped_column(sa.String(80), index=True)
    target: Mapped[str] = mapped_column(sa.String(200))
    details: Mapped[dict[str, Any]]
    origin: Mapped[str] = mapped_column(sa.String(ORIGIN_LENGTH))
    """The address that the request came from, or `command`, or `worker`."""
    previous: Mapped[str] = mapped_column(sa.String(64))
    digest: Mapped[str] = mapped_column(sa.String(64))
