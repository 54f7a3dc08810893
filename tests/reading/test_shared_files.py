"""Pictures and recordings of drafts: seen by whoever has the address of the preview, and nowhere else."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.articles import services
from portal.articles.models import Article, PreviewLink
from portal.core import clock, crypto
from portal.core.database import transaction
from portal.core.settings import Audience
from portal.media import services as media
from portal.media.rules.words import Words
from tests.articles import desk
from tests.media.files import mp4, picture
from tests.reading.helpers import attribute, text
from tests.reading.site import Site

VTT = "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n先挂断。\n"
SECRET = "还没公开的照片"


def add(site: Site, raw: bytes, name: str, **words: str) -> str:
    """Put a file into the library and return its key."""
    told = {"title": "挂断", "source": "本行拍摄", "licence": "自有", **words}
    data = site.app.config["PORTAL"].data
    with (
        site.app.app_context(),
        media.received(io.BytesIO(raw), filename=name, data=data) as received,
        transaction() as session,
    ):
        return media.add(session, received=received, words=Words(**told), data=data, by="林静", at=desk.AT).key


def show(site: Site, article_id: int, *keys: str) -> None:
    """Save a working copy that shows these files."""

    def act(session: Session) -> None:
        body = desk.GOOD + "".join(f"\n[图片: {key}]\n" for key in keys)
        article = session.get_one(Article, article_id)
        desk.write(session, article, body, audience=Audience.GENERAL)

    site.do(act)


def share(site: Site, article_id: int, late: timedelta = timedelta(0)) -> str:
    return site.do(
        lambda session: services.share_preview(
            session, article_id=article_id, note="", days=1, by=desk.ANN, at=clock.now() - late
        )
    )


@pytest.fixture
def key(site: Site) -> str:
    return add(site, picture(), "a.png", alt=SECRET)


@pytest.fixture
def article(site: Site, key: str) -> int:
    number = site.do(lambda session: desk.begin(session, slug="still-secret").id)
    show(site, number, key)
    return number


def files(reader: FlaskClient, token: str) -> list[str]:
    """Return the addresses of files on a shared page."""
    page = text(reader.get(f"/preview/{token}/general/zh-Hans"))
    assert 'src="/media/' not in page
    return sorted(set(attribute(page, r'(/preview/[^" ]+/media/[^" ]+)')))


def test_the_pictures_of_a_draft_are_seen_under_its_preview(site: Site, article: int, key: str) -> None:
    token, reader = share(site, article), site.reader()
    found = files(reader, token)
    assert len(found) >= 2
    for place in found:
        answer = reader.get(place)
        assert (answer.status_code, answer.mimetype.partition("/")[0]) == (200, "image")
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert answer.headers.getlist("Referrer-Policy") == ["no-referrer"]
        assert "default-src 'none'; sandbox" in answer.headers.getlist("Content-Security-Policy")
        assert "Set-Cookie" not in answer.headers
        assert "ETag" not in answer.headers
        assert reader.get(place, headers={"Range": "bytes=0-9"}).status_code == 206
        assert reader.post(place).status_code == 405
        # where the public's files stand there is nothing for a stranger
        assert reader.get(place.removeprefix(f"/preview/{token}")).status_code == 404
    assert SECRET in text(reader.get(f"/preview/{token}/general/zh-Hans"))


def test_a_video_brings_its_captions(site: Site, article: int) -> None:
    film = add(site, mp4(), "a.mp4", transcript="先挂断。", captions=VTT)
    show(site, article, film)
    token, reader = share(site, article), site.reader()
    assert sorted(place.rsplit("/", 1)[1] for place in files(reader, token)) == ["captions.vtt", "video.mp4"]
    answer = reader.get(f"/preview/{token}/media/{film}/captions.vtt")
    assert (answer.status_code, text(answer).startswith("WEBVTT")) == (200, True)
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_it_ends_with_the_address_and_shows_nothing_else(site: Site, article: int, key: str) -> None:
    other = add(site, picture(colour=(9, 9, 9)), "b.png", alt="别的照片")
    elsewhere = site.do(lambda session: desk.begin(session, slug="another").id)
    show(site, elsewhere, other)
    token, over = share(site, article), share(site, article, late=timedelta(days=1))
    reader = site.reader()
    place = files(reader, token)[0]
    name = place.rsplit("/", 1)[1]

    def gone(*paths: str) -> bool:
        answers = [reader.get(path) for path in paths]
        assert {answer.headers["Cache-Control"] for answer in answers} <= {"no-store", "private, no-store"}
        return {answer.status_code for answer in answers} == {404}

    assert gone(
        place.replace(token, over),
        place.replace(token, crypto.token()),
        place.replace(token, share(site, elsewhere)),
        f"/preview/{token}/media/{other}/1/{name}",
        f"/preview/{token}/media/{key}/2/{name}",
        f"/preview/{token}/media/{key}/1/video.mp4",
        f"/preview/{token}/media/{key}/captions.vtt",
        f"/preview/{token}/media/nothing/1/{name}",
    )
    assert reader.get(place).status_code == 200
    show(site, article)
    assert gone(place)
    show(site, article, key)
    assert reader.get(place).status_code == 200
    link = site.do(lambda session: session.scalars(sa.select(PreviewLink.id).order_by(PreviewLink.id)).first())
    assert link is not None
    site.do(lambda session: services.revoke_preview(session, link_id=link, by=desk.BOB, at=clock.now()).id)
    assert gone(place)


def test_what_was_taken_out_of_use_is_not_shown(site: Site, article: int, key: str) -> None:
    token, reader = share(site, article), site.reader()
    [place, *_rest] = files(reader, token)
    site.do(lambda session: media.retire(session, key=key, by="林静", at=desk.AT))
    assert reader.get(place).status_code == 404
