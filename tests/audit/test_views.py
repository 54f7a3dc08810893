"""The log on the desk."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.audit.views import A_PAGE
from portal.audit.views.words import WORDS
from portal.core import clock
from portal.core.access import Permission, public
from portal.core.database import transaction
from tests.audit.helpers import AT, act, acts, rows, tamper
from tests.staff import LONG_AGO, staff

ADDRESSES = ("/desk/audit", "/desk/audit/export")


@pytest.fixture
def reader(app: Flask) -> FlaskClient:
    return staff(app, Permission.READ_AUDIT)


def targets(page: str) -> list[str]:
    """The targets on a page, in its order; every target of these tests is in brackets."""
    return [part.partition("]")[0] for part in page.partition("<tbody>")[2].split("[")[1:]]


def asked(reader: FlaskClient, **query: str | int) -> list[str]:
    answer = reader.get("/desk/audit", query_string=query)
    assert answer.status_code == 200
    return targets(answer.text)


def test_every_tag_has_words() -> None:
    assert {tag for tag in Tag if tag not in WORDS} == set()


def test_the_log_says_who_did_what_when_to_what_and_from_where(reader: FlaskClient) -> None:
    act("[<a>]", by="王<b>", origin="203.0.113.7", details={"why": "<i>", "n": [1]})
    page = reader.get("/desk/audit")
    assert page.status_code == 200
    for part in (
        '<time class="num" datetime="2026-11-22T16:00:00+08:00">2026-11-22 16:00:00</time>',
        '<th scope="row">王&lt;b&gt;</th>',
        "took in a content package",
        "[&lt;a&gt;]",
        "<span>why</span> &lt;i&gt;",
        "<span>n</span> [1]",
        "203.0.113.7",
        'aria-current="page">Audit log</a>',
    ):
        assert part in page.text, part
    assert page.headers["Cache-Control"] == "private, no-store"


def test_the_newest_come_first_and_older_ones_page_by_page(reader: FlaskClient) -> None:
    with transaction() as unit:
        for number in range(1, A_PAGE + 3):
            record(unit, Tag.PACKAGE_IMPORTED, by="a", at=AT, target=f"[{number}]")
    first = reader.get("/desk/audit?person=a").text
    assert targets(first) == [str(number) for number in range(A_PAGE + 2, 2, -1)]
    assert 'href="/desk/audit?person=a&amp;before=3">Older acts' in first
    assert "Newest acts" not in first
    last = reader.get("/desk/audit?person=a&before=3").text
    assert targets(last) == ["2", "1"]
    assert 'href="/desk/audit?person=a">Newest acts' in last
    assert "Older acts" not in last


def test_filters_by_person_tag_target_and_day_of_the_sites_zone(reader: FlaskClient) -> None:
    act("[new%]", by="林静", at=AT)  # 16:00 on the 22nd in Shanghai
    act("[late]", by="周明", at=AT + timedelta(hours=8))  # midnight: the 23rd
    assert asked(reader) == ["late", "new%"]
    assert asked(reader, person="林") == ["new%"]
    assert asked(reader, target="%") == ["new%"]
    assert asked(reader, target="_") == []
    assert asked(reader, tag="content:package:imported") == ["late", "new%"]
    assert asked(reader, tag="messages:mail:retried") == []
    assert asked(reader, since="2026-11-23") == ["late"]
    assert asked(reader, until="2026-11-22") == ["new%"]
    assert asked(reader, since="2026-11-22", until="2026-11-22") == ["new%"]
    assert asked(reader, person="周", until="2026-11-22") == []


def test_nothing_found_says_what_to_do(reader: FlaskClient) -> None:
    assert "No act fits. Leave a field empty to see more." in reader.get("/desk/audit?person=nobody").text


@pytest.mark.parametrize(
    "query", ["since=2026-13-01", "until=x", "since=0001-01-01", "tag=nothing", "person=" + "x" * 121]
)
def test_a_filter_that_makes_no_sense_says_so_and_keeps_what_was_typed(reader: FlaskClient, query: str) -> None:
    act("[a]")
    answer = reader.get(f"/desk/audit?{query}")
    assert (answer.status_code, targets(answer.text)) == (422, [])
    assert "1 thing to mend" in answer.text
    name, value = query.split("=")
    assert (
        name == "tag"
        or f'name="{name}" type="{"date" if name in ("since", "until") else "text"}" value="{value}"' in answer.text
    )
    assert reader.get(f"/desk/audit/export?{query}").location.startswith(f"/desk/audit?{name}=")


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, ""])
def test_a_page_mark_that_makes_no_sense_is_passed_over(reader: FlaskClient, before: str) -> None:
    act("[a]")
    assert asked(reader, before=before) == ["a"]


def test_a_tag_that_this_version_does_not_know_stands_for_itself(reader: FlaskClient) -> None:
    act("[a]")
    tamper("UPDATE audit_event SET tag = 'old:thing:done'")
    assert "old:thing:done" in reader.get("/desk/audit").text


def test_the_export_holds_what_the_filter_finds_and_no_formula(reader: FlaskClient) -> None:
    act('=cmd|"x"', by="@林", details={"a": "二"}, origin="::1")
    act("+86", by="林", at=AT)
    act("other", by="周")
    answer = reader.get("/desk/audit/export?person=林")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit.csv"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.text.startswith("\ufeffNumber,")
    when, what, tag = "2026-11-22T16:00:00+08:00", "took in a content package", "content:package:imported"
    assert list(csv.reader(io.StringIO(answer.text)))[1:] == [
        ["2", when, "林", what, "'+86", "", "command", tag],
        ["1", when, "'@林", what, '\'=cmd|"x"', '{"a": "二"}', "::1", tag],
    ]


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_people_who_may_read_the_log_see_it(app: Flask, address: str) -> None:
    others = [permission for permission in Permission if permission is not Permission.READ_AUDIT]
    assert staff(app, *others).get(address).status_code == 403
    assert staff(app).get(address).location == "/desk/sign-in"


def test_the_export_asks_again_who_it_is(app: Flask) -> None:
    late = staff(app, Permission.READ_AUDIT, confirmed_at=clock.now() - LONG_AGO)
    assert late.get("/desk/audit/export").location == "/desk/confirm"
    assert late.get("/desk/audit").status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_log_is_only_read(reader: FlaskClient, address: str) -> None:
    assert [reader.open(address, method=method).status_code for method in ("POST", "PUT", "DELETE")] == [405] * 3


def test_an_act_of_a_request_has_the_address_it_came_from(app: Flask, session: Session) -> None:
    @public
    def do() -> str:
        act("inside")
        return ""

    app.add_url_rule("/en/do", view_func=do)
    app.test_client().get("/en/do", environ_base={"REMOTE_ADDR": "203.0.113.7"})
    act("outside")
    assert [(one.target, one.origin) for one in rows(session)] == [("inside", "203.0.113.7"), ("outside", "command")]


def test_an_address_that_a_visitor_claims_is_not_believed(app: Flask, session: Session) -> None:
    @public
    def do() -> str:
        act()
        return ""

    app.add_url_rule("/en/do", view_func=do)
    claimed = {"X-Forwarded-For": "198.51.100.1", "X-Real-IP": "198.51.100.1", "Forwarded": "for=198.51.100.1"}
    app.test_client().get("/en/do", headers=claimed, environ_base={"REMOTE_ADDR": "203.0.113.7"})
    assert [one.origin for one in rows(session)] == ["203.0.113.7"]


def test_a_long_log_is_one_page_long(reader: FlaskClient) -> None:
    acts(A_PAGE * 2)
    assert reader.get("/desk/audit").text.count('<th scope="row">') == A_PAGE
