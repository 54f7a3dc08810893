"""Days are those of the site's zone: at the desk, in the check that keeps a text back, and in the sitemap."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from portal.articles import services
from portal.articles.rules import Why
from portal.core.database import db, local_day, transaction
from portal.core.markup import Renderer
from portal.core.settings import Audience, Locale, Settings
from tests.articles.desk import ANN, BOB, GOOD, RULES, begin, refused, write
from tests.articles.helpers import take
from tests.conftest import make_app
from tests.factories import package

OVERDUE = (
    RULES
    + """\
- id: review-date
  group: G
  level: block
  name: {zh-Hans: 已过复核日期, en: Review date has passed}
  law: 编辑规范
  why: 事实可能变了。
  suggestion: 核对事实。
  detector: review-date
"""
)
LAST_DAY = "2026-11-21"


@pytest.mark.parametrize(
    ("zone", "moment", "day", "reason"),
    [
        ("Asia/Shanghai", "2026-11-21T23:30+08:00", LAST_DAY, None),
        ("Asia/Shanghai", "2026-11-22T00:30+08:00", "2026-11-22", Why.FINDINGS),  # the 21st in UTC
        ("America/New_York", "2026-11-21T23:30-05:00", LAST_DAY, None),  # the 22nd in UTC
        ("America/New_York", "2026-11-22T00:30-05:00", "2026-11-22", Why.FINDINGS),
    ],
)
def test_a_text_may_be_submitted_to_the_end_of_its_last_day(
    settings: Settings, tmp_path: Path, zone: str, moment: str, day: str, reason: Why | None
) -> None:
    app = make_app(replace(settings, timezone=ZoneInfo(zone)))
    at = datetime.fromisoformat(moment)
    with app.app_context():
        take(package(tmp_path / "library", lint_yaml=OVERDUE))
        with transaction() as session:
            article = begin(session, review_by=LAST_DAY)
            ids = [write(session, article, at=at).id]
        options = {"article_id": article.id, "edition_ids": ids, "by": ANN, "at": at}
        assert local_day(db.session(), at=at).isoformat() == day
        if reason is None:
            with transaction() as session:
                services.submit(session, **options)
        else:
            assert refused(services.submit, **options) is reason


def test_what_is_typed_without_facts_was_checked_today(settings: Settings) -> None:
    app = make_app(settings)
    with app.app_context(), Renderer() as renderer:
        typed = services.typed_text(
            db.session(),
            renderer=renderer,
            title="先挂断",
            summary="",
            body=GOOD,
            audience=Audience.GENERAL,
            locale=Locale.HANS,
            article_id=None,
            at=datetime.fromisoformat("2026-11-21T16:30+00:00"),
        )
    assert (typed.checked_on, typed.review_by) == ("2026-11-22", "2026-11-22")


def test_an_opinion_of_new_years_night_has_the_number_of_the_new_year(settings: Settings, tmp_path: Path) -> None:
    at = datetime.fromisoformat("2027-01-01T00:30+08:00")
    with make_app(settings).app_context():
        take(package(tmp_path / "library", lint_yaml=RULES))
        with transaction() as session:
            article = begin(session)
            edition = write(session, article, at=at)
            review = services.submit(session, article_id=article.id, edition_ids=[edition.id], by=ANN, at=at)
            services.decide(session, review_id=review.id, approve=True, opinion="", by=BOB, at=at)
            assert review.opinion_number == "2027-0001"
