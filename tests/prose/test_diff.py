"""The diff for Chinese: exact to the character, both texts recoverable, the same both ways."""

from __future__ import annotations

import itertools

import pytest
import rjieba  # noqa: F401  # its dictionary takes longer to load than a property may take
from hypothesis import given
from hypothesis import strategies as st

from portal.prose.rules.diff import LONGEST_TEXT, Kind, Mark, Passage, Piece, after, before, diff
from portal.prose.rules.lcs import common

CLAUSE = "收到自称警察的来电要求转账汇款的，请您立即挂断电话并自己核实"
words = st.lists(
    st.sampled_from(["立即", "马上", "转账", "先停。", "再问，", "后转", "的", "\n", "\n\n", " ", "a", "ab"]),
    max_size=40,
)
texts = words.map("".join) | st.text(max_size=60)


def marks(old: str, new: str) -> list[tuple[str, str]]:
    return [
        (piece.mark.value, piece.text)
        for passage in diff(old, new)
        for piece in passage.pieces
        if piece.mark is not Mark.SAME
    ]


def kinds(old: str, new: str) -> list[tuple[str, str]]:
    return [(passage.kind.value, "".join(piece.text for piece in passage.pieces).strip()) for passage in diff(old, new)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (CLAUSE, CLAUSE.replace("立即", "马上"), [("removed", "立即"), ("added", "马上")]),
        (CLAUSE, CLAUSE.replace("立即", "立刻"), [("removed", "即"), ("added", "刻")]),
        (CLAUSE, CLAUSE.replace("请您", ""), [("removed", "请您")]),
        (CLAUSE, CLAUSE + "。", [("added", "。")]),
        ("50万元以内", "20万元以内", [("removed", "5"), ("added", "2")]),
        ("先停。再问。", "先停。后转。再问。", [("added", "后转。")]),
        ("先停，再问，后转。", "先停，后转。", [("removed", "再问，")]),
        ("立即转账，立即挂断。", "马上转账，马上挂断。", [("removed", "立即"), ("added", "马上")] * 2),
        ("一\n", "一", [("removed", "\n")]),
        ("", "新", [("added", "新")]),
        ("旧", "", [("removed", "旧")]),
        ("𠮷野家", "吉野家", [("removed", "𠮷"), ("added", "吉")]),
    ],
)
def test_exactly_what_changed_is_marked(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    assert marks(old, new) == expected


def test_the_clause_has_thirty_characters() -> None:
    assert len(CLAUSE) == 30


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("第一段文字\n\n第二段内容\n\n第三段结尾\n", "第二段内容\n\n第三段结尾\n\n第一段文字\n",
         [("moved-away", "第一段文字"), ("same", "第二段内容"), ("same", "第三段结尾"), ("moved-here", "第一段文字")]),
        ("第一段文字\n\n第三段结尾\n", "第一段文字\n\n完全不同的新话\n\n第三段结尾\n",
         [("same", "第一段文字"), ("added", "完全不同的新话"), ("same", "第三段结尾")]),
        ("第一段文字\n\n完全不同的旧话\n\n第三段结尾\n", "第一段文字\n\n第三段结尾\n",
         [("same", "第一段文字"), ("removed", "完全不同的旧话"), ("same", "第三段结尾")]),
        ("警察不会在电话里办案。\n", "没有保本的理财产品！\n",
         [("removed", "警察不会在电话里办案。"), ("added", "没有保本的理财产品！")]),
        ("短\n\n乙乙乙乙\n", "乙乙乙乙\n\n短\n", [("removed", "短"), ("same", "乙乙乙乙"), ("added", "短")]),
    ],
)  # fmt: skip
def test_paragraphs_come_go_and_move(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(old, new) == expected


def test_lines_are_counted_in_each_text() -> None:
    passages = diff("甲甲甲甲\n\n乙乙乙乙\n丙丙丙丙\n", "丁丁丁丁\n甲甲甲甲\n\n丙丙丙丙\n")
    assert [(passage.kind, passage.old_line, passage.new_line) for passage in passages] == [
        (Kind.ADDED, None, 1),
        (Kind.SAME, 1, 2),
        (Kind.REMOVED, 3, None),
        (Kind.SAME, 4, 4),
    ]


def test_a_move_names_both_lines() -> None:
    away, _two, _three, here = diff("第一段文字\n第二段内容\n第三段结尾\n", "第二段内容\n第三段结尾\n第一段文字\n")
    assert ((away.old_line, away.new_line), (here.old_line, here.new_line)) == ((1, 3), (1, 3))


@given(texts, texts)
def test_both_texts_can_be_put_together_again(old: str, new: str) -> None:
    passages = diff(old, new)
    assert (before(passages), after(passages)) == (old, new)


@given(texts)
def test_an_unchanged_text_is_unmarked(text: str) -> None:
    assert all(passage.kind is Kind.SAME for passage in diff(text, text))
    assert marks(text, text) == []


@given(st.text("的一是在不了有和人这，。", max_size=40), st.text("的一是在不了有和人这，。", max_size=40))
def test_only_the_one_place_that_changed_is_marked(head: str, tail: str) -> None:
    assert marks(f"{head}立即{tail}", f"{head}马上{tail}") == [("removed", "立即"), ("added", "马上")]


TURN = {"added": "removed", "removed": "added", "moved-away": "moved-here", "moved-here": "moved-away"}


def turned(passage: Passage) -> tuple[object, ...]:
    def sides(pieces: tuple[Piece, ...]) -> list[tuple[str, str]]:
        return sorted((TURN.get(piece.mark.value, piece.mark.value), piece.text) for piece in pieces)

    return TURN.get(passage.kind.value, passage.kind.value), sides(passage.pieces), passage.new_line, passage.old_line


def plain(passage: Passage) -> tuple[object, ...]:
    return (
        passage.kind.value,
        sorted((p.mark.value, p.text) for p in passage.pieces),
        passage.old_line,
        passage.new_line,
    )


@given(texts, texts)
def test_the_way_back_is_the_mirror_image(old: str, new: str) -> None:
    assert sorted(map(repr, map(turned, diff(new, old)))) == sorted(map(repr, map(plain, diff(old, new))))


@given(texts, texts)
def test_pieces_alternate_and_none_is_empty(old: str, new: str) -> None:
    for passage in diff(old, new):
        kinds = [piece.mark for piece in passage.pieces]
        assert all(piece.text for piece in passage.pieces)
        assert all(one is not other for one, other in itertools.pairwise(kinds))
        assert (Mark.ADDED, Mark.REMOVED) not in list(itertools.pairwise(kinds))


def table(old: str, new: str) -> int:
    rows = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for a, one in enumerate(old):
        for b, other in enumerate(new):
            rows[a + 1][b + 1] = rows[a][b] + 1 if one == other else max(rows[a][b + 1], rows[a + 1][b])
    return rows[-1][-1]


@given(st.text("abc", max_size=30), st.text("abc", max_size=30))
def test_the_common_subsequence_is_common_ordered_and_longest(old: str, new: str) -> None:
    found = common(old, new)
    assert found is not None
    assert all(old[a] == new[b] for a, b in found)
    assert all(one[0] < other[0] and one[1] < other[1] for one, other in itertools.pairwise(found))
    assert len(found) == table(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("的一是在" * 900, "在是一的" * 900),
        ("甲\n乙\n" * 900, "乙\n甲\n丙\n" * 600),
        ("\n" * 10_000, "字\n" * 2_500),
        ("立即转账。" * 700, "马上挂断！" * 700),
        ("ab" * 5_000, "ba" * 5_000),
    ],
    ids=["one line", "short lines", "blank lines", "nothing in common", "letters"],
)
def test_the_worst_ten_kilobytes_come_out_whole(old: str, new: str) -> None:
    assert after(diff(old, new)) == new


def test_what_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        diff("a" * (LONGEST_TEXT + 1), "")
