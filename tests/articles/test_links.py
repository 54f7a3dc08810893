"""Links to other sites: which are checked and when, what counts as broken, and who is told of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.articles import queries, services
from portal.articles.models import Article, Edition, Link
from portal.articles.rules import FAILURES, History, Outcome, Target, after, is_broken, is_public, next_check, target
from portal.articles.services import NO_PAUSE
from portal.articles.services.fetching import Bounds, Found, fetch
from portal.commands.working import jobs, run
from portal.core import markup
from portal.core.access import Permission
from portal.core.database import db, transaction
from portal.core.settings import Audience, Locale, Settings
from tests.articles import helpers
from tests.articles.desk import ADMIN, ANN, AT, BOB, GOOD, approved, begin, write
from tests.articles.elsewhere import OK, said, site
from tests.articles.helpers import take
from tests.conftest import make_app
from tests.factories import ARTICLE, edition, package
from tests.staff import staff

DAY = timedelta(days=1)
GONE, THERE = Found(Outcome.GONE, 404), Found(Outcome.THERE, 200)


# --- rules --------------------------------------------------------------------------------------------------------


def test_where_a_request_goes() -> None:
    assert target("HTTP://WWW.Example.org") == Target("http", "www.example.org", 80, "/")
    assert target("https://example.org:443/a?b=c#d") == Target("https", "example.org", 443, "/a?b=c")
    assert target("http://example.org:443/") == Target("http", "example.org", 443, "/")
    assert target("https://93.184.216.34/") == Target("https", "93.184.216.34", 443, "/")
    assert target("http://[2606:2800:220:1::1]/") == Target("http", "2606:2800:220:1::1", 80, "/")
    for authority in ("www.example.org", "www.example.org:443", "[2606:2800:220:1::1]", "[2606:2800:220:1::1]:443"):
        aim = target(f"http://{authority}/")
        assert aim is not None
        assert aim.authority == authority


PLACES = {
    "8.8.8.8": True, "1.1.1.1": True, "2400:3200::1": True, "2606:4700::1111": True,
    "127.0.0.1": False, "10.9.8.7": False, "172.31.0.1": False, "192.168.0.1": False, "169.254.169.254": False,
    "100.100.100.200": False, "0.0.0.1": False, "255.255.255.255": False, "224.0.0.1": False, "239.1.1.1": False,
    "240.0.0.1": False, "198.18.0.1": False, "192.0.2.1": False, "::1": False, "::": False, "fe80::1%eth0": False,
    "fc00::1": False, "fd00:ec2::254": False, "fec0::1": False, "ff02::1": False, "::ffff:8.8.8.8": False,
    "::8.8.8.8": False, "64:ff9b::7f00:1": False, "2002:7f00:1::1": False, "2001:0:7f00:1::1": False,
    "2001:db8::1": False,
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_which_addresses_are_public(place: str) -> None:
    assert is_public(place) is PLACES[place]


@given(st.ip_addresses())
def test_no_address_is_public_that_is_not_global(place: object) -> None:
    assert not is_public(str(place)) or bool(getattr(place, "is_global", False))


def failing(*outcomes: Outcome, every: timedelta = DAY) -> tuple[Outcome, int]:
    """Return the last outcome of checks at such intervals, and how many failures in a row they make."""
    history = History()
    for number, outcome in enumerate(outcomes):
        history = after(history, outcome, at=AT + every * number)
    return outcomes[-1], history.failures


GO, ER, OT, NO, SL = Outcome.GONE, Outcome.ERROR, Outcome.THERE, Outcome.GUARDED, Outcome.SLOW


@pytest.mark.parametrize(
    ("outcomes", "broken"),
    [
        ((GO,), False), ((GO, GO), True), ((ER,), False), ((ER, ER), False), ((ER, ER, ER), True),
        ((SL, GO), True), ((GO, SL), False), ((GO, SL, ER), True), ((ER, ER, OT, ER), False), ((GO, NO, GO), False),
        ((ER, ER, ER, OT), False), ((ER, ER, ER, NO), False), ((NO,) * 9, False), ((Outcome.REFUSED,) * 9, False),
    ],
)  # fmt: skip
def test_from_when_on_a_link_is_broken(outcomes: tuple[Outcome, ...], broken: bool) -> None:
    assert is_broken(*failing(*outcomes)) is broken
    assert not is_broken(None, 9)


def test_failures_of_one_day_count_once_and_the_first_is_remembered() -> None:
    assert failing(*[ER] * 24, every=timedelta(hours=1)) == (ER, 1)
    history = after(after(History(), ER, at=AT), GO, at=AT + DAY)
    assert history == History(2, AT, AT + DAY)
    assert after(history, OT, at=AT + 2 * DAY) == History()
    assert [next_check(outcome, at=AT) - AT for outcome in (ER, OT, NO)] == [DAY, 7 * DAY, 7 * DAY]
    assert {GO, ER, SL} < FAILURES


def test_which_links_of_a_text_lead_elsewhere() -> None:
    body = GOOD + (
        "\n[甲](https://a.example/x?p=1&q=2) 和 <http://b.example/>，见 [文章](article:hang-up)、[首页](/)、"
        "[写信](mailto:a@b.example)。https://not-a-link.example/ 只是写着。\n"
    )
    html = markup.render(body, locale="zh-Hans").html
    assert markup.outside_links(html) == {"https://a.example/x?p=1&q=2", "http://b.example/"}


# --- which are checked, and when ----------------------------------------------------------------------------------

LINKED = edition(body=GOOD + "\n见[甲](http://a.example/1)、[乙](http://a.example/2)和[丙](https://b.example/)。\n")
SOURCED = ARTICLE.replace("evidence:", "url: 'https://source.example/x', evidence:")
HOTLINES = """\
hotlines:
- key: police
  number: '110'
  name: 报警
  purpose: 报警。
  source: 公安部
  url: https://number.example/
  checked_on: 2026-11-01
