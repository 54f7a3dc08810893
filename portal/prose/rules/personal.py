"""Numbers that belong to a person: found by their own arithmetic, and never shown whole."""

from __future__ import annotations

import re

_ID = re.compile(r"(?<![0-9])[1-9][0-9]{5}[ \-]?[0-9]{8}[ \-]?[0-9]{3}[0-9xX](?![0-9a-zA-Z])")
_CARD = re.compile(
    r"(?<![0-9])(?:[0-9]{13,19}|[0-9]{4}(?:[ \-][0-9]{4}){2,3}(?:[ \-][0-9]{1,4})?|[0-9]{6}[ \-][0-9]{10,13})"
    r"(?![0-9a-zA-Z])"
)
_MOBILE = re.compile(r"(?<![0-9])(?:\+?86[ \-]?)?1[3-9][0-9][ \-]?[0-9]{4}[ \-]?[0-9]{4}(?![0-9])")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"


def _digits(run: str) -> str:
    return run.replace(" ", "").replace("-", "").upper()


def is_id_number(digits: str) -> bool:
    """Whether these are the 18 characters of a resident identity card, by date and check digit (GB 11643)."""
    if not re.fullmatch(
        r"[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]", digits
    ):
        return False
    return (
        _ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(digits, _ID_WEIGHTS, strict=False)) % 11]
        == digits[17]
    )


def is_card_number(digits: str) -> bool:
    """Whether these are 13 to 19 digits with a right last one (Luhn), as bank cards have them."""
    if not re.fullmatch(r"[1-9][0-9]{12,18}", digits) or len(set(digits)) < 3:
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def id_numbers(text: str) -> list[tuple[int, int]]:
    """Return where identity card numbers stand."""
    return [match.span() for match in _ID.finditer(text) if is_id_number(_digits(match[0]))]


def card_numbers(text: str) -> list[tuple[int, int]]:
    """Return where bank card numbers stand."""
    ids = id_numbers(text)
    return [
        match.span() for match in _CARD.finditer(text) if is_card_number(_digits(match[0])) and match.span() not in ids
    ]


def mobile_numbers(text: str) -> list[tuple[int, int]]:
    """Return where mobile numbers stand, with or without +86."""
    longer = [*id_numbers(text), *card_numbers(text)]
    return [
        match.span()
        for match in _MOBILE.finditer(text)
        if not any(start <= match.start() < end for start, end in longer)
    ]


