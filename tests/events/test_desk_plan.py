"""The plan at the desk: typed, refused, saved, in conflict; questions, times, templates, series."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import Person
from portal.core.database import db, transaction
from portal.events.models import Event, Template
from portal.events.rules.lectures import EventState, Mode, Place
from portal.events.rules.plans import Where
from portal.events.services import planning
from portal.reference.services import store_list
from tests.accounts.helpers import post
from tests.events.at_desk import desk_library, draft, enter, event_of, people, public, there, typed
from tests.events.planned import plan
from tests.quizzes.pages import fields

__all__ = ["desk_library", "enter", "people", "there"]
Enter = Callable[[str], FlaskClient]


def test_a_lecture_is_planned_from_nothing(enter: Enter, people: dict[str, Person]) -> None:
    planner = enter("planner")
    sent = typed(
        planner, "/desk/events/new", title_hans="守住钱", topic="phone", starts="2027-03-05T14:00", slug="mine"
    )
    made = post(planner, "/desk/events/new", **sent)
    assert made.status_code == 303
    number = int(made.headers["Location"].rsplit("/", 1)[1])
    event = event_of(number)
    assert (event.slug, event.owner_id, event.state) == ("mine", people["planner"].id, EventState.DRAFT)
    assert event.starts_at.isoformat() == "2027-03-05T06:00:00+00:00"
    assert event.ends_at - event.starts_at == timedelta(minutes=90)
    assert event.closes_at == event.starts_at - timedelta(hours=1)
    again = post(planner, "/desk/events/new", **sent)
    assert again.status_code == 422
    assert "Another lecture has this name" in again.text
    assert "It names no venue." in planner.get(f"/desk/events/{number}").text
    assert post(planner, f"/desk/events/{number}/submit", base="1").status_code == 409


def test_a_name_that_is_known_keeps_its_spelling(enter: Enter, people: dict[str, Person]) -> None:
    planner = enter("planner")
    with transaction() as session:
        row = {"key": "march", "position": 0, "month": 3, "until": 3, "names": {str(date.today().year): "315 宣传"},
               "organiser": {}, "source": {"zh-Hans": "来源"}, "checked_on": "2026-11-01"}  # fmt: skip
        store_list(session, "campaigns", rows=[row])

    def planned(slug: str, district: str, campaign: str) -> Event:
        whole = {"title_hans": "守住钱", "topic": "phone", "starts": "2027-03-05T14:00", "slug": slug}
        sent = typed(planner, "/desk/events/new", **whole, district=district, campaign=campaign)
        made = post(planner, "/desk/events/new", **sent)
        return event_of(int(made.headers["Location"].rsplit("/", 1)[1]))

    first = planned("one", " Ｅast  区 ", "３１５宣传")
    assert (first.district, first.campaign) == ("Ｅast 区", "315 宣传")
    second = planned("two", "east区", "315宣传")
    assert (second.district, second.campaign) == ("Ｅast 区", "315 宣传")
    page = planner.get("/desk/events/new").text
    assert '<option value="315 宣传"></option>' in page
    assert page.count('<option value="Ｅast 区"></option>') == 1
    # Alone with its spelling, a lecture can be given another.
    third = planned("three", "Ｗest", "")
    sent = typed(planner, f"/desk/events/{third.id}/plan", district="West")
    assert post(planner, f"/desk/events/{third.id}/plan", **sent).status_code == 303
    assert event_of(third.id).district == "West"


WRONG = {
    "title_hans": ("", "Please fill this in."),
    "starts": ("2027-13-05T14:00", "Write day and time"),
    "minutes": ("x", "whole number"),
    "closes": ("2027-03-06T14:00", "Registration closes when"),
    "opens": ("2027-03-05T13:30", "Registration opens before"),
    "seats_hall": ("0", "whole number"),
    "mode": ("x", "choose one of the options"),
    "audience": ("x", "choose one of the options"),
    "topic": ("nonsense", "choose one of the options"),
    "article_1": ("no-such", "no public article"),
    "pre_quiz": ("no-such", "no public quiz"),
    "map_url": ("http://example.org/", "https://"),
    "online_url": ("https://a@b/", "https://"),
    "telephone": ("call me", "as it is dialled"),
    "most_seats": ("99", "whole number"),
    "slug": ("Not A Slug", "Small letters"),
    "q0_options_hans": ("甲\n乙", "Write the question in Chinese"),
    "summary_hans": ("长" * 301, "Please shorten it"),
}


@pytest.mark.parametrize("name", WRONG)
def test_bad_input_is_said_beside_its_field_and_kept(enter: Enter, people: dict[str, Person], name: str) -> None:
    planner = enter("planner")
    value, sentence = WRONG[name]
    sent = typed(planner, "/desk/events/new", title_hans="守住钱", topic="phone", starts="2027-03-05T14:00")
    answer = post(planner, "/desk/events/new", **sent | {"summary_hans": "别丢了我", name: value})
    assert answer.status_code == 422
    assert sentence in answer.text.partition("field--error")[2]
    if name not in ("summary_hans", "mode"):
        assert "别丢了我" in answer.text
    assert db.session.query(Event).count() == 0


def test_saving_needs_what_was_read_and_shows_both(enter: Enter, people: dict[str, Person]) -> None:
    number = draft(people)
    planner = enter("planner")
    address = f"/desk/events/{number}/plan"
    first = typed(planner, address, title_hans="第一个题目")
    second = typed(planner, address, title_hans="第二个题目", venue_hans="另一个会场")
    assert post(planner, address, **first).status_code == 303
    clash = post(planner, address, **second)
    assert clash.status_code == 409
    for text in ("第二个题目", "另一个会场", "<del>", "林静 saved this meanwhile"):
        assert text in clash.text
    assert event_of(number).latest_number == 2
    assert post(planner, address, **fields(clash.text)).status_code == 303
    event = event_of(number)
    assert (event.latest_number, event.venue["zh-Hans"]) == (3, "另一个会场")
    same = post(planner, address, **typed(planner, address))
    assert same.status_code == 303
    assert event_of(number).latest_number == 3
    assert post(planner, address, **typed(planner, address, base="x")).status_code == 409


def test_the_form_gives_back_what_is_stored(enter: Enter, people: dict[str, Person]) -> None:
    whole = plan(
        mode=Mode.HYBRID,
        seats={Place.IN_PERSON: 12, Place.ONLINE: 80},
        where=Where({"zh-Hans": "甲", "en": "A"}, {"zh-Hans": "乙"}, "https://example.org/m", "https://example.org/o"),
        details=replace(
            plan().details, step_free=True, sign_language=True, takes_groups=False, access_note={"zh-Hans": "有电梯"},
            most_seats=7, branch="张江支行", campaign="2027 3·15",
        ),
    )  # fmt: skip
    number = draft(people, mode=whole.mode, seats=whole.seats, where=whole.where, details=whole.details)
    planner = enter("planner")
    before = planning.plan_of(db.session(), event_of(number))
    address = f"/desk/events/{number}/plan"
    page = planner.get(address).text
    assert post(planner, address, **fields(page)).status_code == 303
    assert event_of(number).latest_number == 1
    assert planning.plan_of(db.session(), event_of(number)) == before


def test_questions_keep_their_keys(enter: Enter, people: dict[str, Person]) -> None:
    number = draft(people)
    planner = enter("planner")
    address = f"/desk/events/{number}/plan"
    asked = {
        "q0_label_hans": "第一次来吗？", "q0_kind": "yes-no",
        "q1_label_hans": "怎么来？", "q1_kind": "choice", "q1_options_hans": "走路\n坐车", "q1_options_en": "Walk\nBus",
    }  # fmt: skip
    assert post(planner, address, **typed(planner, address, **asked)).status_code == 303

    def stored() -> list[dict[str, Any]]:
        event = event_of(number)
        found = planning.revision(db.session(), number, event.latest_number).content["questions"]
        assert isinstance(found, list)
        return found

    first = stored()
    assert [(one["key"], one["kind"]) for one in first] == [("q1", "yes-no"), ("q2", "choice")]
    assert first[1]["options"][1] == {"key": "q2", "label": {"zh-Hans": "坐车", "en": "Bus"}}
    # The first is taken out, the second loses an answer and gets another, and a third is new.
    changed = {
        "q0_label_hans": "", "q0_key": "q1",
        "q1_options_hans": "坐车\n骑车\n开车", "q1_options_en": "",
        "q2_label_hans": "还想问什么？", "q2_required": "y",
    }  # fmt: skip
    assert post(planner, address, **typed(planner, address, **changed)).status_code == 303
    second = stored()
    assert [one["key"] for one in second] == ["q2", "q3"]
    assert [one["key"] for one in second[0]["options"]] == ["q2", "q3", "q4"]
    assert second[1]["required"] is True
    short = typed(planner, address, q0_options_hans="只有一个")
    assert post(planner, address, **short).status_code == 422


def test_times_that_clocks_skip_or_show_twice(enter: Enter, people: dict[str, Person], app: Flask) -> None:
    app.config["PORTAL"] = replace(app.config["PORTAL"], timezone=ZoneInfo("Europe/Berlin"))
    planner = enter("planner")
    sent = typed(planner, "/desk/events/new", title_hans="夜里", topic="phone", starts="2027-03-28T02:30")
    assert "clocks skip this time" in post(planner, "/desk/events/new", **sent).text
    sent["starts"] = "2027-10-31T02:30"
    asked = post(planner, "/desk/events/new", **sent)
    assert asked.status_code == 422
    assert "02:30 UTC+0200" in asked.text
    assert "02:30 UTC+0100" in asked.text
    made = {}
    for fold in ("0", "1"):
        answer = post(planner, "/desk/events/new", **sent, starts_fold=fold)
        assert answer.status_code == 303
        number = int(answer.headers["Location"].rsplit("/", 1)[1])
        made[fold] = event_of(number).starts_at.hour
        assert fields(planner.get(f"/desk/events/{number}/plan").text)["starts_fold"] == fold
    assert made == {"0": 0, "1": 1}


def test_of_a_public_lecture_time_and_place_cannot_be_typed(enter: Enter, people: dict[str, Person]) -> None:
    number = public(people)
    planner = enter("planner")
    address = f"/desk/events/{number}/plan"
    before = event_of(number)
    starts, version = before.starts_at, before.venue
    sent = typed(planner, address, telephone="021-99999999")
    assert "starts" not in sent
    answer = post(planner, address, **sent, starts="2030-01-01T10:00", venue_hans="别处", seats_hall="1", mode="online")
    assert answer.status_code == 303
    event = event_of(number)
    assert (event.telephone, event.starts_at, event.venue, event.mode) == (
        "021-99999999", starts, version, Mode.IN_PERSON,
    )  # fmt: skip
    assert event.published_number == event.latest_number == 2
    assert post(planner, address, **typed(planner, address, title_hans="新的题目")).status_code == 303
    page = planner.get(f"/desk/events/{number}").text
    assert "The new one waits for review" in page


def test_only_checking_saves_nothing(enter: Enter, people: dict[str, Person]) -> None:
    number = draft(people)
    planner = enter("planner")
    address = f"/desk/events/{number}/plan"
    page = post(planner, address, **typed(planner, address, summary_hans="稳赚不赔。"), action="check")
    assert page.status_code == 200
    assert "不许承诺。" in page.text
    assert event_of(number).latest_number == 1


def test_templates_and_another_one_like_it(enter: Enter, there: dict[str, int]) -> None:
    planner = enter("planner")
    assert "模板里的题目" in planner.get(f"/desk/events/new?template={there['template']}").text
    like = fields(
        planner.get(f"/desk/events/new?like={there['public']}").text.replace("</form>", '<input name="base"></form>')
    )
    assert (like["title_hans"], like["starts"], like["venue_hans"]) == ("守住养老钱", "", "张江社区中心二楼")
    address = f"/desk/events/{there['public']}/template"
    assert post(planner, address, name="防骗").status_code == 422
    assert post(planner, address, name="").status_code == 422
    assert post(planner, address, name="防骗", instead="y").status_code == 303
    assert post(planner, address, name="第二个").status_code == 303
    db.session.rollback()
    kept = {one.name: one for one in db.session.query(Template)}
    assert kept["防骗"].plan["title_hans"] == "守住养老钱"
    assert "starts" not in kept["防骗"].plan
    one = f"/desk/events/templates/{kept['第二个'].id}"
    assert post(planner, one, name="防骗", action="rename").status_code == 422
    assert post(planner, one, name="", action="rename").status_code == 422
    assert post(planner, one, name="另一个", action="rename").status_code == 303
    assert post(planner, one, action="remove").status_code == 303
    assert post(planner, one, action="remove").status_code == 404
    db.session.rollback()
    assert [row.name for row in db.session.query(Template)] == ["防骗"]


def test_a_series_is_planned(enter: Enter, there: dict[str, int]) -> None:
    planner = enter("planner")
    address = f"/desk/events/{there['draft']}/repeat"
    sent = {"name": "每周一讲", "how": "week", "times": "2", "days": "", "opens_days": "14"}
    assert post(planner, address, **sent).status_code == 303
    first = event_of(there["draft"])
    found = db.session.query(Event).filter_by(series_id=first.series_id).order_by(Event.starts_at).all()
    assert [one.starts_at - first.starts_at for one in found] == [timedelta(weeks=weeks) for weeks in range(3)]
    for wrong in (
        {"times": "0"}, {"times": ""}, {"how": "days", "days": "soon"}, {"how": "days"}, {"name": ""}, {"how": "x"},
    ):  # fmt: skip
        assert post(planner, address, **sent | wrong).status_code == 422, wrong
    assert post(planner, address, **sent | {"how": "days", "days": "2027-12-31\n2028-01-07"}).status_code == 303
    assert db.session.query(Event).filter_by(series_id=first.series_id).count() == 5
    assert "每周一讲" in planner.get(f"/desk/events/{there['draft']}").text
