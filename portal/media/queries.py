"""Named reads of the library."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.settings import Locale
from portal.media.models import Asset, File, Use
from portal.media.rules import Kind

PAGE = 30


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a figure."""

    url: str
    width: int
    height: int
    content_type: str


@dataclass(frozen=True, slots=True)
class Figure:
    """Everything a page needs to show one entry (`templates/components/figure.html` does)."""

    key: str
    kind: Kind
    locale: Locale
    title: str
    alt: str
    decorative: bool
    caption: str
    source: str
    licence: str
    ai_generated: bool
    transcript: str
    captions_url: str
    """Empty: it has none."""
    files: tuple[Source, ...]
    """Smallest first; of a picture, WebP before its fallback."""

    def below(self, folder: str) -> Figure:
        """Return the same with its files below another address."""
        files = tuple(replace(file, url=folder + file.url) for file in self.files)
        return replace(self, files=files, captions_url=self.captions_url and folder + self.captions_url)

    @property
    def modern(self) -> list[Source]:
        """The WebP files of a picture."""
        return [file for file in self.files if file.content_type == "image/webp"]

    @property
    def fallback(self) -> list[Source]:
        """What every browser shows."""
        return [file for file in self.files if file.content_type != "image/webp"]


@dataclass(frozen=True, slots=True)
class Served:
    """What serving a file needs to know."""

    version: int
    names: dict[str, str]
    """Content types of the present version by file name."""
    digest: str
    public: bool
    captions: str
    retired: bool


class State(StrEnum):
    """How an entry stands, for the list of the desk."""

    PUBLIC = "public"
    UNSEEN = "unseen"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the desk's list."""

    asset: Asset
    state: State
    uses: list[Use]


def figure(session: Session, key: str) -> Figure | None:
    """Return an entry as pages show it; None: there is no such key."""
    found = asset(session, key)
    if found is None:
        return None
    return Figure(
        key=found.key,
        kind=found.kind,
        locale=found.locale,
        title=found.title,
        alt=found.alt,
        decorative=found.decorative,
        caption=found.caption,
        source=found.source,
        licence=found.licence,
        ai_generated=found.ai_generated,
        transcript=found.transcript,
        captions_url=f"/media/{found.key}/captions.vtt" if found.captions else "",
        files=tuple(
            Source(f"/media/{found.key}/{file.version}/{file.name}", file.width, file.height, file.content_type)
            for file in found.files
        ),
    )


def asset(session: Session, key: str) -> Asset | None:
    """Return the entry of a key."""
    return session.scalar(sa.select(Asset).where(Asset.key == key))


def keys(session: Session) -> set[str]:
    """Return the keys that a text may name."""
    return set(session.scalars(sa.select(Asset.key).where(Asset.retired_at.is_(None))))


def pictures(session: Session) -> list[Asset]:
    """Return all pictures, retired ones as well, by their keys."""
    return list(session.scalars(sa.select(Asset).where(Asset.kind == Kind.PICTURE).order_by(Asset.key)))


def unused(session: Session) -> list[str]:
    """Return the keys of pictures that no text shows."""
    shown = sa.exists().where(Use.asset_id == Asset.id)
    living = sa.select(Asset.key).where(Asset.kind == Kind.PICTURE, Asset.retired_at.is_(None), ~shown)
    return list(session.scalars(living.order_by(Asset.key)))


def uses(session: Session, asset_id: int) -> list[Use]:
    """Return where an entry is used, what the public sees first."""
    return list(
        session.scalars(sa.select(Use).where(Use.asset_id == asset_id).order_by(Use.public.desc(), Use.used_by))
    )


_seen = sa.exists().where(Use.asset_id == Asset.id, Use.public)


def served(session: Session, key: str) -> Served | None:
    """Return what is needed to serve the files of a key, and whether the public may have them."""
    row = session.execute(
        sa.select(Asset.id, Asset.version, Asset.digest, Asset.captions, Asset.retired_at, _seen).where(
            Asset.key == key
        )
    ).one_or_none()
    if row is None:
        return None
    number, version, digest, captions, retired_at, seen = row
    files = session.execute(
        sa.select(File.name, File.content_type).where(File.asset_id == number, File.version == version)
    )
    names = {row.name: row.content_type for row in files}
    return Served(
        version=version,
        names=names,
        digest=digest,
        public=seen and retired_at is None,
        captions=captions,
        retired=retired_at is not None,
    )


def shelf(
    session: Session, *, text: str = "", kind: Kind | None = None, state: State | None = None, page: int = 1
) -> tuple[list[Entry], int]:
    """Return one page of the library, newest first, and how many entries match."""
    chosen = sa.select(Asset)
    for word in text.split()[:8]:
        fields = (Asset.title, Asset.alt, Asset.caption, Asset.source, Asset.key)
        chosen = chosen.where(sa.or_(*(field.icontains(word, autoescape=True) for field in fields)))
    if kind is not None:
        chosen = chosen.where(Asset.kind == kind)
    if state is State.RETIRED:
        chosen = chosen.where(Asset.retired_at.is_not(None))
    else:
        # What was retired is shown only where it is asked for.
        chosen = chosen.where(Asset.retired_at.is_(None))
        if state is not None:
            chosen = chosen.where(_seen if state is State.PUBLIC else ~_seen)
    total = session.scalar(sa.select(sa.func.count()).select_from(chosen.subquery())) or 0
    rows = session.scalars(
        chosen.order_by(Asset.created_at.desc(), Asset.id.desc()).limit(PAGE).offset((page - 1) * PAGE)
    )
    return [_entry(session, row) for row in rows], total


def _entry(session: Session, found: Asset) -> Entry:
    where = uses(session, found.id)
    return Entry(asset=found, state=state_of(found, where), uses=where)


def state_of(found: Asset, where: list[Use]) -> State:
    """Return how an entry stands that is used in `where`."""
    if found.retired_at is not None:
        return State.RETIRED
    return State.PUBLIC if any(use.public for use in where) else State.UNSEEN
