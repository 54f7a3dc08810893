"""The pictures of a content package: compared with the library, drawn anew before the write unit, stored within it."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from portal.articles.rules import Mode
from portal.articles.rules.pictures import MOST_AT_THE_DESK, Fate, PictureEntry, fate, write_picture
from portal.core.errors import Said
from portal.core.settings import Settings
from portal.media import queries as media_queries
from portal.media import services as media
from portal.media.models import Asset
from portal.media.rules import SENTENCES, Refused
from portal.media.rules.words import Words
from portal.reference.rules import Problems, write_yaml
from portal.reference.services import Changes

LIST = "media.yaml"
FOLDER = "media"


@dataclass(slots=True)
class _Picture:
    """One picture of a package, and what the library had under its key."""

    entry: PictureEntry
    file: str
    digest: str
    edits: int | None
    fate: Fate
    is_same_file: bool
    received: media.Received | None = None


@dataclass(slots=True)
class Pictures:
    """The pictures of a package, ready to be stored; their files wait until `close`."""

    data: Path
    all: list[_Picture] = field(default_factory=list)
    files: ExitStack = field(default_factory=ExitStack)
    is_there: bool = False
    """The package speaks of pictures at all."""

    def close(self) -> None:
        """Remove what was not stored."""
        self.files.close()

    @property
    def kept(self) -> list[str]:
        """What the desk has changed or retired since; it stays."""
        return [f"media/{one.entry.key}" for one in self.all if one.fate is Fate.KEEP]

    @property
    def keys(self) -> set[str]:
        """Keys that texts may name once the package is in."""
        return {one.entry.key for one in self.all if one.fate is not Fate.KEEP}


def compare_pictures(
    session: Session,
    folder: Path,
    entries: list[PictureEntry],
    names: dict[str, str],
    *,
    mode: Mode,
    settings: Settings,
    problems: Problems,
) -> Pictures:
    """Look at the pictures of the package in `folder` beside those of the library; both are only read.

    Args:
        names: the files of `media/` by key.
    """
    pictures = Pictures(settings.data, is_there=True)
    library = {asset.key: asset for asset in media_queries.pictures(session)}
    owners = {(asset.digest, asset.locale): asset.key for asset in library.values() if asset.retired_at is None}
    for key in sorted(set(names) - {entry.key for entry in entries}):
        problems.add(f"{FOLDER}/{names[key]}", 0, Said("%(list)s says nothing of this picture.", list=LIST))
    for entry in entries:
        if not entry.key:
            continue
        if entry.key not in names:
            said = Said("There is no picture %(folder)s/%(key)s.png (or .jpg, .webp).", folder=FOLDER, key=entry.key)
            problems.add(LIST, entry.line, said)
            continue
        if entry.key not in library and media_queries.asset(session, entry.key) is not None:
            said = Said("`%(key)s` is a video or a recording of the library: choose another key.", key=entry.key)
            problems.add(LIST, entry.line, said)
            continue
        file = f"{FOLDER}/{names[entry.key]}"
        picture = _compare(entry, folder / file, library.get(entry.key), mode=mode, data=settings.data)
        if picture.fate is Fate.REFUSE:
            said = Said("`%(key)s` differs from the library: change it there, or take it out of here.", key=entry.key)
            problems.add(LIST, entry.line, said)
        owner = owners.setdefault((picture.digest, entry.words.locale), entry.key)
        if owner != entry.key and picture.fate is Fate.STORE:
            said = Said("The same picture is there already, as `%(owner)s`: use that key.", owner=owner)
            problems.add(file, 0, said)
        pictures.all.append(picture)
    new = sum(one.fate is Fate.STORE for one in pictures.all)
    if mode is Mode.DRAFT and new > MOST_AT_THE_DESK:
        problems.add(
            LIST,
            0,
            Said(
                "Here at most %(most)d new pictures are taken at once. "
                "For more, use the command `flask content import`.",
                most=MOST_AT_THE_DESK,
            ),
        )
    return pictures


def _compare(entry: PictureEntry, path: Path, asset: Asset | None, *, mode: Mode, data: Path) -> _Picture:
    digest = _digest(path)
    is_same_file = asset is not None and digest != "" and digest in (asset.digest, _digest(media.best(data, asset)))
    return _Picture(
        entry=entry,
        file=f"{FOLDER}/{path.name}",
        digest=digest,
        edits=asset.edits if asset else None,
        fate=fate(
            mode,
            is_new=asset is None,
            is_same=asset is not None and is_same_file and _words(asset) == entry.words,
            is_retired=asset is not None and asset.retired_at is not None,
            is_kept=asset is not None and asset.brought == entry.mark(digest),
        ),
        is_same_file=is_same_file,
    )


def _digest(path: Path) -> str:
    """Return the digest of a file; empty when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def draw_pictures(pictures: Pictures, folder: Path, *, settings: Settings, problems: Problems) -> None:
    """Draw anew, in child processes, what the library does not have yet; the files wait until `close`."""
    for one in pictures.all:
        if one.fate is not Fate.STORE or one.is_same_file:
            continue
        try:
            with (folder / one.file).open("rb") as source:
                waiting = media.received(source, filename=one.file, data=settings.data, scanner=settings.scanner)
                one.received = pictures.files.enter_context(waiting)
        except Refused as problem:
            problems.add(one.file, 0, SENTENCES[problem.reason])
        except OSError as problem:
            problems.add(one.file, 0, Said("The file cannot be read: %(strerror)s.", strerror=problem.strerror))
        else:
            one.digest = one.received.digest


def store_pictures(session: Session, pictures: Pictures, *, mode: Mode, by: str, at: datetime) -> Changes:
    """Store what `compare_pictures` found to be new or changed, inside the caller's write unit.

    Raises:
        Changed: the library was changed after the package had been checked.
    """
    changes = Changes()
    for one in pictures.all:
        if one.fate is not Fate.STORE:
            changes.unchanged += 1
            continue
        media.bring(
            session,
            key=one.entry.key,
            words=one.entry.words,
            received=one.received,
            edits=one.edits,
            brought=one.entry.mark(one.digest) if mode is Mode.COMMAND else None,
            data=pictures.data,
            by=by,
            at=at,
        )
        (changes.added if one.edits is None else changes.changed).append(one.entry.key)
    if pictures.is_there:
        present = {one.entry.key for one in pictures.all}
        living = (asset.key for asset in media_queries.pictures(session) if asset.retired_at is None)
        changes.missing = [key for key in living if key not in present]
    return changes


def write_pictures(session: Session, folder: Path, *, data: Path) -> None:
    """Write the pictures of the library, each in its largest size; what is compared with them later knows these."""
    assets = [asset for asset in media_queries.pictures(session) if asset.retired_at is None]
    if not assets:
        return
    (folder / FOLDER).mkdir()
    for asset in assets:
        source = media.best(data, asset)
        (folder / FOLDER / f"{asset.key}{source.suffix}").write_bytes(source.read_bytes())
    rows = [write_picture(asset.key, _words(asset)) for asset in assets]
    (folder / LIST).write_bytes(write_yaml(rows).encode("utf-8"))


def _words(asset: Asset) -> Words:
    return Words(**{one.name: getattr(asset, one.name) for one in fields(Words)})
