"""Reading tables of marks, good and bad."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.quizzes.services import marks as service
from portal.quizzes.services.marks import TableError, read_marks

NO_ATTEMPT = "There is no attempt: below the maximum marks, give one row an attempt."
PLAIN = "甲,B\n1,2\n1,0\n0.5,2\n"


def read(text: str | bytes):
    return read_marks(io.BytesIO(text.encode() if isinstance(text, str) else text))


def rows(text: str | bytes) -> list[list[float]]:
    return [[float(mark) for mark in row] for row in read(text).marks]


def refused(text: str | bytes) -> str:
    with pytest.raises(TableError) as problem:
        read(text)
    return str(problem.value)


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("gb18030"),
        PLAIN.encode("gbk"),
        PLAIN.encode("utf-16"),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.rstrip("\n").encode(),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.replace(",", ",,\n,").replace(",,\n,", ",").encode(),
        b"\r\n\n  \n" + PLAIN.replace("\n", "\n\n").encode(),
        "甲,B,,\n1,2,,\n1,0,,\n0.5,2,,\n".encode(),
        '"甲", "B"\n"1","2"\n"1","0"\n"0.5","2"\n'.replace(", ", ",").encode(),
        " 甲 , B\n 1 ,2\n1, 0 \n0.5,2\n".encode(),
        "甲,B\n１,２\n１,０\n０．５,２\n".encode(),
        "甲,B\n1,2\n1，0\n.5，2\n".encode(),
        "甲,B\n1e0,2.\n+1,0\n5e-1,2\n".encode(),
    ],
)
def test_the_same_table_in_many_forms(data):
    found = read(data)
    assert (found.names, found.maxima) == (("甲", "B"), (1, 2))
    assert [[*row] for row in found.marks] == [[1, 0], [0.5, 2]]
    assert (found.missing, found.left_out) == (0, 0)


def test_names_may_hold_what_stands_between_cells():
    assert read('"a,b";c\n1;1\n1;0\n').names == ("a,b", "c")
    assert read("a, first part;c\n1;1\n1;0\n").names == ("a, first part", "c")
    assert read('"line one\nline two",c\n1,1\n1,0\n').names == ("line one\nline two", "c")


def test_missing_marks_count_as_none():
    found = read("A,B\n1,1\n,1\n1,\n , \n0,1\n")
    assert [[*row] for row in found.marks] == [[0, 1], [1, 0], [0, 0], [0, 1]]
    assert (found.missing, found.left_out) == (4, 0)


def test_empty_rows_at_the_end_are_no_attempts():
    found = read("A,B\n1,1\n1,0\n,\n,\n\n")
    assert [[*row] for row in found.marks] == [[1, 0]]
    assert (found.missing, found.left_out) == (0, 2)


def test_marks_may_be_negative_or_above_the_maximum():
    assert rows("A,B\n1,1\n-2,3\n−1,－0.5\n") == [[-2, 3], [-1, -0.5]]


def test_one_item():
    assert rows("A\n1\n1\n\n0\n") == [[1], [0]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Line 1: there is no table. The first row gives the names of the items."),
        ("\n\n", "Line 1: there is no table. The first row gives the names of the items."),
        (",,\n1,1\n", "Line 1: there is no table. The first row gives the names of the items."),
        ("A,B\n", "Line 2: the maximum marks are missing. The second row gives one for each item."),
        ("A,B\n1,1\n", NO_ATTEMPT),
        ("A,B\n1,1\n,\n", NO_ATTEMPT),
        ("A,,B\n1,1,1\n", "Line 1: column 2 has no name."),
        ("A,B,A\n1,1,1\n", "Line 1: columns 1 and 3 have the same name."),
        ("A,B\n1,-1\n1,1\n", "Line 2: the maximum mark in column 2 must lie between 0 and 1,000,000."),
        ("A,B\n1,1e9\n1,1\n", "Line 2: the maximum mark in column 2 must lie between 0 and 1,000,000."),
        ("A,B\n1,\n1,1\n", "Line 2: column 2 has no maximum mark."),
        ("A,B\n1\n1,1\n", "Line 2 has 1 cells, but there are 2 items."),
        ("A,B\nx,1\n1,1\n", "Line 2: “x” in column 1 is not a number."),
        ("A,B\n1,1\n1\n", "Line 3 has 1 cells, but there are 2 items."),
        ("A,B\n1,1\n1,1\n\n1,1,1\n", "Line 5 has 3 cells, but there are 2 items."),
        ("A,B\n1,1\n1,0\n1,对\n", "Line 4: “对” in column 2 is not a number."),
        ("A,B\n1,1\n1_0,0\n", "Line 3: “1_0” in column 1 is not a number."),
        ("A,B\n1,1\nnan,0\n", "Line 3: “nan” in column 1 is not a number."),
        ("A,B\n1,1\n0,inf\n", "Line 3: “inf” in column 2 is not a number."),
        ("A,B\n1,1\n0,1e7\n", "Line 3: a mark lies beyond 1,000,000."),
        ("A,B\n1,1\n0,1\n-1e400,1\n", "Line 4: a mark lies beyond 1,000,000."),
        ("A;B\n1;1\n0,5;1\n", "Line 3: “0,5” in column 1 is not a number."),
        ("A,B\n1,1\n1,\x1b[31mred\n", "Line 3: “ [31mred” in column 2 is not a number."),
        ("A,B\n1,1\n1," + "x" * 50 + "\n", f"Line 3: “{'x' * 40}…” in column 2 is not a number."),
        ('A,B\n1,1\n"1,0\n0,1\n', "Line 3: the quotation marks do not match."),
        ('A,B\n1,1\n"1\n",x\n', "Line 3: “x” in column 2 is not a number."),
        (b"A,B\n1,1\n1,\0\n", "Line 1: this file is not text. Please save the table as CSV."),
        (b"A,B\n1,1\n1,\xff\n", "Line 3 cannot be read: please save the file as UTF-8."),
        (b"\xff\xfeA", "Line 1 cannot be read: please save the file as UTF-8."),
    ],
)
def test_what_is_no_table_gets_a_sentence(text, said):
    assert refused(text) == said


@pytest.mark.parametrize(
    ("name", "value", "text", "said"),
    [
        ("MAX_LINES", 4, PLAIN + "0,0\n", "Line 5 is one too many: a table has at most 4 lines."),
        ("MAX_LINE", 10, PLAIN + "0,00000000\n", "Line 5 is longer than 10 characters."),
        ("MAX_ITEMS", 1, PLAIN, "Line 1 names 2 items; at most 1 are possible."),
        ("MAX_CELLS", 4, PLAIN + "0,0\n", "Line 5 is one too many: a table has at most 4 marks."),
    ],
)
def test_limits(monkeypatch, name, value, text, said):
    monkeypatch.setattr(service, name, value)
    assert refused(text) == said
    monkeypatch.setattr(service, name, value + 2)
    read(text)


def test_a_large_file_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(service, "MAX_BYTES", 1_000_000)
    file = io.BytesIO(PLAIN.encode() + b"0,0\n" * 1_000_000)
    with pytest.raises(TableError, match=r"^The file is larger than 1 MB\. Please split it\.$"):
        read_marks(file)
    assert file.tell() == 1_000_001


CELL = st.one_of(st.just(""), st.integers(-5, 20).map(str), st.floats(-5, 5).map(repr))


@settings(deadline=None)
@given(
    st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=20),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_any_table_comes_in_as_it_was(table, delimiter, end):
    text = end.join(delimiter.join(row) for row in [["A", "B", "C"], ["1", "1", "1"], *table]) + end
    filled = [place for place, row in enumerate(table) if any(row)]
    expected = [[float(cell or 0) for cell in row] for row in table[: filled[-1] + 1 if filled else 0]]
    if expected:
        assert rows(text) == expected
    else:
        assert "no attempt" in refused(text)


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200) | st.text('AB,;\t\n\r"1.-e １，\0', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(data):
    try:
        found = read(data)
    except TableError:
        return
    assert found.marks.shape[1] == len(found.names) == len(found.maxima)
    assert len(found.marks) > 0