"""


@pytest.fixture
def linked(session: Session, tmp_path: Path) -> Path:
    """Have a library with links in a text, in a source and in a list; the links of a draft are not the public's."""
    draft = edition(body=GOOD + "\n[丁](http://draft.example/)\n", status="draft")
    files = {"article.yaml": SOURCED, "general.zh-Hans.md": LINKED, "youth.zh-Hans.md": draft}
    take(package(tmp_path / "linked", {"hang-up": files}, hotlines_yaml=HOTLINES))
    return tmp_path


def known() -> dict[str, tuple[Outcome | None, int, bool]]:
    db.session.rollback()
    return {
        link.url: (link.outcome, link.failures, link.checked_at is not None) for link in queries.links(db.session())
    }


def check(at: datetime, ask: Found = THERE, *, pause: timedelta = services.links.PAUSE) -> list[str]:
    """Check all that is due at a time; return the addresses that were asked for."""
    asked: list[str] = []

    def answer(url: str) -> Found:
        asked.append(url)
        return ask

    with time_machine.travel(at, tick=False):
        while services.check_next_link(pause=pause, ask=answer):
            pass
    return asked


def collect(at: datetime = AT) -> None:
    with time_machine.travel(at, tick=False):
        services.collect_links()


ALL = [
    "http://a.example/1", "http://a.example/2", "https://b.example/", "https://number.example/",
    "https://source.example/x",
]  # fmt: skip


def test_what_the_public_is_led_to_is_collected_and_what_is_gone_forgotten(linked: Path) -> None:
    collect()
    assert known() == dict.fromkeys(ALL, (None, 0, False))
    assert queries.outside_urls(db.session())["https://number.example/"] == ["hotline police"]
    assert queries.outside_urls(db.session())["https://source.example/x"] == ["hang-up"]
    files = {"article.yaml": SOURCED, "general.zh-Hans.md": edition(body=GOOD + "\n[丙](https://b.example/)\n")}
    take(package(linked / "less", {"hang-up": files}, hotlines_yaml=HOTLINES))
    assert check(AT) == ["http://a.example/1", "https://b.example/", "https://number.example/", ALL[4]]
    collect()
    assert known() == dict.fromkeys(ALL[2:], (Outcome.THERE, 0, True))


def test_a_site_is_left_alone_for_a_minute_and_a_page_for_a_week(linked: Path) -> None:
    collect()
    assert check(AT) == ["http://a.example/1", "https://b.example/", "https://number.example/", ALL[4]]
    assert check(AT + timedelta(seconds=59)) == []
    assert check(AT + timedelta(seconds=61)) == ["http://a.example/2"]
    assert check(AT + 7 * DAY - timedelta(seconds=1)) == []
    assert check(AT + 7 * DAY, GONE, pause=NO_PAUSE) == [ALL[0], *ALL[2:]]
    # What fails is asked for again every day.
    assert check(AT + 8 * DAY, GONE, pause=NO_PAUSE) == [ALL[1], ALL[0], *ALL[2:]]
    assert known()[ALL[0]] == (Outcome.GONE, 2, True)
    assert known()[ALL[1]] == (Outcome.GONE, 1, True)


