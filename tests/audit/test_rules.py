"""The chain, without any database."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.audit.rules import GENESIS, Act, Chain, Fault, Link, Tag, digest

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
ACT = Act(at=AT, actor="王", tag="a:b:c", target="t", details={"b": 1, "a": "二"}, origin="::1")
words = st.text(max_size=8)
acts = st.builds(
    Act,
    at=st.datetimes(timezones=st.just(UTC)),
    actor=words,
    tag=words,
    target=words,
    details=st.dictionaries(words, st.one_of(words, st.integers(), st.lists(words, max_size=2)), max_size=3),
    origin=words,
)


def chained(said: list[Act]) -> list[Link]:
    links, previous = [], GENESIS
    for number, one in enumerate(said, 1):
        links.append(Link(number, previous, digest(previous, one), one))
        previous = links[-1].digest
    return links


def first_fault(links: list[Link]) -> tuple[int, Fault] | None:
    chain = Chain()
    for place, link in enumerate(links):
        fault = chain.fault(link)
        if fault:
            return place, fault
    return None


def test_the_digest_is_over_written_down_json() -> None:
    text = f'["{GENESIS}","2026-11-22T08:00:00.000000+00:00","王","a:b:c","t",{{"a":"二","b":1}},"::1"]'
    assert digest(GENESIS, ACT) == hashlib.sha256(text.encode()).hexdigest()


def test_the_same_moment_in_another_zone_is_the_same_act() -> None:
    there = replace(ACT, at=AT.astimezone(timezone(timedelta(hours=8))))
    assert digest(GENESIS, there) == digest(GENESIS, ACT)


@pytest.mark.parametrize(
    "change",
    [
        {"at": AT + timedelta(microseconds=1)},
        {"actor": "李"},
        {"tag": "a:b:d"},
        {"target": ""},
        {"details": {"b": 1.0, "a": "二"}},
        {"origin": "::2"},
    ],
)
def test_every_part_of_an_act_counts(change: dict[str, object]) -> None:
    assert digest(GENESIS, replace(ACT, **change)) != digest(GENESIS, ACT)  # type: ignore[arg-type]


def test_text_cannot_move_from_one_part_to_the_next() -> None:
    assert digest(GENESIS, replace(ACT, actor="ab", tag="c")) != digest(GENESIS, replace(ACT, actor="a", tag="bc"))


@given(st.lists(acts, max_size=6))
def test_an_untouched_chain_is_sound(said: list[Act]) -> None:
    assert first_fault(chained(said)) is None


@given(st.lists(acts, min_size=2, max_size=6), st.data())
def test_a_removed_row_is_found_unless_it_was_the_last(said: list[Act], data: st.DataObject) -> None:
    links = chained(said)
    gone = data.draw(st.integers(0, len(links) - 2))
    assert first_fault(links[:gone] + links[gone + 1 :]) == (gone, Fault.MISPLACED)


@given(st.lists(acts, min_size=2, max_size=6), st.data())
def test_two_rows_that_changed_places_are_found(said: list[Act], data: st.DataObject) -> None:
    links = chained(said)
    place = data.draw(st.integers(0, len(links) - 2))
    links[place], links[place + 1] = links[place + 1], links[place]
    assert first_fault(links) == (place, Fault.MISPLACED)


@given(st.lists(acts, min_size=1, max_size=6), acts, st.data())
def test_a_changed_row_is_found(said: list[Act], other: Act, data: st.DataObject) -> None:
    links = chained(said)
    place = data.draw(st.integers(0, len(links) - 1))
    links[place] = replace(links[place], act=other)
    expected = None if digest(links[place].previous, other) == links[place].digest else (place, Fault.CHANGED)
    assert first_fault(links) == expected


@given(st.lists(acts, min_size=1, max_size=6), acts, st.data())
def test_a_row_put_between_is_found_even_with_digests_of_its_own(
    said: list[Act], other: Act, data: st.DataObject
) -> None:
    links = chained(said)
    place = data.draw(st.integers(0, len(links) - 1))
    previous = links[place].previous
    links.insert(place, Link(99, previous, digest(previous, other), other))
    found = first_fault(links)
    # The same act in the same place is the same row; the true one is then the one too many.
    assert found == (place + 1, Fault.MISPLACED)


def test_a_row_that_cannot_be_read_is_not_sound() -> None:
    assert Chain().fault(Link(1, "", "", None)) is Fault.UNREADABLE


def test_tags_name_source_subject_and_act_and_fit() -> None:
    assert [tag for tag in Tag if len(tag.value.split(":")) != 3 or len(tag.value) > 80] == []
