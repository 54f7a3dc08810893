"""The pictures of the starter library: drawn here, small, described, and shown where they help."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session

from portal.articles.rules.pictures import read_pictures
from portal.core.settings import ROOT
from portal.media import queries
from portal.media.models import File
from portal.reference.rules import Problems, read_yaml
from tools.pictures import DRAWINGS, PLACE, SOURCE, fingerprint
from tools.pictures.sheet import SMALLEST, WIDTH

MOST_ON_THE_WIRE = 15_000
"""Bytes of the file that phones load: an article without it weighs 45 KB, and may weigh 60."""


def test_every_picture_is_drawn_kept_and_described() -> None:
    problems = Problems()
    node = read_yaml((ROOT / "content/media.yaml").read_text("utf-8"), file="media.yaml", problems=problems)
    assert node is not None
    entries = read_pictures(node)
    assert problems.found == []
    assert {entry.key for entry in entries} == set(DRAWINGS) == {path.stem for path in PLACE.iterdir()}
    assert len(entries) >= 12
    assert all(20 <= len(entry.words.alt) <= 120 for entry in entries)
    assert {entry.words.licence for entry in entries} == {"本站原创"}


@pytest.mark.parametrize("key", DRAWINGS)
def test_a_picture_is_that_of_its_drawing(key: str) -> None:
    sheet, path = DRAWINGS[key](), PLACE / f"{key}.png"
    with Image.open(path) as picture:
        assert picture.info[SOURCE] == fingerprint(sheet), "run `make pictures`"
        assert (picture.mode, picture.size) == ("P", (2 * WIDTH, 2 * sheet.height))
    assert path.stat().st_size <= 120_000
    assert min(float(size) for size in re.findall(r'font-size="([0-9.]+)"', sheet.svg())) >= SMALLEST


def test_every_picture_is_shown_and_light_enough_for_a_phone(library: Flask, session: Session) -> None:
    assert queries.unused(session) == []
    sizes = session.scalars(sa.select(File.bytes).where(File.name == "phone.webp")).all()
    assert len(sizes) == len(DRAWINGS)
    assert max(sizes) <= MOST_ON_THE_WIRE


@pytest.mark.parametrize("edition", ["", "/elderly"])
def test_a_page_shows_its_picture(library: Flask, client: FlaskClient, edition: str) -> None:
    page = client.get(f"{edition}/articles/risk-grades").text
    figure = page[page.index("<figure") : page.index("</figure>")]
    files = "/media/risk-grades/1"
    assert f'<source type="image/webp" srcset="{files}/phone.webp 440w, {files}/desktop.webp 1200w"' in figure
    assert f'<img src="{files}/phone.png" srcset="{files}/phone.png 440w, {files}/desktop.png 1200w"' in figure
    assert (
        'alt="五级台阶从R1到R5，一级比一级高，表示风险越来越高，亏起来可能亏得更多。R1也不是存款，同样可能亏。"'
        in figure
    )
    assert 'width="1200" height="1540" loading="lazy"' in figure
    assert "本站原创" in figure
    answers = [client.get(f"{files}/{name}") for name in ("phone.webp", "phone.png", "desktop.webp", "desktop.png")]
    assert [answer.status_code for answer in answers] == [200] * 4