_HOME = re.compile(
    r"(?:[0-9一二三四五六七八九十]{1,4}(?:号?楼|栋|幢|座|单元|号院|弄)[^，。；、]{0,4}){1,3}[0-9一二三四五六七八九十]{1,4}(?:室|号房|户)?"
    r"|(?:家?住|住址|地址)[^，。；]{0,14}[0-9]{1,4}(?:号|栋|幢|室|单元|弄)"
    r"|家住[^，。；：]{2,12}(?:院|村|巷|弄|路|街|小区|里|屯|组|楼|苑|园)"
    r"|(?:[他她]家|家里?)(?:就|就在|一直)?住在?[^，。；：]{2,12}(?<![农乡山])(?:院|村|巷|弄|路|街|小区|屯|苑)"
    r"|(?:小区|花园|家园|新村|社区|公寓|苑|里|村)[0-9一二三四五六七八九十]{1,4}(?:号楼|栋|幢|号院|单元|座|组)"
)
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严金魏陶姜谢邹喻苏潘葛范彭郎鲁韦马苗凤花俞任袁柳史唐费廉薛雷贺倪汤罗郝安"
    "傅顾孟黄穆萧尹姚邵汪毛戴宋庞熊纪舒屈项祝董梁杜阮蓝季贾江颜郭梅林徐邱骆高夏蔡田胡霍万卢莫房丁邓洪包石崔吉龚程邢裴陆荣段侯武刘"
    "龙叶黎白赖卓池乔谭曾沙简饶"
)
_NOT_GIVEN = "某先女老大奶爷阿叔婶同师医警经行长家的了在和与是有不把被将对向说人清名址式贴状面法额融价"
"""Characters after a surname that make no given name of it: 李某, 王先生, 金额, 高兴的."""
_NO_NAME = (
    "小姐|房[子产款东屋贷]|钱[包财款都就被全也]|金[钱额融子]|安[全心]"
    "|高[血兴龄额]|方[便向法]|万一|平[时台]|项目|程序|严[重厉]|史上|白[天白]"
)
"""Words that begin like a name."""
_NAME = rf"(?!{_NO_NAME})[{_SURNAMES}][^\W0-9a-zA-Z_{_NOT_GIVEN}]{{1,2}}"
_PERSON = (
    "客户|儿童|男孩|女孩|孩子|受骗者|受骗的|被骗的|受害人|受害者|被害人|当事人|事主|储户|居民|村民|业主|邻居|病人|投保人|借款人|班的?|学生"
    "|小朋友|同学|职工|工人|外卖员|快递员|司机|保安|保洁员|教师|护士|会计|农民|租客|租户|网友|小伙|姑娘|大爷|大妈|员工|老人|老师傅|主妇|宝妈|干部|老板|店主|摊主|司机|骑手|厨师|医生|老农|农户|商户|用户|投资者|持卡人|会员|男子|女子|主任|保姆|考生|毕业生|青年|女孩|女生|男生|女童|男童"
)
_NAMED = re.compile(
    rf"(?:{_PERSON})(?:[：:是叫])?({_NAME})(?!（化名|\(化名)"
    r"(?=[，、；（(的同学老人女士先生于在因被说把将住手身电来去到今年每花用借偷出给向从就又也还已曾一两三存买转收报听误受遭接点扫下为获领]|手机|身份证|家住|\Z)"
    rf"|({_NAME})(?:同学|小朋友|老人|女士|先生|大爷|大妈|阿姨)(?=[，。、（(因在被领获])"
)
_CASE = re.compile(
    r"判|骗|罚|抓|损失|贷款|欠|养老金|身份证|照片|患|被拘|刑"
    r"|借出|出租|受害|账户|确诊|诈|合影|就读|正脸|特写"
)
"""What happened to somebody: a name alone is a case only beside it."""
_TOLD = re.compile(
    rf"(?:\A|[，。；：！“]|岁的?|[名叫是]|[打务卖送跑做工班]的)((?![钱安金方高常时万平成单费和任史水车白黄毛石江包于应华马林余许谢温])"
    rf"[{_SURNAMES}][^\W0-9a-zA-Z_{_NOT_GIVEN}的个一人不没有]{{2}})(?=因|借出|被[骗判罚抓拘]|将(?:自己|名下|手)|把(?:自己|名下|手)|患|向(?:银行|网贷|亲)|今年|，[男女]，|（[男女0-9]|，(?:今年)?[0-9一二三四五六七八九十]{{1,3}}岁|就读|在读|荣?获|住在)"
)


def home_addresses(text: str) -> list[tuple[int, int]]:
    """Return where an address goes down to a building or a room."""
    return [match.span() for match in _HOME.finditer(text)]


def full_names(text: str) -> list[tuple[int, int]]:
    """Return where a person of a case is called by the whole name; 李某 and 李阿姨 are none."""
    found = [match.span(1 if match[1] else 2) for match in _NAMED.finditer(text)]
    if _CASE.search(text):
        found += [match.span(1) for match in _TOLD.finditer(text) if match.span(1) not in found]
    return found


def mask(text: str) -> str:
    """Return `text` with every long run of digits reduced to its first three and last two."""

    def one(match: re.Match[str]) -> str:
        run = match[0]
        return run[:3] + re.sub("[0-9xX]", "*", run[3:-2]) + run[-2:]

    return re.sub(r"[0-9０-９][0-9０-９ \-]{8,30}[0-9０-９xX]", one, text)
