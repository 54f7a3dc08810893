"""From any text to tokens: one spelling for what is the same to a reader, then words, characters and bigrams.

Documents and questions go through the same functions, so a token made here from a question is the token that was made
from the text. The site's own words (finance words, synonyms) are matched by this module itself and not added to the
segmenter's dictionary: that dictionary is shared by the process and cannot forget a word again.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import opencc

from portal.search.rules.segment import Segmenter, full

MAX_CHARS = 100
"""Characters of a question that are looked at."""
MAX_TERMS = 12
"""Words of a question that are looked for."""
MAX_TOKEN = 40
"""Characters of one token; longer runs are cut, in documents and questions alike."""

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af\u3007"
_HAN_RUN = re.compile(f"[{HAN}]+")
_WORD = re.compile(r"\w")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]+")
_SPACES = re.compile(r"\s+")
# Two characters for one word, both in daily use and not told apart by OpenCC: 帐户 and 账户.
_VARIANTS = str.maketrans({"帐": "账", "账": "账", "佈": "布", "偪": "逼", "妳": "你"})

_EMPTY_WORDS = """
的 了 吗 呢 吧 啊 呀 哦 嘛 么 着 过 地 得 和 与 及 或 跟 就 都 也 还 又 很 太 在 是 有 没 没有
我 你 您 他 她 它 们 我们 你们 他们 这 那 这个 那个 这样 什么 怎么 怎样 怎么办 如何 为什么 哪 哪些 哪个 哪里 谁 多少
是不是 能 能不能 可以 可不可以 会 会不会 要 应该 该 让 把 被 给 对 从 到 向 说 叫 请 请问 一下 一个 一些 办 上 里 个 不
a an the of to in on at for and or is are was be do does did can could should my your his her their our i me we you he
she they it its this that what how why who which with by from if
"""
STOPWORDS = frozenset(_EMPTY_WORDS.split())
"""Words that tell nothing by themselves. They are looked for only when a question has no other."""


@lru_cache(maxsize=1)
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def fold(text: str) -> str:
    """Return `text` in the one spelling that is searched: NFKC, case-folded, simplified, without control characters.

    Never raises: what cannot be encoded (a lone surrogate) is left out. The length may differ from that of `text`.
    """
    clean = _CONTROL.sub(" ", text.encode("utf-8", "ignore").decode("utf-8"))
    folded = unicodedata.normalize("NFKC", clean).casefold()
    return _CONTROL.sub(" ", str(_simplifier().convert(folded))).translate(_VARIANTS)


def normalise(text: str) -> str:
    """Return a question as it is searched: folded, single spaces, at most `MAX_CHARS` characters."""
    # Cut before folding as well: one character may unfold into eighteen, and a megabyte must not be folded at all.
    return _SPACES.sub(" ", fold(text[: 4 * MAX_CHARS])).strip()[:MAX_CHARS].strip()


def _stem(word: str) -> str:
    """Return an English word without its plural ending (Harman's S-stemmer), anything else unchanged."""
    if len(word) < 4 or not word.isascii() or not word.isalpha() or not word.endswith("s"):
        return word
    if word.endswith("ies") and word[-4] not in "ae":
        return word[:-3] + "y"
    if word.endswith("es") and word[-3] not in "aeo":
        return word[:-1]
    return word if word[-2] in "us" else word[:-1]


def _tokens(pieces: Iterable[str]) -> Iterator[str]:
    for piece in pieces:
        word = piece.strip(" _'’-")
        if word and _WORD.search(word):
            yield _stem(word[:MAX_TOKEN])


@dataclass(frozen=True)
class Words:
    """The site's own words and its groups of words that mean the same, all folded."""

    words: tuple[str, ...] = ()
    synonyms: tuple[tuple[str, ...], ...] = ()
    _starts: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)
    _groups: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, words: Iterable[str], synonyms: Iterable[Iterable[str]]) -> Words:
        """Fold, sort and join what an editor wrote; members of a group of synonyms are words as well."""
        groups = tuple(sorted({tuple(sorted({normalise(item) for item in group} - {""})) for group in synonyms}))
        groups = tuple(group for group in groups if len(group) > 1)
        found = {normalise(word) for word in words} | {word for group in groups for word in group}
        kept = tuple(sorted(word for word in found if 1 < len(word) <= MAX_TOKEN))
        starts: dict[str, list[str]] = {}
        for word in sorted(kept, key=len, reverse=True):
            starts.setdefault(word[0], []).append(word)
        same: dict[str, set[str]] = {}
        for group in groups:
            for word in group:
                same.setdefault(word, set()).update(group)
        return cls(
            kept,
            groups,
            {first: tuple(these) for first, these in starts.items()},
            {word: tuple(sorted(others - {word})) for word, others in same.items()},
        )

    @property
    def digest(self) -> str:
        """A short name of exactly these words and synonyms."""
        return hashlib.sha256(json.dumps([self.words, self.synonyms]).encode()).hexdigest()[:16]

    def same_as(self, word: str) -> tuple[str, ...]:
        """Return the words that mean the same as `word`."""
        return self._groups.get(word, ())

    def at(self, text: str, start: int) -> Iterator[str]:
        """Yield the site's words that stand at `start` of a folded text, longest first."""
        for word in self._starts.get(text[start], ()):
            if text.startswith(word, start) and _stands_alone(text, start, start + len(word)):
                yield word

    def all_in(self, text: str) -> Iterator[str]:
        """Yield every occurrence of every one of the site's words in a folded text, overlaps included."""
        if self._starts:
            for start in range(len(text)):
                yield from self.at(text, start)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether a Latin word does not begin or end inside a longer one (`sim` in `similar`)."""

    def joined(one: str, other: str) -> bool:
        return one.isascii() and other.isascii() and one.isalnum() and other.isalnum()

    before = start > 0 and joined(text[start - 1], text[start])
    after = end < len(text) and joined(text[end - 1], text[end])
    return not before and not after


def han_runs(text: str) -> list[str]:
    """Return the unbroken runs of Chinese characters."""
    return _HAN_RUN.findall(text)


def bigrams(text: str) -> Iterator[str]:
    """Yield each pair of neighbouring Chinese characters."""
    for run in han_runs(text):
        for start in range(len(run) - 1):
            yield run[start : start + 2]


def is_chinese_word(token: str) -> bool:
    """Tell whether a token is a word of several Chinese characters and nothing else."""
    return len(token) > 1 and _HAN_RUN.fullmatch(token) is not None


def words_in(text: str) -> Iterator[str]:
    """Yield the words of a folded text as the segmenter cuts it, repeats included, single characters left out."""
    for word in _tokens(full().cut_for_search(text, True)):
        if len(word) > 1 or not _HAN_RUN.match(word):
            yield word


def cut_document(text: str, vocabulary: Words, *, pairs: bool) -> Iterator[str]:
    """Yield the tokens of a folded text, repeats included: words, the site's words, characters, and `pairs`."""
    yield from words_in(text)
    yield from vocabulary.all_in(text)
    for run in han_runs(text):
        yield from run
    if pairs:
        yield from bigrams(text)


