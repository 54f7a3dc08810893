"""Groups over the web, and whatever anybody types into either form."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.events.rules import keeping
from portal.events.rules.seats import Kind, State
from tests.events.guests import count, filled, hall, page, row, watch
from tests.events.hall import WORDS
from tests.events.test_registering_views import ASKED, EDITIONS

__all__ = ["watch"]
pytestmark = pytest.mark.usefixtures("desk_library", "watch")


def group(client: FlaskClient, slug: str, prefix: str = "", **changed: Any) -> Any:
    address = page(client, slug, prefix=prefix, group=True)
    values = {"organisation": "滨河社区", "name": "王老师", "how": "heads", "people": "30", "seats": None, "age": None}
    return client.post(address, data=filled(client, address, **{**values, **changed}))


@pytest.mark.parametrize("prefix", EDITIONS)
def test_a_group_registers_heads(client: FlaskClient, prefix: str) -> None:
    slug = hall(seats=100)
    answer = group(client, slug, prefix, children="y")
    assert answer.status_code == 303
    found = row(answer.headers["Location"])
    assert (found.kind, found.seats, found.organisation, found.members) == (Kind.GROUP, 30, "滨河社区", None)
    assert (found.under_14, found.state) == (True, State.CONFIRMED)
    assert client.get(answer.headers["Location"]).status_code == 200


def test_a_group_of_grown_ups_may_give_a_list(client: FlaskClient) -> None:
    slug = hall(seats=100)
    found = row(group(client, slug, how="list", people="", members=" 甲 \r\n\r\n乙\n丙").headers["Location"])
    assert (found.seats, found.members) == (3, "甲\n乙\n丙")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"how": "list", "members": "甲\n乙", "children": "y", "people": "2"}, "how"),
        ({"how": "list", "members": "甲\n乙", "people": "3"}, "people"),
        ({"how": "list", "members": " \n"}, "members"),
        ({"how": "list", "members": "长" * 41, "people": ""}, "members"),
        ({"people": "501"}, "people"),
        ({"people": ""}, "people"),
        ({"organisation": ""}, "organisation"),
        ({"contact_kind": "none"}, "contact_kind"),
        ({"how": None}, "how"),
        ({"agree": None}, "agree"),
    ],
)
def test_a_wrong_group_is_refused(client: FlaskClient, change: dict[str, Any], field: str) -> None:
    answer = group(client, hall(seats=100), **change)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert count() == 0


# --- whatever anybody types ---------------------------------------------------------------------------------------

FIELDS = [
    "request",
    "name",
    "contact_kind",
    "phone",
    "mail",
    "seats",
    "place",
    "age",
    "guardian_is",
    "guardian_name",
    "guardian_contact",
    "relation",
    "agree_child",
    "needs",
    "access_note",
    "agree_access",
    "q-q1",
    "q-q2",
    "agree",
    "step",
    "go",
    "organisation",
    "people",
    "how",
    "members",
    "children",
]
MEANT = (
    "phone mail none 13800000001 a@b.example 1 2 14 under-14 me ask parent y list hearing a in-person online who agree"
    f" next back {keeping.PRIVACY_NOTE} {'r' * 43} 甲\x00乙"
).split(" ")
VALUES = st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(MEANT)


def test_nothing_that_is_typed_breaks_a_page(app: Flask, client: FlaskClient) -> None:
    slug = hall(seats=1000, online=1000, words={**WORDS, "questions": ASKED})

    @settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.dictionaries(st.sampled_from(FIELDS), VALUES | st.lists(VALUES, max_size=3)),
        st.sampled_from(["", "/elderly", "/en/youth"]),
        st.booleans(),
    )
    def typed(values: dict[str, Any], prefix: str, of_group: bool) -> None:
        answer = client.post(page(client, slug, prefix=prefix, group=of_group), data=values)
        assert answer.status_code in (200, 303, 409, 422, 429)

    typed()
