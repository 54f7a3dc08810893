"""The one open index of a process, and the postings in it.

Opening a Whoosh index of 10,000 documents costs 50 ms and more, so a process keeps one open and looks at the pointer
(one `stat`, at most every 0.2 s) for a newer one. Whoosh's readers share one file position between threads, so
postings are read under a lock; what was read is kept as plain arrays that any thread may use.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import weakref
from array import array
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from whoosh import index as whoosh_index
from whoosh.codec.whoosh3 import W3LeafMatcher
from whoosh.reading import TermNotFound

from portal.search.models import files
from portal.search.rules import Segmenter, Words, fold, light, reader, spoken_words

LOOK_EVERY = 0.2
"""Seconds between two looks at the pointer."""
_ATTEMPTS = 5
_KEPT_BYTES = 4_000_000
"""Memory that a process spends on postings kept decoded."""
_POSTING_BYTES, _TOKEN_BYTES = 8, 400

Postings = tuple[Any, Any]
"""(array of document numbers, array of weights)."""
_NONE: Postings = (array("I"), array("f"))


@dataclass(frozen=True, slots=True)
class Entry:
    """What is kept in memory of each document in the index."""

    key: str
    serves: tuple[str, ...]
    topic: str
    topic_name: str
    title: str
    folded: str
    """The title, folded."""
    spelling: str
    """The title in pinyin: `fan zha pian`, runs divided by `|`."""

    @property
    def slug(self) -> str:
        """The article's slug."""
        return self.key.split("/", 1)[0]


@dataclass
class Index:
    """One revision of the index, open. It stays usable after newer ones came, as long as somebody holds it."""

    pointer: files.Pointer
    words: Words
    sounds: Mapping[str, str]
    syllables: frozenset[str]
    leaves: list[tuple[Any, int]]
    """Whoosh's segment readers with the number of their first document."""
    segmenter: Segmenter
    """Knows the words of the documents."""
    segments: dict[str, dict[int, Entry]]
    entries: dict[int, Entry]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _postings: OrderedDict[tuple[str, str], Postings] = field(default_factory=OrderedDict)
    _held: int = 0
    _served: dict[str, frozenset[int]] = field(default_factory=dict)

    @property
    def documents(self) -> int:
        """How many documents the index has."""
        return len(self.entries)

    def served(self, audience: str, locale: str) -> frozenset[int]:
        """Return the documents that stand for their articles before this reader."""
        name = reader(audience, locale)
        known = self._served.get(name)
        if known is None:
            known = frozenset(number for number, entry in self.entries.items() if name in entry.serves)
            self._served[name] = known
        return known

    @cached_property
    def spoken(self) -> dict[str, tuple[str, ...]]:
        """The site's own words by their pinyin."""
        return spoken_words(self.words.words, self.sounds)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each document, by its key."""
        return {entry.key: number for number, entry in self.entries.items()}

    def holds(self, word: str) -> bool:
        """Tell whether any document has the word or one that means the same."""
        return any(self.postings("text", one)[0] for one in (word, *self.words.same_as(word)))

    def postings(self, field_name: str, token: str) -> Postings:
        """Return which documents have the token, with weights. Withdrawn documents may be among them.

        Raises:
            Exception: of any kind, when the index is damaged.

        """
        name = (field_name, token)
        with self._lock:
            known = self._postings.get(name)
            if known is not None:
                self._postings.move_to_end(name)
                return known
            found = self._read(field_name, token)
            self._postings[name] = found
            self._held += _size(found)
            while self._held > _KEPT_BYTES and len(self._postings) > 1:
                self._held -= _size(self._postings.popitem(last=False)[1])
            return found

    def _read(self, field_name: str, token: str) -> Postings:
        ids, weights = array("I"), array("f")
        for leaf, offset in self.leaves:
            try:
                matcher = leaf.postings(field_name, token)
            except TermNotFound:
                continue
            _drain(matcher, offset, ids, weights)
        return (ids, weights) if ids else _NONE


def _size(postings: Postings) -> int:
    return _TOKEN_BYTES + _POSTING_BYTES * len(postings[0])


def _drain(matcher: Any, offset: int, ids: Any, weights: Any) -> None:
    """Append all of a matcher's postings, a block at a time where Whoosh's matcher has blocks.

    One posting at a time costs 2 µs each, a block 0.1 µs a posting. Deleted documents are not left out here: they have
    no entry, so nobody can be served by them.
    """
    matcher = getattr(matcher, "child", matcher)
    while matcher.is_active():
        if isinstance(matcher, W3LeafMatcher):
            matcher.weight()  # reads the block
            # Its numbers are kept as differences; `accumulate` undoes that in C, Whoosh's own decoder in Python.
            differences, weights_of_block = matcher._data[0], matcher._weights
            if offset:
                differences = [differences[0] + offset, *differences[1:]]
            ids.extend(array("I", accumulate(differences)))
            weights.extend(weights_of_block)
            matcher._next_block()
        else:
            ids.append(matcher.id() + offset)
            weights.append(matcher.weight())
            matcher.next()


def _load_segment(leaf: Any) -> dict[int, Entry]:
    return {number: _entry(stored) for number, stored in leaf.iter_docs()}


def _entry(stored: Mapping[str, str]) -> Entry:
    """Return one document's entry; what many documents have alike is one object."""
    title = sys.intern(stored["title"])
    folded = fold(title)
    return Entry(
        key=stored["key"],
        serves=_words(stored["serves"]),
        topic=sys.intern(stored["topic"]),
        topic_name=sys.intern(stored["topic_name"]),
        title=title,
        folded=title if folded == title else sys.intern(folded),
        spelling=sys.intern(stored["spelling"]),
    )


