"""The public never sees a draft: a canary stands in every text that is not public, and no answer may sing it."""

from __future__ import annotations

import re
from collections import deque
from datetime import timedelta
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.articles import services
from portal.articles.models import Article, FormerSlug, Review
from portal.articles.rules import Kind, kept_term
from portal.core import clock, crypto
from portal.core.database import db
from portal.core.settings import Audience, Locale
from portal.search import services as search
from tests.articles import desk
from tests.reading.helpers import EDITIONS, place
from tests.reading.site import SOON, Site

HAN, LATIN = "金丝雀", "qzcanary"
"""One word in each script: search treats them differently, and slugs are Latin."""
SINGS = re.compile(f"{HAN}|金絲雀|{LATIN}", re.IGNORECASE)
BODY = f"[一句话]\n{HAN}先挂断，{LATIN}。\n[/]\n\n## {HAN}怎么做\n\n先停下来，{LATIN}。\n"


def source(word: str = HAN) -> dict[str, object]:
    return {"key": "s1", "title": {"zh-Hans": word}, "publisher": {"zh-Hans": word}, "url": f"https://{LATIN}.example/",
            "published": "", "evidence": "secondary", "checked_on": "2026-11-01"}  # fmt: skip


def shared(slug: str = "") -> dict[str, object]:
    """Return what the editions of an article share, with the canary in all of it."""
    fact = {"key": "one", "text": {"zh-Hans": HAN, "en": LATIN}, "source": "s1"}
    return {**({"slug": slug} if slug else {}), "facts": [fact], "sources": [source()], "related": []}


def draft(session: Session, article: Article, audience: Audience = Audience.GENERAL) -> None:
    text = desk.text(BODY, title=f"{HAN}{LATIN}")
    edition = desk.of(session, article, audience)
    services.save_text(
        session,
        article_id=article.id,
        audience=audience,
        locale=Locale.HANS,
        expected=edition.latest_number if edition else 0,
        text={**text, "summary": f"{HAN}摘要{LATIN}", "hook": f"{HAN}钩子"},
        words=services.Words.of(session),
        by=desk.ANN,
        at=desk.AT,
    )


def submit(session: Session, article: Article) -> int:
    """Ask for review of everything that is news; return the review's id."""
    ids = desk.editions(session, article)
    return services.submit(session, article_id=article.id, edition_ids=ids, by=desk.ANN, at=desk.AT).id


def approve(session: Session, review: int) -> None:
    services.decide(session, review_id=review, approve=True, opinion=HAN, by=desk.BOB, at=desk.AT)


def secret(session: Session, name: str, kind: Kind = Kind.ARTICLE) -> Article:
    """Begin an article whose every part has the canary, in all audiences."""
    values = shared()
    article = desk.begin(session, slug=f"{LATIN}-{name}", kind=kind, **values)
    for audience in Audience:
        draft(session, article, audience)
    return article


@pytest.fixture
def aviary(site: Site) -> Site:
    """Return a site in which the canary stands in texts of every state that the public does not read."""
    update = site.publish("open-one", title="公开的一篇")
    back = site.publish("open-two", title="撤下的一篇")

    def act(session: Session) -> None:
        secret(session, "draft")
        submit(session, secret(session, "in-review"))
        sent_back = submit(session, secret(session, "needs-changes"))
        services.decide(session, review_id=sent_back, approve=False, opinion=HAN, by=desk.BOB, at=desk.AT)
        approve(session, submit(session, secret(session, "approved")))
        scheduled = submit(session, secret(session, "scheduled"))
        approve(session, scheduled)
        services.schedule(session, review_id=scheduled, publish_at=SOON, by=desk.BOB, at=desk.AT)
        former = secret(session, "renamed")
        session.add(FormerSlug(slug=f"{LATIN}-former", article_id=former.id))
        secret(session, "alert", Kind.ALERT)
        # Over a text that is public, and over one that was: new words, new facts, a new name, and a new edition.
        for number in (update, back):
            article = session.get_one(Article, number)
            services.save_facts(
                session,
                article_id=number,
                expected=article.latest_sheet,
                values=desk.values(**shared(f"{LATIN}-rename-{number}")),
                by=desk.ANN,
                at=desk.AT,
            )
            draft(session, article)
            draft(session, article, Audience.ELDERLY)

    site.do(act)
    site.withdraw(back, note="以后再说。")
    site.do(
        lambda session: services.share_preview(
            session, article_id=update, note=HAN, days=3, by=desk.ANN, at=clock.now()
        )
    )
    return site


