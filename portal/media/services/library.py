"""Rows of the library. Every verb works inside the caller's write unit."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.database import at_end, touch_site
from portal.core.errors import PortalError
from portal.media.models import Asset, File, Use
from portal.media.rules import Kind, Reason, Refused
from portal.media.rules.words import Words, fitting, wanting
from portal.media.services.files import Received, folder

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are easily taken for another."""
KEY_LENGTH = 8


class NotFound(PortalError):
    """There is no such key."""


class UnknownMedia(PortalError):
    """A text names keys that are not in the library, or were retired."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.keys = sorted(keys)
        super().__init__(f"Not in the library, or retired: {', '.join(self.keys)}.")


class Duplicate(PortalError):
    """The same file is in the library already, under `key`."""

    def __init__(self, key: str) -> None:
        super().__init__(f"The file is in the library already: {key}.")
        self.key = key


class Incomplete(PortalError):
    """Texts are wanting."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"Wanting: {', '.join(names)}.")
        self.names = names


class Changed(PortalError):
    """Somebody else has changed the entry meanwhile."""


class InUse(PortalError):
    """The public sees it; `where` names the texts."""

    def __init__(self, where: list[str]) -> None:
        super().__init__(f"The public sees it in {', '.join(where)}.")
        self.where = where


def add(
    session: Session, *, received: Received, words: Words, data: Path, by: str, at: datetime, key: str = ""
) -> Asset:
    """Put a received file into the library.

    Args:
        key: one that is free; by default one is made.

    Raises:
        Incomplete: texts are wanting.
        Duplicate: the same file is there already, in the same language.
    """
    words = _complete(received.kind, words)
    _refuse_duplicate(session, received.digest, words.locale)
    key = key or "".join(secrets.choice(LETTERS) for _ in range(KEY_LENGTH))
    asset = Asset(
        key=key,
        kind=received.kind,
        edits=1,
        version=1,
        created_at=at,
        created_by=by,
        **asdict(words),
        **_size(received),
    )
    asset.files = _rows(received, 1)
    try:
        with session.begin_nested():
            session.add(asset)
    except sa.exc.IntegrityError:
        # A unit beside this one was quicker.
        _refuse_duplicate(session, received.digest, words.locale)
        raise
    _move(session, received, folder(data, key, 1))
    record(session, Tag.MEDIA_ADDED, by=by, at=at, target=key, details={"kind": received.kind, "title": words.title})
    return asset


def describe(session: Session, *, key: str, words: Words, edits: int, by: str, at: datetime) -> Asset:
    """Change what is said about a file.

    Args:
        edits: the state that the person saw.

    Raises:
        Changed: somebody else was quicker.
    """
    asset = _locked(session, key)
    if asset.edits != edits:
        raise Changed("Somebody else has changed this entry meanwhile.")
    words = _complete(asset.kind, words)
    if asset.retired_at is None and words.locale != asset.locale:
        _refuse_duplicate(session, asset.digest, words.locale)
    changed = [name for name, value in asdict(words).items() if getattr(asset, name) != value]
    if not changed:
        return asset
    for name in changed:
        setattr(asset, name, getattr(words, name))
    asset.edits += 1
    touch_site(session)
    record(session, Tag.MEDIA_CHANGED, by=by, at=at, target=key, details={"changed": changed})
    return asset


def replace(session: Session, *, key: str, received: Received, data: Path, by: str, at: datetime) -> Asset:
    """Put another file under the same key: every page that shows it shows the new one from now on.

    The files of the version before are removed when the write unit is through (`remove_old`).

    Raises:
        Refused: it is of another kind.
        Duplicate: the file is in the library under another key.
    """
    asset = _locked(session, key)
    if asset.kind is not received.kind:
        raise Refused(Reason.OTHER_KIND)
    if asset.digest == received.digest:
        return asset
    if asset.retired_at is None:
        _refuse_duplicate(session, received.digest, asset.locale)
    session.execute(sa.delete(File).where(File.asset_id == asset.id))
    session.expire(asset, ["files"])
    asset.version += 1
    asset.edits += 1
    asset.replaced_at = at
    for name, value in _size(received).items():
        setattr(asset, name, value)
    asset.files = _rows(received, asset.version)
    session.flush()
    _move(session, received, folder(data, key, asset.version))
    touch_site(session)
    record(session, Tag.MEDIA_REPLACED, by=by, at=at, target=key, details={"version": asset.version})
    return asset


