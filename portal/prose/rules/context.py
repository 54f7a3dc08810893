"""Whether a sentence warns against the words it holds.

Education has to quote what scammers promise. A phrase is excused where the sentence denies it, forbids it, doubts it or
says that scammers say it, and nowhere else: a negation that belongs to something else in the sentence does not count,
and neither does one that is itself denied (绝不是骗局).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from portal.prose.rules.text import QUOTES

NEAR = 8
"""Characters over which a plain negation reaches forward in its clause."""

_NEAR = re.compile(
    r"(?:没有(?:什么|哪|任何)?|没|不存在|不是|并非|绝非|不等于|不代表|不意味着?|不会|不可能|不能|不得|不许|不准|不应|不可|不再"
    r"|无法|从不|从来不|绝不|并不|不要|别|勿|无|未|不保证|不承诺|其实不|听到|听见|看到|遇到|碰到|不写|不谈|不看|什么是|什么叫)"
    r"(?!错过|犹豫|担心|怕|忘|等(?!于)|只|收|要紧|用|得不|不|急)"
)
"""Negations and the like: they reach a few characters forward, inside their clause."""
_FORBID = re.compile(
    r"禁止|严禁|杜绝|拒绝|抵制|防止|防范|远离|打破|取消|退出|揭露|识破|揭穿|举报|违规|违法|非法|不许|不得(?!不)|不准|误导|引诱|诱导"
)
"""What forbids or undoes: it reaches forward to the end of its clause."""
_STRONG = re.compile(
    r"(?:(?:警惕|当心|小心|提防|谨防)(?!错过|风险|亏损|通胀)|(?:误|错)(?:以|认)为|误信|听信|轻信|误区|以为|弄错"
    r"|(?:[不别莫勿]|不要|不能|不可|切勿)(?:轻|相|听)?信|假冒|冒充|假装|谎称|谎言|自称|号称|声称|宣称|吹嘘|鼓吹"
    r"|骗(?!你|人是)|忽悠|诱饵|打着|借口|所谓|虚假|对方|不法分子|群主|群里|有(?:的|些)(?:人|平台|机构|广告|商家|公司|网站)|套路|陷阱|话术|黑灰产|黑中介|广告里|被告知|鼓动|怂恿|唆使|推销员|写着|印着|贴着|听人说|有人说|有人劝|没有(?:哪|一)[家个位][^，。；]{0,14}[会能敢]|嘴里的?|口中的?|挂在嘴边|谁(?:要是|敢|会|若)?(?:承诺|保证|说)|网恋对象|网友|直播间|弹窗|有人(?:会|就|还|可能)?(?:说|跟|对|告诉|拿|让|承诺|保证)"
    r"|(?:凡是?|只要|如果|要是|一旦)[^，。；！？]{0,8}(?:说|称|承诺|保证|讲|要你|要您|让你|让您|声明)|(?:常|会|这样|怎么)说"
    r"|为什么(?:会|容易)?(?:信|上当|弄错|弄混))"
)
"""What says that the words are a scammer's, or a mistake: it reaches forward across the sentence."""
_AFTER = re.compile(
    r"(?:骗(?!你|人是)|谎话|谎言|陷阱|圈套|套路|忽悠|假的|是假|虚假|违法|违规|非法|犯罪|不合法|不法|误区|误解|错误|不对|不存在"
    r"|没有这回事|没这回事|不可信|不能信|信不得|不成立|不靠谱|不真实|不是真|其实.{0,3}亏|当心|警惕|小心(?!错过)|提防|可疑|先停|停下|就停|挂断|别急"
    r"|(?:别|不要|一律不|都不|也不|就不|先不|千万不)(?:再|要|能|可)?(?:相信|轻信|信|签|转|买|点|理|去|碰|填|做|给|扫|投)(?!会|后悔|亏)"
    r"|不(?:签|转|买|点|理|碰|填|给|扫|投|信|做)(?=[，。；！]|\Z)|举报|报警|拉黑|退群|拒绝|不许|不准|不得(?!不)|禁止|严禁|上当|受害"
    r"|误导|挂在嘴边|绝口不提|只字不提|是[^，。；]{0,12}话术|先挂|合成的|换脸|事后|才发现|损失本金|编造|法律责任|照做吗|答案是不|回绝|这样推销|切莫|莫轻信|被抵押|别当真|雇来|是托|实际上|扭头|转身就|就走(?=[，。；]|\Z)|远离(?=[，。；]|\Z)|先问|失去保障|木马|钓鱼|多问一句|多想一想|请先.{0,4}(?:核对|核实|查|问)|(?:之前|以前)，?先|切勿|千万别|走开|走人|造假|拿不出|收网|更贵|代价|请谨慎|要谨慎|须谨慎|亏光|血本无归|不等于|不代表|其实(?:并)?不|都不保|没人能|谁[也都]不能|做不到|不允许|风险很?大|留个心眼)"
)
"""What unmasks words that stand before it, anywhere in the sentence."""
_WRONG = re.compile(r"不对|错误|说错|误解|不许|不准|不得(?!不)|禁止|不应|不能这样|不是(?=[，。；！]|\Z)|伤人|侮辱|歧视")
"""What disowns words that stand before it."""
_DENIED = re.compile(
    r"(?:(?:不是|绝非|并非|不会是?)[^，。；：！？是]{0,5}|(?:绝不|从不|没有|不用|不必|无需|[不无零没])(?:任何|什么|一点)?)\Z"
)
"""What turns a warning round when it stands right before it."""
_OWN = re.compile(
    r"我们|我行|本行|本公司|我司|本产品|该产品|本理财|选择|放心|欢迎|推荐您?|快来|赶快|抓紧|(?:不要|别)(?:错过|犹豫)|心动"
)
"""Words of somebody who sells: a warning on their other side is not about this."""
_TURN = re.compile(r"还|又|而且|并且|但|却|反而|也能|都能|就能|胜似")
_CLAUSE = re.compile(r"[，。；！？：,;!?:\n]")
_QUESTION = re.compile(r"(?:[”」』\"]|的|呢)?(?:吗|么(?!么)|不\?|？|\?)")
_ASKED = re.compile(r"(?:是不是|是否|会不会|能不能|有没有|真的|真能|难道)[^，。；！？]{0,6}\Z")
_BAIT = re.compile(r"想|要不要|还在|何不|为什么不")

