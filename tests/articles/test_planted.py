"""Planted faults: `flask content check` is green on an article of the library, and red on each single fault in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from portal.core.settings import ROOT
from tests.articles.helpers import counts, run

SLUG = "deposits-vs-wealth-products"
ELDERLY = f"articles/{SLUG}/elderly.zh-Hans.md"
GENERAL = f"articles/{SLUG}/general.zh-Hans.md"
ARTICLE = f"articles/{SLUG}/article.yaml"


@dataclass(frozen=True)
class Fault:
    """What is done to one file, and the row of the table that must tell it."""

    check: str
    file: str
    do: Callable[[str], str]


def says(sentence: str) -> Callable[[str], str]:
    """Return what adds a paragraph at the end."""
    return lambda text: f"{text}\n{sentence}\n"


def swaps(old: str, new: str) -> Callable[[str], str]:
    """Return what replaces words, all of them."""

    def swap(text: str) -> str:
        assert old in text, old
        return text.replace(old, new)

    return swap


def without_help(text: str) -> str:
    """Take the box away that says what to do."""
    return text.replace("[停问转]", "[步骤]").replace("先停", "先等")


def overdue(text: str) -> str:
    """Let the day of the next check be past."""
    before, after = "checked_on: 2026-11-22\nreview_by: 2027-02-22", "checked_on: 2026-08-01\nreview_by: 2026-11-01"
    assert before in text
    return text.replace(before, after)


def explained_badly(text: str) -> str:
    """Explain the first term in hard words."""
    return text.replace("    zh-Hans: ", f"    zh-Hans: {STATUTE}", 1)


TRAP = "[骗子话术]\n“请点开 http://yinhang-95588.top/login 办退款。”\n[/]"
ENDLESS = "您在银行买任何一种产品之前都应当先弄清楚它到底是存款还是理财以及万一亏损的时候究竟由谁来承担这些损失"
STATUTE = "兹谨就缔约双方权属纠葛之裁夺，概予援引前揭条款，毋庸赘述，悉遵办理。"

FAULTS = {
    "no title": Fault("schema", ELDERLY, swaps("title: ", "headline: ")),
    "no key message": Fault("schema", ELDERLY, swaps("[一句话]", "[提示]")),
    "a block is not closed": Fault("schema", ELDERLY, swaps("[小心]", "[小心]\n[提示]")),
    "a key twice": Fault("schema", ARTICLE, lambda text: text + "topic: police-impersonation\n"),
    "a field nobody knows": Fault("schema", ARTICLE, lambda text: text + "author: 王\n"),
    "a topic that is not there": Fault("schema", ARTICLE, swaps("topic: deposits-and-investments", "topic: nowhere")),
    "a day that is none": Fault("schema", ARTICLE, swaps("review_by: 2027-02-22", "review_by: 2027-02-30")),
    "a source that is not there": Fault("schema", ELDERLY, says("这句话有出处。[[source:nobody]]")),
    "a number that is not there": Fault("schema", ELDERLY, says("请打[[hotline:99999]]。")),
    "a term that is not there": Fault("schema", ELDERLY, says("[[term:nothing]]是什么？")),
    "a link to no article": Fault("schema", GENERAL, says("请看[这一篇](article:not-written).")),
    "a picture that is not there": Fault("schema", GENERAL, says("[图片：not-drawn]")),
    "a picture without words": Fault("schema", "media.yaml", swaps("  alt: 五级台阶", "  caption: 五级台阶")),
    "a picture without a maker": Fault("schema", "media.yaml", swaps("  licence: 本站原创", "  ai_generated: false")),
    "a picture without a file": Fault("schema", "media.yaml", swaps("- key: risk-grades", "- key: risk-scale")),
    "a promise of return": Fault("compliance", GENERAL, says("本行理财保本保息，稳赚不赔。")),
    "an expected return": Fault("compliance", GENERAL, says("这款产品预期收益率4.5%。")),
    "like a deposit": Fault("compliance", GENERAL, says("它和存款一样安全。")),
    "a superlative": Fault("compliance", GENERAL, says("我们是全国第一的理财平台。")),
    "a call to buy": Fault("compliance", GENERAL, says("请立即购买。")),
    "the black market": Fault("compliance", GENERAL, says("需要时可以找人做征信修复。")),
    "an identity number": Fault("compliance", GENERAL, says("他的身份证号是11010519491231002X。")),
    "a card number": Fault("compliance", GENERAL, says("卡号是6222021234567890128。")),
    "a mobile number": Fault("compliance", GENERAL, says("请联系13912345678。")),
    "a regulator that is no more": Fault("compliance", GENERAL, says("可以向银保监会投诉。")),
    "a cap that is wrong": Fault("compliance", GENERAL, says("存款保险最多赔100万元。")),
    "a law of another year": Fault("compliance", GENERAL, says("依据2019年施行的《个人信息保护法》。")),
    "a review that is overdue": Fault("compliance", ARTICLE, overdue),
    "an insult": Fault("compliance", GENERAL, says("老糊涂才会上当。")),
    "a live link": Fault("links", GENERAL, says(TRAP)),
    "a service number nobody knows": Fault("hotlines", GENERAL, says("请拨打95013咨询。")),
    "a number for something else": Fault("hotlines", GENERAL, says("报警请拨打96110。")),
    "no notice of risk": Fault("required", ELDERLY, swaps("投资有风险", "要想清楚")),
    "no way to help": Fault("required", ELDERLY, without_help),
    "a figure that differs": Fault("parity", ELDERLY, swaps("29.59%", "39.59%")),
    "an age that is missing": Fault("parity", ELDERLY, swaps("65周岁", "上了年纪")),
    "a sentence without end": Fault("readability", ELDERLY, says(ENDLESS)),
    "words of a statute": Fault("readability", ELDERLY, says(STATUTE * 12)),
    "an explanation that needs one": Fault("glossary", "glossary.yaml", explained_badly),
    "a term twice": Fault("glossary", "glossary.yaml", swaps("zh-Hans: 转账,", "zh-Hans: 验证码,")),
    "a hotline twice": Fault("hotlines", "hotlines.yaml", swaps("number: '96110'", "number: '110'")),
}  # fmt: skip


@pytest.fixture
def part(library: Flask, tmp_path: Path) -> Path:
    """Return a package of one article, its lists and the pictures, as they stand in the library."""
    shutil.copytree(ROOT / "content/articles" / SLUG, tmp_path / "p/articles" / SLUG)
    shutil.copytree(ROOT / "content/media", tmp_path / "p/media")
    for name in ("glossary.yaml", "hotlines.yaml", "media.yaml"):
        shutil.copy(ROOT / "content" / name, tmp_path / "p")
    return tmp_path / "p"


def table(output: str) -> dict[str, tuple[str, str]]:
    """Return the blocks and the warnings of each check."""
    rows = [line.split() for line in output.splitlines()]
    return {row[0]: (row[1], row[2]) for row in rows if len(row) == 3 and row[0] in CHECKS}


CHECKS = ("schema", "compliance", "readability", "parity", "links", "required", "glossary", "hotlines", "media")


def test_the_part_is_green(part: Path) -> None:
    result = run("content", "check", str(part))
    assert result.exit_code == 0, result.output
    assert {name: blocks for name, (blocks, _warnings) in table(result.stdout).items()} == dict.fromkeys(CHECKS, "0")


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_found(part: Path, name: str) -> None:
    fault, before = FAULTS[name], counts()
    path = part / fault.file
    path.write_text(fault.do(path.read_text("utf-8")), "utf-8")
    result = run("content", "check", str(part))
    assert result.exit_code == 1, result.output
    assert counts() == before
    red = {check for check, (blocks, _warnings) in table(result.stdout).items() if blocks not in ("0", "-")}
    assert fault.check in red


def test_there_are_enough_of_each_kind() -> None:
    assert len(FAULTS) >= 20
    # What is wrong with a picture keeps the package from being read; an idle one is only told.
    assert {fault.check for fault in FAULTS.values()} == set(CHECKS) - {"media"}
