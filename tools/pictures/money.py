"""Pictures about money and rights."""

from __future__ import annotations

from tools.pictures.sheet import WIDTH, Sheet


def deposit_or_not() -> Sheet:
    """Four things that are sold in a bank, and which of them is a deposit."""
    sheet = Sheet("存款、理财、基金、保险", 880)
    rows = (
        ("存款", "按约定还本付息", True),
        ("理财", "不保本，可能亏", False),
        ("基金", "净值有涨有跌，可能亏", False),
        ("保险", "买的是保障\n提前退，可能拿回得少", False),
    )
    y = 88
    for name, said, is_deposit in rows:
        colour, tint = ("safe", "safe-tint") if is_deposit else ("careful", "careful-tint")
        h = 160
        sheet.box(24, y, WIDTH - 48, h, line="")
        sheet.box(24, y, 128, h, fill=tint, line="")
        sheet.words(88, y + h / 2, name, size=40, bold=True, colour=colour, at="middle")
        lines = said.count("\n")
        sheet.words(176, y + 46 - lines * 8, said, size=28)
        mark = "check" if is_deposit else "cross"
        sheet.icon(mark, 174, y + 100 + lines * 6, 34, colour=colour)
        said_of = "有存款保险，限额50万元" if is_deposit else "没有存款保险"
        sheet.words(218, y + 117 + lines * 6, said_of, size=28, bold=True, colour=colour)
        y += h + 12
    sheet.foot("签字前先问：这是存款吗？")
    return sheet


def risk_grades() -> Sheet:
    """Five grades of risk as a flight of stairs."""
    sheet = Sheet("R1到R5，数字越大风险越高", 770)
    base = 540
    for number in range(5):
        high = 80 + number * 84
        x = 30 + number * 110
        sheet.box(x, base - high, 100, high, fill="careful" if number > 1 else "brand", line="", r=4)
        sheet.words(x + 50, base - 40, f"R{number + 1}", size=40, bold=True, colour="on-brand", at="middle")
    sheet.line(f"M24 {base}H576", colour="edge")
    sheet.words(36, 130, "亏起来\n可能亏得更多", size=30, bold=True, colour="careful")
    sheet.line("M236 176H440M430 167L441 176L430 185", colour="careful", width=4)
    sheet.words(WIDTH / 2, base + 34, "先测评，再买；等级对不上，先不买", at="middle")
    sheet.foot("R1也不是存款，同样可能亏\n说的是风险，不是收益有多好", colour="careful", tint="careful-tint")
    return sheet


def deposit_insurance() -> Sheet:
    """What one person has in one bank, measured against the limit."""
    sheet = Sheet("存款保险：一人一行50万元", 860)
    unit, left = 8.8, 44
    limit = left + 50 * unit
    cases = (
        ("甲：一家银行，本息46万元", ((46, 46),), "全额偿付"),
        ("乙：一家银行，本息52万元", ((52, 50),), "50万元全额偿付，2万元等清算"),
        ("丙：两家银行，各41万元", ((41, 41), (41, 41)), "两家分开算，都全额偿付"),
    )
    y = 108.0
    tops = y
    for head, banks, said in cases:
        sheet.words(left, y + 16, head, size=30, bold=True)
        y += 46
        for total, paid in banks:
            sheet.box(left, y, paid * unit, 44, fill="safe", line="", r=4)
            if total > paid:
                sheet.box(left + paid * unit, y, (total - paid) * unit, 44, fill="careful", line="", r=4)
            y += 52
        sheet.words(left, y + 22, said, colour="safe" if "等" not in said else "careful")
        y += 66
    sheet.line(f"M{limit} {tops + 40}V{y - 20}", colour="ink", width=3, dash="8 8")
    sheet.words(576, tops + 16, "限额50万元", size=26, at="end")
    sheet.words(WIDTH / 2, y + 8, "举例：两家银行都参加了存款保险", size=26, colour="ink-2", at="middle")
    sheet.foot("本金加利息，同一家银行合在一起算\n理财、基金、保险不在里面")
    return sheet


def compound_interest() -> Sheet:
    """Ten thousand at 3 %, with interest taken out and left in."""
    sheet = Sheet("利息留下来，会再生利息", 770)
    rate, years, first = 0.03, 30, 10_000
    left, base, wide, high = 70, 520, 440, 400

    def place(year: float, much: float) -> tuple[float, float]:
        return left + wide * year / years, base - high * (much - first) / 15_000

    simple = [(year, first * (1 + rate * year)) for year in range(years + 1)]
    compound = [(year, first * (1 + rate) ** year) for year in range(years + 1)]
    for year in (0, 10, 20, 30):
        x, _y = place(year, first)
        sheet.line(f"M{x} {base}V{base - high}", colour="line", width=2)
        sheet.words(x, base + 30, f"{year}年" if year else "今天", size=28, colour="ink-2", at="middle")
    sheet.line(f"M{left} {base}H{left + wide}", colour="edge")
    for points, colour in ((simple, "ink-3"), (compound, "brand")):
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in (place(*point) for point in points))
        sheet.line(f"M{path}", colour=colour, width=6)
    for points, colour in ((simple, "ink-3"), (compound, "brand")):
        for year in (10, 30):
            x, y = place(*points[year])
            sheet.disc(x, y, 9, fill=colour)
    ten, thirty = round(compound[10][1]), round(compound[30][1])
    plain_ten, plain_thirty = round(simple[10][1]), round(simple[30][1])
    x, y = place(10, ten)
    sheet.words(x - 10, y - 34, f"{ten}元", size=28, bold=True, colour="brand", at="end")
    x, y = place(10, plain_ten)
    sheet.words(x + 14, y + 34, f"{plain_ten}元", size=28, colour="ink-3")
    x, y = place(30, thirty)
    sheet.words(x - 20, y - 10, f"{thirty}元", size=28, bold=True, colour="brand", at="end")
    x, y = place(30, plain_thirty)
    sheet.words(x + 62, y + 40, f"{plain_thirty}元", size=28, colour="ink-3", at="end")
    sheet.line(f"M40 {base + 76}H90", colour="brand", width=6)
    sheet.words(104, base + 76, "利息不取", bold=True, colour="brand")
    sheet.line(f"M306 {base + 76}H356", colour="ink-3", width=6)
    sheet.words(370, base + 76, "每年取走利息", colour="ink-3")
    sheet.foot("举例：存1万元，年利率3%\n利率会变，以存单为准")
    return sheet


