"""Writing the index. Only the worker does it, or a command in the foreground; one at a time, under a lock.

The database is the truth and the index is derived from it. The pointer says which change of the outbox is the last one
in the index, and is written after the index: whatever happens in between is made good by doing it again.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.errors import Busy
from portal.search.models import Document, files
from portal.search.queries.fallback import read_words
from portal.search.queries.reader import keeper, open_index
from portal.search.rules import Words
from portal.search.services import outbox
from portal.search.services.writer import WAIT_S, IndexWriter

BATCH = 500
"""Changes taken into the index at once."""
_ARTICLES_AT_ONCE = 100
_SEGMENT = 12_000
"""Documents written as one segment; bounds what building holds in memory (about 200 MB)."""

Progress = Callable[[int, int], None]
"""Called with (documents done, documents in all)."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a rebuild made."""

    generation: str
    documents: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Drained:
    """What a drain did."""

    changes: int
    """Rows of the outbox that are done with."""
    articles: int
    """Articles whose documents were written anew."""
    rebuilt: bool = False


@contextmanager
def _writing(folder: Path, wait: float = WAIT_S) -> Iterator[None]:
    """Hold the writer's lock; the system frees it when the process dies.

    Raises:
        Busy: somebody else writes for longer than `wait` seconds.

    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(folder / files.LOCK, "a", encoding="ascii") as lock:
        until = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > until:
                    raise Busy("The search index is being written by another process.") from None
                time.sleep(0.02)
        yield


# --- Building anew ---------------------------------------------------------------------------------------------------


def rebuild(*, folder: Path, progress: Progress | None = None) -> Built:
    """Build the index anew beside the old one and put it in force; readers never see half of it.

    Opens its own units: call it outside any.

    Raises:
        Busy: another process writes the index, or the database is busy.

    """
    with _writing(folder):
        return _rebuild(folder, progress)


def _rebuild(folder: Path, progress: Progress | None = None) -> Built:
    begun = time.monotonic()
    (folder / files.REBUILD).unlink(missing_ok=True)
    _tidy(folder, keep=_in_force(folder))
    generation = files.next_generation(folder)
    path = folder / generation
    path.mkdir(mode=0o700)
    try:
        with outbox.reading() as session:
            # Read before the documents: what changes from here on leaves a newer row and is drained afterwards.
            seen = outbox.newest(session)
            words = read_words(session)
        written = _write_all(path, words, progress)
        files.write_pointer(folder, generation, 1, seen=seen)
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise
    outbox.purge()
    keeper(folder).look_again()
    return Built(generation, written, time.monotonic() - begun)


def _write_all(path: Path, words: Words, progress: Progress | None) -> int:
    writer = IndexWriter(path, words)
    written = unflushed = 0
    try:
        with outbox.reading() as session:
            total = session.execute(sa.select(sa.func.count()).select_from(Document)).scalar_one()
        for article in _articles():
            writer.add(article)
            written += len(article)
            unflushed += len(article)
            if unflushed >= _SEGMENT:
                writer.flush()
                unflushed = 0
            if progress:
                progress(written, max(total, written))
        writer.commit(merge=False)
    except BaseException:
        writer.cancel()
        raise
    return written


def _articles() -> Iterator[list[sa.Row[Any]]]:
    """Yield the documents article by article, a few articles a read unit, in flat memory."""
    after = ""
    while True:
        with outbox.reading() as session:
            slugs = list(
                session.scalars(
                    sa.select(Document.slug)
                    .distinct()
                    .where(Document.slug > after)
                    .order_by(Document.slug)
                    .limit(_ARTICLES_AT_ONCE)
                )
            )
            groups = _documents_of(session, slugs)
        if not slugs:
            return
        after = slugs[-1]
        yield from groups.values()


def _documents_of(session: Session, slugs: Iterable[str]) -> dict[str, list[sa.Row[Any]]]:
    columns = Document.__table__.columns
    rows = session.execute(sa.select(*columns).where(columns.slug.in_(list(slugs))).order_by(columns.key))
    groups: dict[str, list[sa.Row[Any]]] = {}
    for row in rows:
        groups.setdefault(row.slug, []).append(row)
    return groups


def _in_force(folder: Path) -> str | None:
    try:
        return files.read_pointer(folder).generation
    except files.UnusableError:
        return None


def _tidy(folder: Path, *, keep: str | None) -> None:
    """Remove every generation but the one in force: readers of older ones have moved on since the last rebuild."""
    for name in files.generations(folder):
        if name != keep:
            shutil.rmtree(folder / name, ignore_errors=True)


# --- Keeping up ------------------------------------------------------------------------------------------------------


def drain(*, folder: Path, limit: int = BATCH) -> Drained:
    """Bring at most `limit` changes of the outbox into the index, in one commit. The worker's regular step.

    An index that is absent, damaged, marked, or made by another version or with other words is built anew instead.
    Opens its own units: call it outside any.

    Raises:
        Busy: another process writes the index, or the database is busy; nothing is lost.

    """
    with _writing(folder):
        reason = reason_to_rebuild(folder=folder)
        if reason is None:
            try:
                return _drain(folder, limit)
            except (Busy, sa.exc.SQLAlchemyError):
                raise
            except Exception:  # Whoosh raises at least six kinds
                # Damage that only writing met: the words above hold for it as well.
                reason = "writing met damage"
        return Drained(0, _rebuild(folder).documents, rebuilt=True)


def _drain(folder: Path, limit: int) -> Drained:
    pointer = files.read_pointer(folder)
    with outbox.reading() as session:
        rows = outbox.after(session, pointer, limit)
        if not rows:
            return Drained(0, 0)
        # A document's coming or going changes whom its siblings serve: whole articles are written anew.
        slugs = sorted({row.document_key.rsplit("/", 2)[0] for row in rows})
        groups = _documents_of(session, slugs)
        words = read_words(session)
    writer = IndexWriter(pointer.folder(folder), words)
    try:
        writer.remove(slugs)
        for article in groups.values():
            writer.add(article)
        writer.commit(merge=True)
    except BaseException:
        writer.cancel()
        raise
    files.write_pointer(folder, pointer.generation, pointer.revision + 1, seen=rows[-1].seen, mark=pointer.mark)
    keeper(folder).look_again()
    outbox.purge()
    return Drained(len(rows), len(slugs))


def ensure(*, folder: Path) -> str | None:
    """Build the index anew if it cannot be used; return why it was, or None when it was fine.

    Raises:
        Busy: another process writes the index, or the database is busy.

    """
    with _writing(folder):
        reason = reason_to_rebuild(folder=folder, thorough=True)
        if reason is not None:
            _rebuild(folder)
        return reason


def optimise(*, folder: Path) -> bool:
    """Merge the index into one segment and drop what was deleted from the disk as well; for the night.

    Return False when there is no usable index to optimise.
    """
    with _writing(folder):
        if reason_to_rebuild(folder=folder) is not None:
            return False
        pointer = files.read_pointer(folder)
        with outbox.reading() as session:
            words = read_words(session)
        IndexWriter(pointer.folder(folder), words).optimise()
        seen = (pointer.seen, pointer.seen_at)
        files.write_pointer(folder, pointer.generation, pointer.revision + 1, seen=seen, mark=pointer.mark)
        _tidy(folder, keep=pointer.generation)
        keeper(folder).look_again()
        return True


def reason_to_rebuild(*, folder: Path, thorough: bool = False) -> str | None:
    """Return why the index must be built anew, as a sentence; None when it is fine."""
    if os.path.lexists(folder / files.REBUILD):
        return "a reader met a damaged index"
    try:
        pointer = files.read_pointer(folder)
        pointer.check(folder)
        with outbox.reading() as session:
            wanted = files.expected_stamp(read_words(session))
            if not outbox.can_follow(session, pointer):
                return "the index is older than the changes that are kept"
        if json.loads((pointer.folder(folder) / files.STAMP).read_bytes())["expected"] != wanted:
            return "the index was made by another version or with other words"
        if thorough:
            open_index(folder)
    except files.UnusableError as problem:
        return str(problem)
    except sa.exc.SQLAlchemyError:
        raise
    except Exception as problem:  # Whoosh raises at least six kinds
        return f"the index cannot be opened: {type(problem).__name__}"
    return None
