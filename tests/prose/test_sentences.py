"""The judged sentences: every bad one is caught, no good one is flagged."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from portal.core.settings import ROOT
from tests.prose.helpers import FRAME, REGISTRY, found, sentences

JUDGED = sentences()


def body(judged: dict[str, Any]) -> str:
    text = f"“{judged['text']}”" if judged.get("quoted") else judged["text"]
    if judged.get("scam"):
        text = f"[骗子话术]\n{text}\n[/]"
    if "lead" in judged:
        text = f"{judged['lead']}\n\n- 第一项。\n- {text}"
    return f"## {judged['under']}\n\n{text}" if "under" in judged else text


@pytest.mark.parametrize("judged", JUDGED, ids=lambda judged: judged["text"])
def test_each_sentence_is_judged_as_an_editor_judged_it(judged: dict[str, Any]) -> None:
    assert found(body(judged), locale=judged.get("locale", "zh-Hans")) == sorted(judged.get("finds", []))


def test_the_set_is_large_and_more_than_half_of_it_is_right() -> None:
    right = [judged for judged in JUDGED if not judged.get("finds")]
    assert len(JUDGED) >= 60
    assert len(right) * 2 >= len(JUDGED)
    assert len({body(judged) for judged in JUDGED}) == len(JUDGED)


def test_the_frame_itself_is_clean() -> None:
    assert FRAME
    assert found("") == []


DRAFTS = yaml.safe_load((ROOT / "tests/prose/drafts.yaml").read_text("utf-8"))


@pytest.mark.parametrize("draft", DRAFTS, ids=lambda draft: draft["text"])
def test_what_drafts_say_is_judged_as_before(draft: dict[str, Any]) -> None:
    """`missed` and `flagged` mark where the rules are wrong: whoever mends them takes the mark away."""
    expected = ("bad" in draft and "missed" not in draft) or "flagged" in draft
    assert bool(found(draft["text"], around=REGISTRY)) == expected


def test_the_unseen_set_is_unseen_and_half_of_it_right() -> None:
    unseen = yaml.safe_load((ROOT / "tests/prose/heldout.yaml").read_text("utf-8"))
    assert len(unseen) + len(DRAFTS) + len(JUDGED) >= 240
    assert len(unseen) >= 120
    assert sum("bad" in row for row in unseen) * 2 == len(unseen)
    assert {row["text"] for row in unseen}.isdisjoint(row["text"] for row in [*DRAFTS, *JUDGED])