def cooling_off() -> Sheet:
    """Two spans after an insurance contract is signed for."""
    sheet = Sheet("买了保险，还能反悔吗", 700)
    y = 190
    sheet.line(f"M60 {y}H300", colour="safe", width=14)
    sheet.line(f"M300 {y}H556M538 {y - 14}L558 {y}L538 {y + 14}", colour="careful", width=14)
    for x in (60, 300):
        sheet.disc(x, y, 20, fill="ink")
    sheet.words(36, 124, "签收合同", size=30, bold=True)
    sheet.words(300, 124, "犹豫期到期日", size=30, bold=True, at="middle")
    for x, head, body, colour in (
        (24, "犹豫期里", "可以反悔\n\n有几天\n扣不扣费\n以合同为准", "safe"),
        (306, "过了犹豫期", "叫退保\n\n按合同退\n可能少于\n交的钱", "careful"),
    ):
        sheet.box(x, 240, 270, 300, fill=f"{colour}-tint", line="")
        sheet.words(x + 24, 284, head, size=34, bold=True, colour=colour)
        sheet.words(x + 24, 340, body, size=30)
    sheet.foot("拿到合同当天就看\n在日历上记下到期的日子")
    return sheet


def complaint_path() -> Sheet:
    """Where to turn, one after the other."""
    sheet = Sheet("投诉，一步一步来", 920)
    sheet.row(88, 126, "1", "先找这家银行", "说“我要投诉”，记下编号")
    sheet.down(WIDTH / 2, 218, 24)
    sheet.row(248, 126, "2", "申请调解", "请人在中间帮着谈")
    sheet.down(WIDTH / 2, 378, 24)
    sheet.box(24, 408, WIDTH - 48, 236)
    sheet.disc(80, 526, 38)
    sheet.words(80, 526, "3", size=38, bold=True, colour="on-brand", at="middle")
    sheet.words(138, 442, "打监管热线", size=32, bold=True)
    for number, (call, what) in enumerate(
        (("12378", "银行、保险"), ("12363", "支付、征信、外汇"), ("12386", "股票、基金、期货"))
    ):
        y = 496 + number * 52
        sheet.words(138, y, call, size=34, bold=True, colour="brand")
        sheet.words(262, y, what, colour="ink-2")
    sheet.down(WIDTH / 2, 648, 24)
    sheet.row(678, 126, "4", "仲裁或者打官司", "")
    sheet.foot("被骗了不是投诉：先打110", colour="stop", tint="stop-tint")
    return sheet


def surrender_agent() -> Sheet:
    """Who gets how much of a refund that somebody else has claimed."""
    sheet = Sheet("找人“代办退保”，少了多少", 720)
    sheet.words(WIDTH / 2, 112, "举例：退回5万元，收40%", size=30, colour="ink-2", at="middle")
    sheet.box(40, 150, 520 * 0.6, 130, fill="safe", line="", r=4)
    sheet.box(40 + 520 * 0.6, 150, 520 * 0.4, 130, fill="stop", line="", r=4)
    sheet.words(196, 192, "自己剩", size=28, colour="on-state", at="middle")
    sheet.words(196, 238, "3万元", size=40, bold=True, colour="on-state", at="middle")
    sheet.words(456, 192, "他们拿走", size=28, colour="on-state", at="middle")
    sheet.words(456, 238, "2万元", size=40, bold=True, colour="on-state", at="middle")
    sheet.words(40, 330, "还可能", size=30, bold=True)
    for number, text in enumerate(
        ("出了事，原来的保险不再赔", "证件、账户、住址在别人手里", "照他说的作假，要担法律责任")
    ):
        y = 384 + number * 58
        sheet.icon("cross", 38, y - 18, 36, colour="stop")
        sheet.words(90, y, text, size=30)
    sheet.foot("退保自己办，不用给中间人交钱\n谈不拢，打12378")
    return sheet


DRAWINGS = {
    "deposit-or-not": deposit_or_not,
    "risk-grades": risk_grades,
    "deposit-insurance": deposit_insurance,
    "compound-interest": compound_interest,
    "cooling-off": cooling_off,
    "complaint-path": complaint_path,
    "surrender-agent": surrender_agent,
}
