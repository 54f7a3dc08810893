"""Numbers and moments that people send: read as they are meant, or refused."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import flask
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from wtforms import StringField

from portal.core.forms import Form, moment, read_moment, whole_number


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        ("0", 0), ("7", 7), ("007", 7), ("999999999", 999_999_999),
        (None, -1), ("", -1), ("1000000000", -1), ("-1", -1), ("+1", -1), ("1.0", -1), (" 1", -1), ("1_0", -1),
        ("١", -1), ("²", -1), ("１", -1), ("一", -1),
    ],
)  # fmt: skip
def test_a_whole_number_that_was_sent(sent: str | None, number: int) -> None:
    assert whole_number(sent, otherwise=-1) == number


@given(st.integers(0, 10**9 - 1))
def test_every_number_comes_back(number: int) -> None:
    assert whole_number(str(number), otherwise=None) == number


@given(st.text(max_size=20))
def test_what_is_no_number_is_what_stands_for_none(text: str) -> None:
    found = whole_number(text, otherwise=None)
    assert found is None or (0 <= found < 10**9 and str(found) == (text.lstrip("0") or "0"))


class Timed(Form):
    at = StringField(validators=[moment()])


def read(app: Flask, text: str, zone: str = "Asia/Shanghai") -> tuple[datetime | None, list[str]]:
    """Return the moment that a form was read to, and what stands beside its field."""
    with app.test_request_context(method="POST", data={"at": text}):
        form = Timed(flask.request.form, meta={"csrf": False})
        found = read_moment(form, "at", ZoneInfo(zone)) if form.validate() else None
        return found, [str(error) for error in form["at"].errors]


@pytest.mark.parametrize("typed", ["2026-12-31T18:00", "2026-12-31 18:00"])
def test_a_moment_is_read_in_the_zone(app: Flask, typed: str) -> None:
    assert read(app, typed) == (datetime(2026, 12, 31, 10, 0, tzinfo=UTC), [])


@pytest.mark.parametrize(
    "typed",
    ["", "2026-12-31", "18:00", "2026-02-30T18:00", "1999-12-31T18:00", "2200-01-01T00:00",
     "2026-12-31T18:00:00", "2026-12-31T18:00Z", "٢٠٢٦-12-31T18:00"],
)  # fmt: skip
def test_what_is_no_moment_is_refused(app: Flask, typed: str) -> None:
    found, wrong = read(app, typed)
    assert (found, len(wrong)) == (None, 1)


@pytest.mark.parametrize("typed", ["2027-03-28T02:30", "2027-10-31T02:30"])
def test_times_that_clocks_skip_or_show_twice_are_refused(app: Flask, typed: str) -> None:
    found, wrong = read(app, typed, "Europe/Berlin")
    assert (found, len(wrong)) == (None, 1)
    # The same clock where none is changed.
    assert read(app, typed)[1] == []
