"""What all editions must agree on: figures, dates, numbers and laws of the facts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.prose.rules.figures import chinese, figures, spelt
from portal.prose.rules.parity import absent, gaps
from tests.prose.helpers import AROUND, findings, text_of

CAP = {
    "key": "cap",
    "text": {"zh-Hans": "存款保险50万元以内全额偿付。", "en": "Paid in full up to 500,000 yuan."},
    "source": "s",
}


def missing(body: str, *facts: dict[str, Any], locale: str = "zh-Hans") -> list[tuple[str, tuple[str, ...]]]:
    return [(gap.key, gap.missing) for gap in gaps(text_of(body, locale=locale), facts or (CAP,))]


@pytest.mark.parametrize(
    ("body", "locale", "lost"),
    [
        ("50万元以内，全额偿付。", "zh-Hans", ()),
        ("500000元以内，全额偿付。", "zh-Hans", ()),
        ("五十万元以内，全额偿付。", "zh-Hans", ()),
        ("50萬元以內，全額償付。", "zh-Hant", ()),
        ("Up to 500,000 yuan is paid.", "en", ()),
        ("Up to 0.5 million yuan is paid.", "en", ()),
        ("20万元以内，全额偿付。", "zh-Hans", ("50万",)),
        ("50元以内，全额偿付。", "zh-Hans", ("50万",)),
        ("存款保险全额偿付。", "zh-Hans", ("50万",)),
        ("[骗子话术]\n“50万元以内。”\n[/]", "zh-Hans", ("50万",)),
        ("Up to 50,000 yuan is paid.", "en", ("500,000",)),
    ],
)
def test_a_figure_must_stand_in_every_edition_in_whatever_form(body: str, locale: str, lost: tuple[str, ...]) -> None:
    assert missing(body, locale=locale) == ([("cap", lost)] if lost else [])


@pytest.mark.parametrize(
    ("fact", "body", "lost"),
    [
        ("自2022年12月1日起施行。", "2022年12月1日起施行。", ()),
        ("自2022年12月1日起施行。", "In force since 1 December 2022.", ()),
        ("自2022年12月1日起施行。", "2022-12-01起施行。", ()),
        ("自2022年12月1日起施行。", "2022年12月起施行。", ("2022年12月1日",)),
        ("占29.59%。", "29.59％的人。", ()),
        ("占29.59%。", "29.59的人。", ("29.59%",)),
        ("占30%。", "百分之三十。", ()),
        ("打110或96110。", "打[[hotline:110]]，或者打[[hotline:96110]]。", ()),
        ("打110或96110。", "打[[hotline:110]]。", ("96110",)),
        ("2年或3年。", "两年或者三年。", ()),
        ("two: 2 years", "for two years", ()),
        ("从R1到R5。", "从R1到R5。", ()),
        ("从R1到R5。", "从1到5。", ("R1", "R5")),
        ("依《中华人民共和国反电信网络诈骗法》。", "反电信网络诈骗法这样规定。", ()),
        ("依《反电信网络诈骗法》。", "依《刑法》。", ("《反电信网络诈骗法》",)),
        ("没有数字。", "什么都没有。", ()),
    ],
)
def test_dates_shares_numbers_and_laws_count(fact: str, body: str, lost: tuple[str, ...]) -> None:
    found = missing(body, {"key": "f", "text": {"zh-Hans": fact}})
    assert found == ([("f", lost)] if lost else [])


def test_the_sentence_that_states_the_fact_otherwise_is_shown() -> None:
    around = replace(AROUND, facts=(CAP,))
    body = "先挂断。\n\n存款保险20万元以内全额偿付。"
    (other, cap) = sorted((one.rule.id, one.passage) for one in findings(body, around=around))
    assert (other, cap) == (("deposit-insurance-cap", "20万"), ("facts-equal", "50万"))
    (gap,) = [one for one in findings(body, around=around) if one.rule.id == "facts-equal"]
    assert (gap.sentence, gap.line) == ("存款保险50万元以内全额偿付。", body.count("\n") + 17 - 3)
    (lost,) = findings("先挂断。", around=around)
    assert (lost.start, lost.end, lost.passage) == (0, 0, "50万")


@given(st.integers(1, 99_999_999))
def test_a_number_in_chinese_words_has_its_value(number: int) -> None:
    assert chinese(in_words(number)) == number


def in_words(number: int) -> str:
    if number >= 10_000:
        return in_words(number // 10_000) + "万" + (in_words(number % 10_000) if number % 10_000 else "")
    digits = "零一二三四五六七八九"
    words = ""
    for place, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        words += (
            digits[digit] + name if digit else "零" if words and not words.endswith("零") and number % place else ""
        )
    return words


@given(st.integers(0, 10**9))
def test_thousands_separators_change_nothing(number: int) -> None:
    assert [form for form, _written in figures(f"{number:,}元")] == [str(number)]


@given(st.text(max_size=80))
def test_any_text_has_figures_or_none(text: str) -> None:
    assert all(form and written in text for form, written in figures(text))
    assert all(form.rstrip("%").isdigit() for form in spelt(text))


def test_missing_editions_are_named_in_the_order_of_the_site() -> None:
    assert absent(["general", "youth"]) == ["elderly", "new-resident"]
    assert absent(["general", "elderly", "youth", "new-resident"]) == []
