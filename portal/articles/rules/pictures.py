"""What `media.yaml` may say: the words of each picture that a package brings."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from portal.articles.rules.intake import Mode
from portal.core.errors import Said
from portal.core.settings import DEFAULT_LOCALE, Locale
from portal.media.rules.words import LONGEST, Words
from portal.reference.rules import Node
from portal.reference.rules.files import KEY

MAX_KEY = 40
"""Characters that the library has room for."""
TAKEN = "new"
"""The address of the desk's form for a new entry."""
MOST_AT_THE_DESK = 20
"""New pictures of one zip file: each is drawn anew, which takes half a second, and somebody waits for it."""
_FILE = re.compile(r"([^.]+)\.(png|jpg|jpeg|webp|gif|svg)\Z")


@dataclass(frozen=True, slots=True)
class PictureEntry:
    """One entry of `media.yaml`, and the line on which it stands."""

    key: str
    words: Words
    line: int

    def mark(self, digest: str) -> str:
        """Return a digest of everything that the package says of the picture, whose file has `digest`."""
        return hashlib.sha256(json.dumps([asdict(self.words), digest], sort_keys=True).encode()).hexdigest()


class Fate(StrEnum):
    """What is done with one picture."""

    NOTHING = "nothing"
    """The library says and shows the same."""
    KEEP = "keep"
    """The desk has gone on from what the package says; that stays, and is reported."""
    STORE = "store"
    """The library is to say and show what the package has."""
    REFUSE = "refuse"
    """Somebody at the desk brings another state of what is there: that is changed in the library."""


def fate(mode: Mode, *, is_new: bool, is_same: bool, is_retired: bool, is_kept: bool) -> Fate:
    """Return what to do with a picture.

    Args:
        is_same: the library has the same words and the same file.
        is_kept: the package says what a command brought last.
    """
    if is_new or (is_same and not is_retired):
        return Fate.STORE if is_new else Fate.NOTHING
    if mode is Mode.DRAFT:
        return Fate.REFUSE
    return Fate.KEEP if is_retired or (is_kept and mode is Mode.COMMAND) else Fate.STORE


def picture_key(name: str) -> str:
    """Return the key that a file of `media/` is for; empty: its name is not that of a picture."""
    found = _FILE.match(name)
    return found[1] if found and _fits(found[1]) else ""


def _fits(key: str) -> bool:
    return KEY.match(key) is not None and len(key) <= MAX_KEY and key != TAKEN


def read_pictures(node: Node) -> list[PictureEntry]:
    """Read `media.yaml`; problems are noted on the node."""
    entries: list[PictureEntry] = []
    for item in node.items():
        fields = item.mapping(
            required=("key", "title", "source", "licence"),
            optional=("locale", "alt", "decorative", "caption", "ai_generated"),
        )
        entry = PictureEntry(_key(fields), _words(fields), item.line)
        if entry.key and any(entry.key == other.key for other in entries):
            item.complain(Said("The key `%(key)s` stands here twice.", key=entry.key))
        if fields and not entry.words.alt and not entry.words.decorative:
            item.complain(
                Said("`alt` is missing: say what can be seen, or `decorative: true` where there is nothing to tell.")
            )
        if entry.words.alt and entry.words.decorative:
            item.complain(Said("A picture that only decorates has no `alt`: leave out one of the two."))
        entries.append(entry)
    return entries


def write_picture(key: str, words: Words) -> dict[str, str]:
    """Return an entry of `media.yaml` that is read back as the same words; what says nothing is left out."""
    said: dict[str, Any] = {"key": key, **asdict(words)}
    if words.locale == DEFAULT_LOCALE:
        del said["locale"]
    return {name: "true" if value is True else str(value) for name, value in said.items() if value}


def _key(fields: dict[str, Node]) -> str:
    if "key" not in fields:
        return ""
    key = fields["key"].text(limit=MAX_KEY)
    if key and not _fits(key):
        fields["key"].complain(
            Said(
                "`%(text)s` is not the key of a picture: use small letters, digits and single hyphens, at most 40.",
                text=key[:100],
            )
        )
        return ""
    return key


def _words(fields: dict[str, Node]) -> Words:
    said: dict[str, Any] = {name: _text(fields[name], name) for name in _TEXTS if name in fields}
    said |= {name: fields[name].choice(("true", "false")) == "true" for name in _FLAGS if name in fields}
    if "locale" in fields:
        said["locale"] = Locale(fields["locale"].choice(tuple(Locale)))
    return Words(**{"title": "", "source": "", "licence": "", **said})


def _text(node: Node, name: str) -> str:
    # An empty `alt` is told in words of its own.
    text = node.text(limit=LONGEST[name], empty=name == "alt").strip()
    if "\n" in text and name != "caption":
        node.complain(Said("This must be one line."))
    return text


_TEXTS = ("title", "alt", "caption", "source", "licence")
_FLAGS = ("decorative", "ai_generated")
