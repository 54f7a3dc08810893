"""The draw: anyone can do it again, nobody can change anything unseen, and every ticket has the same chance."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.quizzes.rules import draw
from portal.quizzes.rules.draw import Fault
from portal.quizzes.rules.taking import SIGNS

tickets = st.lists(st.text(SIGNS, min_size=8, max_size=8), max_size=12, unique=True)
seeds = st.binary(min_size=32, max_size=32).map(bytes.hex)
beacons = st.text(max_size=12).map(str.strip)


def made(listed: list[str], seed: str, beacon: str = "", prizes: int = 3) -> dict[str, Any]:
    return draw.record(
        contest="spring",
        seed=seed,
        tickets=draw.in_order(listed),
        prizes=prizes,
        drawn_from="everybody",
        announced="收盘价" if beacon else "",
        beacon=beacon,
        closed_at="2026-11-29T02:00:00+00:00",
        drawn_at="2026-11-30T02:00:00+00:00",
    )


def test_a_draw_by_hand() -> None:
    seed = "00" * 31 + "01"
    listed = ["22222222", "33333333", "44444444"]
    fingerprint = hashlib.sha256(b"22222222\n33333333\n44444444").hexdigest()
    key = bytes(31) + b"\x01"

    def number(text: str) -> str:
        return hmac.new(key, text.encode(), "sha256").hexdigest()

    assert draw.commitment(seed) == hashlib.sha256(key).hexdigest()
    assert draw.list_hash(listed) == fingerprint
    assert draw.drawn(listed, seed=seed) == sorted(listed, key=lambda one: number(f"{fingerprint}:{one}"))
    assert draw.drawn(listed, seed=seed, beacon="3456.78") == sorted(
        listed, key=lambda one: number(f"{fingerprint}:3456.78:{one}")
    )


@given(tickets, seeds, beacons, st.randoms(use_true_random=False))
def test_the_order_of_entering_does_not_matter(listed: list[str], seed: str, beacon: str, chance: Random) -> None:
    turned = list(listed)
    chance.shuffle(turned)
    first = draw.drawn(listed, seed=seed, beacon=beacon)
    assert draw.drawn(turned + turned[:2], seed=seed, beacon=beacon) == first
    assert sorted(first) == sorted(listed)


@given(tickets, seeds, beacons, st.integers(0, 14))
def test_a_true_record_has_no_fault_and_survives_json(listed: list[str], seed: str, beacon: str, prizes: int) -> None:
    record = json.loads(json.dumps(made(listed, seed, beacon, prizes)))
    assert draw.faults(record) == []
    assert len(record["winners"]) == min(prizes, len(listed))


CHANGES: dict[str, tuple[Any, Fault]] = {
    "algorithm": ("mingbai-draw-2", Fault.ALGORITHM),
    "contest": ("autumn", Fault.DIGEST),
    "commitment": ("0" * 64, Fault.COMMITMENT),
    "seed": ("1" * 64, Fault.COMMITMENT),
    "drawn_from": ("passed", Fault.DIGEST),
    "prizes": (1, Fault.WINNERS),
    "announced": ("", Fault.BEACON),
    "beacon": ("3456.79", Fault.DIGEST),
    "closed_at": ("2026-11-28", Fault.DIGEST),
    "drawn_at": ("2026-11-28", Fault.DIGEST),
    "entries": (["22222222"], Fault.LIST_HASH),
    "list_hash": ("0" * 64, Fault.LIST_HASH),
    "winners": (["22222222"], Fault.WINNERS),
    "digest": ("0" * 64, Fault.DIGEST),
}


@pytest.mark.parametrize("name", made([], "0" * 64))
def test_whatever_is_changed_shows(name: str) -> None:
    listed = [sign * 8 for sign in "23456789"]
    record = made(listed, "ab" * 32, "3456.78", 2)
    changed, fault = CHANGES[name]
    assert record[name] != changed
    assert fault in draw.faults({**record, name: changed})
    assert draw.faults({key: value for key, value in record.items() if key != name}) == [Fault.MALFORMED]


def test_another_winner_put_in_with_its_digest_still_shows() -> None:
    record = made([sign * 8 for sign in "23456789"], "ab" * 32)
    record["winners"] = record["winners"][::-1]
    record["digest"] = draw.digest(record)
    assert draw.faults(record) == [Fault.WINNERS]


def test_a_ticket_that_is_listed_twice_shows() -> None:
    record = made(["22222222", "33333333"], "ab" * 32)
    record["entries"] = ["22222222", "22222222", "33333333"]
    record["list_hash"] = draw.list_hash(record["entries"])
    record["digest"] = draw.digest(record)
    assert Fault.ORDER in draw.faults(record)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(made([], "0" * 64))), plain)
def test_no_value_of_any_shape_breaks_the_check(name: str, value: Any) -> None:
    record = made(["22222222", "33333333"], "ab" * 32)
    found = draw.faults({**record, name: value})
    assert bool(found) == (value != record[name] or type(value) is not type(record[name]))
    assert draw.faults(value) == [Fault.MALFORMED]


def test_every_ticket_wins_as_often_as_any_other() -> None:
    chance = Random(20261122)
    listed = ["".join(chance.choices(SIGNS, k=8)) for _ in range(10)]
    wins = dict.fromkeys(listed, 0)
    rounds = 4_000
    for _ in range(rounds):
        for ticket in draw.drawn(listed, seed=chance.randbytes(32).hex())[:3]:
            wins[ticket] += 1
    expected = rounds * 3 / 10
    # Chi-square with 9 degrees of freedom: 27.9 would be passed by one fair draw in a thousand.
    assert sum((count - expected) ** 2 / expected for count in wins.values()) < 27.9


def test_one_more_ticket_or_another_value_changes_the_whole_order() -> None:
    listed = [sign * 8 for sign in "23456789ABCDEFGH"]
    first = draw.drawn(listed, seed="ab" * 32)
    more = [one for one in draw.drawn([*listed, "ZZZZZZZZ"], seed="ab" * 32) if one != "ZZZZZZZZ"]
    assert len({tuple(first), tuple(more), tuple(draw.drawn(listed, seed="ab" * 32, beacon="1"))}) == 3


def test_the_recipe_that_is_published_agrees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "draw.json"
    for beacon in ("", "3456.78"):
        record = made([sign * 8 for sign in "23456789"], "ab" * 32, beacon)
        path.write_text(json.dumps(record), "utf-8")
        monkeypatch.setattr("sys.argv", ["check", str(path)])
        out = io.StringIO()
        with redirect_stdout(out):
            exec(compile(draw.RECIPE, "recipe", "exec"), {})  # noqa: S102  # our own text
        assert out.getvalue() == "The draw is right.\n"
        path.write_text(json.dumps({**record, "winners": record["winners"][::-1]}), "utf-8")
        with pytest.raises(AssertionError):
            exec(compile(draw.RECIPE, "recipe", "exec"), {})  # noqa: S102  # our own text
