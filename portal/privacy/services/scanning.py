"""A search for a text that should be gone, in every place where the portal keeps anything.

Rows are read column by column, sealed texts in the clear; files byte by byte, as they lie on the disk: the database
itself with its journal, index, mail, pictures, logs. So what was deleted but not overwritten is found as well.
"""

from __future__ import annotations

import base64
import json
import os
import quopri
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

import sqlalchemy as sa

from portal.core import crypto
from portal.core.database import Base, Sealed, db

CHUNK = 4_000_000
ROWS = 500
_SOFT_BREAK = re.compile(rb"=?\r?\n[ \t]*")


@dataclass(frozen=True, slots=True)
class Found:
    """One place where the text is. It never holds what stands around it."""

    where: str
    how: str
    """As what: the name of an encoding, or `sealed`."""
    times: int
    first: str = ""
    """Of rows: the primary key of the first."""


def scan(text: str, *, folders: Iterable[Path]) -> list[Found]:
    """Return where `text` is: in rows of the database, and in files of the folders."""
    patterns = encodings(text)
    found = [*_in_rows(text, patterns)]
    for folder in folders:
        for path in sorted([folder] if folder.is_file() else folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                found += _in_file(path, patterns)
            found += _in_name(path, patterns)
    return found


def encodings(text: str) -> dict[str, list[bytes]]:
    """Return how a text may be written, by the encoding's name."""
    utf8, utf16 = text.encode("utf-8", "surrogatepass"), text.encode("utf-16-le", "surrogatepass")
    escaped = json.dumps(text)[1:-1].encode()
    made = {
        "utf-8": [utf8],
        "utf-16": [utf16, text.encode("utf-16-be", "surrogatepass")],
        "json": [escaped, re.sub(rb"\\u[0-9a-f]{4}", lambda found: b"\\u" + found[0][2:].upper(), escaped)],
        "base64": [piece for raw in (utf8, utf16) for piece in _base64(raw)],
        "quoted-printable": [quopri.encodestring(utf8).replace(b"=\n", b"")],
        "url": [quote(text, safe="", errors="replace").encode(), quote_plus(text, errors="replace").encode()],
        "url, small letters": [
            re.sub(rb"%..", lambda found: found[0].lower(), quote(text, safe="", errors="replace").encode())
        ],
    }
    with suppress(UnicodeEncodeError):
        made["gb18030"] = [text.encode("gb18030")]
    known: set[bytes] = set()
    for name, pieces in made.items():
        made[name] = [piece for piece in dict.fromkeys(pieces) if piece and piece not in known]
        known.update(made[name])
    return {name: pieces for name, pieces in made.items() if pieces}


def _base64(raw: bytes) -> Iterator[bytes]:
    """Yield what is the same in the base64 of any longer text, for each of the three ways to lie in it."""
    for before in range(3):
        whole = (len(raw) + before) // 3 * 3 - before
        if whole <= 0:
            continue
        piece = base64.b64encode(b"\0" * before + raw[:whole])[-(-before * 8 // 6) :]
        if len(piece) >= 5:
            yield piece
            yield piece.translate(bytes.maketrans(b"+/", b"-_"))


# --- rows ---------------------------------------------------------------------------------------------------------


def _in_rows(text: str, patterns: dict[str, list[bytes]]) -> Iterator[Found]:
    """Look into every column of every table that there is, whether the portal knows it or not."""
    inspector = sa.inspect(db.engine)
    keys = inspector.get_multi_pk_constraint()
    for (schema, name), columns in sorted(inspector.get_multi_columns().items(), key=lambda one: one[0][1]):
        known = Base.metadata.tables.get(name)
        table = sa.table(name, *(sa.column(column["name"]) for column in columns))
        sealed = {c.name for c in known.columns if isinstance(c.type, Sealed)} if known is not None else set()
        yield from _in_table(table, keys[schema, name]["constrained_columns"], sealed, text, patterns)


def _in_table(
    table: sa.TableClause, keys: list[str], sealed: set[str], text: str, patterns: dict[str, list[bytes]]
) -> Iterator[Found]:
    seen: dict[tuple[str, str], tuple[int, str]] = {}
    rows = sa.select(*(_as_text(table, column.name) for column in table.columns))
    with db.engine.connect() as connection:
        for row in connection.execution_options(yield_per=ROWS).execute(rows).mappings():
            for name, value in row.items():
                if value is None:
                    continue
                for how in _how(value, name in sealed, text, patterns):
                    count, first = seen.get((name, how), (0, " ".join(str(row[key]) for key in keys)))
                    seen[name, how] = (count + 1, first)
    for (name, how), (count, first) in seen.items():
        yield Found(f"{table.name}.{name}", how, count, first)


def _as_text(table: sa.TableClause, name: str) -> sa.ColumnElement[str]:
    """Read a column as the text that the database has for it; bytes come in hexadecimal on PostgreSQL."""
    column = table.c[name]
    return sa.cast(column, sa.Text).label(name) if db.engine.dialect.name == "postgresql" else column.label(name)


def _how(value: object, is_sealed: bool, text: str, patterns: dict[str, list[bytes]]) -> list[str]:
    if is_sealed:
        try:
            value, before = crypto.unseal(str(value)), ["sealed"]
        except crypto.Unreadable:
            return []
        return before if text in value or _hits(value.encode("utf-8", "surrogatepass"), patterns) else []
    if isinstance(value, str) and value.startswith("\\x"):
        # PostgreSQL's way to write bytes.
        with suppress(ValueError):
            value = bytes.fromhex(value[2:])
    raw = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
    return _hits(raw, patterns)


def _hits(raw: bytes, patterns: dict[str, list[bytes]]) -> list[str]:
    return [how for how, pieces in patterns.items() if any(piece in raw for piece in pieces)]


# --- files --------------------------------------------------------------------------------------------------------


def _in_file(path: Path, patterns: dict[str, list[bytes]]) -> list[Found]:
    """Look into a file in pieces that overlap: as it is, and without the line breaks that mail puts into words."""
    longest = 4 * max(len(piece) for pieces in patterns.values() for piece in pieces) + 100
    counts: dict[str, int] = {}
    with open(path, "rb") as file:
        before = b""
        while chunk := file.read(CHUNK):
            raw = before + chunk
            joined = _SOFT_BREAK.sub(b"", raw)
            for how, pieces in patterns.items():
                times = max(sum(view.count(piece) for piece in pieces) for view in (raw, joined))
                if times:
                    counts[how] = counts.get(how, 0) + times
            before = raw[-longest:]
            # What lies wholly in the overlap is counted twice: the number is not exact, that there is one is.
    return [Found(str(path), how, count) for how, count in counts.items()]


def _in_name(path: Path, patterns: dict[str, list[bytes]]) -> list[Found]:
    """Look at the name of a file, which is told by its folder alone."""
    if _hits(os.fsencode(path.name), patterns):
        return [Found(str(path.parent), "the name of a file in it", 1)]
    return []
