"""GIFT beside gift-pegjs, which is not ours: our exports mean there what we meant, and we read what it reads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.core.settings import ROOT
from portal.quizzes.rules.formats import Format, write
from portal.quizzes.rules.formats.common import lowered
from portal.quizzes.rules.items import FALSE, TRUE, Item, Kind, Marking, Option
from portal.quizzes.services.package import read_bank
from tests.quizzes.formats.helpers import gift
from tests.quizzes.formats.pegjs import by_gift_pegjs, by_us, meant, needs_node
from tests.quizzes.formats.questions import HOSTILE

pytestmark = needs_node


def exported(items: list[Item]) -> str:
    """Return questions as GIFT, without what is kept for ourselves beside them."""
    lines = write(items, Format.GIFT).data.decode().split("\n")
    return "\n".join(line for line in lines if not line.startswith("// [mingbai:"))


def test_the_starter_bank_means_the_same_elsewhere() -> None:
    bank = read_bank(ROOT / "content" / "quizzes").items
    (read,) = by_gift_pegjs([exported(bank)])
    # What GIFT has no type for stands there as its nearest type, which is what is to be read.
    plain = [lowered(item, ordering=False)[0] for item in bank]
    assert len(plain) >= 120
    questions = [one for one in read or [] if one["type"] != "category"]
    assert questions == [meant(replace(item, title=item.title or item.name)) for item in plain]
    assert [one["title"] for one in read or [] if one["type"] == "category"] == list(
        dict.fromkeys(item.category for item in bank if item.category)
    )


def varied(text: str, form: str) -> list[Item]:
    """Return a question of every type that GIFT has, with a text wherever one can stand."""
    two = (f"一{text}二", f"三{text}")
    head = Item(name="q", title="题", stem=f"问{text}答", form=form, kind=Kind.ESSAY, options=())
    said = replace(head, explanation=f"因{text}果")
    choice = (Option("a", two[0], 1.0, f"对{text}"), Option("b", two[1], 0.0, f"错{text}"), Option("c", "不知道", -0.5))
    both = (Option("a", two[0], 0.6666667), Option("b", two[1], 0.3333333, f"说{text}"), Option("c", "不", -1.0))
    truth = (Option(TRUE, "对", 1.0, f"是{text}"), Option(FALSE, "错", 0.0, f"否{text}"))
    numbers = (
        Option("a", "1822", 1.0, f"说{text}", tolerance=0.5),
        Option("b", "-3.25", 0.5),
        Option("c", "*", 0.0, "远"),
    )
    pairs = (Option("a", two[0], match="甲"), Option("b", two[1], match="乙"), Option("c", "", match="丙"))
    lie = tuple(replace(one, fraction=1.0 - one.fraction) for one in truth)
    return [
        head,
        replace(head, kind=Kind.DESCRIPTION),
        replace(said, kind=Kind.SINGLE_CHOICE, options=choice),
        replace(said, kind=Kind.MULTIPLE_CHOICE, options=both, marking=Marking.WEIGHTS),
        replace(said, kind=Kind.TRUE_FALSE, options=truth),
        replace(said, kind=Kind.TRUE_FALSE, options=lie),
        replace(said, kind=Kind.NUMERIC, options=numbers),
        replace(said, kind=Kind.SHORT_ANSWER, options=choice),
        replace(said, kind=Kind.MATCHING, options=pairs),
    ]


@pytest.mark.parametrize("form", ["moodle", "html", "plain", "markdown"])
def test_whatever_signs_stand_in_a_text_it_means_the_same_elsewhere(form: str) -> None:
    # An arrow means pairs to it in a choice as well, and two texts are what it itself writes for signs (below).
    texts = [text for text in HOSTILE if "->" not in text and not text.startswith("&&")]
    bank = [item for text in texts for item in varied(text, form)]
    read = by_gift_pegjs([exported([item]) for item in bank])
    assert [
        (item.kind, item.stem, theirs) for item, theirs in zip(bank, read, strict=True) if theirs != [meant(item)]
    ] == []


# --- the same text, read by both ----------------------------------------------------------------------------------

SAME = (
    "  一 {T}  \n\n \t \n\t二\n 又二 {\n   F\n }\n",
    "a{T}\r\n\r\nb{F#no#yes####why}\r\n",
    "a{T}\n\n$CATEGORY: $course$/top/防骗\n\nb{T}\n\nc{F}",
    "// switch\n$CATEGORY: x\n",
    "::名称\\: 一:: 问题？ {T}",
    "[html]<b>x</b>{=a ~[plain]b #[markdown]c}",
    "[markdown]*x*\n\\n- y{F}",
    "[HTML]x [plain] {T}",
    "a\\{b\\}\\: \\= \\# \\~ {=x\\=1\\#2 ~y\\~\\}}",
    "a\\nb {T}",
    "a\\\\b {T}",
    "no braces",
    "x{}",
    "x{####因为}",
    "x{T}",
    "x{TRUE#you are wrong#you are right}",
    "x{F#you are wrong}",
    "x{FALSE##you are right####why}",
    "x{=TRUE}",
    "x{t}",
    "x{96110}",
    "电话？{=96110#对 =%50%110#差一点 =%0%*#不对}",
    "拨打 {=110 =96110} 报警",
    "谁？{\n=银行 # 对\n~骗子 # 错\n~%50%不知道\n####因为\n}",
    "x{~%50%a ~%50%b ~%-100%c ~d}",
    "x{~%33.33333%a ~%33.33333%b ~%33.33333%c ~d}",
    "x{=a =b ~c}",
    "x{=a \\#\\#\\#\\# ~b}",
    "x{#5}",
    "x{#-0.5:0.25}",
    "x{#3.141..3.142}",
    "x{#\n=1822:0#right\n=%50%1822:2#nearly\n~#far off}",
    "配对 {\n=短信 -> 不点链接\n=电话 -> 不转账\n= -> 告诉验证码\n####因为\n}",
    "x{=a -> b -> c =d->e}",
    # refused by both
    "a {=x",
    "a =x}",
    "a {\n=x\n\n~y\n}",
    "x{#abc}",
    "x{=}",
)


def test_both_read_the_same() -> None:
    for text, theirs in zip(SAME, by_gift_pegjs(SAME), strict=True):
        assert by_us(gift(text)) == theirs, text


DIFFERENT = {
    # What Moodle reads and gift-pegjs refuses, or reads otherwise.
    "stem\n// inside\n{T}": "a line of comment inside a question becomes a space",
    "$CATEGORY: tom/dick\nb{T}": "a category that does not stand alone takes the whole block as its name",
    "::no end {T}": "a name without an end is text",
    "a {=x} b {=y}": "only the first pair of braces holds answers",
    "http://example.com {T}": "a colon need not be escaped",
    "x{=a#one#two ~b}": "only the first sign of feedback begins it",
    "x{=a#fb ####one ####two}": "the last four signs begin the general feedback",
    "x{=%75%a ~b}": "in a choice no weight stands after an equals sign",
    "x{~%33%a ~b}": "a weight must be one of a list, to within 1e-5",
    "x{~%37.5%a ~b}": "a weight must be one of a list, to within 1e-5",
    "x{a ~b =c}": "an answer before the first sign is an answer",
    "x{=a -> b ~c}": "a tilde makes a choice, whatever arrows there are",
    "x{=a # see -> b =c}": "an arrow makes pairs, wherever it stands",
    "x{True}": "true and false are written in capitals, all else is a short answer",
    "x{TRUE FALSE}": "true or false stands alone, all else is a short answer",
    "x{#5 ~#other}": "several numbers need no equals sign before the first",
    "x{#1e3}": "a number may have an exponent",
    "x{=a ~ ~b}": "an answer without text is left out",
    "x{~a}": "a choice has two answers or more",
    "x{=a -> b}": "two pairs or more",
    "x{=a -> b\\=c =d -> e}": "the right side of a pair is unescaped as all else",
    "a &&058; b {T}": "what stands for an escaped sign inside a reader is text outside of it",
}


@pytest.mark.parametrize(("text", "why"), DIFFERENT.items())
def test_where_moodle_reads_otherwise_we_follow_moodle(text: str, why: str) -> None:
    """Our own tests of GIFT hold what Moodle makes of each; this one holds that the list of differences is whole."""
    (theirs,) = by_gift_pegjs([text])
    assert by_us(gift(text)) != theirs, f"no longer different: {why}"