_EN_CUE = re.compile(
    r"\b(?:no|not|never|none|nobody|nothing|cannot|can't|isn't|aren't|doesn't|don't|won't|beware|careful|scam(?:s|mers?)?"
    r"|fraud(?:s|sters?)?|fake|false|lie|lies|liars?|illegal|forbidden|banned|prohibited|wrongly|refuse|ignore|avoid|suspicious"
    r"|claims?|claiming|pretends?|so-called|warn(?:s|ing)?|untrue|trap|hang up|without)\b"
)
_EN_TURN = re.compile(r"\b(?:but|and|with|we|our|us)\b|[,;]")
_EN_REVERSED = re.compile(r"\b(?:no|not a|never a|isn't a|without)\s+\Z|\b(?:not|no)\s+only\b")


def quotations(text: str) -> list[tuple[int, int]]:
    """Return what stands in quotation marks, marks included; titles in 《》 too."""
    found = []
    at = 0
    while at < len(text):
        close = text.find(QUOTES[text[at]], at + 1) if text[at] in QUOTES else -1
        if close > 0:
            found.append((at, close + 1))
            at = close
        at += 1
    return found


def is_title(text: str, start: int, end: int) -> bool:
    """Whether the characters from `start` to `end` stand in a title, between 《 and 》."""
    return any(text[a] == "《" and a < start and end < b for a, b in quotations(text))


