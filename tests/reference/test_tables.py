"""Tables that spreadsheets save: their encodings and their rows."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.reference.rules.tables import NotText, TooLong, Torn, encoding_of, rows

TABLE = "编号,组别\nP1-1-0001,长辈\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "gb2312", "utf-16"])
def test_a_table_is_read_as_it_was_saved(encoding: str) -> None:
    raw = TABLE.encode(encoding)
    assert raw.decode(encoding_of(raw)) == TABLE


@pytest.mark.parametrize("order", ["le", "be"])
def test_utf_16_of_either_order(order: str) -> None:
    raw = f"\ufeff{TABLE}".encode(f"utf-16-{order}")
    assert raw.decode(encoding_of(raw)) == TABLE


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"a\0b\n", None), (b"\0", None), (b"PK\x03\x04\0\0", None), (TABLE.encode("utf-16-le"), None),
        ("\ufeffa\0b".encode("utf-16-le"), None),
        (b"a\nb\nc\xff\xff\n", 3), (b"\xff\xfea", 1), (b"\x81", 1),
    ],
)  # fmt: skip
def test_what_is_no_text_is_refused(raw: bytes, line: int | None) -> None:
    with pytest.raises(NotText) as refused:
        encoding_of(raw)
    assert refused.value.line == line


@given(st.binary(max_size=60))
def test_bytes_are_text_or_refused(raw: bytes) -> None:
    try:
        text = raw.decode(encoding_of(raw))
    except NotText:
        return
    assert "\0" not in text


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=60))
def test_utf_8_is_what_it_says(text: str) -> None:
    raw = text.encode()
    assert raw.decode(encoding_of(raw)) == text


@pytest.mark.parametrize("sign", ",;\t")
def test_rows_know_their_lines_and_what_divides_them(sign: str) -> None:
    text = f'\ufeff\n \r\na{sign}"b\n\nc"{sign}d\r\n{sign}{sign}\r\n1{sign}2,5{sign}3'
    assert list(rows(text)) == [(3, ["a", "b\n\nc", "d"]), (7, ["1", "2,5", "3"])] or sign == ","
    assert [line for line, _cells in rows(text)] == [3, 7]


def test_what_divides_a_table_with_lines_above_it() -> None:
    text = "主题,防骗讲座\n姓名\t加入\t离开\n王\t9:00\t10:00\n"
    assert list(rows(text, head=3))[1:] == [(2, ["姓名", "加入", "离开"]), (3, ["王", "9:00", "10:00"])]


def test_nothing_has_no_rows() -> None:
    assert list(rows("")) == list(rows("\n , \n\ufeff"[:4])) == []


@pytest.mark.parametrize(("text", "line"), [('a\n"b', 2), ('a,b\n\n1,"2"3\n4,5\n', 3), (f"a\n{'b' * 140_000}", 2)])
def test_a_row_that_cannot_be_taken_apart(text: str, line: int) -> None:
    found = rows(text)
    assert next(found)[0] == 1
    with pytest.raises(Torn) as problem:
        list(found)
    assert problem.value.line == line
    assert problem.value.why


cells = st.lists(st.lists(st.text('a,;\t\n\r"甲 ', min_size=1, max_size=5), min_size=2, max_size=4), max_size=4)


@given(cells, st.sampled_from(",;\t"))
def test_what_was_written_is_read(table: list[list[str]], sign: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=sign, quoting=csv.QUOTE_ALL).writerows([[f"h{sign}" * 9], *table])
    assert [row for _line, row in rows(file.getvalue())][1:] == [row for row in table if any(map(str.strip, row))]


def test_a_table_of_too_many_lines() -> None:
    assert list(rows("a\n\n\nb\n", most=4)) == [(1, ["a"]), (4, ["b"])]
    for text in ("a\n\n\nb\n", "a\n\n\n\n"):
        with pytest.raises(TooLong):
            list(rows(text, most=3))