def cut_question(
    text: str, vocabulary: Words, segmenter: Segmenter, holds: Callable[[str], bool] | None = None
) -> list[str]:
    """Return the words of a normalised question in order: the site's words first, the segmenter for what is between.

    Where several of the site's words begin, the longest that `holds` is taken.
    """
    words: list[str] = []
    start = plain = 0
    while start < len(text):
        known = next((word for word in vocabulary.at(text, start) if holds is None or holds(word)), None)
        if known is None:
            start += 1
            continue
        words += _tokens(segmenter.cut(text[plain:start], True))
        words.append(known)
        start += len(known)
        plain = start
    words += _tokens(segmenter.cut(text[plain:], True))
    return words


def parts_of(word: str, segmenter: Segmenter) -> list[str]:
    """Return the shorter words and the bigrams inside a word, without the word itself and without characters."""
    inner = [piece for piece in _tokens(segmenter.cut_for_search(word, True)) if len(piece) > 1]
    return [piece for piece in dict.fromkeys([*inner, *bigrams(word)]) if piece != word]


_EMAIL = re.compile(r"[\w.+-]+\s*@\s*[\w-]+(?:\.[\w-]+)*", re.ASCII)
_DIGITS = re.compile(r"\d(?:[\s.\-·()+]?\d){4,}[x]?")
_SPOKEN_DIGITS = re.compile("[零〇一二三四五六七八九幺两]{6,}")


def mask(text: str) -> str:
    """Return a normalised question fit for keeping: no e-mail address, no number of five digits or more."""
    masked = _EMAIL.sub("#@#", normalise(text))
    return _SPOKEN_DIGITS.sub("#####", _DIGITS.sub("#####", masked))[:MAX_CHARS]


def like_variants(text: str) -> Sequence[str]:
    """Return the spellings under which a normalised word may stand in an unfolded text (traditional ones too)."""
    traditional = [_converter(name).convert(text) for name in ("s2t", "s2hk")]
    old = [item.translate(str.maketrans({"账": "帐", "賬": "帳"})) for item in (text, *traditional)]
    return list(dict.fromkeys([text, *traditional, *old]))


@lru_cache(maxsize=2)
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)
