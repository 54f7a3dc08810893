"""The desk's pages of lectures: each works, and refuses the wrong person, role, method, token and subject."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import Person
from portal.audit.models import Event as Logged
from portal.core import clock
from portal.core.database import db, transaction
from portal.events.models import CoOrganiser, Event, Registration, Template
from portal.events.queries.common import pools
from portal.events.rules.lectures import EventState, Mode, Place
from portal.events.rules.plans import Where
from portal.events.rules.seats import State
from portal.events.services import planning
from tests.accounts.helpers import post
from tests.events.at_desk import desk_library, draft, enter, event_of, people, public, waiting
from tests.events.hall import come, mobile
from tests.events.planned import plan, words
from tests.quizzes.pages import fields

__all__ = ["desk_library", "enter", "people"]
Enter = Callable[[str], FlaskClient]
MISSING = 999_999
READ = ["/desk/events/", "/desk/events/{draft}", "/desk/events/{waits}/review", "/desk/events/{public}"]
RUN = [
    "/desk/events/{draft}/plan",
    "/desk/events/{public}/plan",
    "/desk/events/{public}/move",
    "/desk/events/{public}/call-off",
    "/desk/events/{public}/seats",
    "/desk/events/{public}/staff",
    "/desk/events/{public}/report",
    "/desk/events/{draft}/repeat",
    "/desk/events/{public}/people",
    "/desk/events/{public}/people/new",
    "/desk/events/{public}/people/{who}",
]
"""For those alone who run the lecture."""
ORGANISE = [
    "/desk/events/new",
    "/desk/events/new?like={public}",
    "/desk/events/new?template={template}",
    "/desk/events/templates",
    "/desk/events/{public}/template",
]
POSTS = {
    "/desk/events/new": "planner",
    "/desk/events/{draft}/plan": "planner",
    "/desk/events/{draft}/submit": "planner",
    "/desk/events/{waits}/take-back": "planner",
    "/desk/events/{waits}/review": "reviewer",
    "/desk/events/{public}/move": "planner",
    "/desk/events/{public}/call-off": "planner",
    "/desk/events/{public}/seats": "planner",
    "/desk/events/{public}/staff": "planner",
    "/desk/events/{public}/report": "planner",
    "/desk/events/{draft}/repeat": "planner",
    "/desk/events/{public}/template": "planner",
    "/desk/events/templates/{template}": "planner",
    "/desk/events/{public}/people/new": "planner",
    "/desk/events/{public}/people/{who}": "planner",
}
NOT_THERE = dict.fromkeys(("draft", "waits", "public", "who", "template"), MISSING)


@pytest.fixture
def there(people: dict[str, Person]) -> dict[str, int]:
    """Return the ids of a draft, of one that waits for review, of a public one with somebody in it; and a template."""
    found = {"draft": draft(people), "waits": waiting(people), "public": public(people)}
    with transaction() as session:
        event = session.get_one(Event, found["public"])
        found["who"] = come(session, event, "陈女士", at=clock.now(), **mobile(1)).id
        found["template"] = planning.keep_template(
            session, name="防骗", plan={"title_hans": "模板里的题目"}, by="林静", at=clock.now()
        ).id
    return found


@pytest.mark.parametrize("path", READ + RUN + ORGANISE)
def test_pages_open_for_whom_they_are(enter: Enter, app: Flask, there: dict[str, int], path: str) -> None:
    planner, stranger, author = enter("planner"), enter("stranger"), enter("author")
    address = path.format(**there)
    page = planner.get(address)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.text.count("<h1") == 1
    assert stranger.get(address).status_code == (403 if path in RUN else 200)
    assert author.get(address).status_code == (200 if path in READ else 403)
    assert enter("administrator").get(address).status_code == (200 if path in READ else 403)
    assert planner.delete(address).status_code == 405
    assert app.test_client().get(address).headers["Location"].startswith("/desk/sign-in")


@pytest.mark.parametrize("path", [path for path in READ + RUN + ORGANISE if "{" in path])
def test_what_is_missing_is_not_found(enter: Enter, there: dict[str, int], path: str) -> None:
    planner = enter("planner")
    assert planner.get(path.format(**NOT_THERE)).status_code == 404
    if "?" not in path:
        assert planner.get(path.format(**NOT_THERE | dict.fromkeys(NOT_THERE, 10**30))).status_code == 404
    if "{who}" in path:
        # A walk through ids: somebody of another lecture is not found here.
        assert planner.get(path.format(**there | {"public": there["draft"]})).status_code == 404


@pytest.mark.parametrize(("path", "who"), POSTS.items())
def test_posts_are_guarded(enter: Enter, there: dict[str, int], path: str, who: str) -> None:
    address = path.format(**there)
    client = enter(who)
    assert client.post(address, data={}).status_code == 400
    assert client.post(address, data={"csrf_token": "x"}).status_code == 400
    wrong = ("author", "administrator", "reviewer" if who == "planner" else "planner")
    for other in wrong:
        assert post(enter(other), address).status_code == 403, other
    if "{public}" in path or "{draft}" in path or "{waits}" in path:
        if who == "planner" and not path.endswith("/template"):
            assert post(enter("stranger"), address).status_code == 403
        assert post(client, path.format(**NOT_THERE)).status_code == 404
    db.session.rollback()
    assert event_of(there["public"]).sequence == 0
    assert event_of(there["draft"]).latest_number == 1


# --- the list -----------------------------------------------------------------------------------------------------


def test_the_list_says_what_is_to_be_done_and_finds(enter: Enter, there: dict[str, int]) -> None:
    with transaction() as session:
        event = session.get_one(Event, there["draft"])
        planning.save(
            session,
            event_id=event.id,
            plan=replace(planning.plan_of(session, event), content=words(title="理财入门")),
            base=1,
            by="林静",
            by_id=event.owner_id,
            at=clock.now(),
        )
    planner, reviewer = enter("planner"), enter("reviewer")
    assert "First this" in planner.get("/desk/events/").text
    assert "Waits for your review" in reviewer.get("/desk/events/").text
    assert "1 lecture waits for review" in reviewer.get("/desk/").text
    assert "waits for review" not in planner.get("/desk/").text
    assert "First this" not in enter("stranger").get("/desk/events/").text

    def count(query: str) -> str:
        return planner.get(f"/desk/events/?{query}").text.partition('role="status">')[2].partition("<")[0]

    month = event_of(there["public"]).starts_at.strftime("%Y-%m")
    said = {
        "": "3",
        "q=理财": "1",
        "q=lecture": "0",
        "state=draft": "1",
        "state=review": "1",
        "state=coming": "1",
        "state=over": "0",
        "state=cancelled": "0",
        "topic=phone": "3",
        "topic=none": "0",
        "audience=general": "3",
        "audience=youth": "0",
        "district=浦东新区": "3",
        "district=x": "0",
        f"month={month}": "3",
        "month=2001-01": "0",
        "month=x": "3",
        "page=9": "3",
    }
    assert {query: count(query).split()[0] for query in said} == said
    assert "陈女士" not in planner.get("/desk/events/").text


# --- planning -----------------------------------------------------------------------------------------------------


def typed(client: FlaskClient, address: str, **changed: str) -> dict[str, str]:
    """Return what the form of a page would send, with some fields typed anew."""
    # The form of a new lecture has no `base`, by which the helper knows an editor.
    page = client.get(address).text
    return {
        **fields(page if 'name="base"' in page else page.replace("</form>", '<input name="base"></form>')),
        **changed,
    }


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


# --- templates, series --------------------------------------------------------------------------------------------


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


# --- review -------------------------------------------------------------------------------------------------------


def test_submitted_sent_back_mended_and_approved(enter: Enter, people: dict[str, Person]) -> None:
    number = draft(people, content=words(summary="这个产品稳赚不赔。"))
    planner, reviewer = enter("planner"), enter("reviewer")
    assert post(planner, f"/desk/events/{number}/submit", base="7").status_code == 409
    assert post(planner, f"/desk/events/{number}/submit", base="1", note="请看看").status_code == 303
    address = f"/desk/events/{number}/review"
    page = reviewer.get(address).text
    assert "请看看" in page
    assert "稳赚" in page
    given = {"number": "1", "opinion": ""}
    assert post(reviewer, address, **given, decision="changes").status_code == 422
    held = post(reviewer, address, **given, decision="approve")
    assert held.status_code == 409
    assert "Give a reason" in held.text
    assert post(planner, address, **given, decision="approve").status_code == 403
    assert post(reviewer, address, number="1", opinion="删去承诺", decision="changes").status_code == 303
    assert "删去承诺" in planner.get(f"/desk/events/{number}").text
    assert "Sent back" in planner.get("/desk/events/").text
    assert post(planner, f"/desk/events/{number}/submit", base="1").status_code == 303
    name = reviewer.get(address).text.partition('name="reason-')[2].partition('"')[0]
    stale = {"number": "2", "opinion": "", f"reason-{name}": "引用骗子的话", "decision": "approve"}
    assert post(reviewer, address, **stale).status_code == 409
    assert post(reviewer, address, **stale | {"number": "1"}).status_code == 303
    assert event_of(number).state is EventState.PUBLISHED
    assert "引用骗子的话" in reviewer.get(f"/desk/events/{number}").text
    assert reviewer.get(address).status_code == 303
    assert post(reviewer, address, **given, decision="approve").status_code == 409


def test_a_review_is_taken_back(enter: Enter, there: dict[str, int]) -> None:
    planner = enter("planner")
    for _time in range(2):
        assert post(planner, f"/desk/events/{there['waits']}/take-back").status_code == 303
    assert planning.open_review(db.session(), there["waits"]) is None


# --- changed when public ------------------------------------------------------------------------------------------


def test_a_move_is_shown_first_and_then_done(enter: Enter, there: dict[str, int]) -> None:
    planner = enter("planner")
    address = f"/desk/events/{there['public']}/move"
    sent = fields(planner.get(address).text)
    before = event_of(there["public"]).starts_at
    sent |= {"starts": "2030-05-05T10:00", "venue_hans": "图书馆"}
    page = post(planner, address, **sent)
    assert page.status_code == 200
    for text in ("2030-05-05 10:00", "图书馆", "1 registration is told"):
        assert text in page.text
    assert event_of(there["public"]).starts_at == before
    confirmed = sent | {"confirmed": "yes"}
    assert post(planner, address, **confirmed).status_code == 303
    event = event_of(there["public"])
    assert (event.previous_starts_at, event.sequence) == (before, 1)
    # The same page once more moves nothing.
    assert post(planner, address, **confirmed).status_code == 409
    for wrong in ({"starts": "2001-01-01T10:00"}, {"venue_hans": ""}, {"minutes": "1"}, {"map_url": "x"}):
        assert post(planner, address, **sent | wrong).status_code == 422, wrong
    draft_move = f"/desk/events/{there['draft']}/move"
    assert planner.get(draft_move).status_code == 409


def test_calling_off_asks_once(enter: Enter, there: dict[str, int]) -> None:
    planner = enter("planner")
    address = f"/desk/events/{there['public']}/call-off"
    sent = fields(planner.get(address).text)
    assert post(planner, address, **sent).status_code == 422
    sent["reason"] = "台风"
    page = post(planner, address, **sent)
    assert page.status_code == 200
    assert event_of(there["public"]).state is EventState.PUBLISHED
    assert post(planner, address, **sent, confirmed="yes").status_code == 303
    event = event_of(there["public"])
    assert (event.state, event.cancel_reason, event.sequence) == (EventState.CANCELLED, "台风", 1)
    assert "台风" in planner.get(f"/desk/events/{there['public']}").text
    for path in ("move", "call-off", "seats", "plan", "people/new"):
        assert planner.get(f"/desk/events/{there['public']}/{path}").status_code == 409, path
    assert planner.get(f"/desk/events/{there['public']}/people").status_code == 200


def test_seats_are_changed_but_never_below_what_is_taken(enter: Enter, there: dict[str, int]) -> None:
    planner = enter("planner")
    address = f"/desk/events/{there['public']}/seats"
    low = post(planner, address, place="in-person", capacity="0")
    assert low.status_code == 422
    assert "1 seats are taken" in low.text
    assert post(planner, address, place="in-person", capacity="x").status_code == 422
    assert post(planner, address, place="online", capacity="3").status_code == 404
    assert post(planner, address, place="moon", capacity="3").status_code == 404
    assert post(planner, address, place="in-person", capacity="25").status_code == 303
    assert [pool.capacity for pool in pools(db.session(), there["public"])] == [25]


def test_who_runs_it_may_do_it(enter: Enter, people: dict[str, Person], there: dict[str, int]) -> None:
    planner, stranger = enter("planner"), enter("stranger")
    address = f"/desk/events/{there['public']}/staff"
    ids = {name: str(one.id) for name, one in people.items()}
    assert post(planner, address, owner=ids["author"]).status_code == 422
    assert post(planner, address, owner=ids["planner"], runs=[ids["stranger"]]).status_code == 303
    assert stranger.get(f"/desk/events/{there['public']}/people").status_code == 200
    assert post(stranger, address, owner=ids["planner"], door=[ids["stranger"]]).status_code == 303
    assert stranger.get(f"/desk/events/{there['public']}/people").status_code == 403
    assert db.session.query(CoOrganiser).one().at_the_door


def test_what_it_cost(enter: Enter, there: dict[str, int]) -> None:
    planner = enter("planner")
    address = f"/desk/events/{there['public']}/report"
    assert post(planner, address, cost="1280.5", materials="40").status_code == 303
    event = event_of(there["public"])
    assert (event.cost_cents, event.materials) == (128050, 40)
    assert 'value="1280.50"' in planner.get(address).text
    assert post(planner, address, cost="viel", materials="x").status_code == 422
    assert post(planner, address, cost="", materials="").status_code == 303
    assert event_of(there["public"]).cost_cents is None
    assert planner.get(f"/desk/events/{there['draft']}/report").status_code == 409


# --- people -------------------------------------------------------------------------------------------------------

CALLER = {"kind": "person", "place": "in-person", "name": "李奶奶", "seats": "2", "contact_kind": "none"}


def register(client: FlaskClient, number: int, **changed: Any) -> Any:
    address = f"/desk/events/{number}/people/new"
    request = client.get(address).text.partition('name="request" value="')[2].partition('"')[0]
    return post(client, address, **{**CALLER, "request": request, **changed})


def test_somebody_is_registered_by_telephone(enter: Enter, there: dict[str, int]) -> None:
    planner = enter("planner")
    number = there["public"]
    made = register(planner, number, needs=["step-free", "hearing"])
    assert made.status_code == 303
    page = planner.get(made.headers["Location"]).text
    found = db.session.query(Registration).filter(Registration.id != there["who"]).one()
    assert f"{found.code[:4]} {found.code[4:]}" in page
    assert (found.source.value, found.seats, found.name) == ("staff", 2, "李奶奶")
    listed = planner.get(f"/desk/events/{number}/people").text
    assert "李奶奶" in listed
    assert "Wheelchair or no stairs: 1" in listed
    known = register(planner, number, name="陈女士", contact_kind="phone", contact="138 0000 0001", seats="1")
    assert known.headers["Location"].endswith(f"/people/{there['who']}")
    for wrong in (
        {"name": ""}, {"seats": "99"}, {"seats": "5"}, {"contact_kind": "phone", "contact": "12"},
        {"contact_kind": "mail", "contact": "x"}, {"place": "online"}, {"under_14": "y"}, {"kind": "group"},
        {"needs": ["x"]}, {"request": ""},
    ):  # fmt: skip
        assert register(planner, number, **wrong).status_code == 422, wrong
    child = {"under_14": "y", "guardian_name": "李妈妈", "relation": "parent", "name": "小明", "seats": "1"}
    assert register(planner, number, **child).status_code == 422
    assert register(planner, number, **child, contact_kind="phone", contact="13800000009").status_code == 303
    group = {"kind": "group", "organisation": "张江中学", "seats": "30", "name": "王老师"}
    assert register(planner, number, **group).status_code == 303
    db.session.rollback()
    assert [one.state for one in db.session.query(Registration).order_by(Registration.id)][-1] is State.WAITING
    assert "place 1" in planner.get(f"/desk/events/{number}/people").text


def test_answers_of_those_on_the_telephone(enter: Enter, people: dict[str, Person]) -> None:
    questions = [
        {"key": "q1", "kind": "yes-no", "label": {"zh-Hans": "第一次来吗？"}, "required": True},
        {"key": "q2", "kind": "text", "label": {"zh-Hans": "想问什么？"}, "required": False},
    ]
    number = public(people, content={**plan().content, "questions": questions})
    planner = enter("planner")
    assert register(planner, number).status_code == 422
    assert register(planner, number, answer_q1="perhaps").status_code == 422
    assert register(planner, number, answer_q1="yes", answer_q2="贷款").status_code == 303
    [found] = db.session.query(Registration)
    assert found.answers == '{"q1": "yes", "q2": "贷款"}'


def test_cancelled_changed_and_accepted_for_somebody(enter: Enter, there: dict[str, int]) -> None:
    planner = enter("planner")
    number = there["public"]
    address = f"/desk/events/{number}/people/{there['who']}"
    assert post(planner, address, action="seats", seats="3").status_code == 303
    assert post(planner, address, action="seats", seats="x").status_code == 422
    assert post(planner, address, action="seats", seats="9").status_code == 422
    assert post(planner, address, action="nonsense").status_code == 400
    assert post(planner, address, action="accept").status_code == 303
    assert post(planner, f"/desk/events/{number}/seats", place="in-person", capacity="3").status_code == 303
    waits = register(planner, number, seats="1").headers["Location"]
    assert "place 1" in planner.get(waits).text
    assert post(planner, waits, action="accept").status_code == 409
    assert post(planner, address, action="seats", seats="4").status_code == 422
    assert post(planner, address, action="cancel").status_code == 303
    assert "A seat is held" in planner.get(waits).text
    assert post(planner, waits, action="accept").status_code == 303
    third = register(planner, number, name="赵伯伯", seats="2").headers["Location"]
    assert post(planner, third, action="pass").status_code == 409
    db.session.rollback()
    found = [one.state for one in db.session.query(Registration).order_by(Registration.id)]
    assert found == [State.CANCELLED, State.CONFIRMED, State.CONFIRMED]
    assert post(planner, address, action="cancel").status_code == 303


def test_the_log_says_what_was_done_and_never_for_whom(enter: Enter, there: dict[str, int]) -> None:
    planner = enter("planner")
    register(planner, there["public"], contact_kind="phone", contact="13800000077")
    post(planner, f"/desk/events/{there['public']}/people/{there['who']}", action="cancel")
    db.session.rollback()
    rows = db.session.query(Logged).filter(Logged.tag.like("event:registration:%")).all()
    assert [row.tag for row in rows] == ["event:registration:made", "event:registration:cancelled"]
    said = " ".join(f"{row.target} {row.details}" for row in rows)
    assert not any(text in said for text in ("李奶奶", "陈女士", "138"))
