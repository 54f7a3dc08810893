"""Content packages with pictures, and what they leave behind."""

from __future__ import annotations

import io
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from portal.media.models import Asset
from tests.articles.desk import RULES
from tests.factories import edition, package

SAID = "- key: {key}\n  title: 三步\n  alt: 三个方框，依次写着停、问、转\n  source: 本站\n  licence: 本站原创\n"
FILES = [f"three-steps/1/{name}" for name in ("desktop.png", "desktop.webp", "phone.png", "phone.webp")]
BODY = "[一句话]\n先停。\n[/]\n\n[图片：three-steps]\n\n先停下来。\n"
SHOWS = {"hang-up": {"general.zh-Hans.md": edition(body=BODY)}}
ENTRY = SAID.format(key="three-steps")


def drawing(word: str = "a", size: tuple[int, int] = (1200, 300)) -> bytes:
    """Return a drawing of a few flat colours."""
    image = Image.new("RGB", size, (248, 247, 242))
    ImageDraw.Draw(image).ellipse((10, 10, 200 + 20 * len(word), 280), (13, 83, 96))
    out = io.BytesIO()
    image.quantize(16).save(out, "PNG")
    return out.getvalue()


def pictured(
    folder: Path,
    pictures: dict[str, bytes] | None = None,
    said: str | None = None,
    articles: dict[str, dict[str, str]] = SHOWS,
) -> Path:
    """Write a package with pictures, by the names of their files, and what is said of them."""
    files = {"three-steps.png": drawing()} if pictures is None else pictures
    words = "".join(SAID.format(key=name.rpartition(".")[0]) for name in files) if said is None else said
    package(folder, articles, media_yaml=words, lint_yaml=RULES)
    (folder / "media").mkdir()
    for name, raw in files.items():
        (folder / "media" / name).write_bytes(raw)
    return folder


def asset(session: Session, key: str = "three-steps") -> Asset:
    session.rollback()
    found = session.scalars(sa.select(Asset).where(Asset.key == key)).one()
    session.expunge_all()
    session.rollback()
    return found


def on_disk(app: Flask) -> list[str]:
    """Return every file below the library's folder."""
    library = app.config["PORTAL"].data / "media"
    return sorted(str(path.relative_to(library)) for path in library.rglob("*") if path.is_file())
