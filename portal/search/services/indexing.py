"""Writing the index. Only the worker does it, or a command in the foreground; one at a time, under a lock.

The database is the truth and the index is derived from it: a change's row is deleted only once the index has it, so
whatever happens in between is made good by doing it again.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from whoosh import index as whoosh_index
from whoosh.query import Or, Term

from portal.core.clock import now
from portal.core.database import db, transaction
from portal.core.errors import Busy
from portal.search.models import Change, Document, files
from portal.search.models.pool import ArrayPool
from portal.search.queries.fallback import read_words
from portal.search.queries.reader import keeper, open_index
from portal.search.rules import Words, fold, impacts, serves, sounds_of_characters, spelling, title_tokens

WAIT_S = 20.0
"""Seconds a writer waits for another one."""
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


@contextmanager
def _reading() -> Iterator[Session]:
    """Open a read unit of its own and end it: an open one would keep writers out (SQLite, journal mode `delete`)."""
    with Session(db.engine) as session:
        yield session


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
        with _reading() as session:
            # Read before the documents: what changes from here on leaves a newer row and is drained afterwards.
            covered = list(session.scalars(sa.select(Change.id)))
            words = read_words(session)
        sounds = sounds_of_characters()
        written = _write_all(path, words, sounds, progress)
        _write_side_files(path, words, sounds, generation)
        files.write_pointer(folder, generation, 1, new=True)
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise
    _forget(covered)
    keeper(folder).look_again()
    return Built(generation, written, time.monotonic() - begun)


def _write_all(path: Path, words: Words, sounds: Mapping[str, str], progress: Progress | None) -> int:
    index = whoosh_index.create_in(str(path), files.schema())
    writer = _writer(index)
    written = unflushed = 0
    try:
        with _reading() as session:
            total = session.execute(sa.select(sa.func.count()).select_from(Document)).scalar_one()
        for group in _articles():
            for document in group:
                writer.add_document(**document_fields(document, serves(_present(group)), words, sounds))
            written += len(group)
            unflushed += len(group)
            if unflushed >= _SEGMENT:
                writer.commit(merge=False)
                writer, unflushed = _writer(index), 0
            if progress:
                progress(written, max(total, written))
        writer.commit(merge=False)
    except BaseException:
        writer.cancel()
        raise
    return written


def _writer(index: Any) -> Any:
    # Not compound: a segment in one file is copied into memory by each reader, separate files are mapped.
    writer = index.writer(timeout=WAIT_S, codec=files.codec(), compound=False)
    # Whoosh 2.7.4 takes a `poolclass` and does not look at it.
    writer.pool = ArrayPool()
    return writer


def _articles() -> Iterator[list[sa.Row[Any]]]:
    """Yield the documents article by article, a few articles a read unit, in flat memory."""
    after = ""
    while True:
        with _reading() as session:
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


def _present(group: Iterable[sa.Row[Any]]) -> list[tuple[str, str]]:
    return [(document.audience, document.locale) for document in group]


def document_fields(
    document: sa.Row[Any], served: Mapping[tuple[str, str], list[str]], words: Words, sounds: Mapping[str, str]
) -> dict[str, Any]:
    """Return what Whoosh is given of one document."""
    spoken = fold(document.title)
    heard = [*title_tokens(spoken, sounds), *title_tokens(fold(document.topic_name), sounds)]
    return {
        "key": document.key,
        "slug": document.slug,
        "text": impacts(
            title=f"{document.title}\n{document.topic_name}",
            key_message=document.key_message,
            summary=document.summary,
            headings=document.headings,
            body=document.body,
            words=words,
        ),
        "pinyin": dict.fromkeys(heard, 1.0),
        "serves": " ".join(served[document.audience, document.locale]),
        "topic": document.topic,
        "topic_name": document.topic_name,
        "title": document.title,
        "spelling": spelling(spoken),
    }


def _write_side_files(path: Path, words: Words, sounds: Mapping[str, str], generation: str) -> None:
    files.write_atomically(path / files.VOCABULARY, {"words": words.words, "synonyms": words.synonyms})
    files.write_atomically(path / files.SOUNDS, sounds)
    stamp = {"expected": files.expected_stamp(words), "generation": generation, "built_at": now().isoformat()}
    files.write_atomically(path / files.STAMP, stamp)


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


def _forget(changes: list[int]) -> None:
    """Delete rows of the outbox whose documents are in the index."""
    for start in range(0, len(changes), BATCH):
        with transaction() as session:
            session.execute(sa.delete(Change).where(Change.id.in_(changes[start : start + BATCH])))


# --- Keeping up ------------------------------------------------------------------------------------------------------


def drain(*, folder: Path, limit: int = BATCH) -> Drained:
    """Bring at most `limit` changes of the outbox into the index, in one commit. The worker's regular step.

    An index that is absent, damaged, marked, or made by another version or with other words is built anew instead.
    Opens its own units: call it outside any.

    Raises:
        Busy: another process writes the index, or the database is busy; nothing is lost.

    """
    with _writing(folder):
        reason = _reason_to_rebuild(folder)
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
    with _reading() as session:
        rows = session.execute(sa.select(Change.id, Change.document_key).order_by(Change.id).limit(limit)).all()
        if not rows:
            return Drained(0, 0)
        # A document's coming or going changes whom its siblings serve: whole articles are written anew.
        slugs = sorted({row.document_key.rsplit("/", 2)[0] for row in rows})
        groups = _documents_of(session, slugs)
        words = read_words(session)
    pointer = files.read_pointer(folder)
    path = pointer.folder(folder)
    sounds = json.loads((path / files.SOUNDS).read_bytes())
    writer = _writer(whoosh_index.open_dir(str(path)))
    try:
        writer.delete_by_query(Or([Term("slug", slug) for slug in slugs]))
        for group in groups.values():
            served = serves(_present(group))
            for document in group:
                writer.add_document(**document_fields(document, served, words, sounds))
        writer.commit(merge=True)
    except BaseException:
        writer.cancel()
        raise
    files.write_pointer(folder, pointer.generation, pointer.revision + 1)
    keeper(folder).look_again()
    _forget([row.id for row in rows])
    return Drained(len(rows), len(slugs))


def ensure(*, folder: Path) -> str | None:
    """Build the index anew if it cannot be used; return why it was, or None when it was fine.

    Raises:
        Busy: another process writes the index, or the database is busy.

    """
    with _writing(folder):
        reason = _reason_to_rebuild(folder, thorough=True)
        if reason is not None:
            _rebuild(folder)
        return reason


def optimise(*, folder: Path) -> bool:
    """Merge the index into one segment and drop what was deleted from the disk as well; for the night.

    Return False when there is no usable index to optimise.
    """
    with _writing(folder):
        if _reason_to_rebuild(folder) is not None:
            return False
        pointer = files.read_pointer(folder)
        writer = _writer(whoosh_index.open_dir(str(pointer.folder(folder))))
        writer.commit(optimize=True)
        files.write_pointer(folder, pointer.generation, pointer.revision + 1)
        _tidy(folder, keep=pointer.generation)
        keeper(folder).look_again()
        return True


def pending(session: Session) -> int:
    """Return how many changes the index does not have yet."""
    return session.execute(sa.select(sa.func.count()).select_from(Change)).scalar_one()


def _reason_to_rebuild(folder: Path, *, thorough: bool = False) -> str | None:
    """Return why the index must be built anew, as a sentence; None when it is fine."""
    if os.path.lexists(folder / files.REBUILD):
        return "a reader met a damaged index"
    try:
        pointer = files.read_pointer(folder)
        pointer.check(folder)
        with _reading() as session:
            wanted = files.expected_stamp(read_words(session))
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
