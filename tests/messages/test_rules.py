"""What may stand in a mail, when it is tried again, and which numbers reach a mobile phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.messages import rules
from portal.messages.rules import MOST_ATTEMPTS, next_try


def test_a_mail_is_tried_six_times_over_half_a_day() -> None:
    pauses = [next_try(attempts) for attempts in range(1, MOST_ATTEMPTS + 1)]
    minutes = [1, 5, 30, 120, 480]
    assert pauses == [*(timedelta(minutes=count) for count in minutes), None]
    assert next_try(MOST_ATTEMPTS + 1) is None


@pytest.mark.parametrize(
    "text",
    ["a\nb", "a\rb", "a\r\nBcc: x@y.z", "a\0b", "a\tb", "a\u2028b", "a\u2029b", "a\x85b", "a\x0bb", "\ud800", "\n"],
)
def test_what_could_end_a_header_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in the header"):
        rules.one_line(text)


@pytest.mark.parametrize("text", ["", "提醒：年底“清收贷款”骗局", "a b", "全角\u3000空格", "é😀"])
def test_ordinary_text_may_stand_in_a_header(text: str) -> None:
    assert rules.one_line(text) == text


@given(st.text(max_size=40))
def test_text_for_a_header_is_one_line_or_refused(text: str) -> None:
    try:
        assert rules.one_line(text).splitlines() == ([text] if text else [])
    except ValueError:
        assert not text.isprintable()


@pytest.mark.parametrize("text", ["a@b", "lin.jing+x@mail.example.org", "王@例子.cn", "o'neil@example.org"])
def test_addresses(text: str) -> None:
    assert rules.recipient(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "@b",
        "a@",
        "a@b@c",
        "a@b, c@d",
        "a@b c@d",
        "a@b;c@d",
        "Lin <a@b>",
        "<a@b>",
        '"x"@b',
        "a@b\r\nBcc: c@d",
        "a@b\n",
        "a\0@b",
        "a@[127.0.0.1]",
        "a" * 250 + "@b.cn",
    ],
)
def test_what_is_not_one_bare_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"header|address"):
        rules.recipient(text)


@pytest.mark.parametrize("name", ["../secret", "a/b", "", "A", "a.b", "a--b", "reset\n", "-a", "a\0"])
def test_a_template_cannot_lie_elsewhere(name: str) -> None:
    with pytest.raises(ValueError, match="name of a template"):
        rules.template_name(name)


@pytest.mark.parametrize("source", ["", "x", "x\n", "\n\nz", "x\n\n \n"])
def test_a_template_without_subject_or_body_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="a line for the subject, and then the body"):
        rules.parts(source)


@pytest.mark.parametrize("source", ["x\n\ny\n\nz\n", "x\ny\n\nz\n"])
def test_a_template_is_a_line_for_the_subject_and_then_the_body(source: str) -> None:
    assert rules.parts(source) == ("x", "y\n\nz\n")


@pytest.mark.parametrize(
    ("address", "shown"),
    [("lin.jing@example.org", "l***@example.org"), ("a@b", "a***@b"), ("王@例子.cn", "王***@例子.cn")],
)
def test_an_address_is_masked(address: str, shown: str) -> None:
    assert rules.masked(address) == shown


@pytest.mark.parametrize(
    "typed",
    [
        "13800138000",
        " 138 0013 8000 ",
        "138-0013-8000",
        "+86 138 0013 8000",
        "0086-13800138000",
        "8613800138000",
        "１３８００１３８０００",
        "＋８６　１３８　００１３　８０００",
        "(138)0013.8000",
        "138\u20110013\u20118000",
    ],
)
def test_one_mobile_number_however_it_is_typed(typed: str) -> None:
    assert rules.phone(typed) == "13800138000"


@pytest.mark.parametrize(
    "typed",
    [
        "", "1380013800", "138001380000", "12800138000", "23800138000", "+1 13800138000", "1380013800O",
        "010-62345678", "١٣٨٠٠١٣٨٠٠٠", "13800138000\x00", "1" * 61, "13800138000 " + " " * 60, "8686138001380",
    ],
)  # fmt: skip
def test_what_is_no_mobile_number(typed: str) -> None:
    with pytest.raises(rules.NoPhone):
        rules.phone(typed)


@given(st.text(max_size=70) | st.from_regex(r"\A\+?[08 ]{0,4}6?1[0-9 ()-]{8,16}\Z"))
def test_a_number_is_its_own_form(typed: str) -> None:
    try:
        found = rules.phone(typed)
    except rules.NoPhone:
        return
    assert (rules.phone(found), len(found), found.isascii(), found.isdigit()) == (found, 11, True, True)
