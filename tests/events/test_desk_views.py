"""The desk's pages of lectures: each works, and refuses the wrong person, role, method, token and subject."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.core import clock
from portal.core.database import db, transaction
from portal.events.models import Event
from portal.events.services import planning
from tests.accounts.helpers import post
from tests.events.at_desk import desk_library, enter, event_of, people, there
from tests.events.planned import words

__all__ = ["desk_library", "enter", "people", "there"]
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
    "/desk/events/{draft}/discard",
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
    "/desk/events/{draft}/discard": "planner",
    "/desk/events/{public}/template": "planner",
    "/desk/events/templates/{template}": "planner",
    "/desk/events/{public}/people/new": "planner",
    "/desk/events/{public}/people/{who}": "planner",
}
NOT_THERE = dict.fromkeys(("draft", "waits", "public", "who", "template"), MISSING)


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
