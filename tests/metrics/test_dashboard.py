"""How a quarter is shown at the desk, drawn from reports alone, and who may see it."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import flask
import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.core import clock
from portal.core.access import Permission
from portal.core.settings import Locale
from portal.metrics.models import Amendment
from portal.metrics.rules import uplift
from portal.metrics.rules.closing import State
from portal.metrics.rules.report import Report
from portal.metrics.rules.targets import Measure
from portal.metrics.rules.uplift import Person
from portal.metrics.rules.uplift_json import to_json
from portal.metrics.rules.verdicts import LEAST
from portal.metrics.services import reports
from portal.metrics.views import dashboard, definitions, figures
from portal.reference.rules import quarters
from tests.metrics.sample import sample
from tests.staff import SIGN_IN, someone, staff

ANALYST = (Permission.DESK, Permission.ANALYSE)
AT = datetime(2026, 10, 9, 2, tzinfo=UTC)
TAG = re.compile(r"<[^>]*>")


SIGNED: dict[str, Any] = {
    "closed_by": "陈岚",
    "closed_at": AT,
    "confirmed_by": "周明",
    "confirmed_at": AT,
    "amendments": [Amendment(quarter="2026Q3", at=AT, by="林静", text="一场讲座多算了 2 人。", changes=[])],
    "digest": "ab" * 32,
}


def kept_as(report: Report, state: State = State.OPEN, **more: Any) -> reports.Current:
    """Return a report as it would be kept."""
    return reports.Current(report, state, more.pop("digest", ""), AT, **more)


def page(app: Flask, kept: reports.Current, *, locale: str = "en", may: tuple[Permission, ...] = ANALYST) -> str:
    with app.test_request_context("/desk/quarters/2026Q3"):
        flask.g.locale, flask.g.actor = locale, someone(*may, locale=locale)
        return dashboard.render(kept)


def words(html: str) -> str:
    """Return what a reader sees, in one line."""
    return " ".join(unescape(TAG.sub(" ", html)).split())


def section(html: str, name: str) -> str:
    """Return the words of one section."""
    return words(html.partition(f'<section class="section" aria-labelledby="{name}">')[2].partition("</section>")[0])


def nobody() -> dict[str, Any]:
    return {**to_json(uplift.uplift([]), least=LEAST), "follow_up": None, "mixed": 0, "detection": None}


def known(people: list[Person]) -> dict[str, Any]:
    return {**to_json(uplift.uplift(people), least=LEAST), "follow_up": None, "mixed": 0, "detection": None}


def bare() -> Report:
    """Return a quarter in which nothing happened."""
    report = sample(breakdowns={}, ledger=[], entries=[], quizzes=[], reading=[], series={}, awareness=nobody())
    for key in report["attendance"]:
        report["attendance"][key] = 0  # type: ignore[literal-required]  # every key of it
    report["satisfaction"] = {
        "n": 0, "satisfied": 0, "share": {"value": None, "low": None, "high": None},
        "levels": dict.fromkeys("54321", 0),
    }  # fmt: skip
    report["articles"] = dict.fromkeys(report["articles"], 0)
    report["search"] = {"searches": 0, "nothing": 0, "terms": [], "nothing_terms": []}
    for line in report["verdicts"]:
        entered = line["measure"] in ("complaints_24h", "training")
        line.update(value=None if entered else 0.0, low=None, high=None, n=None, caveats=[])
        line["verdict"] = "not_known" if entered else "not_met"
        if line["measure"] in ("awareness", "satisfaction"):
            line.update(value=None, n=0, verdict="too_few")
    return report


def test_the_headline_and_every_target_with_its_figure(app: Flask) -> None:
    html = page(app, kept_as(sample()))
    seen = words(html)
    assert "Third quarter of 2026: 4 of 7 targets met" in seen
    report = sample()
    for line in report["verdicts"]:
        assert figures.in_unit(line["value"], line["unit"], unlike=line["target"]) in seen
        if line["low"] is not None and line["high"] is not None:
            for bound in (line["low"], line["high"]):
                assert figures.in_unit(bound, line["unit"]) in seen
    for said in (
        "2 complaints took longer than 24 hours.", "41 of 43", "Target: at least 100%", "95.3%",
        "92.9% 95% interval: 88.4% to 95.7% 196 answers Target: at least 90%", "126 pairs", "Target: at least 20%",
        "268 person-times Target: at least 200", "Target set by 陈立, from Q1 2026 on.", "5 lectures were held.",
    ):  # fmt: skip
        assert said in seen
    # What needs doing first: not met, then not confirmed, then met.
    order = [html.index(one) for one in ("Not met", "Above target, not confirmed", "state--done")]
    assert order == sorted(order)


def test_every_figure_of_the_report_is_in_the_page(app: Flask) -> None:
    report = sample()
    seen = words(page(app, kept_as(report)))
    there = report["attendance"]
    for value in there.values():
        assert re.search(rf"\b{value}\b", seen), value
    for parts in report["breakdowns"].values():
        assert [one["label"] for one in parts if one["label"] not in seen and "版" not in one["label"]] == []
    found = report["awareness"]
    for one in found["items"]:
        assert figures.signed(one["change_pp"]["value"]) in seen
        assert figures.probability(one["mcnemar_p"]) in seen
    for wave in (found, found["follow_up"]):
        for key in ("difference_pp", "control_pp", "net_pp"):
            assert figures.points(wave[key]["value"]) in seen
        assert figures.percent(wave["relative"]["value"], signed=True) in seen
        assert figures.gain(wave["gain"]["value"]) in seen
        assert figures.percentage(wave["pre_percent"]) in seen
    for one in report["reading"]:
        assert f"{one['reads']:,} {one['completions']:,} {one['helpful_yes']} {one['helpful_no']}" in seen
    for said in (
        "养老骗局 141", "数字人民币钱包 19", "1,643", "366 291 79.5% 76.4%", "投诉系统 2026 年三季度导出 周敏",
        "71% 89%", "34% 27%", "先弄懂，再投资 2026-09-15 14:00", "680.00", report["inputs"]["digest"],
    ):  # fmt: skip
        assert said in seen
    for points in report["series"].values():
        for point in points:
            assert point["n"] is None or f"n = {point['n']}" in seen


def test_hidden_cells_have_no_figures(app: Flask) -> None:
    html = page(app, kept_as(sample()))
    rows = re.findall(r"<tr><th scope=\"row\">(?:New residents|General|江宁区|浦口区)</th>.*?</tr>", html, re.S)
    told = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in rows]
    assert [cells[1:] for cells in told if len(cells) == 4] == [["not shown"] * 3] * 4
    levels = section(html, "satisfied")
    assert "So-so not shown Dissatisfied not shown Very dissatisfied not shown" in levels
    assert "fewer than 5 people, or another row would tell of fewer than 5." in section(html, "breakdowns")
    assert "理性投资 not shown not shown not shown not shown" in section(html, "quizzes-figures")
    assert "Person-times" in section(html, "ledger")


def test_no_target_that_too_few_people_answered_for_has_a_figure(app: Flask) -> None:
    report = sample()
    for line in report["verdicts"]:
        if line["measure"] in ("awareness", "satisfaction"):
            line.update(verdict="too_few", n=12, value=0.987654, low=0.9123, high=0.9987)
    seen = words(page(app, kept_as(report)))
    assert "12 pairs, at least 30 are needed" in seen
    assert "12 answers, at least 30 are needed" in seen
    assert "98.8%" not in seen.partition("What to do")[0]
    assert "91.2%" not in seen


def test_what_to_do_and_what_has_changed(app: Flask) -> None:
    html = page(app, kept_as(sample()), may=(*ANALYST, Permission.ORGANISE, Permission.WRITE))
    assert "about 430 answers in a quarter confirm it." in section(html, "to-do")
    assert "Write about “数字人民币钱包”" in section(html, "to-do")
    assert "Go there" in section(html, "to-do")
    assert "Person-times 268 232 +36 94 +174" in section(html, "changed")
    assert "−0.7 percentage points, may be chance" in section(html, "changed")
    assert "100% no change" in section(html, "changed")


def test_rows_are_led_to_only_where_one_may_go(app: Flask) -> None:
    seen = page(app, kept_as(sample()), may=(Permission.ANALYSE,))
    assert "/desk/events/new" not in seen
    assert 'href="/desk/quiz-figures/"' in seen
    assert 'href="/desk/articles/new"' not in seen
    assert "/desk/articles/new" in page(app, kept_as(sample()), may=tuple(Permission))


def test_a_running_quarter_says_its_pace_and_blames_nobody_yet(app: Flask) -> None:
    report = sample(is_over=False, as_of="2026-08-15T04:00:00+00:00")
    for line in report["verdicts"]:
        if line["measure"] == "person_times":
            line.update(value=120.0, verdict="not_met")
    html = page(app, kept_as(report))
    seen = words(html)
    assert "Third quarter of 2026 so far: 3 of 7 targets met" in seen
    assert "45 of 92 days are over" in seen
    assert "Not yet met 120 person-times at lectures." in seen
    assert "At this pace by the end of the quarter: 245." in seen
    assert "person-times are missing" not in seen
    assert "chart__bar--open" in html
    report["as_of"] = "2026-06-30T20:00:00+00:00"
    assert "The quarter began today: there is no pace yet." in words(page(app, kept_as(report)))


def test_a_closed_quarter_says_who_and_what_came_later(app: Flask) -> None:
    seen = words(page(app, kept_as(sample(), State.CONFIRMED, **SIGNED)))
    assert "Closed and confirmed" in seen
    assert "Closed by 陈岚, 2026-10-09 10:00 Confirmed by 周明, 2026-10-09 10:00" in seen
    assert "2026-10-09 10:00, 林静: 一场讲座多算了 2 人。" in seen
    assert "ab" * 32 in seen
    assert "invented" not in seen
    invented = kept_as(sample(demo=True), State.CLOSED, closed_by="陈岚", closed_at=AT)
    assert "These figures are invented" in words(page(app, invented))


def test_every_name_of_a_figure_leads_to_its_definition(app: Flask) -> None:
    html = page(app, kept_as(sample()))
    keys = {one.key for group in definitions.GROUPS for one in group.definitions}
    used = set(re.findall(r'href="/desk/quarters/definitions#([^"]+)"', html))
    assert used <= keys
    assert set(Measure) <= used
    every = [str(one.key) for group in definitions.GROUPS for one in group.definitions]
    assert len(every) == len(set(every))


def test_charts_have_words_for_everybody(app: Flask) -> None:
    html = page(app, kept_as(sample()))
    drawings = re.findall(r'<svg class="chart chart--(wide|phone)".*?</svg>', html, re.S)
    assert drawings == ["wide", "phone"] * 7
    named = re.findall(r'role="img" aria-labelledby="(\S+) (\S+)"', html)
    assert len({one for pair in named for one in pair}) == 28
    assert all(f'id="{title}"' in html and f'id="{text}"' in html for title, text in named)
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert html.count("quarter-numbers") == 7
    # A quarter of which too few is known, and one of which nothing is.
    assert 'class="chart__gap"' in html
    assert "too few to say" in html
    assert "no figures" in html


def test_a_target_that_was_replaced_is_not_drawn_over_other_figures(app: Flask) -> None:
    report = sample()
    report["awareness"]["target"]["replaced_at_ceiling"] = True
    html = page(app, kept_as(report))
    wide = html.partition('aria-labelledby="chart-awareness-t')[2].partition("</svg>")[0]
    assert "chart__target" not in wide
    assert "chart__dot" in wide


@pytest.mark.parametrize("locale", list(Locale))
def test_a_quarter_in_which_nothing_happened_has_words_and_no_empty_tables(app: Flask, locale: Locale) -> None:
    html = page(app, kept_as(bare()), locale=locale)
    assert "<table" not in html
    assert 'class="chart ' not in html
    if locale is Locale.EN:
        seen = words(html)
        assert "0 of 7 targets met" in seen
        for said in (
            "No lecture was held.", "Nobody checked in at a lecture.", "There was no lecture.", "Nobody gave feedback.",
            "Nobody answered a quiz before or after a lecture.", "Nobody took a quiz.",
            "Nobody has entered a figure for this quarter.", "Nobody has entered this figure yet.",
        ):  # fmt: skip
            assert said in seen
        assert "None" not in seen
        assert "%(" not in seen


def test_one_lecture(app: Flask) -> None:
    chance = random.Random(3)
    people = [Person(chance.random() / 2, 0.5 + chance.random() / 2, "L1") for _ in range(40)]
    report = sample(awareness=known(people))
    report["ledger"] = report["ledger"][:1]
    report["attendance"]["lectures"] = 1
    for line in report["verdicts"]:
        if line["measure"] == "lectures":
            line["value"] = 1.0
    seen = words(page(app, kept_as(report)))
    assert "1 lecture was held." in seen
    assert "1 lecture Target: at least 1" in seen
    assert "It was one lecture: how much lectures differ is not in the interval." in seen


def test_everybody_at_the_ceiling(app: Flask) -> None:
    report = sample(awareness=known([Person(1.0, 1.0, f"L{number % 3}") for number in range(40)]))
    assert report["awareness"]["target"]["replaced_at_ceiling"]
    for line in report["verdicts"]:
        if line["measure"] == "awareness":
            line.update(
                verdict=report["awareness"]["verdict"], value=None, low=None, high=None, n=40,
                unit="gain", target=0.5, caveats=["ceiling"],
            )  # fmt: skip
    seen = words(page(app, kept_as(report)))
    assert "the part of the gap that was closed is judged instead." in seen
    assert "Target: at least 0.50" in seen
    assert "None" not in seen


def test_nobody_matched(app: Flask) -> None:
    people = [Person(0.5, None, "L1") for _ in range(40)] + [Person(None, 0.9, "L1") for _ in range(40)]
    report = sample(awareness=known(people))
    for line in report["verdicts"]:
        if line["measure"] == "awareness":
            line.update(verdict="too_few", value=None, low=None, high=None, n=0, caveats=[])
    html = page(app, kept_as(report))
    assert "0 pairs of answers; at least 30 are needed to say anything." in section(html, "knowing")
    assert "Answered before: 40; after: 40." in section(html, "knowing")
    assert "0 pairs so far, 30 are needed." in section(html, "to-do")
    assert "percentage points" not in section(html, "knowing")


@pytest.mark.parametrize("locale", [Locale.HANS, Locale.HANT])
def test_chinese_pages_say_everything_in_chinese(app: Flask, locale: Locale) -> None:
    seen = page(app, kept_as(sample()), locale=locale)
    assert (
        "2026年第三季度：7 项目标，4 项达标" if locale is Locale.HANS else "2026年第三季度：7 項目標，4 項達標"
    ) in seen
    assert "%(" not in seen


# --- the pages


@pytest.mark.parametrize("path", ["/desk/quarters/", "/desk/quarters/2020Q1", "/desk/quarters/definitions"])
def test_only_those_who_read_figures_see_quarters(app: Flask, path: str) -> None:
    assert staff(app).get(path).headers["Location"] == SIGN_IN
    assert staff(app, Permission.DESK, Permission.WRITE).get(path).status_code == 403
    client = staff(app, *ANALYST)
    assert client.get(path).status_code in (200, 302)
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("name", ["2026Q5", "2026Q0", "1999Q1", "2026q3", "2026-Q3", "2026Q33"])
def test_what_is_no_quarter_is_not_found(app: Flask, name: str) -> None:
    assert staff(app, *ANALYST).get(f"/desk/quarters/{name}").status_code == 404


def test_the_first_page_is_the_present_quarter(app: Flask) -> None:
    now = quarters.of_moment(clock.now(), app.config["PORTAL"].timezone)
    answer = staff(app, *ANALYST).get("/desk/quarters/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/desk/quarters/{now}")


def followed(client: FlaskClient, quarter: str) -> str:
    answer = client.get(f"/desk/quarters/{quarter}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    return words(answer.text)


def test_a_quarter_of_which_nothing_is_known(app: Flask) -> None:
    client = staff(app, *ANALYST)
    now = quarters.of_moment(clock.now(), app.config["PORTAL"].timezone)
    before = followed(client, "2020Q1")
    assert "First quarter of 2020: no figures" in before
    assert "Nothing is recorded of this quarter" in before
    future = followed(client, "2099Q4")
    assert "This quarter has not begun. It lasts from Oct 1 to Dec 31." in future
    assert "See the present quarter" in future
    assert "Nothing has happened yet in this quarter." in followed(client, now)
    assert "Plan a lecture" not in followed(client, now)
    assert "Plan a lecture" in followed(staff(app, *ANALYST, Permission.ORGANISE), now)
    assert 'href="/desk/quarters/2000Q1"' not in client.get("/desk/quarters/2000Q1").text


def test_definitions_can_be_read_in_every_language(app: Flask) -> None:
    for locale in Locale:
        answer = staff(app, *ANALYST, locale=locale.value).get("/desk/quarters/definitions")
        assert answer.status_code == 200
        for group in definitions.GROUPS:
            for one in group.definitions:
                assert f'<div id="{one.key}">' in answer.text
