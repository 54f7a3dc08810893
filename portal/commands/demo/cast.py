"""Whom and what the demo makes up: lectures, places, people who do not exist, and how each quarter is to come out."""

from __future__ import annotations

from dataclasses import dataclass

from portal.core.settings import Audience
from portal.metrics.rules.closing import Section

PREFIX = "demo-"
"""What slugs, tokens' digests and the like of the demo begin with. No digest in hexadecimal does: nobody has a token
that leads to an invented attempt or registration."""
COMMAND = "flask demo"
WRITER, CHECKER = ("陈岚（演示）", -1), ("周敏（演示）", -2)
"""Two people without accounts: no account has a number below 1, so nobody can sign in as them."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A lecture as it is held again and again."""

    topic: str
    article: str
    audience: Audience
    title: str
    title_en: str
    about: str
    about_en: str


TALKS = (
    Talk(
        "police-impersonation",
        "fake-police-safe-account",
        Audience.ELDERLY,
        "接到“公检法”电话怎么办",
        "When “the police” call",
        "现场演一遍骗子的四步，再学怎么挂断、怎么查。",
        "See the four steps of the scam acted out, then learn to hang up and to check.",
    ),
    Talk(
        "personal-information",
        "codes-and-personal-data",
        Audience.GENERAL,
        "验证码和个人信息，谁都不给",
        "Codes and personal data are for nobody else",
        "看真实的短信和页面，学会哪些不能填。",
        "Look at messages and pages, and learn what never to type in.",
    ),
    Talk(
        "part-time-jobs",
        "brushing-orders",
        Audience.NEW_RESIDENT,
        "要先垫钱的兼职，别做",
        "Jobs that ask you to pay first",
        "下班后听一小时，学会认出刷单。",
        "One hour after work: recognise paid-task scams.",
    ),
    Talk(
        "bank-and-phone-cards",
        "never-lend-cards",
        Audience.YOUTH,
        "第一张银行卡：不出租，不出借",
        "Your first bank card: never lent, never rented",
        "为什么借出一张卡，可能变成帮凶。",
        "Why a card that was lent can make you an accomplice.",
    ),
    Talk(
        "deposits-and-investments",
        "deposits-vs-wealth-products",
        Audience.ELDERLY,
        "存款和理财有什么不一样",
        "Deposits and wealth products",
        "带上您的单子，学会看哪个可能亏钱。",
        "Bring your papers, and learn which of them can lose money.",
    ),
    Talk(
        "customer-service",
        "fake-service-screen-sharing",
        Audience.GENERAL,
        "客服让您共享屏幕，先挂断",
        "“Customer service” wants your screen: hang up",
        "学会三句话，挂断假客服的电话。",
        "Three sentences that end the call of a false customer service.",
    ),
)

DISTRICTS = (
    ("示例东区", "示例银行东区支行", "东区社区中心二楼", "East Community Centre, 2nd floor"),
    ("示例西区", "示例银行西区支行", "西区文化馆报告厅", "West Culture House, lecture hall"),
    ("示例南区", "示例银行南区支行", "南区工会礼堂", "South Union Hall"),
    ("示例新区", "示例银行新区支行", "新区图书馆一楼", "New District Library, ground floor"),
)
CAMPAIGNS = {1: "3·15宣传活动", 2: "普及金融知识万里行", 3: "金融教育宣传周", 4: "敬老月金融课堂"}
"""By the number of the quarter."""
TIPS = {
    1: (
        "part-time-jobs",
        "提醒：节后招工群里的“垫付任务”",
        "要先垫钱的兼职不要做。",
        "[一句话]\n要先垫钱的兼职，不要做。\n[/]\n\n## 现在怎么做\n\n退出群，不再转钱，保留聊天记录。\n",
    ),
    2: (
        "customer-service",
        "提醒：假客服要您共享屏幕",
        "任何客服都不需要看您的屏幕。",
        "[一句话]\n要您共享屏幕的客服，先挂断。\n[/]\n\n## 现在怎么做\n\n关掉共享，再打卡片背面的电话问一问。\n",
    ),
    3: (
        "loans-and-credit",
        "提醒：开学季的“注销校园贷”电话",
        "没有“注销校园贷”这回事。",
        "[一句话]\n没有“注销校园贷”这回事。\n[/]\n\n## 现在怎么做\n\n挂断电话，不下载软件，告诉辅导员。\n",
    ),
    4: (
        "police-impersonation",
        "提醒：年底冒充“公检法”的电话",
        "没有“安全账户”。",
        "[一句话]\n没有“安全账户”。\n[/]\n\n## 现在怎么做\n\n先挂断，再自己打电话问一问。\n",
    ),
}
"""By the number of the quarter: topic, title, summary and text of a safety tip."""
ORGANISATIONS = ("示例社区居委会", "示例中学", "示例物流园工会", "示例老年大学")
NAMES = tuple(
    f"{family}{given}"
    for family in "赵钱孙李吴郑王冯褚卫"
    for given in ("演一", "演二", "演三", "演四", "演五", "演六")
)

TERMS = ("安全账户", "刷单", "验证码", "共享屏幕", "理财保本吗", "出租银行卡", "快递理赔", "存款保险")
NOTHING = ("数字遗产", "宠物保险", "海外购房贷款")
"""What readers ask and the library has nothing on."""
COMMENTS = ("字大，看得清", "例子像我遇到的", "希望有视频", "")


@dataclass(frozen=True, slots=True)
class Shape:
    """How a quarter is to come out."""

    lectures: int
    came: int
    """Person-times."""
    satisfied: float
    pairs: int
    few_pairs: int
    """How many with `--small`."""
    rise: float
    """Of awareness, as a share of what it was."""
    spread: float
    """How differently people gained: in questions, as a standard deviation."""
    lost: float
    """How many answered before and not after, as a share of the pairs."""
    is_one_form: bool
    """Whether the very same form was asked before and after."""
    complaints: tuple[int, int] | None
    """Answered within 24 hours, of how many."""
    trained: tuple[int, int] | None
    quizzes: int
    """Attempts by readers."""


SHAPES = (
    Shape(3, 146, 0.870, 19, 12, 0.25, 2.0, 0.2, True, (41, 47), (186, 214), 90),
    Shape(5, 232, 0.885, 36, 32, 0.23, 2.3, 0.8, True, (46, 49), (201, 214), 120),
    Shape(6, 318, 0.905, 44, 34, 0.11, 1.8, 0.2, False, (52, 52), (209, 211), 150),
    Shape(8, 366, 0.920, 84, 40, 0.45, 1.5, 0.2, False, (50, 51), (212, 212), 180),
    Shape(5, 184, 0.930, 42, 33, 0.24, 2.0, 0.2, False, None, None, 110),
)
"""The oldest quarter first, the running one last."""

SPEECH = {
    Section.OVERALL: "本季度按年度计划开展消费者教育，讲座、图文和测评配合进行，由消保部牵头，各支行参加。",
    Section.CAMPAIGNS: "集中教育宣传活动围绕本季主题，在社区、学校和园区举行，重点面向老年人、青少年和新市民。",
    Section.ROUTINE: "常态化教育以网站文章和厅堂讲解为主，内容按期复核，读者搜索而找不到的内容列入选题。",
    Section.PROBLEMS: "部分讲座课后问卷回收不足，区间较宽，尚不能确认目标达成。",
    Section.PLAN: "下季度在每场讲座结尾预留十分钟填写问卷，并补充读者搜索而没有的内容。",
}
AMENDMENT = "补录：一张纸质签到表在关账后找到，未预约到场14人。"
LATE_PEOPLE = 14
