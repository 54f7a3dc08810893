"""Comparing a package's lists with the stored ones: the desk never changes them, it only lets equal ones pass."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.reference.models import Lint, Site
from portal.reference.services import LISTS
from portal.search.models import Vocabulary

FILES = {
    "topics": "topics.yaml",
    "hotlines": "hotlines.yaml",
    "situations": "hotlines.yaml",
    "terms": "glossary.yaml",
    "campaigns": "calendar.yaml",
}


def differing(session: Session, package: Any) -> list[str]:
    """Return the files of `package` that say anything else than what is stored."""
    found = []
    for name, model in (("site", Site), ("lint", Lint)):
        content = getattr(package, name)
        row: Any = session.get(model, 1)
        if content is not None and (row is None or row.content != content):
            found.append(f"{name}.yaml")
    for name, file in FILES.items():
        rows = getattr(package, name)
        if rows is not None and file not in found and rows != _stored(session, name, rows):
            found.append(file)
    vocabulary = session.get(Vocabulary, 1)
    if package.synonyms is not None and package.synonyms != (vocabulary.synonyms if vocabulary else []):
        found.append("synonyms.yaml")
    if package.words is not None and package.words != (vocabulary.words if vocabulary else []):
        found.append("words.txt")
    return found


def _stored(session: Session, name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    model: Any = LISTS[name]
    columns = list(rows[0]) if rows else ["key"]
    entries = session.scalars(sa.select(model).order_by(model.position, model.id))
    return [{column: getattr(entry, column) for column in columns} for entry in entries]
