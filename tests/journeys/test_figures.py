"""Staff look at what came of a quiz in a real browser: axe-core finds nothing, and no page is wider than the screen."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Browser

from portal.core import clock
from portal.core.database import db, transaction
from portal.core.settings import Audience, Settings
from tests.conftest import close_apps, make_app
from tests.journeys.pages import DESKTOP, PATIENCE_MS, PHONE, UNFOLD
from tests.journeys.test_accounts import Desk, desk, fits, session_of
from tests.quizzes.bank import judgement, publish, quiz, single
from tests.quizzes.taken import several, take

__all__ = ["desk"]
MAIL = "guan@example.org"
KEYS = single().options


@pytest.fixture(scope="module")
def signed_in(desk: Desk, browser: Browser) -> Any:
    """Let somebody sign in who reads figures and approves; sixty people have taken a quiz."""
    known = desk.add(MAIL, "管理员", "analyst", "reviewer")
    url = desk.environ.get("PORTAL_DATABASE_URL", "")
    app = make_app(Settings(data=Path(desk.environ["PORTAL_DATA"]), database_url=url))
    with app.app_context():
        session = db.session()
        things = [single(), judgement(), judgement("bill", "genuine"), several()]
        with transaction():
            publish(session, *things, quiz(names=("code", "sms", "bill", "signs")))
        chance, now = Random(1), clock.now() - timedelta(hours=2)
        for _ in range(60):
            said = [chance.choice("abb?"), chance.choice(["scam", "scam", "unsure"])]
            said += [chance.choice(["scam", "genuine"]), chance.choice(["b+c", "b", "a"])]
            take(session, said, at=now, audience=chance.choice([Audience.GENERAL, Audience.ELDERLY]))
        with transaction():
            publish(session, single(options=tuple(replace(one, fraction=float(one.id == "c")) for one in KEYS)))
        db.session.remove()
    close_apps()
    return session_of(desk, browser, MAIL, known)


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_figures_can_be_read_by_everybody(
    desk: Desk, signed_in: Any, browser: Browser, size: tuple[int, int], tmp_path: Path
) -> None:
    context = browser.new_context(
        base_url=desk.address,
        viewport={"width": size[0], "height": size[1]},
        locale="zh-CN",
        storage_state=signed_in,
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    for path in (
        "/desk/quiz-figures/",
        "/desk/quiz-figures/try?version=1",
        "/desk/quiz-figures/try?version=1&audience=youth",
        "/desk/quiz-figures/questions/code",
        "/desk/quiz-figures/try/versions/1/regrade/code",
    ):
        page.goto(path)
        page.evaluate(UNFOLD)
        assert fits(page) == []
        name = re.sub(r"\W+", "-", path.removeprefix("/desk/"))
        page.screenshot(path=tmp_path / f"{name}{size[0]}.png", full_page=True)
    page.goto("/desk/quiz-figures/try?version=1")
    with page.expect_download() as waiting:
        page.locator("form.figures-save button").click()
    assert waiting.value.suggested_filename == "try-v1-all-questions.xlsx"
    context.close()
    assert complaints == []
