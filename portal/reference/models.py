"""Tables of the reference lists."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, Key


class Site(Base):
    """One row: what `site.yaml` says."""

    __tablename__ = "reference_site"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]]


class Lint(Base):
    """One row: the rules of `lint.yaml`, by which the desk checks what is written."""

    __tablename__ = "reference_lint"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]]


class Topic(Base):
    """What articles are about; a topic without parent is a group."""

    __tablename__ = "reference_topic"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    parent: Mapped[str | None] = mapped_column(sa.String(80))
    position: Mapped[int]
    name: Mapped[dict[str, str]]
    note: Mapped[dict[str, str]]
    icon: Mapped[str] = mapped_column(sa.String(80))


class Hotline(Base):
    """A telephone number that the site may print: what for, what not, who says so, when it was checked."""

    __tablename__ = "reference_hotline"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    position: Mapped[int]
    number: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[dict[str, str]]
    purpose: Mapped[dict[str, str]]
    details: Mapped[dict[str, str]]
    caution: Mapped[dict[str, str]]
    hours: Mapped[dict[str, str]]
    source: Mapped[dict[str, str]]
    url: Mapped[str] = mapped_column(sa.String(500))
    checked_on: Mapped[str] = mapped_column(sa.String(10))
    dial: Mapped[bool]
    strip: Mapped[list[str]]


class Situation(Base):
    """One answer of the "which number do I call" finder."""

    __tablename__ = "reference_situation"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    position: Mapped[int]
    text: Mapped[dict[str, str]]
    advice: Mapped[dict[str, str]]
    call: Mapped[list[str]]


class Term(Base):
    """A hard word in plain words."""

    __tablename__ = "reference_term"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    position: Mapped[int]
    term: Mapped[dict[str, str]]
    plain: Mapped[dict[str, str]]
    source: Mapped[dict[str, str]]
    checked_on: Mapped[str] = mapped_column(sa.String(10))


class Campaign(Base):
    """A time of the year at which banks and authorities teach together; its name is another each year."""

    __tablename__ = "reference_campaign"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    position: Mapped[int]
    month: Mapped[int]
    until: Mapped[int]
    """The last month of it; that of `month` where it lasts no longer."""
    names: Mapped[dict[str, str]]
    """By year; a year whose name is not known has none."""
    organiser: Mapped[dict[str, str]]
    source: Mapped[dict[str, str]]
    checked_on: Mapped[str] = mapped_column(sa.String(10))
