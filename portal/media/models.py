"""Tables of the library of pictures, videos and recordings."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.database import Base, Key, enum_column
from portal.core.settings import Locale
from portal.media.rules import Kind


class Asset(Base):
    """One picture, video or recording, and what is said about it. Its key never changes; its file may be replaced."""

    __tablename__ = "media_asset"
    __table_args__ = (
        sa.CheckConstraint(
            "kind <> 'picture' OR (decorative AND alt = '') OR (NOT decorative AND alt <> '')", name="alt"
        ),
        sa.CheckConstraint("title <> '' AND source <> '' AND licence <> ''", name="described"),
        sa.CheckConstraint("kind = 'picture' OR transcript <> ''", name="transcript"),
        sa.CheckConstraint("kind <> 'video' OR captions <> ''", name="captions"),
        # The same file twice in one language would be two things to mend; a form sent twice makes one thing.
        sa.Index(
            "ix_media_asset_living",
            "digest",
            "locale",
            unique=True,
            sqlite_where=sa.text("retired_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(sa.String(40), unique=True)
    kind: Mapped[Kind] = enum_column(Kind)
    locale: Mapped[Locale] = enum_column(Locale)
    """The language of the texts below."""
    title: Mapped[str] = mapped_column(sa.String(120))
    """What staff find it by; shown as the name of a video or recording."""
    alt: Mapped[str] = mapped_column(sa.String(300))
    decorative: Mapped[bool]
    caption: Mapped[str] = mapped_column(sa.String(500))
    source: Mapped[str] = mapped_column(sa.String(200))
    licence: Mapped[str] = mapped_column(sa.String(120))
    ai_generated: Mapped[bool]
    transcript: Mapped[str] = mapped_column(sa.Text)
    captions: Mapped[str] = mapped_column(sa.Text)
    """WebVTT."""
    edits: Mapped[int]
    """Grows with every change; of two people who change the same state, the second is told."""
    version: Mapped[int]
    """Number of the present file, from 1."""
    digest: Mapped[str] = mapped_column(sa.String(64))
    """SHA-256 of the file as it was sent in."""
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(index=True)
    created_by: Mapped[str] = mapped_column(sa.String(120))
    replaced_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    brought: Mapped[str | None] = mapped_column(sa.String(64))
    """Digest of the words and the file that a content package brought last."""

    files: Mapped[list[File]] = relationship(lazy="selectin", order_by="File.id", cascade="all, delete-orphan")


class File(Base):
    """One served file of the present version, `<data>/media/<key>/<version>/<name>`."""

    __tablename__ = "media_file"
    __table_args__ = (sa.UniqueConstraint("asset_id", "version", "name"),)

    id: Mapped[Key]
    asset_id: Mapped[int] = mapped_column(sa.ForeignKey("media_asset.id"))
    version: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(40))
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]
    content_type: Mapped[str] = mapped_column(sa.String(40))


class Use(Base):
    """A text that shows an asset, as the room that keeps the text has told."""

    __tablename__ = "media_use"

    asset_id: Mapped[int] = mapped_column(sa.ForeignKey("media_asset.id"), primary_key=True)
    used_by: Mapped[str] = mapped_column(sa.String(120), primary_key=True, index=True)
    """Such as `article:12:elderly:zh-Hans`."""
    public: Mapped[bool] = mapped_column(primary_key=True)
    """Whether the public reads that text; a draft of the same text may show other things."""
    title: Mapped[str] = mapped_column(sa.String(200))
    """What staff see, as of the last save."""
    address: Mapped[str] = mapped_column(sa.String(300))
