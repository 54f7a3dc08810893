"""Rules that words alone cannot state: numbers by their arithmetic, hotlines by the registry, links by their host."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from portal.prose.rules import personal
from portal.prose.rules.around import Around
from portal.prose.rules.context import clause, is_denied
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
    r"(?<![0-9a-z.,，〔第¥￥$#/:+-])(?:[48]00[ \-]?[0-9]{3}[ \-]?[0-9]{4}|[0-9]{3,8})(?![0-9a-z]|[ .,:/\-][0-9])"
)
_RUMOUR = re.compile(r"谣|不实|误传|查无此号")
"""What says that a number is none."""
_NUMBER = re.compile(r"(?<![0-9])[0-9]{3,6}(?![0-9])")
_DIALLED = re.compile(
    r"(?:拨打?|打(?!折)|致电|热线|专线|电话|号码|客服|短号|短信到|发送到|(?:call|dial|phone|ring|hotline|number|text))"
    r"(?:[：:是为“\"「]|is| |\()*\Z"
)
_CALLED = re.compile(r"(?:[”\"」]| )?(?:热线|专线|咨询|报警|客服|hotline|helpline)")
_UNIT = re.compile(
    r" ?(?:年|月|日|号楼|元|块|万|亿|千|百|%|个|条|次|人(?!工)|岁|倍|天|小时|分|秒|名|位|家|起|件|字|页|米"
    r"|公里|斤|度|股|份|户|周|点|期|级|多|余|张|笔|单|yuan|rmb|dollars?|people|times|days|hours|minutes|characters|years|cases|per)"
)


def _unknown_hotlines(rule: Rule, sentence: Sentence, text: str, around: Around) -> Iterator[Hit]:
    known = {number.replace("-", "").replace(" ", "") for number in around.numbers}
    if _RUMOUR.search(text):
        return
    for match in _DIGITS.finditer(text):
        digits = match[0].replace(" ", "").replace("-", "")
        if digits in known or _is_for(rule, digits, text, match.start()) or _UNIT.match(text, match.end()):
            continue
        is_dialled = bool(_DIALLED.search(text, max(0, match.start() - 12), match.start()))
        is_service = bool(_SERVICE.match(digits)) and (len(digits) > 3 or bool(_CALLED.match(text, match.end())))
        if is_dialled or is_service or len(digits) == 10:
            yield Hit(match.start(), match.end())


def _is_for(rule: Rule, number: str, text: str, at: int) -> bool:
    """Whether a line of others, which nobody registers here, is named for what it is there for."""
    begin, end = clause(text, at)
    told = {one for one, words in rule.purposes.items() if any(word in text[begin:end] for word in words)}
    return number in told or (not told and any(word in text for word in rule.purposes.get(number, ())))


_FOR = re.compile(r"(?:拨|打|致电|找|联系|向|热线|专线|电话|投诉|记住|记牢|记下|认准|请用)[^，。；！？]{0,6}\Z")
_FOR_AFTER = re.compile(
    r"(?:，[这它那][^，。；！？]{0,3})?[^，。；！？]{0,8}"
    r"(?:热线|专线|电话|投诉|举报|报警|咨询|求助|处理|反映|查询|办理)"
)


_NOT_CALLED = re.compile(r"(?:误把|错把|别打|不打|不要打|不能打|不用打)(?:了)?\Z")
_WHETHER = re.compile(r"打来|来电|[^，。；！？]{0,10}(?:可以|行|对|好|管用|能|合适)(?:不\w)?[吗么？]")


def _wrong_purposes(rule: Rule, _sentence: Sentence, text: str, _around: Around) -> Iterator[Hit]:
    """Numbers that are given for what another number is there for, and for nothing of their own."""
    found = [match for match in _NUMBER.finditer(text) if match[0] in rule.purposes]
    for match in found:
        before = text[max(0, match.start() - 12) : match.start()]
        if _NOT_CALLED.search(before) or _WHETHER.match(text, match.end()):
            continue
        if not _FOR.search(before) and not _FOR_AFTER.match(text, match.end()):
            continue
        # Beside other numbers only the clause belongs to this one.
        begin, end = (0, len(text)) if len(found) == 1 else clause(text, match.start())
        own = rule.purposes[match[0]]
        right = sum(word in text[begin:end] for word in own)
        beside = {other[0] for other in found if begin <= other.start() < end}
        for number, words in rule.purposes.items():
            places = [(text.find(word, begin, end), len(word)) for word in words if word not in own]
            wrong = [
                (at, at + size)
                for at, size in places
                if at >= 0 and not is_denied(text, sorted((match.span(), (at, at + size))))
            ]
            if number not in beside and len(wrong) > right:
                yield Hit(match.start(), match.end())
                break


_CAP = re.compile(r"([0-9]+(?:\.[0-9]+)?|[一二三四五六七八九十百两]+)万")
_CAP_WORDS = re.compile(r"限额|上限|最高|最多|偿付|赔|保障|封顶|全额|提高")
_CAP_OTHER = re.compile(r"(?:50|五十)万|存了|不是|并非|而非|罚|骗|损失")
_CAP_DENIED = re.compile(r"说法[^，。]{0,4}错|不对(?=[，。的])|谣|不实|误传|错误|是错|错了")
_DEPOSIT = re.compile(r"存款保险|存款.{0,12}(?:赔|偿付)")


def _deposit_insurance(_rule: Rule, sentence: Sentence, text: str, _around: Around) -> Iterator[Hit]:
    if not _DEPOSIT.search(text) and "存款保险" not in sentence.heading + sentence.lead:
        return
    if _CAP_DENIED.search(text):
        return
    for match in _CAP.finditer(text):
        if match[1] in ("50", "五十"):
            continue
        begin, end = clause(text, match.start())
        around = text[begin : match.start()] + text[match.end() : end]
        if _CAP_WORDS.search(around) and not _CAP_OTHER.search(around):
            yield Hit(match.start(), match.end())


_YEAR = re.compile(
    r"》?(?:第[一二三四五六七八九十百]{1,6}条)?"
    r"(?:[（(，,自于从]{0,2}|(?:早|就|已经?)?(?:是|为|在|自|从|于)[从自在于]?"
    r"|(?:颁布|公布|出台|施行|实施|发布|制定|通过)于)((?:19|20)[0-9]{2})年?"
)
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
    "home-address": _personal(personal.home_addresses),
    "full-name": _personal(personal.full_names),
    "hotline-purpose": _wrong_purposes,
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
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_SHORT = re.compile(
    r"(?<![A-Za-z0-9_./@-])[a-z0-9-]{1,12}\.[a-z]{2,4}/(?=[a-z]*[0-9])(?=[0-9]*[a-z])[a-z0-9]{4,10}(?![\w./-])"
    r"|(?<![A-Za-z0-9_./@-])(?:[a-z0-9-]{1,30}\.){1,3}(?:top|xyz|vip|cc|icu|club|fun|shop|site|online|win|bid|tk|ru|live)(?![a-z0-9])",
    re.IGNORECASE,
)
"""Addresses that only short links and scammers have, by their form."""
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
        for pattern in (_ADDRESS, _BARE, _SHORT):
            for match in pattern.finditer(sentence.text):
                if match[0] not in seen and sentence.part.value == "body":
                    yield sentence.starts[match.start()], match[0], sentence.is_scam_talk


def _live_links(text: Text, _around: Around) -> Iterator[tuple[int, str]]:
    """Addresses that a scammer wrote, and short ones, of which nobody sees where they lead."""
    return (
        (place, address)
        for place, address, is_scam in _addresses(text)
        if is_scam or any(one.match(_SCHEME.sub("", address)) for one in (_BARE, _SHORT))
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
