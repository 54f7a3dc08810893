"""Rules that words alone cannot state: numbers by their arithmetic, hotlines by the registry, links by their host."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from portal.prose.rules import personal
from portal.prose.rules.around import Around
from portal.prose.rules.rule import Rule
from portal.prose.rules.text import Sentence, Text


class Hit(NamedTuple):
    """Characters of a folded sentence."""

    start: int
    end: int


def _personal(find: Callable[[str], list[tuple[int, int]]]) -> Callable[..., Iterator[Hit]]:
    def hits(_rule: Rule, _sentence: Sentence, text: str, _around: Around) -> Iterator[Hit]:
        return (Hit(start, end) for start, end in find(text))

    return hits


_SERVICE = re.compile(r"(?:1(?:1[0-9]|2[0-2])|100[0-9]{2}|12[1-4][0-9]{2}|9[56][0-9]{3}|96[0-9]{4})\Z")
"""Shapes that only service numbers have: 110, 12378, 95533, 96110."""
_DIGITS = re.compile(
    r"(?<![0-9a-z.,，〔第¥￥$#/:+-])(?:[48]00[ \-]?[0-9]{3}[ \-]?[0-9]{4}|[0-9]{3,6})(?![0-9a-z]|[ .,:/\-][0-9])"
)
_DIALLED = re.compile(
    r"(?:拨打?|打(?!折)|致电|热线|专线|电话|号码|客服|短号|短信到|发送到|(?:call|dial|phone|ring|hotline|number|text))"
    r"(?:[：:是为“\"「]|is| |\()*\Z"
)
_CALLED = re.compile(r"(?:[”\"」]| )?(?:热线|专线|咨询|报警|客服|hotline|helpline)")
_UNIT = re.compile(
    r" ?(?:年|月|日|号楼|元|块|万|亿|千|百|%|个|条|次|人(?!工)|岁|倍|天|小时|分|秒|名|位|家|起|件|字|页|米"
    r"|公里|斤|度|股|份|户|周|点|期|级|多|余|张|笔|单|yuan|rmb|dollars?|people|times|days|hours|minutes|characters|years|cases|per)"
)


def _unknown_hotlines(_rule: Rule, sentence: Sentence, text: str, around: Around) -> Iterator[Hit]:
    known = {number.replace("-", "").replace(" ", "") for number in around.numbers}
    for match in _DIGITS.finditer(text):
        digits = match[0].replace(" ", "").replace("-", "")
        if digits in known or _UNIT.match(text, match.end()):
            continue
        is_dialled = bool(_DIALLED.search(text, max(0, match.start() - 12), match.start()))
        is_service = bool(_SERVICE.match(digits)) and (len(digits) > 3 or bool(_CALLED.match(text, match.end())))
        if is_dialled or is_service or len(digits) == 10:
            yield Hit(match.start(), match.end())


_CAP = re.compile(r"([0-9]+(?:\.[0-9]+)?|[一二三四五六七八九十百两]+)万")
_CAP_SAID = re.compile(r"(?:限额|上限|最高|最多|偿付|赔付?|保障)[^，。；！？]{0,8}\Z")
_CAP_AFTER = re.compile(
    r"元?(?:以内|以下|之内)?(?:[，,]?(?:全额|全部)|[^，。；！？]{0,4}(?:偿付|赔|保障|限额|上限|封顶))"
)
_DEPOSIT = re.compile(r"存款保险|存款.{0,12}(?:赔|偿付)")


def _deposit_insurance(_rule: Rule, sentence: Sentence, text: str, _around: Around) -> Iterator[Hit]:
    if not _DEPOSIT.search(text) and "存款保险" not in sentence.heading + sentence.lead:
        return
    for match in _CAP.finditer(text):
        if match[1] in ("50", "五十"):
            continue
        if _CAP_SAID.search(text, max(0, match.start() - 12), match.start()) or _CAP_AFTER.match(text, match.end()):
            yield Hit(match.start(), match.end())


_YEAR = re.compile(r"》?(?:第[一二三四五六七八九十百]{1,6}条)?[（(，,自于从]{0,2}((?:19|20)[0-9]{2})年?")
_YEAR_BEFORE = re.compile(r"((?:19|20)[0-9]{2})年(?:的|施行的|起施行的|公布的|出台的)?《?(?:中华人民共和国)?\Z")


def _law_years(rule: Rule, _sentence: Sentence, text: str, _around: Around) -> Iterator[Hit]:
    for law, years in rule.years.items():
        at = text.find(law)
        while at >= 0:
            after = _YEAR.match(text, at + len(law))
            before = _YEAR_BEFORE.search(text, max(0, at - 24), at)
            for match in (after, before):
                if match and match[1] not in years:
                    yield Hit(match.start(1), match.end(1))
            at = text.find(law, at + len(law))


Detector = Callable[[Rule, Sentence, str, Around], Iterator[Hit]]
SENTENCES: Mapping[str, Detector] = {
    "id-number": _personal(personal.id_numbers),
    "card-number": _personal(personal.card_numbers),
    "mobile-number": _personal(personal.mobile_numbers),
    "unknown-hotline": _unknown_hotlines,
    "deposit-insurance-cap": _deposit_insurance,
    "law-year": _law_years,
}


_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>()（）\[\]“”\"'，。；、]{1,300}", re.IGNORECASE)
_BARE = re.compile(
    r"(?<![A-Za-z0-9_./@-])(?:t\.cn|url\.cn|dwz\.cn|suo\.im|bit\.ly|tinyurl\.com|is\.gd|goo\.gl|m\.tb\.cn|c\.tb\.cn|w\.url\.cn|u\.nu"
    r"|0x9\.me|sourl\.cn|rrd\.me|3\.cn|kurl\.cn)/[\w-]{1,40}",
    re.IGNORECASE,
)
_HOST = re.compile(r"(?:https?://)?([^/:?#]+)", re.IGNORECASE)


def host(address: str) -> str:
    """Return the host of a web address, in small letters and without `www.`."""
    match = _HOST.match(address)
    return match[1].lower().removeprefix("www.") if match else ""


def _addresses(text: Text) -> Iterator[tuple[int, str, bool]]:
    """Yield every web address of the body, whether it is a link or only written: place, address, in scam talk."""
    seen = set()
    for place, address, is_scam in text.links:
        if _ADDRESS.match(address) or _BARE.match(address):
            seen.add(address)
            yield place, address, is_scam
    for sentence in text.sentences:
        for pattern in (_ADDRESS, _BARE):
            for match in pattern.finditer(sentence.text):
                if match[0] not in seen and sentence.part.value == "body":
                    yield sentence.starts[match.start()], match[0], sentence.is_scam_talk


def _live_links(text: Text, _around: Around) -> Iterator[tuple[int, str]]:
    """Addresses that a scammer wrote, and short ones, of which nobody sees where they lead."""
    return (
        (place, address)
        for place, address, is_scam in _addresses(text)
        if is_scam or _BARE.match(address.removeprefix("http://").removeprefix("https://"))
    )


def _outside_links(text: Text, around: Around) -> Iterator[tuple[int, str]]:
    known = around.hosts | {host(str(source.get("url") or "")) for source in around.sources}
    for place, address, _is_scam in _addresses(text):
        name = host(address)
        if name not in known and not name.endswith((".gov.cn", ".edu.cn")) and name != "gov.cn":
            yield place, address


LINKS: Mapping[str, Callable[[Text, Around], Iterator[tuple[int, str]]]] = {
    "live-link": _live_links,
    "outside-link": _outside_links,
}