@lru_cache(maxsize=1_000)
def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def open_index(root: Path, old: Index | None = None) -> Index:
    """Open the generation in force, reading only those segments that `old` does not have.

    Raises:
        UnusableError: absent, damaged, or made by another version of the program.
        Exception: of any other kind, when Whoosh meets damage.

    """
    pointer = files.read_pointer(root)
    pointer.check(root)
    folder = pointer.folder(root)
    if old is not None and old.pointer.mark == pointer.mark:
        words, sounds, syllables, known = old.words, old.sounds, old.syllables, old.segments
    else:
        said = json.loads((folder / files.VOCABULARY).read_bytes())
        words = Words.of(said["words"], said["synonyms"])
        if json.loads((folder / files.STAMP).read_bytes())["expected"] != files.expected_stamp(words):
            raise files.UnusableError("the search index was made by another version")
        sounds = {
            character: sys.intern(sound)
            for character, sound in json.loads((folder / files.SOUNDS).read_bytes()).items()
        }
        syllables, known = frozenset(sounds.values()), {}
    segmenter = light(json.loads((folder / files.LEXICON).read_bytes()))
    opened = whoosh_index.open_dir(str(folder)).reader()
    leaves = list(opened.leaf_readers())
    segments: dict[str, dict[int, Entry]] = {}
    entries: dict[int, Entry] = {}
    for leaf, offset in leaves:
        segment = leaf.segment()
        name = segment.segment_id()
        segments[name] = loaded = known.get(name) or _load_segment(leaf)
        # A segment never changes but for documents that are deleted from it.
        deleted = frozenset(segment.deleted_docs())
        entries.update((number + offset, entry) for number, entry in loaded.items() if number not in deleted)
    index = Index(pointer, words, sounds, syllables, leaves, segmenter, segments, entries)
    # Other threads may still read from an index that was replaced, so it is closed when the last one lets go of it.
    weakref.finalize(index, opened.close)
    return index


class Keeper:
    """Keeps the index under one folder open for this process."""

    def __init__(self, root: Path) -> None:
        """Keep the index under `root`; it need not exist yet."""
        self._root = root
        self._lock = threading.Lock()
        self._index: Index | None = None
        self._seen: tuple[int, int, int] | None = None
        self._looked = 0.0

    def index(self) -> Index:
        """Return the index in force, at most `LOOK_EVERY` seconds old.

        Raises:
            Exception: of any kind, when there is none that can be used.

        """
        current = self._index
        now = time.monotonic()
        if current is not None and now - self._looked < LOOK_EVERY:
            return current
        with self._lock:
            seen = self._pointer_mark()
            if self._index is None or seen is None or seen != self._seen:
                before, self._index = self._index, self._open(self._index)
                self._seen = seen if self._index is not before else None
            self._looked = time.monotonic()
            return self._index

    def forget(self) -> None:
        """Close the index and look again at the next question."""
        with self._lock:
            self._index = self._seen = None
            self._looked = 0.0

    def look_again(self) -> None:
        """Look at the pointer at the next question, however soon."""
        self._looked = 0.0

    def _pointer_mark(self) -> tuple[int, int, int] | None:
        try:
            found = os.stat(self._root / files.CURRENT)
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size

    def _open(self, old: Index | None) -> Index:
        # Between Whoosh's commit and the new pointer the sizes do not agree, and a merged segment's files may vanish
        # while they are being opened. Both last milliseconds, but on a machine that is short of breath.
        held = old
        for attempt in range(1, _ATTEMPTS + 1):
            before = self._pointer_mark()
            try:
                return open_index(self._root, old)
            except Exception:
                old = None
                if before is None or attempt == _ATTEMPTS:
                    if held is not None and before is not None and files.being_written(self._root):
                        return held
                    self._index = None
                    raise
                time.sleep(0.005 * attempt)
        raise AssertionError("not reached")


_keepers: dict[Path, Keeper] = {}
_keepers_lock = threading.Lock()


def keeper(root: Path) -> Keeper:
    """Return this process's keeper for the index under `root`."""
    found = _keepers.get(root)
    if found is None:
        with _keepers_lock:
            found = _keepers.setdefault(root, Keeper(root))
    return found
