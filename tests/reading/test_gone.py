"""Withdrawn articles say so, tell nothing of drafts, and are found nowhere else."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy.orm import Session

from portal.articles import services
from portal.articles.models import Article, FormerSlug
from portal.articles.rules import Kind
from portal.core import clock
from portal.core.database import touch_site
from portal.core.settings import Audience
from portal.reference import models as reference
from portal.search import services as search
from tests.articles import desk
from tests.conftest import make_app
from tests.reading.helpers import EDITIONS, attribute, guarded, place, text
from tests.reading.site import SOON, Site

WITHDRAWN = {"zh-Hans": "这篇文章已经撤下", "zh-Hant": "這篇文章已經撤下", "en": "This article was withdrawn"}
LISTS = ["/", "/topics/phone", "/feed.xml", "/topics/phone/feed.xml", "/sitemap.xml", "/api/v1/articles",
         "/search?q=旧说法", "/api/v1/search?q=旧说法", "/api/v1/suggest?q=旧说法"]  # fmt: skip


@pytest.mark.parametrize(("locale", "audience"), EDITIONS)
def test_a_withdrawn_article_says_so_in_every_edition(site: Site, locale: str, audience: str) -> None:
    article = site.publish("old-story", title="旧说法")
    site.withdraw(article, note="公安机关有了新的提示。", to="hang-up")
    answer = site.reader().get(place("/articles/old-story", locale, audience))
    page = answer.get_data(as_text=True)
    assert (answer.status_code, answer.headers["Cache-Control"], guarded(answer)) == (410, "no-store", {})
    assert attribute(page, r'<html lang="([^"]+)"') == [locale]
    assert f"<h1>{WITHDRAWN[locale]}</h1>" in page
    assert ("舊説法" if locale == "zh-Hant" else "旧说法") in page
    assert ("公安機關有了新的提示。" if locale == "zh-Hant" else "公安机关有了新的提示。") in page
    assert f'href="{place("/articles/hang-up", locale, audience)}"' in page
    assert f'action="{place("/search", locale, audience)}"' in page
    assert f'href="{place("/", locale, audience)}"' in page
    assert '<meta name="robots" content="noindex">' in page


def test_without_a_note_it_says_that_the_text_is_out_of_date(site: Site) -> None:
    site.withdraw(site.publish("old-story"))
    assert "It is out of date" in site.reader().get("/en/articles/old-story").get_data(as_text=True)


def test_it_points_only_to_what_is_published(site: Site) -> None:
    site.do(lambda session: desk.begin(session, slug="secret-plan").id)
    site.withdraw(site.publish("old-story"), to="secret-plan")
    assert "secret-plan" not in site.reader().get("/articles/old-story").get_data(as_text=True)


def test_an_article_that_came_back_is_an_article(site: Site) -> None:
    article = site.publish("old-story", title="旧说法")
    site.withdraw(article)
    site.write(article, "新说法")
    reader = site.reader()
    page = reader.get("/articles/old-story").get_data(as_text=True)
    assert "旧说法" in page
    assert "新说法" not in page, "the draft's title is nobody's business"

    def publish(session: Session) -> None:
        found = session.get_one(Article, article)
        review = services.submit(
            session, article_id=article, edition_ids=desk.editions(session, found), by=desk.ANN, at=desk.LATER
        )
        services.decide(session, review_id=review.id, approve=True, opinion="可以。", by=desk.BOB, at=desk.LATER)
        services.publish(session, review_id=review.id, by=desk.BOB, at=desk.LATER)

    site.do(publish)
    assert "<h1>新说法</h1>" in text(site.reader().get("/articles/old-story"))


def test_a_draft_written_before_the_withdrawal_lends_it_no_name(site: Site) -> None:
    article = site.publish("old-story", title="旧说法")
    site.write(article, "新说法")
    site.withdraw(article)
    page = site.reader().get("/articles/old-story").get_data(as_text=True)
    assert "旧说法" in page
    assert "新说法" not in page


def test_what_was_never_published_does_not_exist(site: Site) -> None:
    article = site.do(lambda session: desk.begin(session, slug="only-a-draft").id)
    site.write(article, "草稿")
    site.do(lambda session: session.add(FormerSlug(slug="once-a-draft", article_id=article)))
    reader = site.reader()
    assert [reader.get(f"/articles/{slug}").status_code for slug in ("only-a-draft", "once-a-draft")] == [404, 404]


def test_where_one_edition_is_withdrawn_the_usual_one_stands_in(site: Site) -> None:
    article = site.publish("old-story", title="旧说法", audiences=[Audience.GENERAL, Audience.ELDERLY])
    site.withdraw(article, audience=Audience.ELDERLY)
    page = text(site.reader().get("/elderly/articles/old-story"))
    assert 'role="note"' in page
    assert "<h1>旧说法</h1>" in page


def test_a_withdrawn_article_is_in_no_list(site: Site) -> None:
    article = site.publish("old-story", title="旧说法")

    def found() -> list[str]:
        reader = site.reader()
        with site.app.app_context():
            search.drain(folder=site.app.config["PORTAL"].index_folder)
        return [path for path in LISTS if "old-story" in text(reader.get(path))]

    assert "/sitemap.xml" in found()
    assert "/search?q=旧说法" in found()
    site.withdraw(article)
    assert found() == []
    api = site.reader().get("/api/v1/articles/old-story")
    assert (api.status_code, api.get_json()) == (410, {"error": {"status": 410}})


def test_old_names_lead_to_the_page_that_says_so(site: Site) -> None:
    article = site.publish("old-story", title="旧说法")
    site.do(lambda session: session.add(FormerSlug(slug="older-name", article_id=article)))
    site.withdraw(article)
    answer = site.reader().get("/en/elderly/articles/older-name")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/en/elderly/articles/old-story")
    assert site.reader().get(answer.headers["Location"]).status_code == 410


def test_an_old_name_is_changed_where_the_article_is_named_and_nowhere_else(site: Site) -> None:
    article = site.publish("present-name")
    site.do(lambda session: session.add(FormerSlug(slug="elderly", article_id=article)))
    answer = site.reader().get("/elderly/articles/elderly")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/elderly/articles/present-name")


def test_the_page_is_not_kept(site: Site) -> None:
    article = site.publish("old-story", title="旧说法")
    reader = site.reader()
    assert reader.get("/articles/old-story").status_code == 200
    site.withdraw(article)
    assert [site.reader().get("/articles/old-story").status_code for _ in range(2)] == [410, 410]


# --- alerts -------------------------------------------------------------------------------------------------------


def test_an_alert_is_on_the_home_page_of_every_edition(site: Site) -> None:
    site.publish("new-trick", title="新骗术来了", kind=Kind.ALERT, expires_at=SOON)
    reader = site.reader()
    for locale, audience in EDITIONS:
        page = text(reader.get(place("/", locale, audience)))
        main = page.partition("<main")[2]
        assert main.index("alerts") < main.index("<h1>"), "before everything else"
        assert f'href="{place("/articles/new-trick", locale, audience)}"' in main


def test_the_newest_three_are_shown_and_stand_in_for_the_alert_of_the_package(site: Site) -> None:
    for number in range(4):
        at = desk.AT + timedelta(minutes=number)
        site.publish(f"trick-{number}", title=f"骗术{number}", kind=Kind.ALERT, expires_at=SOON, at=at)
    notice = (
        text(site.reader().get("/")).partition('class="notice notice--careful alerts"')[2].partition("</section>")[0]
    )
    assert attribute(notice, r"/articles/(trick-\d)") == ["trick-3", "trick-2", "trick-1"]


def test_without_alerts_the_one_of_the_package_stays(site: Site) -> None:
    def put(session: Session) -> None:
        alert = {
            "text": {"zh-Hans": "老提醒"},
            "advice": {"zh-Hans": "挂断。"},
            "article": "hang-up",
            "date": "2026-11-01",
        }
        names = {name: {"zh-Hans": name} for name in ("name", "bank", "tagline", "about")}
        content = {**names, "bank_hotline": "", "alert": alert, "featured": [], "searches": {}}
        session.add(reference.Site(id=1, content=content))
        touch_site(session)

    site.do(put)
    assert "老提醒" in text(site.reader().get("/"))
    site.publish("new-trick", title="新骗术来了", kind=Kind.ALERT, expires_at=SOON)
    assert "老提醒" not in text(site.reader().get("/"))


def test_machines_are_told_that_it_is_an_alert(site: Site) -> None:
    site.publish("new-trick", title="新骗术来了", kind=Kind.ALERT, expires_at=SOON)
    reader = site.reader()
    feed = text(reader.get("/en/feed.xml"))
    assert attribute(feed, r'<category term="([^"]+)" label="([^"]+)"/>') == [("alert", "Fraud warning")]
    assert "/articles/new-trick" in text(reader.get("/sitemap.xml"))
    cards = {card["slug"]: card for card in reader.get("/api/v1/articles").get_json()["articles"]}
    assert (cards["new-trick"]["kind"], cards["new-trick"]["expires_at"]) == ("alert", SOON.isoformat())
    assert (cards["hang-up"]["kind"], cards["hang-up"]["expires_at"]) == ("article", None)


def test_its_page_says_until_when_it_stands(site: Site) -> None:
    site.publish("new-trick", title="新骗术来了", kind=Kind.ALERT, expires_at=SOON)
    reader = site.reader()
    page = text(reader.get("/en/articles/new-trick"))
    assert f'Valid until <time datetime="{SOON.isoformat()}">' in page
    assert "Fraud warning" in page
    assert "Valid until" not in text(reader.get("/en/articles/hang-up"))


def test_past_its_end_it_is_gone_before_the_worker_comes(site: Site) -> None:
    article = site.publish(
        "new-trick", title="新骗术来了", kind=Kind.ALERT, expires_at=clock.now() - timedelta(seconds=1)
    )
    reader = site.reader()
    assert [path for path in LISTS[:6] if "new-trick" in text(reader.get(path))] == []
    answer = reader.get("/articles/new-trick")
    assert answer.status_code == 410
    assert "新骗术来了" in answer.get_data(as_text=True)
    site.do(lambda session: services.expire(session, article_id=article, at=clock.now()))
    assert site.reader().get("/articles/new-trick").status_code == 410


def test_a_site_that_was_read_stays_right_when_an_alert_ends(site: Site) -> None:
    """Nothing changes in the database, and yet the alert is gone from every page that is made anew."""
    site.publish("new-trick", title="新骗术来了", kind=Kind.ALERT, expires_at=SOON)
    app = make_app(dataclasses.replace(site.app.config["PORTAL"], page_cache_mb=0))
    reader = app.test_client()
    assert "new-trick" in text(reader.get("/"))
    assert [reader.get("/articles/new-trick").status_code for _ in range(2)] == [200, 200]
    with time_machine.travel(SOON, tick=False):
        assert "new-trick" not in text(reader.get("/"))
        assert reader.get("/articles/new-trick").status_code == 410
