"""Sheets, forms and letters: what was printed can be made again, and what is typed means what was ticked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.settings import Audience
from portal.quizzes.rules import paper
from portal.quizzes.rules.answers import Answer, number
from portal.quizzes.rules.items import Item, Kind, Marking, Option
from portal.quizzes.rules.paper import BadAnswer, Flaw, Lots, Sheet, Typed, read_answer, sheet_of, write_answer
from portal.quizzes.rules.paper_file import FileFlaw, Unreadable, audience_of, check_columns, day_of, rows_of
from portal.quizzes.rules.quizzes import Instrument, Pool, Slot
from portal.quizzes.rules.taking import Place
from tests.quizzes.bank import judgement, quiz, single

# --- sheets ---


@pytest.mark.parametrize(
    ("text", "sheet"),
    [
        ("P3-1-0042", Sheet(3, 1, 42)),
        ("p3-1-42", Sheet(3, 1, 42)),
        ("3 1 42", Sheet(3, 1, 42)),
        (" Ｐ３－１－００４２ ", Sheet(3, 1, 42)),
        ("P3—1—0042", Sheet(3, 1, 42)),
        ("P-0042", Sheet(5, 1, 42)),
        ("P42", Sheet(5, 1, 42)),
        ("P0-1-1", None),
        ("P1-0-1", None),
        ("P1-1-0", None),
        ("P1-1-10000", None),
        ("P1-1", None),
        ("=P1-1-1", None),
        ("x" * 5000, None),
        ("", None),
    ],
)
def test_a_number_is_understood_as_people_type_it(text: str, sheet: Sheet | None) -> None:
    assert sheet_of(text, only=5) == sheet


def test_a_short_number_means_nothing_once_there_are_two_versions() -> None:
    assert sheet_of("P-0042") is None


@given(st.builds(Sheet, st.integers(1, 999_999), st.integers(1, 9), st.integers(1, 9999)))
def test_every_number_is_read_back(sheet: Sheet) -> None:
    assert sheet_of(sheet.number) == sheet


# --- forms ---


def instrument(count: int = 3) -> Instrument:
    names = [f"code-{n}" for n in range(8)]
    made = quiz(slots=(Slot(pool=Pool("phone", count)), Slot(item="sms")), shuffle=True)
    return Instrument(made, {**{n: single(n) for n in names}, "sms": judgement()}, {0: tuple(names)})


def test_a_form_is_the_same_for_ever() -> None:
    first = paper.layout(instrument(), version=1, form=1)
    # Printed sheets depend on this list: never change it.
    assert [(place.item, "".join(place.order)) for place in first] == [
        ("code-0", "abc"),
        ("sms", "scamgenuineunsure"),
        ("code-2", "bca"),
        ("code-7", "cab"),
    ]
    assert paper.layout(instrument(), version=1, form=1) == first


def test_another_form_and_another_version_are_other_drawings() -> None:
    drawn = {
        tuple(place.item for place in paper.layout(instrument(5), version=version, form=form))
        for version in (1, 2)
        for form in range(1, 6)
    }
    assert len(drawn) > 5


def test_more_options_than_letters_cannot_be_printed() -> None:
    wide = single(options=tuple(Option(f"o{n}", str(n), float(n == 0)) for n in range(27)))
    with pytest.raises(paper.Unprintable):
        paper.layout(Instrument(quiz(names=("code",)), {"code": wide}, {}), version=1, form=1)


@given(st.text(), st.lists(st.integers(), unique=True), st.data())
def test_lots_are_fair_to_their_contract(seed: str, things: list[int], data: st.DataObject) -> None:
    count = data.draw(st.integers(0, len(things)))
    drawn = Lots(seed).sample(things, count)
    assert len(set(drawn)) == count
    assert set(drawn) <= set(things)
    mixed = list(things)
    Lots(seed).shuffle(mixed)
    assert sorted(mixed) == sorted(things)
    with pytest.raises(ValueError, match="cannot be drawn"):
        Lots(seed).sample(things, len(things) + 1)


def test_lots_come_out_evenly() -> None:
    firsts = [Lots(str(n)).sample("abcd", 1)[0] for n in range(4000)]
    assert all(900 < firsts.count(sign) < 1100 for sign in "abcd")


# --- letters ---

ABC = Place("code", 1, ("c", "a", "b"))
MANY = single(kind=Kind.MULTIPLE_CHOICE, marking=Marking.SHORT_HALF)
ORDER = single(kind=Kind.ORDERING, marking=Marking.RIGHT_SHARE)
SHORT = Item("s", Kind.SHORT_ANSWER, "打几？", (Option("a", "96110", 1.0),))
NUMERIC = Item("n", Kind.NUMERIC, "多少？", (Option("a", "50", 1.0, tolerance=1),))
MATCH = Item(
    "m",
    Kind.MATCHING,
    "配一配",
    (Option("x", "报警", match="110"), Option("y", "劝阻", match="96110"), Option("z", "", match="12378")),
)
PAIRS = Place("m", 1, ("y", "x"), ("z", "x", "y"))


@pytest.mark.parametrize(
    ("text", "item", "place", "answer"),
    [
        ("A", single(), ABC, Answer(chosen=("c",))),
        (" ｂ ", single(), ABC, Answer(chosen=("a",))),
        ("", single(), ABC, None),
        ("？", single(), ABC, Answer(dont_know=True)),
        ("不知道", SHORT, Place("s", 1, ("a",)), Answer(dont_know=True)),
        ("C,a", MANY, ABC, Answer(chosen=("c", "b"))),
        ("Ａ、Ｂ C", MANY, ABC, Answer(chosen=("c", "a", "b"))),
        ("BCA", ORDER, ABC, Answer(chosen=("a", "b", "c"))),
        (" 96110 ", SHORT, Place("s", 1, ("a",)), Answer(text="96110")),
        ("=1+1", SHORT, Place("s", 1, ("a",)), Answer(text="=1+1")),
        ("５０元", NUMERIC, Place("n", 1, ("a",)), Answer(text="５０元")),
        ("CB", MATCH, PAIRS, Answer(pairs={"y": "y", "x": "x"})),
        ("-B", MATCH, PAIRS, Answer(pairs={"x": "x"})),
        ("2B", MATCH, PAIRS, Answer(pairs={"x": "x"})),
        ("1-C 2-B", MATCH, PAIRS, Answer(pairs={"y": "y", "x": "x"})),
        ("--", MATCH, PAIRS, None),
    ],
)
def test_what_is_typed_means_what_was_ticked(text: str, item: Item, place: Place, answer: Answer | None) -> None:
    assert read_answer(text, item, place) == answer


@pytest.mark.parametrize(
    ("text", "item", "place", "flaw"),
    [
        ("D", single(), ABC, Flaw.LETTER),
        ("对", single(), ABC, Flaw.LETTER),
        ("1", single(), ABC, Flaw.LETTER),
        ("AB", single(), ABC, Flaw.ONE),
        ("AA", MANY, ABC, Flaw.TWICE),
        ("AB", ORDER, ABC, Flaw.COUNT),
        ("ABB", ORDER, ABC, Flaw.TWICE),
        ("C", MATCH, PAIRS, Flaw.COUNT),
        ("3A", MATCH, PAIRS, Flaw.LETTER),
        ("1A1B", MATCH, PAIRS, Flaw.TWICE),
        ("CD", MATCH, PAIRS, Flaw.LETTER),
        ("不少", NUMERIC, Place("n", 1, ("a",)), Flaw.NUMBER),
        ("x" * 201, SHORT, Place("s", 1, ("a",)), Flaw.LONG),
        ("a\nb", SHORT, Place("s", 1, ("a",)), Flaw.SIGNS),
        ("=HYPERLINK(1)", single(), ABC, Flaw.LETTER),
    ],
)
def test_what_is_no_answer_says_why(text: str, item: Item, place: Place, flaw: Flaw) -> None:
    with pytest.raises(BadAnswer) as refused:
        read_answer(text, item, place)
    assert refused.value.flaw is flaw


@pytest.mark.parametrize("text", [";", "；", ",", "、 ，", "+", "|"])
@pytest.mark.parametrize(("item", "place"), [(single(), ABC), (MANY, ABC), (ORDER, ABC), (MATCH, PAIRS)])
def test_nothing_but_signs_between_letters_is_a_question_left(text: str, item: Item, place: Place) -> None:
    assert read_answer(text, item, place) is None
    assert read_answer(f"{text}/3", item, place, asks_certainty=True) is None


def test_how_sure_somebody_is_follows_a_stroke() -> None:
    assert read_answer("B／３", single(), ABC, asks_certainty=True) == Answer(chosen=("a",), certainty=3)
    assert read_answer("1/2/1", SHORT, Place("s", 1, ("a",)), asks_certainty=True) == Answer(text="1/2", certainty=1)
    assert read_answer("1/2", SHORT, Place("s", 1, ("a",))) == Answer(text="1/2")


@st.composite
def answered(draw: st.DrawFn) -> tuple[Answer | None, Item, Place, bool]:
    """Draw a question as printed, and an answer to it as `read_answer` gives it."""
    kind = draw(st.sampled_from([one for one in Kind if one is not Kind.DESCRIPTION]))
    names = draw(st.lists(st.from_regex(r"[a-z]{1,3}", fullmatch=True), min_size=2, max_size=26, unique=True))
    options = tuple(Option(name, f"文{name}", float(n == 0), match=f"配{name}") for n, name in enumerate(names))
    item = replace(single("x", voices={}), kind=kind, options=options)
    order = tuple(draw(st.permutations(names)))
    sides = tuple(draw(st.permutations(names))) if kind is Kind.MATCHING else ()
    sure = draw(st.booleans())
    certainty = draw(st.integers(0, 3)) if sure else 0
    pick = draw(st.integers(0, 9))
    place = Place("x", 1, order, sides)
    if pick == 0:
        return None, item, place, sure
    if pick == 1:
        return Answer(dont_know=True), item, place, sure
    if kind in (Kind.SHORT_ANSWER, Kind.ESSAY, Kind.NUMERIC):
        texts = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=200)
        if kind is Kind.NUMERIC:
            texts = st.integers(-(10**9), 10**9).map(str) | st.sampled_from(["５０万元", "1,000.5", ".5", "3e4"])
        text = draw(texts.filter(lambda one: one.strip() == one and one not in ("?", "？", "﹖", "不知道")))
        assert kind is not Kind.NUMERIC or number(text) is not None
        return Answer(text=text, certainty=certainty), item, place, sure
    if kind is Kind.MATCHING:
        pairs = draw(st.dictionaries(st.sampled_from(names), st.sampled_from(names), min_size=1))
        return Answer(pairs=pairs, certainty=certainty), item, place, sure
    if kind is Kind.ORDERING:
        return Answer(chosen=tuple(draw(st.permutations(names))), certainty=certainty), item, place, sure
    most = len(names) if kind is Kind.MULTIPLE_CHOICE else 1
    chosen = draw(st.sets(st.sampled_from(names), min_size=1, max_size=most))
    return Answer(chosen=tuple(sorted(chosen, key=order.index)), certainty=certainty), item, place, sure


@given(answered())
def test_an_answer_that_is_written_is_read_back(case: tuple[Answer | None, Item, Place, bool]) -> None:
    answer, item, place, sure = case
    typed = write_answer(answer, item, place, asks_certainty=sure)
    assert read_answer(typed, item, place, asks_certainty=sure) == answer


@given(answered())
def test_a_sheet_that_is_stored_is_read_back(case: tuple[Answer | None, Item, Place, bool]) -> None:
    answer, _item, _place, _sure = case
    typed = Typed(Audience.YOUTH, {3: answer} if answer else {}, "ABC", "2026-11-22")
    assert paper.typed_from_plain(paper.typed_to_plain(typed)) == typed


@given(st.text(max_size=60), answered())
def test_whatever_is_typed_is_an_answer_or_a_reason(text: str, case: tuple[Answer | None, Item, Place, bool]) -> None:
    _answer, item, place, sure = case
    try:
        answer = read_answer(text, item, place, asks_certainty=sure)
    except BadAnswer:
        return
    again = read_answer(write_answer(answer, item, place), item, place)
    assert again == (replace(answer, certainty=0) if answer else None)


@pytest.mark.parametrize(
    ("item", "place", "key"),
    [
        (single(), ABC, "C"),
        (ORDER, ABC, "BCA"),
        (MATCH, PAIRS, "CB"),
        (SHORT, Place("s", 1, ("a",)), "96110"),
        (NUMERIC, Place("n", 1, ("a",)), "50 ± 1"),
    ],
)
def test_the_key_is_said_in_letters(item: Item, place: Place, key: str) -> None:
    assert paper.key(item, place) == key


def test_two_typings_differ_where_they_do() -> None:
    one = Typed(Audience.GENERAL, {0: Answer(chosen=("a",)), 2: Answer(text="x")}, "ABC")
    two = Typed(Audience.ELDERLY, {0: Answer(chosen=("a",)), 1: Answer(text="x")}, "ABC", "2026-11-22")
    assert one.differences(two) == ["audience", "q2", "q3"]
    assert one.differences(one) == []


# --- files ---

GOOD = "sheet,audience,group,q1,q2\nP1-1-1,general,,A,B\n"


@pytest.mark.parametrize(
    "raw",
    [
        GOOD.encode(),
        GOOD.encode("utf-8-sig"),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace("\n", "\r").encode(),
        GOOD.encode("utf-16"),
        GOOD.replace(",", "\t").encode(),
        GOOD.replace(",", ";").encode(),
        GOOD.replace("sheet", " Ｓｈｅｅｔ ").encode(),
        ("\n\n" + GOOD.replace("\n", ",,\n")).encode(),
        (b'"sheet","audience","group","q1","q2"\n"P1-1-1","general","","A","B"'),
    ],
)
def test_what_spreadsheets_write_is_read(raw: bytes) -> None:
    columns, [row] = rows_of(raw)
    assert columns == ["sheet", "audience", "group", "q1", "q2"]
    assert row.cells == {"sheet": "P1-1-1", "audience": "general", "group": "", "q1": "A", "q2": "B"}
    assert row.is_whole
    check_columns(columns, questions=2)


def test_chinese_in_the_old_code_is_read() -> None:
    _columns, [row] = rows_of(GOOD.replace("general", "长辈").encode("gb18030"))
    assert row.cells["audience"] == "长辈"


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    _columns, rows = rows_of(b'sheet,q1\n\nP1,"a\nb"\nP2,c\nP3,d,e\n')
    assert [(row.line, row.is_whole) for row in rows] == [(3, True), (5, True), (6, False)]


@pytest.mark.parametrize(
    ("raw", "flaw"),
    [
        (b"", FileFlaw.EMPTY),
        (b" \r\n ", FileFlaw.EMPTY),
        (b"sheet,audience,q1\n", FileFlaw.EMPTY),
        (b"x" * 5_000_001, FileFlaw.TOO_LARGE),
        (b"PK\x03\x04\x00\x00", FileFlaw.NOT_TEXT),
        (b"sheet,\xff\xff\xff\n", FileFlaw.NOT_TEXT),
        (b"\xff\xfea", FileFlaw.NOT_TEXT),
        (b'sheet,q1\n"P1,a\n', FileFlaw.DAMAGED),
        (b'sheet,q1\nP1,"a"b\n', FileFlaw.DAMAGED),
        (b'sheet,q1\n"' + b"a" * 200_000 + b'"\n', FileFlaw.DAMAGED),
        (b"sheet,sheet\n1,2\n", FileFlaw.COLUMN_TWICE),
        (b",".join(b"c%d" % n for n in range(501)) + b"\n1\n", FileFlaw.TOO_WIDE),
        (b"sheet\n" + b"P1-1-1\n" * 5_001, FileFlaw.TOO_MANY),
        (b"sheet\nP1\n" + b"\n" * 1_000_000, FileFlaw.TOO_MANY),
    ],
)
def test_what_is_no_table_is_refused(raw: bytes, flaw: FileFlaw) -> None:
    with pytest.raises(Unreadable) as refused:
        rows_of(raw)
    assert refused.value.flaw is flaw


@given(st.binary(max_size=400) | st.text(alphabet='sheet,q1"\n\r\t;P-?AＡ=', max_size=400).map(str.encode))
def test_whatever_is_sent_is_a_table_or_a_reason(raw: bytes) -> None:
    try:
        columns, rows = rows_of(raw)
    except Unreadable:
        return
    assert all(set(row.cells) == set(columns) for row in rows)


@pytest.mark.parametrize(
    ("columns", "flaw", "name"),
    [
        ("audience,q1", FileFlaw.NO_COLUMN, "sheet"),
        ("sheet,q1", FileFlaw.NO_COLUMN, "audience"),
        ("sheet,audience", FileFlaw.NO_COLUMN, "q1"),
        ("sheet,audience,q1,q2", FileFlaw.UNKNOWN_COLUMN, "q2"),
        ("sheet,audience,q1,=cmd", FileFlaw.UNKNOWN_COLUMN, "=cmd"),
    ],
)
def test_columns_are_named_when_they_do_not_fit(columns: str, flaw: FileFlaw, name: str) -> None:
    with pytest.raises(Unreadable) as refused:
        check_columns(columns.split(","), questions=1)
    assert (refused.value.flaw, refused.value.name) == (flaw, name)


def test_words_for_audiences_and_days() -> None:
    assert [audience_of(word) for word in ("Elderly", "长辈", "new_resident", "ｙｏｕｔｈ", "", "x")] == [
        Audience.ELDERLY, Audience.ELDERLY, Audience.NEW_RESIDENT, Audience.YOUTH, None, None,
    ]  # fmt: skip
    today = date(2026, 11, 22)
    days = ("", "2026-11-22", "2026/1/2", "2026年11月2日", "2026-11-23", "2026-02-30", "11/22/2026", "1999-01-01")
    assert [day_of(day, today=today) for day in days] == [
        "", "2026-11-22", "2026-01-02", "2026-11-02", None, None, None, None,
    ]  # fmt: skip
