"""The encodings of tables that spreadsheets save."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.reference.rules.tables import NotText, encoding_of

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
