"""Drawing questions, time limits, which attempt counts, and codes."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.settings import Audience
from portal.quizzes.rules import taking
from portal.quizzes.rules.items import Item, Kind, Option
from portal.quizzes.rules.quizzes import (
    Counts,
    Instrument,
    Pool,
    Quiz,
    Slot,
    instrument_from_plain,
    instrument_to_plain,
)
from tests.quizzes.bank import judgement, quiz, single

AT = datetime(2026, 11, 22, 2, tzinfo=UTC)


def instrument(*pools: tuple[int, str], fixed: tuple[str, ...] = (), shuffle: bool = False) -> Instrument:
    """Return an instrument whose pools hold the letters given, `count` drawn from each."""
    names = sorted({name for _count, letters in pools for name in letters} | set(fixed))
    slots = [Slot(name) for name in fixed] + [Slot(pool=Pool("t", count)) for count, _letters in pools]
    return Instrument(
        quiz=Quiz(slug="q", title="q", slots=tuple(slots), shuffle=shuffle),
        items={name: single(name) for name in names},
        pools={len(fixed) + place: tuple(letters) for place, (_count, letters) in enumerate(pools)},
    )


@given(st.integers(0, 10_000), st.integers(1, 3), st.integers(1, 2))
def test_no_question_is_drawn_twice(seed: int, wide: int, narrow: int) -> None:
    places = taking.draw(instrument((wide, "abcdef"), (narrow, "ab"), fixed=("f",)), Random(seed))
    names = [place.item for place in places]
    assert len(names) == len(set(names)) == 1 + wide + narrow
    assert names[0] == "f"
    assert set(names[1 + wide :]) <= {"a", "b"}


def test_every_question_of_a_pool_can_be_drawn() -> None:
    drawn = Counter(taking.draw(instrument((1, "abcd")), Random(seed))[0].item for seed in range(400))
    assert set(drawn) == set("abcd")
    assert min(drawn.values()) > 60


def test_an_empty_pool_is_said() -> None:
    with pytest.raises(taking.PoolEmpty):
        taking.draw(instrument((3, "ab")), Random(1))


@given(st.integers(0, 10_000))
def test_options_are_shuffled_where_that_means_nothing(seed: int) -> None:
    chance = Random(seed)
    order = Item(name="o", kind=Kind.ORDERING, stem="?", options=tuple(Option(n, n) for n in "abc"))
    fixed = single("plain", shuffle=False)
    made = Instrument(
        quiz=quiz(slots=tuple(Slot(name) for name in ("code", "sms", "o", "plain"))),
        items={"code": single(), "sms": judgement(), "o": order, "plain": fixed},
        pools={},
    )
    choice, message, ordering, plain = taking.draw(made, chance)
    assert sorted(choice.order) == ["a", "b", "c"]
    assert message.order == ("scam", "genuine", "unsure")
    assert sorted(ordering.order) == ["a", "b", "c"]
    assert ordering.order != ("a", "b", "c")
    assert plain.order == ("a", "b", "c")


def test_equal_right_sides_are_offered_once() -> None:
    item = Item(
        name="m",
        kind=Kind.MATCHING,
        stem="?",
        options=(Option("a", "甲", match="银行"), Option("b", "乙", match="银行"), Option("c", "", match="警察")),
    )
    made = Instrument(quiz=quiz(slots=(Slot("m"),)), items={"m": item}, pools={})
    [place] = taking.draw(made, Random(3))
    assert (sorted(place.order), sorted(place.sides)) == (["a", "b"], ["a", "c"])


def test_places_come_back_as_they_were_stored() -> None:
    places = taking.draw(instrument((2, "abcd"), fixed=("f",), shuffle=True), Random(5))
    assert taking.from_plain(taking.to_plain(places)) == places


def test_an_instrument_comes_back_as_it_was_frozen() -> None:
    made = instrument((2, "abcd"), fixed=("f",))
    assert instrument_from_plain(instrument_to_plain(made)) == made


@pytest.mark.parametrize("audience", list(Audience))
def test_nobody_hurries_the_elderly(audience: Audience) -> None:
    wanted = None if audience is Audience.ELDERLY else AT + timedelta(minutes=5)
    assert taking.deadline(quiz(minutes=5), audience, AT) == wanted
    assert taking.deadline(quiz(), audience, AT) is None


def test_an_answer_on_its_way_is_still_taken() -> None:
    assert taking.is_late(AT, AT + timedelta(seconds=15)) is False
    assert taking.is_late(AT, AT + timedelta(seconds=16)) is True
    assert taking.is_late(None, AT) is False


def test_which_attempt_counts() -> None:
    percents = [50.0, 80.0, 80.0, 20.0]
    assert [taking.which_counts(percents, rule) for rule in (Counts.BEST, Counts.LAST, Counts.FIRST)] == [1, 3, 0]
    with pytest.raises(ValueError, match="no attempt"):
        taking.which_counts([], Counts.BEST)


@given(st.text(min_size=1))
def test_a_code_is_read_as_it_was_shown(token: str) -> None:
    code = taking.code_of(token)
    assert len(code) == 8
    assert set(code) <= set(taking.SIGNS)
    assert taking.heard(taking.spoken(code)) == code
    assert taking.heard(f" {taking.spoken(code).lower()} ") == code


def test_codes_hold_nothing_that_is_read_as_something_else() -> None:
    assert len(taking.SIGNS) == len(set(taking.SIGNS)) == 32
    assert set(taking.SIGNS).isdisjoint("01IO")
    assert taking.heard("７Ｋ３Ｍ－９ＱＸＴ") == "7K3M9QXT"
