"""Who may do what to an edition now: every answer of the one rules object."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.articles.rules import Act, Kind, Person, Standing, State, Why, next_state, why_not, why_not_all
from portal.core.settings import Permission

WRITER = Person(1, "林静", frozenset({Permission.DESK, Permission.WRITE}))
REVIEWER = Person(2, "周明", frozenset({Permission.DESK, Permission.WRITE, Permission.REVIEW}))
EVERYTHING = Person(1, "管理员", frozenset(Permission))
READY = Standing(state=State.APPROVED, authors=frozenset({1}))

people = st.builds(
    Person, st.integers(1, 3), st.just(""), st.frozensets(st.sampled_from([Permission.WRITE, Permission.REVIEW]))
)
standings = st.builds(
    Standing,
    state=st.sampled_from(State),
    authors=st.frozensets(st.integers(1, 3)),
    has_text=st.booleans(),
    has_news=st.booleans(),
    is_public=st.booleans(),
    has_rules=st.booleans(),
    blocking=st.integers(0, 1),
    kind=st.sampled_from(Kind),
    has_end=st.booleans(),
    alone_by=st.none() | st.integers(1, 3),
)


@pytest.mark.parametrize(
    ("act", "person", "standing", "reason"),
    [
        (Act.EDIT, WRITER, Standing(), None),
        (Act.EDIT, Person(1, "", frozenset({Permission.DESK})), Standing(), Why.NO_PERMISSION),
        (Act.SUBMIT, WRITER, Standing(), None),
        (Act.SUBMIT, WRITER, Standing(has_text=False), Why.NO_TEXT),
        (Act.SUBMIT, WRITER, Standing(has_news=False), Why.NOTHING_NEW),
        (Act.SUBMIT, WRITER, Standing(blocking=2), Why.FINDINGS),
        (Act.SUBMIT, WRITER, Standing(has_rules=False), Why.NO_RULES),
        (Act.SUBMIT, WRITER, Standing(kind=Kind.ALERT, has_end=False), Why.NO_END),
        (Act.SUBMIT, WRITER, Standing(state=State.IN_REVIEW), Why.WRONG_STATE),
        (Act.APPROVE, WRITER, Standing(state=State.IN_REVIEW), Why.NO_PERMISSION),
        (Act.APPROVE, REVIEWER, Standing(state=State.IN_REVIEW, authors=frozenset({1})), None),
        (Act.APPROVE, REVIEWER, Standing(state=State.IN_REVIEW, authors=frozenset({1, 2})), Why.OWN_TEXT),
        (Act.APPROVE, EVERYTHING, Standing(state=State.IN_REVIEW, authors=frozenset({1})), Why.OWN_TEXT),
        (Act.APPROVE, REVIEWER, Standing(state=State.IN_REVIEW, blocking=1), Why.FINDINGS),
        (Act.ASK_CHANGES, REVIEWER, Standing(state=State.IN_REVIEW, blocking=1), None),
        (Act.WAIVE, REVIEWER, Standing(state=State.IN_REVIEW, authors=frozenset({2})), Why.OWN_TEXT),
        (Act.PUBLISH, REVIEWER, READY, None),
        (Act.PUBLISH, EVERYTHING, READY, Why.OWN_TEXT),
        (Act.PUBLISH, REVIEWER, replace(READY, state=State.DRAFT), Why.WRONG_STATE),
        (Act.PUBLISH, REVIEWER, replace(READY, state=State.IN_REVIEW), Why.WRONG_STATE),
        (Act.SCHEDULE, EVERYTHING, READY, Why.OWN_TEXT),
        (Act.WITHDRAW, REVIEWER, Standing(state=State.DRAFT, is_public=True), None),
        (Act.WITHDRAW, REVIEWER, Standing(state=State.DRAFT), Why.NOT_PUBLIC),
        (Act.WITHDRAW, WRITER, Standing(is_public=True), Why.NO_PERMISSION),
        (Act.PUBLISH_ALONE, REVIEWER, Standing(authors=frozenset({2})), Why.NOT_AN_ALERT),
        (Act.PUBLISH_ALONE, REVIEWER, Standing(kind=Kind.ALERT, authors=frozenset({2})), None),
        (Act.PUBLISH_ALONE, WRITER, Standing(kind=Kind.ALERT), Why.NO_PERMISSION),
        (Act.CONFIRM, REVIEWER, Standing(state=State.PUBLISHED, alone_by=1), None),
        (Act.CONFIRM, REVIEWER, Standing(state=State.PUBLISHED, alone_by=2), Why.OWN_TEXT),
        (Act.CONFIRM, REVIEWER, Standing(state=State.PUBLISHED), Why.NO_EMERGENCY),
    ],
)
def test_each_answer(act: Act, person: Person, standing: Standing, reason: Why | None) -> None:
    assert why_not(act, person, standing) is reason


@given(people, standings)
def test_nobody_brings_their_own_text_to_the_public(person: Person, standing: Standing) -> None:
    mine = replace(standing, authors=standing.authors | {person.id})
    for act in (Act.APPROVE, Act.PUBLISH, Act.SCHEDULE, Act.WAIVE):
        assert why_not(act, person, mine) is not None


@given(people, standings)
def test_what_is_allowed_leads_somewhere(person: Person, standing: Standing) -> None:
    for act in Act:
        if act not in (Act.WITHDRAW, Act.CONFIRM) and why_not(act, person, standing) is None:
            assert isinstance(next_state(standing.state, act), State)


@given(people, st.lists(standings, min_size=1, max_size=4))
def test_a_set_may_what_all_its_members_may_and_shares_its_authors(person: Person, members: list[Standing]) -> None:
    everybody = frozenset().union(*(member.authors for member in members))
    for act in Act:
        alone = [why_not(act, person, replace(member, authors=everybody)) for member in members]
        assert why_not_all(act, person, members) is next((reason for reason in alone if reason), None)


def test_an_empty_set_may_nothing() -> None:
    assert {why_not_all(act, EVERYTHING, []) for act in Act} == {Why.NO_TEXT}


def test_only_approved_texts_become_public_save_an_alert_alone() -> None:
    ways = {
        (state, act)
        for state in State
        for act in Act
        if why_not(act, REVIEWER, Standing(state=state, kind=Kind.ALERT, alone_by=None)) is None
        and next_state(state, act) is State.PUBLISHED
        and state is not State.PUBLISHED
    }
    assert ways == {
        (State.APPROVED, Act.PUBLISH),
        (State.SCHEDULED, Act.PUBLISH),
        *((state, Act.PUBLISH_ALONE) for state in (State.DRAFT, State.NEEDS_CHANGES, State.IN_REVIEW, State.APPROVED)),
    }


@pytest.mark.parametrize("state", list(State))
def test_an_edit_voids_every_approval(state: State) -> None:
    assert next_state(state, Act.EDIT) in (State.DRAFT, State.NEEDS_CHANGES)
