"""Rules that need more than words, what excuses them, and how findings are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.prose.rules import Level, Lint, Part, blocking, phrase_problem
from portal.prose.rules.folding import fold, simplified
from portal.prose.rules.personal import is_card_number, is_id_number, mask
from portal.prose.rules.phrases import Sought, phrase
from tests.prose.helpers import AROUND, FRAME, REGISTRY, findings, found, lint, rows, text_of

# --- findings -----------------------------------------------------------------------------------------------------


def test_a_finding_has_passage_place_law_and_suggestion() -> None:
    body = "第一段。\n\n这款**保本**的理财，放心。"
    (one,) = findings(body)
    assert (one.rule.id, one.level, one.part, one.passage, one.sentence) == (
        "promised-return", Level.BLOCK, Part.BODY, "保本", "这款保本的理财，放心。",
    )  # fmt: skip
    assert (FRAME + body)[one.start : one.end] == "保本"
    assert one.line == (FRAME + body).count("\n", 0, one.start) + 1
    assert "第二十五条" in one.rule.law["zh-Hans"]
    assert one.rule.suggestion["en"]


def test_title_summary_and_hook_are_checked() -> None:
    fields = {"title": "保本理财", "summary": "稳赚不赔。", "hook": "保本保息，名额有限"}
    assert [(one.part.value, one.passage, one.line) for one in findings("", **fields)] == [
        ("title", "保本", 1),
        ("summary", "稳赚", 1),
    ]


def test_overlapping_words_of_one_rule_are_one_finding() -> None:
    assert [one.passage for one in findings("和存款一样安全。保证收益高。")] == ["和存款一样", "保证收益"]


def test_a_finding_keeps_its_key_while_its_sentence_stays() -> None:
    first, moved, other = (findings(body)[0].key for body in ("稳赚。", "挂断。\n\n稳赚。", "它稳赚。"))
    assert first == moved != other


def test_only_blocking_findings_block() -> None:
    both = findings("稳赚。限时三天。")
    assert [one.rule.id for one in both] == ["promised-return", "urgency"]
    assert [one.rule.id for one in blocking(both)] == ["promised-return"]


@pytest.mark.parametrize("locale", ["zh-Hans", "en"])
def test_every_rule_says_what_law_and_what_to_do(locale: str) -> None:
    for row in rows()["rules"]:
        assert all(row[name][locale].strip() for name in ("name", "law", "why", "suggestion")), row["id"]
    assert {row["group"] for row in rows()["rules"]} == set("ABCDEFGHIJ")


# --- context ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "fires"),
    [
        ("[骗子话术]\n“保本。”\n[/]\n\n保本。", 1),
        ("[步骤]\n### 停\n[骗子话术]\n“保本。”\n[/]\n[/]\n", 0),
        ("| 骗子怎么说 | 事实 |\n|---|---|\n| 保本 | 会亏 |", 0),
        ("| 产品 | 特点 |\n|---|---|\n| 理财 | 保本 |", 1),
        ("骗子常说：\n\n- 保本\n- 稳赚\n\n我们：\n\n- 保本", 1),
        ("## 别信这些话\n\n保本。", 1),
        ("## 别信这些话\n\n“保本”。", 0),
        ("警惕骗子。保本。", 1),
        ("保本。骗子。", 1),
    ],
)
def test_only_what_belongs_to_the_words_excuses_them(body: str, fires: int) -> None:
    assert len([one for one in findings(body) if one.rule.id == "promised-return"]) == fires


def test_a_rule_is_silent_where_its_exceptions_stand() -> None:
    assert found("没有风险意识，容易吃亏。") == []
    assert found("排名第一。") == ["superlative"]
    assert found("损失排名第一。[[source:s]]") == []


# --- personal data ------------------------------------------------------------------------------------------------

ID = "11010519491231002X"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@given(st.integers(0, 999), st.dates(date(1930, 1, 1), date(2020, 12, 31)))
def test_of_all_last_characters_of_an_id_number_one_is_right(serial: int, born: date) -> None:
    head = f"110105{born:%Y%m%d}{serial:03}"
    right = [last for last in "0123456789X" if is_id_number(head + last)]
    total = sum(int(digit) * weight for digit, weight in zip(head, WEIGHTS, strict=True))
    assert right == ["10X98765432"[total % 11]]


@given(st.text("0123456789", min_size=12, max_size=18).filter(lambda head: head[0] != "0" and len(set(head)) > 3))
def test_of_all_last_digits_of_a_card_number_one_is_right(head: str) -> None:
    assert sum(is_card_number(head + last) for last in "0123456789") == 1


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        (ID, ["id-number"]),
        (ID.lower(), ["id-number"]),
        ("110105 19491231 002X", ["id-number"]),
        ("110105194912310021", []),
        ("911010519491231002X", []),
        ("110105199913310027", []),
        ("6222021234567890128", ["card-number"]),
        ("６２２２０２１２３４５６７８９０１２８", ["card-number"]),
        ("0000000000000000", []),
        ("13800138000", ["mobile-number"]),
        ("+86 138-0013-8000", ["mobile-number"]),
        ("12800138000", []),
        ("113800138000", []),
        ("20241122000113800138000", []),
    ],
)
def test_numbers_of_persons_are_found_by_their_arithmetic(text: str, rules: list[str]) -> None:
    assert found(f"记下：{text}。") == rules


def test_personal_data_are_never_shown_whole() -> None:
    (one,) = findings(f"“他的号码{ID}。”")
    assert ID not in one.passage + one.sentence
    assert (one.passage, one.sentence) == ("110*************2X", "“他的号码110*************2X。”")
    assert mask("打13800138000，或者打96110") == "打138******00，或者打96110"


@given(st.from_regex(r"[0-9]{10,19}", fullmatch=True))
def test_no_long_number_survives_the_mask(digits: str) -> None:
    assert digits not in mask(f"号{digits}。")


# --- hotlines and links -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        ("拨打96119。", True), ("打114查号码。", True), ("热线是12399。", True),
        ("95533来电。", True), ("call 12399 now", True), ("客服电话：4008001234。", True),
        ("拨打“10086”。", True), ("拨打95599人工服务。", True), ("96110来电请接。", False),
        ("拨打110。", False), ("打5000元过去。", False), ("12400元。", False),
        ("第123条。", False), ("密码123456。", False), ("《办法》（〔2020〕316号）。", False),
        ("每天100次。", False), ("利率3.125%。", False), ("2026-11-22。", False),
        ("10:30开门。", False), ("1,000元。", False), ("RMB 20000", False),
        ("12381预警短信", False), ("[[hotline:96110]]", False), ("打[[hotline:bank]]。", False),
        ("电话响了300秒。", False),
    ],
)  # fmt: skip
def test_service_numbers_must_be_registered(text: str, fires: bool) -> None:
    assert ("unknown-hotline" in found(text)) is fires


def test_a_registered_number_may_be_written_with_hyphens() -> None:
    around = replace(AROUND, numbers=AROUND.numbers | {"400-800-1234"})
    assert found("客服热线400-800-1234。", around=around) == found("客服热线4008001234。", around=around) == []


@pytest.mark.parametrize(
    ("body", "rules"),
    [
        ("看[原文](https://www.pbc.example/law)。", []),
        ("看[原文](https://www.gov.cn/x)和http://www.pbc.gov.cn/y。", []),
        ("看[这里](https://shop.example/x)。", ["outside-link"]),
        ("看[那一篇](article:other)。", []),
        ("看https://shop.example/x。", ["outside-link"]),
        ("点dwz.cn/Ab3x领取。", ["live-link", "outside-link"]),
        ("看https://gov.cn.evil.example/x。", ["outside-link"]),
        ("[骗子话术]\n“点https://www.gov.cn/x。”\n[/]", ["live-link"]),
        ("[骗子话术]\n“点hxxp://evil[.]example。”\n[/]", []),
    ],
)
def test_links_lead_to_sources_and_the_government(body: str, rules: list[str]) -> None:
    assert found(body) == rules


# --- facts and what must be there ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("存款保险最高偿付五十万元。", None), ("存款保险限额30万元。", "deposit-insurance-cap"),
        ("存款本金加利息，20万元以内全额偿付，这就是存款保险。", "deposit-insurance-cap"),
        ("存款保险：你存了48万元，在限额以内。", None),
        ("《个人信息保护法》自2021年11月1日起施行。", None), ("《个人信息保护法》（2020）", "law-year"),
        ("2023年的《反电信网络诈骗法》", "law-year"), ("《反电信网络诈骗法》第二十条，2021年起施行", "law-year"),
        ("2023年，《反电信网络诈骗法》帮助了很多人。", None),
    ],
)  # fmt: skip
def test_facts_that_went_stale(text: str, rule: str | None) -> None:
    assert found(text) == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"review_by": date(2026, 11, 21)}, "review-date"),
        ({"review_by": None}, "review-date"),
        ({"sources": ()}, "source-present"),
        ({"checked_on": None}, "source-present"),
        ({"is_ai_generated": True}, "ai-label"),
        ({"audiences": frozenset({"general", "elderly", "youth"})}, "editions-present"),
    ],
)
def test_what_stands_around_an_article_is_required(change: dict[str, object], rule: str) -> None:
    assert found("", around=replace(AROUND, **change)) == [rule]  # type: ignore[arg-type]  # values by field


def test_the_last_day_of_review_and_a_label_and_all_editions_are_enough() -> None:
    around = replace(
        AROUND,
        review_by=date(2026, 11, 22),
        is_ai_generated=True,
        audiences=frozenset({"general", "elderly", "youth", "new-resident"}),
    )
    assert found("本文插图由AI生成。", around=around) == []


def test_an_article_needs_a_hotline_and_the_three_steps() -> None:
    assert found("[一句话]\n挂断。\n[/]", framed=False) == ["hotline-present", "stop-ask-act"]
    assert found("[一句话]\n打110。先停、再问、后转。\n[/]", framed=False) == []
    assert found("[key]\nCall 110. Stop first, then ask.\n[/]", framed=False, locale="en") == []


def test_investment_articles_need_the_risk_notice() -> None:
    assert found("理财不是存款。", topic="deposits-and-investments") == ["risk-notice"]
    assert found("理财不是存款，投资有风险。", topic="deposits-and-investments") == []
    assert found("理财不是存款。", topic="police-impersonation") == []


# --- patterns -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("年化{n}%稳得", "年化8.5%稳得", ["年化8.5%稳得"]),
        ("拨打…报警", "拨打96110报警，拨打，报警", []),
        ("马上…报警", "马上打电话报警，马上，报警", ["马上打电话报警"]),
        ("不能…开户", "不能再次申请开户。不能不开户", ["不能再次申请开户"]),
        ("risk free", "Risk   FREE, risk freedom", ["risk free"]),
        ("(保本)+", "保本保本(保本)+", ["(保本)+"]),
        ("ＡＢ贷", "ab贷", ["ab贷"]),
    ],
)
def test_patterns_are_plain_words_with_places(pattern: str, text: str, found: list[str]) -> None:
    assert passages(pattern, text) == found


CLASSES = (("never", ("不会", "从没")), ("lose", ("亏", "亏损", "缩水")), ("own", ("我行", "我们")))


def passages(pattern: str, text: str) -> list[str]:
    folded = fold(text).text
    named = tuple((name, words) for name, words in CLASSES if f"{{{name}}}" in pattern)
    return [folded[spans[0][0] : spans[-1][1]] for spans in phrase(pattern, named).find(Sought(folded))]


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("{never}{lose}", "不会亏，从没缩水，不会让人亏", ["不会亏", "从没缩水"]),
        ("{never}…{lose}", "从没让人亏损。从没有，亏", ["从没让人亏损"]),
        ("{never}……{lose}", "从没有，亏。不会。亏", ["从没有，亏"]),
        ("{lose} & {own}", "我行亏，缩水的是我们", ["亏，缩水的是我们", "缩水的是我们", "我行亏"]),
        ("{lose} & {own}", "亏。我行", []),
        ("赔了{n}元", "赔了3.5万元，赔了三千元，赔了元", ["赔了3.5万元", "赔了三千元"]),
    ],
)
def test_a_class_stands_for_any_of_its_words(pattern: str, text: str, found: list[str]) -> None:
    assert passages(pattern, text) == found


def test_a_finding_of_joined_words_holds_them_all_and_is_told_once() -> None:
    assert [one.passage for one in findings("买它不会让您缩水，更不会让您跌。")] == ["不会让您缩水"]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("远离骗局，保本。", ["promised-return"]),
        ("骗子很多，保本。", ["promised-return"]),
        ("不用担心骗子，保本。", ["promised-return"]),
        ("警惕骗子拿保本引您上钩。", []),
        ("骗子会先请吃饭，再说保本。", []),
        ("有人说得好听，保本，别信。", []),
        ("听着像“保本”。", []),
        ("值得买的“保本”。", ["promised-return"]),
        ("买之前问一问，会不会亏。", []),
    ],
)
def test_a_warning_covers_what_it_governs_and_no_more(text: str, rules: list[str]) -> None:
    assert found(text) == rules


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("她家住幸福里6栋402室。", ["home-address"]),
        ("9月1号上午，3号楼有讲座。", []),
        ("受害人王建国，被骗了。", ["full-name"]),
        ("受害人王建国（化名），被骗了。", []),
        ("受害人王某，李阿姨，客户金额，都写得对。", []),
        ("图为周子轩同学，他来听讲座。", ["full-name"]),
    ],
)
def test_nobody_in_a_case_can_be_recognised(text: str, rules: list[str]) -> None:
    assert found(text) == rules


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("股票有纠纷，打12378。", ["hotline-purpose"]),
        ("股票有纠纷，打12386；银行有纠纷，打12378。", []),
        ("想报警，打96110。", ["hotline-purpose"]),
        ("拿不准，打96110；报警，打110。", []),
        ("收到垃圾短信，打12321举报。", []),
        ("12378不是报警电话。", []),
        ("12378很有用。", []),
    ],
)
def test_a_number_is_given_for_its_own_purpose(text: str, rules: list[str]) -> None:
    assert found(text, around=REGISTRY) == rules


@given(st.text(max_size=60))
def test_a_pattern_is_refused_or_can_be_sought(pattern: str) -> None:
    if phrase_problem(pattern):
        with pytest.raises(ValueError, match=r"^A pattern "):
            phrase(pattern)
    else:
        assert all(0 <= spans[0][0] < spans[-1][1] <= 40 for spans in phrase(pattern).find(Sought("保本" * 20)))


@given(st.text(max_size=200))
def test_folding_keeps_every_character_in_its_place(text: str) -> None:
    folded = fold(text)
    assert len(folded.places) == len(folded.text)
    assert list(folded.places) == sorted(set(folded.places))
    assert len(simplified(text)) == len(text)


@pytest.mark.parametrize(
    "unit",
    ["保", "保本", "不保本，", "年化8%以上", "“保本”", "12321", "没有", "1 ", "http://a", "骗", "《", "五年内不能"],
)
def test_the_longest_text_of_one_kind_is_checked_to_its_end(unit: str) -> None:
    text = text_of(unit * (20_000 // len(unit)))
    assert all(0 <= found.start <= found.end <= 20_000 for found in lint().check(text, AROUND))


@given(st.text(max_size=100))
def test_any_text_can_be_checked_and_every_place_is_inside_it(body: str) -> None:
    for one in findings(body, framed=False):
        assert 0 <= one.start <= one.end <= len(body) or one.part is not Part.BODY


def test_without_rules_nothing_is_found() -> None:
    assert Lint.of({"rules": []}).check(text_of("保本保息。"), AROUND) == []