def addresses(site: Site) -> list[str]:
    """Return where the canary might be, besides all that links lead to."""
    with site.app.app_context():
        session = db.session()
        slugs = [*session.scalars(sa.select(Article.slug)), *session.scalars(sa.select(FormerSlug.slug))]
        slugs += [f"{LATIN}-rename-{number}" for number in session.scalars(sa.select(Article.id))]
        db.session.remove()
    words = [quote(word) for word in (HAN, "金絲雀", LATIN, f"{LATIN} {HAN}", "jinsique", "jsq", "怎么做")]
    once = ["/sitemap.xml", "/robots.txt", "/sw.js", "/healthz", "/api/v1/openapi.json", f"/preview/{crypto.token()}"]
    found = list(once)
    for locale, audience in EDITIONS:
        pages = ["/", "/topics/", "/topics/fraud", "/topics/phone", "/hotlines", "/glossary", "/about", "/offline",
                 "/search", "/feed.xml", "/topics/phone/feed.xml"]  # fmt: skip
        pages += [f"/search?q={word}" for word in words]
        for slug in slugs:
            pages += [f"/articles/{slug}{rest}" for rest in ("", "/qr.svg", "/leaflet", "/helpful/thanks", "?size=24")]
        found += [place(path, locale, audience) for path in pages]
        asked = f"audience={audience}&locale={locale}"
        found += [f"/api/v1/{name}?q={word}&{asked}" for name in ("search", "suggest") for word in words]
        found += [f"/api/v1/articles?limit=100&{asked}"]
        found += [f"/api/v1/articles/{slug}?{asked}" for slug in slugs]
    return found


LINK = re.compile(r'(?:href|src|action)="(/[^"#]*)')


def heard(site: Site, reader: FlaskClient) -> dict[str, str]:
    """Return every answer that sings, by address: of all known addresses and whatever they lead to, asked twice."""
    waiting, seen, found = deque(addresses(site)), set[str](), {}
    while waiting:
        path = waiting.popleft()
        if path in seen or path.startswith("/static/"):
            continue
        seen.add(path)
        for _ in range(2):
            answer = reader.get(path)
            assert answer.status_code < 500, path
            body = answer.get_data(as_text=True)
            if "/search?q=" in path and answer.mimetype == "text/html":
                # A search repeats what was searched for: in its field, in its headings, in its links, and in
                # what it tells the portal.
                word = parse_qs(urlsplit(path).query)["q"][0]
                term = f"term={quote_plus(kept_term(word))}&amp;"
                for own in (f'value="{word}"', f"“{word}”", f"q={quote(word)}", f"q={quote_plus(word)}", term):
                    body = body.replace(own, "")
            headers = str(answer.headers)
            if match := SINGS.search(body + headers):
                found[path] = (body + headers)[max(0, match.start() - 60) : match.end() + 60]
        if answer.mimetype == "text/html":
            waiting.extend(link.replace("&amp;", "&") for link in LINK.findall(answer.get_data(as_text=True)))
    assert len(seen) > 400
    return found


def drain(site: Site) -> None:
    with site.app.app_context():
        search.drain(folder=site.app.config["PORTAL"].index_folder)
        db.session.remove()


@pytest.mark.parametrize("indexed", [True, False])
def test_no_answer_tells_of_what_is_not_public(aviary: Site, indexed: bool) -> None:
    if indexed:
        drain(aviary)
    assert heard(aviary, aviary.reader()) == {}


def test_the_ear_is_not_deaf(aviary: Site) -> None:
    """The control: what is published is heard wherever the public reads."""

    def act(session: Session) -> None:
        review = session.scalars(sa.select(Review.id).join(Article, Article.id == Review.article_id).where(
            Article.slug == f"{LATIN}-approved"
        )).one()  # fmt: skip
        services.publish(session, review_id=review, by=desk.BOB, at=desk.AT + timedelta(hours=1))

    aviary.do(act)
    drain(aviary)
    reader = aviary.reader()
    places = set(heard(aviary, reader))
    for path in ("/topics/phone", "/elderly/topics/phone", "/zh-Hant/youth/feed.xml", "/feed.xml", "/sitemap.xml",
                 f"/articles/{LATIN}-approved", f"/en/new-resident/articles/{LATIN}-approved", "/youth/",
                 f"/search?q={quote(HAN)}", f"/api/v1/search?q={LATIN}&audience=general&locale=zh-Hans",
                 "/api/v1/articles?limit=100&audience=elderly&locale=zh-Hant",
                 f"/api/v1/articles/{LATIN}-approved?audience=general&locale=en"):  # fmt: skip
        assert path in places, path
    assert f"/articles/{LATIN}-draft" not in {path for path in places if reader.get(path).status_code == 200}
