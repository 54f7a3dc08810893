"""Verbs that change the reference lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.database import Base, touch_site
from portal.reference.models import Campaign, Hotline, Lint, Site, Situation, Term, Topic

LISTS: dict[str, type[Base]] = {
    "topics": Topic,
    "hotlines": Hotline,
    "situations": Situation,
    "terms": Term,
    "campaigns": Campaign,
}


@dataclass(slots=True)
class Changes:
    """What an import did to one kind of thing, by name."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    missing: list[str] = field(default_factory=list)
    """There before and not in the package; kept."""

    def __bool__(self) -> bool:
        return bool(self.added or self.changed)


def store_site(session: Session, *, content: dict[str, Any]) -> Changes:
    """Make the site say `content`."""
    return _store_single(session, Site, content, name="site")


def store_lint(session: Session, *, content: dict[str, Any]) -> Changes:
    """Make `content` the rules of the desk's check."""
    return _store_single(session, Lint, content, name="rules")


def _store_single(session: Session, model: type[Site] | type[Lint], content: dict[str, Any], *, name: str) -> Changes:
    changes = Changes()
    row: Any = session.get(model, 1)
    if row is None:
        session.add(model(id=1, content=content))
        changes.added.append(name)
    elif row.content != content:
        row.content = content
        changes.changed.append(name)
    else:
        changes.unchanged = 1
    if changes and model is Site:
        touch_site(session)
    return changes


def store_list(session: Session, name: str, *, rows: Sequence[dict[str, Any]]) -> Changes:
    """Make the list `name` (a key of `LISTS`) hold `rows`; entries that are not among them are kept and reported."""
    model: Any = LISTS[name]
    changes = Changes()
    present = {entry.key: entry for entry in session.scalars(sa.select(model))}
    for row in rows:
        entry = present.pop(row["key"], None)
        if entry is None:
            session.add(model(**row))
            changes.added.append(row["key"])
        elif any(getattr(entry, column) != value for column, value in row.items()):
            for column, value in row.items():
                setattr(entry, column, value)
            changes.changed.append(row["key"])
        else:
            changes.unchanged += 1
    changes.missing = sorted(present)
    moved = False
    # What was kept stands after what was listed: an export writes this order, and taking that in changes nothing.
    for place, entry in enumerate(sorted(present.values(), key=lambda one: (one.position, one.id)), len(rows)):
        moved = moved or entry.position != place
        entry.position = place
    if changes or moved:
        touch_site(session)
    session.flush()
    return changes