def test_a_check_that_was_killed_is_tried_again_the_next_day(linked: Path) -> None:
    collect()

    def killed(_url: str) -> Found:
        raise KeyboardInterrupt

    with time_machine.travel(AT, tick=False), pytest.raises(KeyboardInterrupt):
        services.check_next_link(ask=killed)
    assert ALL[0] not in check(AT + timedelta(hours=1), pause=NO_PAUSE)
    assert check(AT + DAY, pause=NO_PAUSE) == [ALL[0]]


def test_a_link_that_goes_while_it_is_asked_for_is_no_trouble(linked: Path) -> None:
    collect()

    def gone(_url: str) -> Found:
        with transaction() as session:
            session.execute(sa.delete(Link))
        return GONE

    assert services.check_next_link(ask=gone)
    assert known() == {}


def test_the_worker_checks_only_where_it_is_switched_on(app: Flask, settings: Settings, tmp_path: Path) -> None:
    assert [job.name for job in jobs(settings) if job.lane == "links"] == []
    # Asked for real, with nothing but what production has: refused before anybody is connected to.
    with site() as inner:
        inward = [f"http://127.0.0.1:{inner.port}/", "http://127.0.0.1/", "http://[::1]/", "http://2130706433/"]
        body = GOOD + "\n".join(f"\n[这里]({url})\n" for url in inward)
        take(package(tmp_path / "inward", {"hang-up": {"general.zh-Hans.md": edition(body=body)}}))
        todo = [job for job in jobs(Settings(data=settings.data, check_links=True)) if job.lane == "links"]
        assert [(job.name, job.seconds) for job in todo] == [("collect links", 3600), ("check links", 20)]
        for job in todo:
            while run(app, job):
                pass
        # The others wait: the same site was asked a moment ago.
        while services.check_next_link(pause=NO_PAUSE):
            pass
        assert known() == dict.fromkeys(inward, (Outcome.REFUSED, 0, True))
        assert inner.hits == 0


# --- who is told --------------------------------------------------------------------------------------------------


@pytest.fixture
def article(desk_library: None, session: Session) -> Article:
    """Return an article by Ann, published by Bob, whose text leads to another site."""
    with transaction():
        article = begin(session)
        write(session, article, GOOD + "\n[甲](http://a.example/1)\n")
        write(session, article, audience=Audience.ELDERLY)
    review = approved(session, article)
    with transaction():
        services.publish(session, review_id=review, by=BOB, at=AT)
        services.set_owners(session, article_id=article.id, owner_id=ADMIN.id, deputy_id=None, by=ADMIN, at=AT)
    return article


def told(app: Flask, person_id: int, at: datetime, *, permission: Permission = Permission.WRITE) -> bool:
    with time_machine.travel(at, tick=False):
        client = staff(app, Permission.DESK, permission, person_id=person_id, locale=Locale.HANS)
        page = client.get("/desk/").text
    return "http://a.example/1" in page and "链接打不开" in page


def test_author_and_owner_are_told_until_it_is_mended(app: Flask, article: Article) -> None:
    number = article.id
    collect()
    check(AT, GONE)
    assert not told(app, ANN.id, AT)
    check(AT + DAY, GONE)
    at = AT + DAY
    assert [told(app, person, at) for person in (ANN.id, ADMIN.id, BOB.id)] == [True, True, False]
    assert not told(app, ANN.id, at, permission=Permission.REVIEW)
    with time_machine.travel(at, tick=False):
        writer = staff(app, Permission.DESK, Permission.WRITE, person_id=ANN.id, locale=Locale.HANS)
        shown = "服务器说没有这个页面（或者已经没有了）。 (HTTP 404)"
        for place in (f"/desk/articles/{number}", f"/desk/articles/{number}/general/zh-Hans"):
            page = writer.get(place).text
            assert shown in page
            assert '<a href="http://a.example/1" rel="noopener noreferrer">' in page
        # The other edition does not hold it.
        assert shown not in writer.get(f"/desk/articles/{number}/elderly/zh-Hans").text
    # It is there again.
    check(AT + 2 * DAY, THERE)
    assert not told(app, ANN.id, AT + 2 * DAY)
    # It goes again, and somebody takes it out.
    check(AT + 9 * DAY, GONE)
    check(AT + 10 * DAY, GONE)
    assert told(app, ANN.id, AT + 10 * DAY)
    with transaction() as unit:
        write(unit, unit.get_one(Article, number), GOOD)
    assert not told(app, ANN.id, AT + 10 * DAY)


