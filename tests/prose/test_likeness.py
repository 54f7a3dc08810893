"""The second opinion: what it excuses, what it warns of, what it may never decide, and how it is learnt."""

from __future__ import annotations

import pytest

from portal.prose.rules import Level, Lint
from portal.prose.rules.folding import fold
from portal.prose.rules.likeness import WEIGHTS, Likeness, learnt, pieces
from tests.prose.helpers import AROUND, FRAME, findings, found, lint, rows, text_of
from tools.likeness import judged, learn
from tools.likeness import rows as examples

RULES_ALONE = Lint.of({**rows(), "rules": [row for row in rows()["rules"] if row.get("detector") != "likeness"]})
SELLS = {
    "这笔钱您交给我们打理，往后每个月就坐在家里等着好消息吧。": "这笔钱您交给我们打理",
    "街坊都把闲钱搬过来了，就差您家还没动静，赶在月底前来网点坐坐。": "街坊都把闲钱搬过来了",
    "跟着行里的步子走，养老的日子只会一年比一年宽裕。": "养老的日子只会一年比一年宽裕",
}
"""And the clause that tells most."""
TEACHES = (
    "他把保本保息说得天花乱坠，大妈听完摇摇头，转身去问银行柜台。",
    "那张海报写着保本保息，其实合同里一个字都没有提到保本。",
)


def alone(body: str) -> list[str]:
    """Return what the rules find without a second opinion."""
    return sorted({finding.rule.id for finding in RULES_ALONE.check(text_of(FRAME + body), AROUND)})


def test_these_sentences_are_in_no_list() -> None:
    assert {row["text"] for row in examples()}.isdisjoint([*SELLS, *TEACHES])


@pytest.mark.parametrize(("sentence", "clause"), SELLS.items())
def test_what_no_rule_knows_but_sells_is_warned_of(sentence: str, clause: str) -> None:
    (one,) = findings(sentence)
    assert (one.rule.id, one.level, one.passage) == ("reads-like-stopped", Level.WARN, clause)
    assert alone(sentence) == []


def test_traditional_characters_are_judged_alike_and_english_is_not() -> None:
    assert found("這筆錢您交給我們打理，往後每個月就坐在家裡等著好消息吧。", locale="zh-Hant") == ["reads-like-stopped"]
    assert found(next(iter(SELLS)), locale="en") == []


@pytest.mark.parametrize("sentence", TEACHES)
def test_a_sentence_that_teaches_is_excused(sentence: str) -> None:
    assert (alone(sentence), found(sentence)) == (["promised-return"], [])


@pytest.mark.parametrize(
    ("sentence", "rules"),
    [
        ("卖假货的骗子留下13912345678，接到这个号码的来电请先挂断再核实。", ["mobile-number"]),
        ("骗子自称客服，让您拨打95013，其实根本没有这个客服，先挂断再去柜台核实。", ["unknown-hotline"]),
    ],
)
def test_a_detector_is_never_overruled(sentence: str, rules: list[str]) -> None:
    assert learnt().teaches(fold(sentence).text)
    assert found(sentence) == rules


@pytest.mark.parametrize("sentence", ["保本保息，绝不是骗局。", "不要错过，马上开户。"])
def test_a_few_words_of_warning_outweigh_no_promise(sentence: str) -> None:
    assert not learnt().teaches(fold(sentence).text)
    assert found(sentence) == alone(sentence) != []


def test_only_prose_is_judged_and_nothing_that_is_a_scammers() -> None:
    sentence = next(iter(SELLS))
    assert found(f"[骗子话术]\n{sentence}\n[/]") == []
    assert found(f"骗子常这样说：\n\n- {sentence}") == []
    assert found(f"## {sentence}") == []
    assert found(f"## {TEACHES[0]}") == ["promised-return"]


def test_a_sentence_without_end_is_left_to_the_rules() -> None:
    assert learnt().odds("这笔钱您交给我们打理，" * 14) is None
    assert learnt().odds("打理") is None


def test_a_number_is_a_number_and_ends_are_marked() -> None:
    assert (
        pieces("存3.5万")
        == pieces("存20万")
        == sorted(["^存", "^存0", "存", "存0", "存0万", "0", "0万", "0万$", "万", "万$"])
    )


SMALL = (("稳赚不赔，快来买", True), ("稳赚不赔，马上买", True), ("先挂断再核实", False), ("先核实再转账", False))


def test_the_same_sentences_teach_the_same_and_are_kept_without_loss() -> None:
    model = learn(SMALL, ["先看说明书再买"])
    assert model.written() == learn(SMALL, ["先看说明书再买"]).written()
    assert Likeness.read(model.written()) == model
    assert model.weights["赚"] > 0 > model.weights["核"]
    assert learn(SMALL[:3]).digest != model.digest


def test_what_is_wrong_about_a_number_teaches_nothing() -> None:
    assert judged([{"text": "打95013", "bad": "F"}, {"text": "稳赚", "bad": "A"}, {"text": "挂断"}]) == [
        ("稳赚", True),
        ("挂断", False),
    ]


def test_the_weights_are_few_and_the_rules_name_them() -> None:
    assert WEIGHTS.stat().st_size <= 400_000
    assert [one.id for one in lint().rules if one.detector == "likeness"] == ["reads-like-stopped"]