def bring(
    session: Session,
    *,
    key: str,
    words: Words,
    received: Received | None,
    edits: int | None,
    brought: str | None,
    data: Path,
    by: str,
    at: datetime,
) -> None:
    """Have the library show a file and words as a content package has them.

    Args:
        received: the file; None: that of the library stays.
        edits: the state that the package was compared with; None: there was nothing under that key.
        brought: what to remember of it; None: nothing.

    Raises:
        Changed: somebody was quicker.
    """
    asset = session.scalar(sa.select(Asset).where(Asset.key == key).with_for_update())
    if (asset.edits if asset else None) != edits:
        raise Changed(f"`{key}` was changed in the library while the package was being checked. Please try again.")
    if received is not None:
        if asset is None:
            asset = add(session, received=received, words=words, data=data, by=by, at=at, key=key)
        else:
            replace(session, key=key, received=received, data=data, by=by, at=at)
    if asset is not None:
        describe(session, key=key, words=words, edits=asset.edits, by=by, at=at)
        asset.brought = brought or asset.brought
    session.flush()


def retire(session: Session, *, key: str, by: str, at: datetime) -> None:
    """Take a file out of use.

    Raises:
        InUse: the public sees it.
    """
    asset = _locked(session, key)
    if asset.retired_at is not None:
        return
    seen = sa.select(Use).where(Use.asset_id == asset.id, Use.public).order_by(Use.used_by)
    where = [use.title or use.used_by for use in session.scalars(seen)]
    if where:
        raise InUse(where)
    asset.retired_at = at
    asset.edits += 1
    record(session, Tag.MEDIA_RETIRED, by=by, at=at, target=key)


def restore(session: Session, *, key: str, by: str, at: datetime) -> None:
    """Bring a retired file back.

    Raises:
        Duplicate: the same file was added again meanwhile.
    """
    asset = _locked(session, key)
    if asset.retired_at is None:
        return
    _refuse_duplicate(session, asset.digest, asset.locale)
    asset.retired_at = None
    asset.edits += 1
    record(session, Tag.MEDIA_RESTORED, by=by, at=at, target=key)


def set_uses(
    session: Session, *, user: str, keys: Iterable[str], public: bool, title: str = "", address: str = ""
) -> None:
    """Note that a text shows exactly `keys`; nothing else makes a file public.

    A text that has both a published revision and a draft is noted twice, with `public` and without, each time with the
    keys of that revision; no keys: it shows nothing, or is no longer published.

    Args:
        user: which text, such as `article:12:elderly:zh-Hans`.
        title: what staff see of it.
        address: where staff find it.

    Raises:
        UnknownMedia: a key is not in the library; or the public would see what was retired.
    """
    wanted = set(keys)
    present = {
        use.asset_id: use for use in session.scalars(sa.select(Use).where(Use.used_by == user, Use.public == public))
    }
    if not wanted and not present:
        return
    # Locked in one order, so that nobody retires what is being published, and two units never wait for each other.
    rows = sa.select(Asset).where(Asset.key.in_(wanted)).order_by(Asset.id).with_for_update()
    assets = {asset.key: asset for asset in session.scalars(rows)}
    kept = {asset.id for asset in assets.values()}
    missing = wanted - {key for key, asset in assets.items() if asset.retired_at is None or asset.id in present}
    if missing:
        raise UnknownMedia(missing)
    for asset_id, use in present.items():
        if asset_id not in kept:
            session.delete(use)
    for asset in assets.values():
        known = present.get(asset.id)
        if known is None:
            session.add(Use(asset_id=asset.id, used_by=user, public=public, title=title[:200], address=address[:300]))
        else:
            known.title, known.address = title[:200], address[:300]
    session.flush()
    if public and kept != set(present):
        touch_site(session)


def _move(session: Session, received: Received, target: Path) -> None:
    # Last in the unit: one that is undone, as a dry run is, leaves nothing behind.
    at_end(session, lambda _unit: received.move(target))


def _locked(session: Session, key: str) -> Asset:
    asset = session.scalar(sa.select(Asset).where(Asset.key == key).with_for_update())
    if asset is None:
        raise NotFound(f"There is no {key} in the library.")
    return asset


def _complete(kind: Kind, words: Words) -> Words:
    words = fitting(kind, words)
    names = wanting(kind, words)
    if names:
        raise Incomplete(names)
    return words


def _refuse_duplicate(session: Session, digest: str, locale: str) -> None:
    same = sa.select(Asset.key).where(Asset.digest == digest, Asset.locale == locale, Asset.retired_at.is_(None))
    key = session.scalar(same)
    if key is not None:
        raise Duplicate(key)


def _size(received: Received) -> dict[str, object]:
    largest = max(received.parts, key=lambda part: part.width)
    return {
        "digest": received.digest,
        "width": largest.width,
        "height": largest.height,
        "bytes": sum(part.bytes for part in received.parts),
    }


def _rows(received: Received, version: int) -> list[File]:
    return [
        File(
            version=version,
            name=part.name,
            width=part.width,
            height=part.height,
            bytes=part.bytes,
            content_type=part.content_type,
        )
        for part in received.parts
    ]
