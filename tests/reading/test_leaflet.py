"""Editions as leaflets: the same text on paper, with what a screen explains written out."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import edition
from tests.reading.helpers import EDITIONS, attribute, place, take_in, text

ARTICLE = "/articles/fake-police-safe-account"
PUBLIC = "https://mingbai.example"


@pytest.mark.parametrize(("locale", "audience"), EDITIONS)
def test_each_edition_is_a_leaflet_with_a_code_that_leads_to_it(
    client: FlaskClient, locale: str, audience: str
) -> None:
    page = text(client.get(place(f"{ARTICLE}/leaflet", locale, audience)))
    article = text(client.get(place(ARTICLE, locale, audience)))
    assert attribute(page, r'class="leaflet__qr" src="([^"]+)"') == [place(f"{ARTICLE}/qr.svg", locale, audience)]
    assert attribute(page, r'class="leaflet__address">([^<]+)<') == [PUBLIC + place(ARTICLE, locale, audience)]
    assert attribute(page, r'<link rel="canonical" href="([^"]+)"') == attribute(
        article, r'<link rel="canonical" href="([^"]+)"'
    )
    assert 'content="noindex"' in page
    prose = article.split('class="prose">', 1)[1].split("</div>\n", 1)[0]
    assert [one for one in attribute(prose, r"<h[23][^>]*>(.+?)</h[23]>") if one not in page] == []
    # A leaflet cannot be pressed: its terms are explained at the end, each that the text uses.
    assert "<button" not in page
    assert len(attribute(page.split("leaflet__words")[-1], "(<dt>)")) == len(
        set(attribute(article, r'popovertarget="term-([^"]+)"\s*>'))
    )
    assert place(f"{ARTICLE}/leaflet", locale, audience) in article


def test_a_missing_edition_says_so_on_paper_too(app: Flask, tmp_path: Path) -> None:
    client = take_in(app, tmp_path / "p", {"open": {"general.zh-Hans.md": edition()}})
    page = text(client.get("/elderly/articles/open/leaflet"))
    assert "这篇还没有长辈版，下面是通用版。" in page
