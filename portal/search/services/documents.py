"""What other rooms tell search, inside their own write unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.clock import now
from portal.core.database import at_end, touch_site
from portal.search.models import Change, Document, Vocabulary
from portal.search.rules import document_key


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentData:
    """One published edition, as plain text."""

    slug: str
    audience: str
    locale: str
    topic: str
    """The topic's key."""
    title: str
    summary: str = ""
    key_message: str = ""
    headings: str = ""
    """One heading a line."""
    body: str = ""
    topic_name: str = ""
    """What the topic is called in this locale."""
    published_at: datetime

    @property
    def key(self) -> str:
        """`slug/audience/locale`."""
        return document_key(self.slug, self.audience, self.locale)


def put(session: Session, document: DocumentData) -> bool:
    """Record that an edition is published with this text; say whether that is news.

    Call it inside the write unit that publishes. The index follows when the worker drains the outbox.
    """
    values = asdict(document)
    row = session.scalar(sa.select(Document).where(Document.key == document.key))
    if row is not None and all(getattr(row, name) == value for name, value in values.items()):
        return False
    _record(session, document.key)
    if row is None:
        session.add(Document(key=document.key, **values))
    else:
        for name, value in values.items():
            setattr(row, name, value)
    session.flush()
    return True


def remove(session: Session, key: str) -> bool:
    """Record that an edition is no longer published; say whether it was. It is found no more from the commit on."""
    if session.scalar(sa.select(Document.id).where(Document.key == key)) is None:
        return False
    _record(session, key)
    session.execute(sa.delete(Document).where(Document.key == key))
    session.flush()
    return True


def _record(session: Session, key: str) -> None:
    """Write down that a document changes, for every index.

    The number is taken at the end of the unit, when the row of the site's version is locked until the commit: so
    changes are numbered in the order of their commits. Otherwise an index could take in change 8 while 7 is not
    committed yet, and never look for 7 again.
    """
    touch_site(session)
    at_end(session, lambda unit: unit.add(Change(document_key=key, at=now())))


def set_vocabulary(session: Session, *, words: Sequence[str], synonyms: Sequence[Sequence[str]]) -> bool:
    """Replace the site's own words and groups of synonyms; say whether that is news.

    The index carries a digest of its words: the worker sees that it no longer fits, and builds it anew.
    """
    # YAML reads 96110 as a number; as a word it is text.
    wanted_words, wanted_synonyms = [str(word) for word in words], [[str(word) for word in group] for group in synonyms]
    row = session.get(Vocabulary, 1)
    if row is None:
        session.add(Vocabulary(id=1, words=wanted_words, synonyms=wanted_synonyms))
    elif row.words == wanted_words and row.synonyms == wanted_synonyms:
        return False
    else:
        row.words, row.synonyms = wanted_words, wanted_synonyms
    touch_site(session)
    session.flush()
    return True