def test_what_nobody_has_looked_at_for_a_week_is_not_told(app: Flask, article: Article) -> None:
    collect()
    check(AT, GONE)
    check(AT + DAY, GONE)
    assert told(app, ANN.id, AT + 7 * DAY)
    assert not told(app, ANN.id, AT + 8 * DAY)


def test_a_broken_source_stands_at_every_edition_and_a_number_on_the_desk(app: Flask, linked: Path) -> None:
    collect()
    for day in range(2):
        check(AT + day * DAY, GONE, pause=NO_PAUSE)
    article = db.session.scalars(sa.select(Article.id)).one()
    found = queries.broken_links(db.session(), now=AT + DAY)[article]
    assert [(one.link.url, one.in_sources) for one in found] == [*((url, False) for url in ALL[:3]), (ALL[4], True)]
    with time_machine.travel(AT + DAY, tick=False):
        page = staff(app, Permission.DESK, Permission.WRITE).get(f"/desk/articles/{article}").text
        assert "4 links lead nowhere" in page
        assert f'<a href="/desk/articles/{article}/facts">Mend it under facts and dates</a>' in page
        line = "The link to the source leads nowhere: 110"
        assert line in staff(app, Permission.DESK, Permission.MOVE_CONTENT).get("/desk/").text
        assert line not in staff(app, Permission.DESK, Permission.WRITE).get("/desk/").text
        # An edition that is withdrawn waits for nobody.
        with transaction() as session:
            session.execute(sa.update(Edition).values(published_number=None))
        assert queries.broken_links(db.session(), now=AT + DAY) == {}


# --- from end to end, and the command -----------------------------------------------------------------------------


def test_a_real_site_whose_page_goes_and_comes_back(session: Session, tmp_path: Path) -> None:
    with site() as other:
        url = f"http://127.0.0.1:{other.port}/page"
        files = {"general.zh-Hans.md": edition(body=GOOD + f"\n[甲]({url})\n")}
        take(package(tmp_path / "p", {"hang-up": files}))
        collect()
        ask = partial(fetch, bounds=Bounds(allowed=lambda _place: True, ports=frozenset({other.port})))
        for day, answer in enumerate([OK, said(410), said(410), said(200)]):
            other.answers["*"] = answer
            with time_machine.travel(AT + 8 * DAY * day, tick=False):
                assert services.check_next_link(ask=ask)
                assert not services.check_next_link(ask=ask)
                broken = queries.broken_links(db.session(), now=AT + 8 * DAY * day)
            assert [one.link.status for ones in broken.values() for one in ones] == ([410] if day == 2 else [])


def test_the_table_of_the_command(app: Flask, linked: Path, tmp_path: Path) -> None:
    def lines() -> list[str]:
        result = helpers.run("content", "links")
        assert result.exit_code == 0
        return result.output.splitlines()

    assert lines()[1] == "not checked     -      -  -                 http://a.example/1 (hang-up)"
    collect()
    check(AT, GONE)
    assert lines()[2] == "not checked     -      -  -                 http://a.example/2 (hang-up)"
    check(AT + DAY, GONE, pause=NO_PAUSE)
    head, first, second, *_others, number, _source, last = lines()
    assert head == "state        HTTP failed  checked           address (where)"
    assert first == "broken        404      2  2026-11-23 02:00Z http://a.example/1 (hang-up)"
    assert second == "gone          404      1  2026-11-23 02:00Z http://a.example/2 (hang-up)"
    assert number.endswith("https://number.example/ (hotline police)")
    assert last == "5 links; 4 broken."
    refused = helpers.run("content", "links", "--now")
    assert refused.exit_code == 1
    assert refused.output.strip().endswith("PORTAL_CHECK_LINKS is off: no other site is asked.")


def test_the_command_asks_for_all_at_once_where_it_is_on(settings: Settings, tmp_path: Path) -> None:
    app = make_app(Settings(data=settings.data, database_url=settings.database_url, check_links=True))
    with app.app_context():
        body = GOOD + "\n[甲](http://127.0.0.1/)、[乙](http://127.0.0.1/2)\n"
        take(package(tmp_path / "p", {"hang-up": {"general.zh-Hans.md": edition(body=body)}}))
        for _time in range(2):
            result = helpers.run("content", "links", "--now")
            assert result.exit_code == 0, result.output
            assert result.output.splitlines()[-1] == "2 links; 0 broken."
            assert result.output.count("refused") == 2
