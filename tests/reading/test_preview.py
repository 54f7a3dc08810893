"""Texts before they are public: for staff and for whom they ask, in the true layout, and for nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.articles import services
from portal.articles.models import Article, Edition, PreviewLink
from portal.articles.rules import Kind
from portal.audit.models import Event
from portal.core import clock, crypto
from portal.core.access import Permission
from portal.core.settings import Audience
from tests.articles import desk
from tests.conftest import make_app
from tests.reading.helpers import API, PAGES, SINGLE, attribute, guarded, text
from tests.reading.site import Site
from tests.staff import EVERYBODY, SIGN_IN, staff

TYPED = {
    "body": desk.GOOD,
    "title": "正在写",
    "summary": "还没写完。",
    "hook": "",
    "audience": "elderly",
    "locale": "zh-Hans",
}


def begin(site: Site, slug: str = "still-secret", title: str = "还是秘密") -> int:
    def act(session: Session) -> int:
        source = {"key": "s1", "title": {"zh-Hans": "未公布的手册"}, "publisher": {"zh-Hans": "公安部"}, "url": "",
                  "published": "", "evidence": "secondary", "checked_on": "2026-11-01"}  # fmt: skip
        return desk.begin(session, slug=slug, sources=[source]).id

    article = site.do(act)
    site.write(article, title)
    site.write(article, f"{title}（长辈）", Audience.ELDERLY)
    return article


def share(site: Site, article: int, days: int = 3, late: timedelta = timedelta(0)) -> str:
    return site.do(
        lambda session: services.share_preview(
            session, article_id=article, note="法务", days=days, by=desk.ANN, at=clock.now() - late
        )
    )


def edition_of(site: Site, article: int) -> int:
    return site.do(lambda session: desk.editions(session, session.get_one(Article, article))[0])


def private(answer: TestResponse) -> None:
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers.getlist("Referrer-Policy") in (["no-referrer"], ["strict-origin-when-cross-origin"])
    assert "noindex" in answer.get_data(as_text=True)


# --- people without an account ------------------------------------------------------------------------------------


def test_whoever_has_the_address_sees_the_working_copies(site: Site) -> None:
    article = begin(site)
    token = share(site, article)
    reader = site.reader()
    listed = reader.get(f"/preview/{token}")
    private(listed)
    assert listed.headers.getlist("Referrer-Policy") == ["no-referrer"]
    places = attribute(text(listed), r'href="(/preview/[^"]+/(?:general|elderly)/zh-Hans)"')
    assert places == [f"/preview/{token}/general/zh-Hans", f"/preview/{token}/elderly/zh-Hans"]
    for place, edition in zip(places, ("general", "elderly"), strict=True):
        answer = reader.get(place)
        private(answer)
        assert answer.headers.getlist("Referrer-Policy") == ["no-referrer"]
        assert answer.headers["X-Frame-Options"] == "DENY"
        page = text(answer)
        assert attribute(page, r'data-edition="([^"]+)"')[0] == edition
        assert "还是秘密" in page
        assert "未公布的手册" in page
        assert "预览，没有公开" in page
        assert "helpful" not in page
        assert 'data-behaviour="counted"' not in page
        assert "ld+json" not in page
        assert "/articles/still-secret" not in page
    assert f"/preview/{token}/elderly/zh-Hans" in text(reader.get(places[0])), "the other edition is one step away"
    assert attribute(text(reader.get(f"/en/preview/{token}")), r'<html lang="([^"]+)"') == ["en"]


def test_it_shows_what_was_saved_last(site: Site) -> None:
    article = site.publish("was-public", title="公开的题目")
    site.write(article, "改过的题目")
    page = text(site.reader().get(f"/preview/{share(site, article)}/general/zh-Hans"))
    assert "<h1>改过的题目</h1>" in page


def test_whatever_is_wrong_with_the_address_the_answer_is_the_same(site: Site) -> None:
    article = begin(site)
    token, over, never = share(site, article), share(site, article, days=1, late=timedelta(days=1)), crypto.token()
    link = site.do(lambda session: session.scalars(sa.select(PreviewLink.id)).first())
    assert link is not None
    for _ in range(2):
        site.do(lambda session: services.revoke_preview(session, link_id=link, by=desk.BOB, at=clock.now()).id)
    reader = site.reader()
    for path in ("/preview/{}", "/en/preview/{}", "/preview/{}/general/zh-Hans"):
        answers = [reader.get(path.format(one)) for one in (token, over, never)]
        assert [answer.status_code for answer in answers] == [404] * 3
        assert len({answer.get_data() for answer in answers}) == 1
        assert len({str(sorted(answer.headers)) for answer in answers}) == 1
    other = share(site, article)
    assert reader.get(f"/preview/{other}/youth/zh-Hans").status_code == 404
    assert reader.post(f"/preview/{other}").status_code == 405
    assert reader.get("/preview/short").status_code == 404


def test_sharing_and_ending_are_written_down_and_the_token_is_not(site: Site) -> None:
    article = begin(site)
    token = share(site, article)
    link = site.do(lambda session: session.scalars(sa.select(PreviewLink)).one().id)
    for _ in range(2):
        site.do(lambda session: services.revoke_preview(session, link_id=link, by=desk.BOB, at=clock.now()).id)
    tags = site.do(lambda session: session.scalars(sa.select(Event.tag).where(Event.tag.like("desk:preview:%"))).all())
    assert sorted(tags) == ["desk:preview:revoked", "desk:preview:shared"]
    for table in ("articles_preview_link", "audit_event"):
        assert token not in str(site.do(lambda s, name=table: s.execute(sa.text(f"SELECT * FROM {name}")).all()))  # type: ignore[misc]


def test_what_cannot_be_shared(site: Site) -> None:
    article = begin(site)
    for days in (0, 31):
        with pytest.raises(ValueError, match="1 to 30"):
            share(site, article, days=days)
    with pytest.raises(LookupError):
        share(site, 999)
    with pytest.raises(LookupError):
        site.do(lambda session: services.revoke_preview(session, link_id=999, by=desk.BOB, at=clock.now()).id)


def test_no_preview_is_kept_as_a_page(site: Site) -> None:
    article = begin(site)
    token = share(site, article)
    reader = site.reader()
    for path in (f"/preview/{token}", f"/preview/{token}/general/zh-Hans"):
        assert [reader.get(path).status_code for _ in range(2)] == [200, 200]
    link = site.do(lambda session: session.scalars(sa.select(PreviewLink)).one().id)
    site.do(lambda session: services.revoke_preview(session, link_id=link, by=desk.BOB, at=clock.now()).id)
    # Ending it does not raise the version of the site: a page that was kept would still be answered.
    for path in (f"/preview/{token}", f"/preview/{token}/general/zh-Hans"):
        assert reader.get(path).status_code == 404


def test_no_piece_of_a_preview_reaches_the_public(site: Site) -> None:
    article = site.publish("was-public", title="公开的题目")
    site.write(article, "改过的题目")
    token = share(site, article)
    reader = site.reader()
    before = site.reader().get("/articles/was-public").get_data()
    for _ in range(2):
        text(reader.get(f"/preview/{token}/general/zh-Hans"))
    assert reader.get("/articles/was-public").get_data() == before
    assert token.encode() not in before


# --- staff --------------------------------------------------------------------------------------------------------


@pytest.fixture
def writer(site: Site) -> FlaskClient:
    return staff(make_app(site.app.config["PORTAL"]), Permission.DESK, Permission.WRITE)


def unguarded(app: Flask, *permissions: Permission) -> FlaskClient:
    """Return a client whose forms need no token: what is asked here is who may."""
    app.config["WTF_CSRF_ENABLED"] = False
    return staff(app, *permissions)


def test_staff_see_any_revision(site: Site, writer: FlaskClient) -> None:
    article = begin(site)
    site.write(article, "第二稿")
    edition = edition_of(site, article)
    for number, title in ((1, "还是秘密"), (2, "第二稿")):
        answer = writer.get(f"/desk/preview/{edition}/{number}")
        private(answer)
        page = text(answer)
        assert f"<h1>{title}</h1>" in page
        assert f"Revision {number}" in page, "the banner speaks the language of staff"
        assert "找谁帮忙" in page or "依据和核对" in page, "and the page that of its readers"
        assert f'href="/desk/articles/{article}"' in page
    assert writer.get(f"/desk/preview/{edition}/3").status_code == 404
    assert writer.get("/desk/preview/999/1").status_code == 404
    assert writer.get(f"/desk/preview/{edition}/99999999999999999999").status_code == 404
    assert writer.post(f"/desk/preview/{edition}/1").status_code in (400, 405)


@pytest.mark.parametrize("as_json", [True, False])
def test_what_is_being_typed_is_shown_as_the_public_would_see_it(site: Site, as_json: bool) -> None:
    client = unguarded(make_app(site.app.config["PORTAL"]), Permission.WRITE)
    before = site.do(lambda session: session.execute(sa.text("SELECT count(*) FROM articles_revision")).scalar())
    body = desk.GOOD + "\n<script>alert(1)</script>\n\n[去](javascript:alert)\n"
    answer = client.post("/desk/preview", **{"json" if as_json else "data": {**TYPED, "body": body}})  # type: ignore[arg-type]
    private(answer)
    page = text(answer)
    assert "<h1>正在写</h1>" in page
    assert attribute(page, r'data-edition="([^"]+)"')[0] == "elderly"
    assert "<script>alert" not in page
    assert "javascript:" not in page
    assert site.do(lambda s: s.execute(sa.text("SELECT count(*) FROM articles_revision")).scalar()) == before


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (desk.GOOD + "\n[危险]\n没关上\n", "The block [危险] is not closed"),
        ("没有一句话", "must begin with the key message"),
        (desk.GOOD + "[" * 100, "too many brackets"),
        ("长" * 30_000, "longer than"),
    ],
)
def test_what_cannot_become_a_page_is_said_with_its_line(site: Site, body: str, said: str) -> None:
    client = unguarded(make_app(site.app.config["PORTAL"]), Permission.WRITE)
    answer = client.post("/desk/preview", data={**TYPED, "body": body})
    assert answer.status_code == 422
    private(answer)
    assert said in answer.get_data(as_text=True)
    assert "<b>Line " in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "wrong", [{"audience": "nobody"}, {"locale": "de"}, {"audience": ""}, {"title": ["x"]}, {"article_id": 5}]
)
def test_a_request_that_makes_no_sense_is_refused(site: Site, wrong: dict[str, object]) -> None:
    client = unguarded(make_app(site.app.config["PORTAL"]), Permission.WRITE)
    assert client.post("/desk/preview", json={**TYPED, **wrong}).status_code == 400
    assert client.post("/desk/preview", json=[1]).status_code == 400


def test_who_may_not(site: Site) -> None:
    article = begin(site)
    path = f"/desk/preview/{edition_of(site, article)}/1"
    app = make_app(site.app.config["PORTAL"])
    assert staff(app).get(path).location == SIGN_IN
    assert staff(app, *(EVERYBODY - {Permission.DESK})).get(path).status_code == 403
    assert staff(app, *EVERYBODY).post("/desk/preview", data=TYPED).status_code == 400, "a form needs its token"
    assert unguarded(app).post("/desk/preview", data=TYPED).location == SIGN_IN
    assert unguarded(app, *(EVERYBODY - {Permission.WRITE})).post("/desk/preview", data=TYPED).status_code == 403
    assert staff(app, *EVERYBODY).get("/desk/preview").status_code == 405


def test_only_the_previews_of_staff_may_be_framed_and_only_by_this_site(site: Site) -> None:
    article = begin(site)
    token = share(site, article)
    client = unguarded(make_app(site.app.config["PORTAL"]), *EVERYBODY)
    framed = [client.get(f"/desk/preview/{edition_of(site, article)}/1"), client.post("/desk/preview", data=TYPED)]
    for answer in framed:
        assert answer.status_code == 200
        assert answer.headers.getlist("X-Frame-Options") == ["SAMEORIGIN"]
        (policy,) = answer.headers.getlist("Content-Security-Policy")
        assert "frame-ancestors 'self'" in policy
        assert "script-src 'self';" in policy
    public = [*PAGES, *SINGLE, *API, "/healthz", "/nothing", "/articles/hang-up", "/articles/hang-up/helpful/thanks",
              f"/preview/{token}", f"/preview/{token}/general/zh-Hans", "/desk/helpful"]  # fmt: skip
    for path in public:
        for _ in range(2):
            answer = client.get(path)
            assert answer.headers.getlist("X-Frame-Options") == ["DENY"], path
            (policy,) = answer.headers.getlist("Content-Security-Policy")
            assert "frame-ancestors 'none'" in policy
            assert ("frame-src 'self'" in policy) == path.startswith("/desk/"), path
    assert guarded(client.get("/")) == {}


def test_an_alert_that_is_being_written_is_shown_as_one(site: Site, writer: FlaskClient) -> None:
    end = clock.now() + timedelta(days=2)
    article = site.do(lambda session: desk.begin(session, slug="trick", kind=Kind.ALERT, expires_at=end).id)
    site.write(article, "新骗术")
    page = text(writer.get(f"/desk/preview/{edition_of(site, article)}/1"))
    assert end.isoformat() in page


def test_an_edition_of_another_language_speaks_it(site: Site, writer: FlaskClient) -> None:
    article = begin(site)
    edition = edition_of(site, article)
    site.do(lambda s: s.execute(sa.update(Edition).where(Edition.id == edition).values(locale="en")))
    page = text(writer.get(f"/desk/preview/{edition}/1"))
    assert attribute(page, r'<html lang="([^"]+)"') == ["en"]
    assert "Sources and checks" in page
