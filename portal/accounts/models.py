"""The tables of people, their sessions, second factors, links and attempts.

Addresses and secrets are sealed; what must be looked up is stored as a digest beside them.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.accounts.rules import Kind, Purpose, Role, Stage, needs_second_factor
from portal.core.database import Base, Key, Sealed, enum_column
from portal.core.settings import Locale

_DIGEST = sa.String(64)


def _person() -> Mapped[int]:
    return mapped_column(sa.ForeignKey("accounts_person.id", ondelete="CASCADE"), index=True)


class Person(Base):
    """A member of staff."""

    __tablename__ = "accounts_person"

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(Sealed)
    email_digest: Mapped[str] = mapped_column(_DIGEST, unique=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    locale: Mapped[Locale] = enum_column(Locale)
    roles: Mapped[list[str]]
    active: Mapped[bool]
    password_hash: Mapped[str] = mapped_column(sa.String(255))
    """Empty until the invitation is taken up."""
    totp_secret: Mapped[str | None] = mapped_column(Sealed)
    totp_step: Mapped[int] = mapped_column(sa.BigInteger)
    """The half minute whose code was accepted last; no code of it or before is taken again."""
    created_at: Mapped[datetime]

    @property
    def is_administrator(self) -> bool:
        """Whether the person looks after the people."""
        return Role.ADMINISTRATOR in self.roles

    @property
    def must_have_factor(self) -> bool:
        """Whether the person's roles demand a second factor."""
        return needs_second_factor(self.roles)


class Session(Base):
    """One browser that somebody has signed in with. The cookie holds a token of which this is the digest."""

    __tablename__ = "accounts_session"
    # No number is given twice: a request that knows an ended session by its number must not meet another one.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012  # SQLAlchemy's own way

    id: Mapped[Key]
    person_id: Mapped[int] = _person()
    digest: Mapped[str] = mapped_column(_DIGEST, unique=True)
    stage: Mapped[Stage] = enum_column(Stage)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    confirmed_at: Mapped[datetime]
    address: Mapped[str] = mapped_column(Sealed)
    agent: Mapped[str] = mapped_column(Sealed)


class Attempt(Base):
    """One guess at a password or code, or one reset asked for; kept for as long as it counts."""

    __tablename__ = "accounts_attempt"
    __table_args__ = (
        sa.Index(None, "kind", "account", "at"),
        sa.Index(None, "kind", "address", "at"),
        sa.Index(None, "kind", "at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    kind: Mapped[Kind] = enum_column(Kind)
    account: Mapped[str] = mapped_column(_DIGEST)
    address: Mapped[str] = mapped_column(_DIGEST)
    at: Mapped[datetime]


class Place(Base):
    """A network from which somebody has signed in all the way; strangers' guesses from elsewhere do not stop it."""

    __tablename__ = "accounts_place"
    __table_args__ = (sa.UniqueConstraint("person_id", "address"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_person.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(_DIGEST)
    last_at: Mapped[datetime]


class RecoveryCode(Base):
    """A code that stands once for the second factor."""

    __tablename__ = "accounts_recovery_code"

    id: Mapped[Key]
    person_id: Mapped[int] = _person()
    digest: Mapped[str] = mapped_column(_DIGEST, unique=True)
    key: Mapped[str | None] = mapped_column(Sealed)
    """What the digest was made with, in hexadecimal: nobody but its owner has the code, so it can never be made anew
    under another key. NULL: a code of before this column, made with the site's first key."""
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """A key on somebody's device (WebAuthn)."""

    __tablename__ = "accounts_passkey"

    id: Mapped[Key]
    person_id: Mapped[int] = _person()
    digest: Mapped[str] = mapped_column(_DIGEST, unique=True)
    """Of the credential's id, which may be a thousand bytes long."""
    credential: Mapped[bytes]
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(sa.BigInteger)
    name: Mapped[str] = mapped_column(sa.String(60))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Link(Base):
    """A mailed link that works once."""

    __tablename__ = "accounts_link"

    id: Mapped[Key]
    person_id: Mapped[int] = _person()
    digest: Mapped[str] = mapped_column(_DIGEST, unique=True)
    purpose: Mapped[Purpose] = enum_column(Purpose)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Spent(Base):
    """A passkey's challenge that was answered: none is taken twice."""

    __tablename__ = "accounts_spent"

    digest: Mapped[str] = mapped_column(_DIGEST, primary_key=True)
    expires_at: Mapped[datetime]


class Token(Base):
    """What a program of the bank shows to read figures in somebody's name; it can do nothing else."""

    __tablename__ = "accounts_token"

    id: Mapped[Key]
    person_id: Mapped[int] = _person()
    digest: Mapped[str] = mapped_column(_DIGEST, unique=True)
    label: Mapped[str] = mapped_column(sa.String(60))
    """Which program has it."""
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(120))
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
