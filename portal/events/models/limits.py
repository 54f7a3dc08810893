"""How often a network did something within this hour."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base


class Sender(Base):
    """A count that is thrown away with its hour; the key is a digest that names the hour as well."""

    __tablename__ = "events_sender"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    hour: Mapped[datetime] = mapped_column(index=True)
    count: Mapped[int] = mapped_column(default=0)
