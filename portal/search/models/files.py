"""The index on the disk: its schema, its folder, and the pointer to the generation that is in force.

    search/CURRENT      which generation, its revision, the last change of the outbox that is in it, and the size of
                        every file of it (JSON, replaced atomically)
    search/LOCK         held by whoever writes
    search/REBUILD      somebody met a damaged index; the worker makes it anew
    search/gen-0007/    one generation: Whoosh's files, STAMP, VOCABULARY, SOUNDS, LEXICON

The index holds pickles: the folder must be writable by the portal alone, and an index is never restored from a backup
but made anew.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from whoosh import fields, formats
from whoosh.codec.whoosh3 import W3Codec

from portal.search.rules import Words

SCHEMA_VERSION = 3
"""Count up with every change to the schema, to the tokens or to their weights: older indexes are then made anew."""

CURRENT, LOCK, REBUILD = "CURRENT", "LOCK", "REBUILD"
STAMP, VOCABULARY, SOUNDS, LEXICON = "STAMP", "VOCABULARY", "SOUNDS", "LEXICON"
_GENERATION = re.compile(r"gen-\d{4,}")


class UnusableError(Exception):
    """The index is absent, damaged, or was made by another version; the text says which."""


class Weighed(fields.FieldType):  # type: ignore[misc]  # Whoosh has no types
    """A field that is given its tokens with their weights, instead of a text to be cut up.

    The class is named in the pickled schema, so it must stay importable under this name.
    """

    def __init__(self) -> None:
        super().__init__(formats.Existence(), None, scorable=False, stored=False)

    def index(self, value: Mapping[str, float], **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield (token, count, weight, nothing more) for Whoosh's writer."""
        for token, weight in value.items():
            yield token.encode(), 1, weight, b""


def schema() -> fields.Schema:
    """Return the schema: lean, because positions and a stored body double the size and the time of building."""
    return fields.Schema(
        key=fields.ID(stored=True, unique=True),
        slug=fields.ID(),
        text=Weighed(),
        lead=Weighed(),
        pinyin=Weighed(),
        serves=fields.STORED,
        topic=fields.STORED,
        topic_name=fields.STORED,
        title=fields.STORED,
        spelling=fields.STORED,
    )


class LeanCodec(W3Codec):  # type: ignore[misc]  # Whoosh has no types
    """Whoosh's codec without lengths of fields: weights are final here, and it would look for a file per posting."""

    length_stats = False


def codec() -> LeanCodec:
    """Return how postings are written: in long blocks, not compressed, because reading them is most of a question."""
    return LeanCodec(blocklimit=2048, compression=0)


@lru_cache(maxsize=1)
def _versions() -> dict[str, str]:
    return {name: version(name) for name in ("whoosh", "rjieba", "pypinyin", "opencc")}


def expected_stamp(vocabulary: Words) -> dict[str, Any]:
    """Return what the stamp of a generation must say to be used with this program and these words."""
    return {"schema": SCHEMA_VERSION, "vocabulary": vocabulary.digest, "packages": _versions()}


@dataclass(frozen=True, slots=True)
class Pointer:
    """What `CURRENT` says."""

    generation: str
    revision: int
    """Grows with every commit to this generation."""
    mark: str
    """Unlike that of any other generation, also after the folder was emptied and numbering began again."""
    seen: int
    """The last change of the outbox that is in it; 0 when there was none yet."""
    seen_at: str
    """When that change was made: a restored database counts again from an older number."""
    sizes: dict[str, int] = field(compare=False, hash=False)
    """Bytes of each file; another size means that a file was cut short or never finished."""

    def folder(self, root: Path) -> Path:
        """Return the generation's folder."""
        return root / self.generation

    def check(self, root: Path) -> None:
        """Compare every file's size with what was written.

        Raises:
            UnusableError: a file is missing or has another size.

        """
        for name, size in self.sizes.items():
            try:
                found = os.stat(self.folder(root) / name).st_size
            except OSError:
                raise UnusableError(f"{name} of the search index is missing") from None
            if found != size:
                raise UnusableError(f"{name} of the search index has {found} bytes instead of {size}")


def read_pointer(root: Path) -> Pointer:
    """Read `CURRENT`.

    Raises:
        UnusableError: there is no index, or the pointer is damaged.

    """
    try:
        said = json.loads((root / CURRENT).read_bytes())
        pointer = Pointer(
            str(said["generation"]),
            int(said["revision"]),
            str(said["mark"]),
            int(said["seen"]),
            str(said["seen_at"]),
            {str(name): int(size) for name, size in said["sizes"].items()},
        )
    except FileNotFoundError:
        raise UnusableError("there is no search index") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise UnusableError("the pointer to the search index is damaged") from problem
    if not _GENERATION.fullmatch(pointer.generation):
        raise UnusableError("the pointer to the search index is damaged")
    return pointer


def write_pointer(
    root: Path, generation: str, revision: int, *, seen: tuple[int, str], mark: str | None = None
) -> Pointer:
    """Put a generation in force as it lies on the disk now; readers see the old pointer or the new one.

    `mark` is that of the pointer before; without one the generation is new.
    """
    folder = root / generation
    sizes = {
        entry.name: entry.stat().st_size
        for entry in os.scandir(folder)
        if entry.is_file() and not entry.name.endswith("LOCK") and entry.name != LEXICON
    }
    pointer = Pointer(generation, revision, mark or secrets.token_hex(8), *seen, sizes)
    write_atomically(root / CURRENT, asdict(pointer))
    return pointer


def write_atomically(path: Path, value: object) -> None:
    """Write JSON so that a crash leaves the old file or the new one."""
    beside = path.with_name(path.name + ".new")
    with open(beside, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)


def being_written(root: Path) -> bool:
    """Tell whether somebody is writing the index right now."""
    try:
        with open(root / LOCK, encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def generations(root: Path) -> list[str]:
    """Return the names of all generations on the disk, oldest first."""
    try:
        return sorted((entry.name for entry in os.scandir(root) if _GENERATION.fullmatch(entry.name)), key=_number)
    except OSError:
        return []


def next_generation(root: Path) -> str:
    """Return a name that no generation on the disk has."""
    return f"gen-{max((_number(name) for name in generations(root)), default=0) + 1:04}"


def _number(name: str) -> int:
    return int(name.removeprefix("gen-"))


def ask_for_rebuild(root: Path) -> None:
    """Leave the mark that makes the worker build the index anew; never raises."""
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        (root / REBUILD).touch()
    except OSError:
        pass  # A disk that takes no mark takes no index either; the worker looks at the index itself.
