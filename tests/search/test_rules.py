"""Folding, cutting, pinyin, plans, snippets and the choice of editions."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.search.rules import (
    MAX_CHARS,
    MAX_TERMS,
    Words,
    as_html,
    choices,
    cut_document,
    divide,
    fold,
    light,
    marked,
    mask,
    normalise,
    plan,
    serves,
    snippet,
    sounds_of_characters,
    spoken_words,
    title_tokens,
)

WORDS = Words.of(["新市民", "套路贷", "安全账户"], [["电诈", "电信网络诈骗"], ["sim", "手机卡"]])


@pytest.fixture(scope="module")
def sounds():
    return sounds_of_characters()


@pytest.mark.parametrize(
    ("typed", "searched"),
    [
        ("  詐騙　ＡＢＣ ", "诈骗 abc"),
        ("安全帐户", "安全账户"),
        ("安全帳戶", "安全账户"),
        ("a\x00b\u200bc", "a b c"),
        ("\ud800安全", "安全"),
        ("", ""),
    ],
)
def test_normalise(typed, searched):
    assert normalise(typed) == searched


@given(st.text(alphabet=st.characters(), max_size=600))
@settings(max_examples=200, deadline=None)
def test_no_text_breaks_or_outgrows_a_plan(sounds, text):
    made = plan(text, WORDS, sounds, frozenset(sounds.values()))
    assert len(made.text) <= MAX_CHARS
    assert len(made.concepts) <= MAX_TERMS
    assert sum(len(c.same) + len(c.parts) + len(c.characters) + len(c.sound_parts) for c in made.concepts) <= 12 * 44
    assert normalise(made.text) == made.text or fold(made.text) != made.text


@pytest.mark.parametrize(
    "attack", ["*", "?*?*?*?*", "[a TO z]", "a* OR " * 500, "(" * 5000, "NOT " * 500, "text:x^9~2", "骗" * 1_000_000]
)
def test_query_language_is_only_text(sounds, attack):
    made = plan(attack, WORDS, sounds, frozenset(sounds.values()))
    assert len(made.concepts) <= MAX_TERMS
    assert all(not set(concept.word) & set("*?[]()^~:") for concept in made.concepts)


def test_site_words_stay_whole(sounds):
    assert [c.word for c in plan("新市民怎么识别套路贷", WORDS, sounds, frozenset()).concepts] == [
        "新市民",
        "识别",
        "套路贷",
    ]
    tokens = list(cut_document("新市民小心套路贷", WORDS, pairs=False))
    assert {"新市民", "套路贷", "新", "贷"} <= set(tokens)


def test_latin_words_do_not_match_inside_longer_ones():
    assert "sim" not in set(cut_document("similar", WORDS, pairs=False))
    assert "sim" in set(cut_document("your sim卡", WORDS, pairs=False))


def test_only_stopwords_are_still_looked_for(sounds):
    assert [c.word for c in plan("怎么办", WORDS, sounds, frozenset()).concepts] == ["怎么办"]


def test_synonyms_go_both_ways(sounds):
    assert plan("电诈", WORDS, sounds, frozenset()).concepts[0].same == ("电信网络诈骗",)
    assert plan("电信网络诈骗", WORDS, sounds, frozenset()).concepts[0].same == ("电诈",)


def test_titles_sound_in_full_as_initials_and_character_by_character(sounds):
    tokens = set(title_tokens("银行反诈骗", sounds))
    assert {"fanzhapian", "fzp", "yinhang", "yinhangfanzhapian", "yhfzp", "zhapian"} <= tokens


def test_pinyin_is_divided(sounds):
    syllables = frozenset(sounds.values())
    assert divide("fanzhapian", syllables) == ["fan", "zha", "pian"]
    assert divide("anquanzhangh", syllables) == ["an", "quan", "zhang", "h"]
    assert divide("qqqzzz", syllables) == []
    assert divide("", syllables) == []


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("我的电话 138 0013-8000", "我的电话 #####"),
        ("１２３４５６", "#####"),
        ("一三八零零一三八零零零", "#####"),
        ("写给zhang.san@example.com吗", "写给#@#吗"),
        ("96110", "#####"),
        ("110", "110"),
        ("11010119900307123X", "#####"),
    ],
)
def test_what_is_kept_of_a_question_names_nobody(asked, kept):
    assert mask(asked) == kept


@given(st.text(max_size=300))
@settings(deadline=None)
def test_no_long_number_survives_masking(text):
    kept = mask(text + "13800138000")
    assert "13800138000" not in kept
    assert len(kept) <= 100


def test_snippets_mark_the_other_script_and_escape():
    html = as_html(snippet("<script>x</script>安全帳戶是騙人的", ["安全账户"]))
    assert "<mark>安全帳戶</mark>" in html
    assert "<script>" not in html
    assert marked("<b>反诈骗", ["诈骗"]) == "&lt;b&gt;反<mark>诈骗</mark>"


@given(st.text(max_size=400), st.lists(st.text(min_size=1, max_size=4), max_size=5))
@settings(deadline=None)
def test_a_snippet_is_a_stretch_of_the_text(text, terms):
    pieces = snippet(text, terms, 40)
    if pieces and pieces[0] == ("…", False) and not text.startswith("…"):
        pieces = pieces[1:]
    joined = "".join(piece for piece, _ in pieces)
    assert joined in text or joined.removesuffix("…") in text or joined.strip("…") in text
    assert len(joined) <= 42


def test_snippet_shows_the_passage_with_most_words():
    text = "转账" + "无" * 300 + "。请不要转账到安全账户，那是诈骗。" + "无" * 300
    shown = "".join(piece for piece, _ in snippet(text, ["转账", "安全账户", "诈骗"]))
    assert "请不要转账到安全账户" in shown


def test_one_edition_serves_each_reader():
    served = serves([("general", "zh-Hans"), ("elderly", "zh-Hans"), ("general", "en")])
    assert served["elderly", "zh-Hans"] == ["elderly.zh-Hans", "elderly.zh-Hant"]
    assert "elderly.en" in served["general", "en"]
    assert "youth.zh-Hant" in served["general", "zh-Hans"]
    everyone = [name for names in served.values() for name in names]
    assert len(everyone) == len(set(everyone)) == 12


_EDITIONS = st.sets(
    st.tuples(
        st.sampled_from(["general", "elderly", "youth", "new-resident"]), st.sampled_from(["zh-Hans", "zh-Hant", "en"])
    )
)


@given(_EDITIONS)
def test_nobody_is_served_what_is_not_a_choice(present):
    for (audience, locale), readers in serves(present).items():
        for name in readers:
            who, tongue = name.split(".")
            assert (audience, locale) in set(choices(who, tongue))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("帮信嘴", ["帮信罪"]),
        ("房东要我的银行卡密马", ["房东", "银行卡", "密码"]),
        ("代理退宝", ["代理退保"]),
        ("公捡法打来电话", ["公检法", "打来", "电话"]),
        ("手艺", ["手艺"]),
        ("密码", ["密码"]),
        ("密", ["密"]),
    ],
)
def test_a_word_of_ours_is_known_by_its_sound_where_no_real_word_stands(sounds, typed, words):
    ours = Words.of(["帮信罪", "密码", "代理退保", "公检法", "收益"], [])
    held = {*ours.words, "代理", "房东", "银行卡", "打来", "电话", "手艺"}
    segmenter, spoken = light(dict.fromkeys(held, 1)), spoken_words(ours.words, sounds)
    made = plan(typed, ours, sounds, frozenset(sounds.values()), spoken, segmenter, held.__contains__)
    assert [concept.word for concept in made.chief] == words
