"""Pictures of the desk for docs/screenshots: a small newsroom in the middle of its work."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyotp
import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from portal.accounts.models import Person as Account
from portal.app import create_app
from portal.articles import services
from portal.articles.models import Article, Edition, Revision
from portal.articles.rules import Kind, Person
from portal.core import clock
from portal.core.database import db, transaction
from portal.core.settings import ROOT, Audience, Locale, Permission, Settings
from tests.articles import desk
from tests.journeys.conftest import CHROMIUM, FLAGS, serve, stop
from tests.ports import free_port

PASSWORD = "蓝色的自行车在雨里 42"
ARTICLE = "fake-police-safe-account"
BAD = "[一句话]\n放款之前先收钱，就别借了。\n[/]\n\n## 现在怎么做\n\n这款贷款零风险，保本保息。\n"
ALERT = """[一句话]
有人学你孩子的声音借钱，先挂断，打孩子原来的号码问。
[/]

[停问转]
### 先停：不转钱
先挂断。
### 再问：打原来的号码
打孩子原来的号码问。
### 后转：问清再说
要报警，打 [[hotline:110]]。
[/]
"""
SOURCE = {
    "key": "s1",
    "title": {"zh-Hans": "预警通报"},
    "publisher": {"zh-Hans": "市公安局"},
    "published": "2026-11-21",
    "url": "",
    "evidence": "secondary",
    "checked_on": "2026-11-22",
}
PAGES = {
    "lin@example.org": {
        "edit": "/desk/articles/{draft}/elderly/zh-Hans",
        "article": "/desk/articles/{known}",
        "media-new": "/desk/media/new",
    },
    "zhou@example.org": {
        "list": "/desk/",
        "review": "/desk/reviews/{review}",
        "articles": "/desk/articles/",
        "history": "/desk/editions/{edition}/history",
        "people": "/desk/people/",
        "audit": "/desk/audit",
    },
}


def keep(raw: bytes, path: Path) -> int:
    """Write a picture in few colours; returns its bytes."""
    image = Image.open(io.BytesIO(raw)).convert("RGB")
    # Flat colours and text: 64 colours keep them, and the picture is a quarter of the size.
    image.quantize(64, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(path, optimize=True)
    return path.stat().st_size


def _account(environ: dict[str, str], email: str, name: str, *roles: str) -> str:
    words = [word for role in roles for word in ("--role", role)]
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "accounts", "create", "--email", email, "--name", name]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PORTAL_")}
    done = subprocess.run(
        [*command, "--totp", *words],
        cwd=ROOT,
        env={**kept, **environ},
        input=PASSWORD,
        capture_output=True,
        text=True,
        check=True,
    )
    uri = next(line for line in done.stdout.splitlines() if line.startswith("otpauth://"))
    return parse_qs(urlsplit(uri).query)["secret"][0]


def _newsroom(data: Path) -> dict[str, int]:
    """Put texts on their way: one in review, one that the check holds back, one alert."""
    app = create_app(Settings(data=data))
    desk.AT = now = clock.now()
    with app.app_context():
        ids = {account.name: account.id for account in db.session.scalars(sa.select(Account))}
        ann = Person(ids["林静"], "林静", frozenset({Permission.DESK, Permission.WRITE}))
        bob = Person(ids["周明"], "周明", frozenset(Permission))
        with transaction() as session:
            words = services.Words.of(session)
            known = session.scalars(sa.select(Article).where(Article.slug == ARTICLE)).one()
            edition = session.scalars(
                sa.select(Edition).where(
                    Edition.article_id == known.id,
                    Edition.audience == Audience.GENERAL,
                    Edition.locale == Locale.HANS,
                )
            ).one()
            old = session.scalars(sa.select(Revision).where(Revision.edition_id == edition.id)).one()
            text = desk.text(old.body.replace("挂断", "马上挂断", 1) + "\n再想一想，打电话问家人。\n", old.title)
            services.save_text(
                session,
                article_id=known.id,
                audience=Audience.GENERAL,
                locale=Locale.HANS,
                expected=edition.latest_number,
                text=text | {"summary": old.summary},
                words=words,
                by=ann,
                at=now,
                note="按反诈中心新提示改",
            )
            review = services.submit(
                session, article_id=known.id, edition_ids=[edition.id], by=ann, at=now, note="请看第一段"
            )
            values = desk.values("new-year-loans") | {"topic": known.topic}
            draft = services.create(session, kind=Kind.ARTICLE, values=values, by=ann, at=now)
            for article, body, title, who, audience in (
                (draft, BAD, "年底“清收贷款”骗局", ann, Audience.ELDERLY),
                (
                    services.create(
                        session,
                        kind=Kind.ALERT,
                        values=values | {"slug": "voice", "expires_at": now + timedelta(days=20), "sources": [SOURCE]},
                        by=ann,
                        at=now,
                    ),
                    ALERT,
                    "“孩子”来电借钱，先打原来的号码",
                    ann,
                    Audience.GENERAL,
                ),
            ):
                saved = services.save_text(
                    session,
                    article_id=article.id,
                    audience=audience,
                    locale=Locale.HANS,
                    expected=0,
                    text=desk.text(body, title),
                    words=words,
                    by=who,
                    at=now,
                )
            services.publish_alone(
                session,
                article_id=article.id,
                edition_ids=[saved.edition_id],
                reason="今天本地已有 3 人受骗",
                by=bob,
                at=now,
            )
            return {"draft": draft.id, "known": known.id, "edition": edition.id, "review": review.id}


def _shoot(browser: Browser, site: str, folder: Path, secrets: dict[str, str], places: dict[str, int]) -> int:
    total = 0
    for turn, (width, height) in enumerate(((1280, 800), (360, 740))):
        for email, pages in PAGES.items():
            context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
            page = context.new_page()
            page.goto(f"{site}/desk/sign-in")
            page.fill("input[name=email]", email)
            page.fill("input[name=password]", PASSWORD)
            page.click("main form button[type=submit]")
            # Each code is taken once: the one before, then the present one.
            page.fill("input[name=code]", pyotp.TOTP(secrets[email]).at((int(time.time()) // 30 - 1 + turn) * 30))
            page.click("main form button[type=submit]")
            page.wait_for_url("**/desk/")
            for name, path in pages.items():
                page.goto(site + path.format(**places), wait_until="networkidle")
                clip = {"x": 0, "y": 0, "width": width, "height": height * 2}
                total += keep(page.screenshot(clip=clip, full_page=True), folder / f"desk-{name}-{width}.png")  # type: ignore[arg-type]
            context.close()
    return total


def desk_pictures(folder: Path) -> int:
    """Start a portal, set staff to work, take the pictures of the desk; returns their bytes."""
    with tempfile.TemporaryDirectory() as name:
        data, port = Path(name), free_port()
        environ = {"PORTAL_DATA": name, "PORTAL_PORT": str(port)}
        process = serve(data, PORTAL_PORT=str(port))
        try:
            secrets = {
                "lin@example.org": _account(environ, "lin@example.org", "林静", "author"),
                "zhou@example.org": _account(environ, "zhou@example.org", "周明", "reviewer", "administrator"),
            }
            places = _newsroom(data)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                total = _shoot(browser, f"http://localhost:{port}", folder, secrets, places)
                browser.close()
            return total
        finally:
            stop(process)