def is_denied(text: str, start: int, end: int) -> bool:
    """Return whether a sentence denies or disowns its characters from `start` to `end`.

    That it warns of fraud is not enough.
    """
    if text[start:end].isascii():
        return _warned_en(text, start, end)
    if text[max(0, start - 1) : start] in tuple("不未没非难"):
        return True
    quotes = quotations(text)
    begin, stop = next(((a, b) for a, b in quotes if a < start and end < b), (start, end))
    outside = _blanked(text, quotes)
    return _before(outside, begin) or bool(_cues(_WRONG, outside[stop:]))


def is_warned(text: str, start: int, end: int, *, lead: str = "", heading: str = "") -> bool:
    """Return whether a sentence warns against its characters from `start` to `end`.

    Args:
        text: the folded sentence.
        lead: folded; what introduces the sentence. A warning there covers the items of its list.
        heading: folded; a warning there covers what the sentence quotes.
    """
    if text[start].isascii() and text[end - 1].isascii() and text[start:end].isascii():
        return _warned_en(text, start, end) or bool(lead and (_EN_CUE.search(lead) or _cues(_STRONG, lead)))
    if text[max(0, start - 1) : start] in tuple("不未没非难") or _is_asked(text, start, end):
        return True
    quotes = quotations(text)
    own = next(((a, b) for a, b in quotes if a < start and end < b and text[a] != "《"), None)
    begin, stop = own or (start, end)
    outside = _blanked(text, quotes)
    if _forward(outside, begin) or _backward(outside, stop):
        return True
    if lead and (_cues(_STRONG, lead) or _cues(_AFTER, lead)):
        return True
    return bool(own and heading and (_cues(_STRONG, heading) or _cues(_AFTER, heading)))


def _is_asked(text: str, start: int, end: int) -> bool:
    asked = _QUESTION.match(text, end) or _ASKED.search(text, 0, start)
    clause = text[_clause_start(text, start) : start]
    return bool(asked) and not _BAIT.search(clause)


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return `text` with what is quoted blanked out: a warning inside a quotation is the quoted person's."""
    for start, end in spans:
        text = text[:start] + "\0" * (end - start) + text[end:]
    return text


def _clause_start(text: str, at: int) -> int:
    return max((match.end() for match in _CLAUSE.finditer(text, 0, at)), default=0)


def _forward(text: str, at: int) -> bool:
    """Whether something before `at` denies or suspects what stands there."""
    return _before(text, at) or any(not _OWN.search(text, match.end(), at) for match in _cues(_STRONG, text[:at]))


def _before(text: str, at: int) -> bool:
    """Whether something before `at`, in the same clause, denies or forbids what stands there."""
    clause = _clause_start(text, at)
    for pattern, reach in ((_NEAR, NEAR), (_FORBID, at)):
        for match in pattern.finditer(text, clause, at):
            between = text[match.end() : at]
            if len(between) <= reach and not _TURN.search(between) and not _OWN.search(between):
                return True
    return False


def _backward(text: str, at: int) -> bool:
    """Whether something after `at` unmasks what stands there."""
    for match in _cues(_AFTER, text[at:]):
        between = text[at : at + match.start()]
        if not _OWN.search(between):
            return True
    return False


def _cues(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    return [
        match for match in pattern.finditer(text) if not _DENIED.search(text, max(0, match.start() - 9), match.start())
    ]


def _warned_en(text: str, start: int, end: int) -> bool:
    for match in _EN_CUE.finditer(text):
        if match.start() >= start and match.end() <= end:
            continue
        if _EN_REVERSED.search(text, max(0, match.start() - 12), match.start()):
            continue
        is_before = match.end() <= start
        between = text[match.end() : start] if is_before else text[end : match.start()]
        is_plain = match[0] in ("no", "not", "none", "nothing", "without", "never", "don't", "cannot", "can't")
        if is_plain and not is_before:
            continue
        if is_plain and (len(between) > 40 or _EN_TURN.search(between)):
            continue
        return True
    return False
