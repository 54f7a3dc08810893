"""Pictures about fraud."""

from __future__ import annotations

from tools.pictures.sheet import COLOURS, WIDTH, Sheet

STOP = {"colour": "stop", "tint": "stop-tint"}


def stop_ask_act() -> Sheet:
    """Three steps before money moves."""
    sheet = Sheet("动钱之前，走三步", 640)
    rows = (
        ("停", "先停", "挂断电话，不按、不点、不转"),
        ("问", "再问", "问家里人，问银行\n也可以打96110咨询"),
        ("转", "后转", "问清了再转\n没问清，一分也不转"),
    )
    for number, (sign, head, body) in enumerate(rows):
        y = 92 + number * 180
        sheet.row(y, 150, sign, head, body)
        if number < 2:
            sheet.down(WIDTH / 2, y + 154, 22)
    return sheet


def fake_police_call() -> Sheet:
    """How a call of false police unfolds."""
    sheet = Sheet("假警察的电话，一般分四步", 850)
    rows = (
        ("people", "报出个人信息", "可能说得出姓名和身份证号"),
        ("work", "用假证件吓人", "发来“通缉令”“警官证”"),
        ("lock", "不准告诉家人", "叫人单独待着，一直通着话"),
        ("wallet", "要转钱", "转到“安全账户”，还要看屏幕"),
    )
    for number, (sign, head, body) in enumerate(rows):
        y = 88 + number * 156
        look = STOP if number == 3 else {"colour": "careful", "tint": "surface"}
        sheet.row(y, 128, sign, head, body, is_icon=True, **look)
        if number < 3:
            sheet.down(WIDTH / 2, y + 131, 22)
    sheet.foot("没有“安全账户”\n走到哪一步，都可以挂断", colour="stop", tint="stop-tint")
    return sheet


def screen_sharing() -> Sheet:
    """What somebody sees who is shown a screen."""
    sheet = Sheet("开了屏幕共享，他看见什么", 730)
    for x, owner, colour in ((36, "自己的手机", "brand"), (344, "骗子那边", "stop")):
        sheet.words(x + 110, 112, owner, size=30, bold=True, colour=colour, at="middle")
        sheet.box(x, 142, 220, 410, fill="surface", line=colour, r=26)
        sheet.box(x + 80, 154, 60, 10, fill="line", line="", r=5)
        sheet.words(x + 24, 204, "短信验证码", size=28, colour="ink-2")
        sheet.box(x + 22, 228, 176, 60, fill="sunk", line="")
        sheet.words(x + 110, 258, "6 2 8 0 1 4", size=30, bold=True, at="middle")
        sheet.words(x + 24, 330, "支付密码", size=28, colour="ink-2")
        sheet.box(x + 22, 354, 176, 60, fill="sunk", line="")
        for number in range(6):
            sheet.disc(x + 46 + number * 26, 384, 7, fill="ink")
        sheet.words(x + 24, 456, "卡里余额", size=28, colour="ink-2")
        sheet.box(x + 22, 480, 176, 50, fill="sunk", line="")
        sheet.words(x + 110, 505, "8650元", size=28, bold=True, at="middle")
    for y in (258, 384, 505):
        sheet.line(f"M268 {y}H330M320 {y - 9}L331 {y}L320 {y + 9}", colour="stop", width=4)
    sheet.foot("这边看得见的，他可能都看得见\n马上点“结束共享”，点不了就关机", colour="stop", tint="stop-tint")
    return sheet


def brushing_orders() -> Sheet:
    """Small gains first, then large losses."""
    sheet = Sheet("刷单：先给小钱，再拿大钱", 820)
    base = 560
    sheet.line(f"M40 {base}H560", colour="edge")
    bars = (
        (48, 22, "safe", "到手", "2元"),
        (180, 52, "safe", "到手", "十几元"),
        (312, 230, "stop", "垫出去", "几千元"),
        (444, 370, "stop", "再要交", "1万元"),
    )
    for x, high, colour, head, much in bars:
        sheet.box(x, base - high, 108, high, fill=colour, line="", r=4)
        sheet.words(x + 54, base - high - 66, head, size=26, colour="ink-2", at="middle")
        sheet.words(x + 54, base - high - 28, much, size=32, bold=True, colour=colour, at="middle")
    for x, text in ((48, "点赞"), (180, "头几单"), (312, "大单"), (444, "“卡单”")):
        sheet.words(x + 54, base + 30, text, at="middle")
    sheet.words(WIDTH / 2, base + 76, "举例：按常见手法画出来的", size=26, colour="ink-2", at="middle")
    sheet.foot("先给小钱，是为了骗出大钱\n所有刷单都是诈骗", colour="stop", tint="stop-tint")
    return sheet


def first_half_hour() -> Sheet:
    """What to do after a loss, in order."""
    sheet = Sheet("钱被骗走了，按顺序做", 830)
    rows = (
        ("打110报警", "说清时间、金额、转给谁"),
        ("打银行客服", "停用卡和网上转账"),
        ("留好证据", "聊天记录、凭证、账号"),
        ("去派出所", "带上身份证和手机"),
        ("改密码", "换一部手机改"),
    )
    sheet.line("M80 140V640", colour="line", width=6)
    for number, (head, body) in enumerate(rows):
        y = 92 + number * 126
        colour = "stop" if number == 0 else "brand"
        sheet.disc(80, y + 52, 36, fill=colour)
        sheet.words(80, y + 52, str(number + 1), size=38, bold=True, colour="on-brand", at="middle")
        sheet.words(142, y + 32, head, size=34, bold=True, colour="stop" if number == 0 else "ink")
        sheet.words(142, y + 76, body, colour="ink-2")
    sheet.foot("越早报警，越有可能拦住")
    return sheet


def two_cards() -> Sheet:
    """What may follow for whoever lends cards."""
    sheet = Sheet("把卡借出去，可能要担什么", 894)
    sheet.box(90, 92, 196, 120, fill="brand", line="")
    sheet.box(90, 116, 196, 22, fill="brand-strong", line="", r=0)
    sheet.words(188, 174, "银行卡", size=30, bold=True, colour="on-brand", at="middle")
    sheet.box(330, 92, 180, 120, fill="brand", line="")
    sheet.box(352, 112, 44, 36, fill="careful-tint", line="", r=6)
    sheet.words(420, 174, "电话卡", size=30, bold=True, colour="on-brand", at="middle")
    sheet.down(WIDTH / 2, 224, 28)
    rows = (
        ("罚", "罚款", "违法所得的1到10倍；没有\n或者不足2万元，20万元以下"),
        ("拘", "拘留", "情节严重的，15日以下"),
        ("限", "惩戒2年或3年", "卡和账户的功能可能受限"),
        ("刑", "刑事责任", "帮人诈骗，构成犯罪的"),
    )
    y = 264.0
    for sign, head, body in rows:
        h = 144 if "\n" in body else 108
        sheet.row(y, h, sign, head, body, colour="careful")
        y += h + 14
    sheet.foot("卡不租、不借、不卖")
    return sheet


def family_question() -> Sheet:
    """A face on a screen is no proof; another way to the person is."""
    sheet = Sheet("视频里的亲人要钱，怎么办", 860)
    sheet.box(36, 96, 196, 300, fill="surface", line="stop", r=26)
    sheet.box(106, 108, 56, 10, fill="line", line="", r=5)
    sheet.disc(134, 200, 44, fill="line")
    grey = COLOURS["line"]
    sheet.add(f'<path d="M64 318a70 62 0 0 1 140 0Z" fill="{grey}"/>')
    sheet.words(134, 352, "快转钱！", size=30, bold=True, colour="stop", at="middle")
    sheet.words(262, 134, "脸可以换\n声音可以学", size=34, bold=True)
    sheet.words(262, 244, "看见、听见\n都不能当作凭据", colour="ink-2")
    sheet.words(262, 344, "没有“AI”标识\n也不等于是真的", colour="ink-2")
    rows = (
        ("end", "先挂断", "说“我马上打给你”"),
        ("phone", "打自己存好的号码", "不回拨，不用刚发来的号码"),
        ("ask", "问家里的暗号", "只有家里人知道，当面约好"),
    )
    for number, (sign, head, body) in enumerate(rows):
        sheet.row(424 + number * 138, 124, sign, head, body, is_icon=True)
    return sheet


def app_permissions() -> Sheet:
    """Which permission an application gets, and when."""
    sheet = Sheet("应用要权限，怎么定", 820)
    sheet.box(24, 88, WIDTH - 48, 604, fill="surface", r=20)
    rows = (
        ("位置", "导航、打车时给", "safe"),
        ("通讯录", "要从里面选人时给", "safe"),
        ("相机、麦克风", "拍照、通话时给", "safe"),
        ("相册", "只选要用的那几张", "safe"),
        ("短信", "一般不给", "ink-3"),
        ("屏幕录制、无障碍", "陌生应用不给", "ink-3"),
    )
    for number, (head, body, colour) in enumerate(rows):
        y = 96 + number * 99
        sheet.words(52, y + 30, head, size=32, bold=True)
        sheet.words(52, y + 70, body, colour=colour)
        is_on = colour == "safe"
        sheet.box(392, y + 26, 92, 50, fill=colour, line="", r=25)
        sheet.disc(459 if is_on else 417, y + 51, 19, fill="surface")
        sheet.words(526, y + 51, "给" if is_on else "不给", size=28, bold=True, colour=colour, at="middle")
        if number < 5:
            sheet.line(f"M44 {y + 98}H556", colour="line", width=2)
    sheet.foot("用得着才给，用完可以关")
    return sheet


def four_looks() -> Sheet:
    """Four things to look at before money is given to a project."""
    sheet = Sheet("有人拉你投项目，先四看", 800)
    cells = (
        ("shield", "看许可", "有没有金融许可", "只有营业执照"),
        ("speaker", "看宣传", "讲不讲可能亏", "说一定不亏"),
        ("coins", "看生意", "钱用到哪里", "说不清，靠拉人"),
        ("people", "看对象", "谁的钱都收吗", "谁给都收"),
    )
    for number, (sign, head, body, bad) in enumerate(cells):
        x, y = 24 + number % 2 * 282, 88 + number // 2 * 300
        sheet.box(x, y, 270, 284)
        sheet.icon(sign, x + 22, y + 24, 52)
        sheet.words(x + 90, y + 50, head, size=34, bold=True)
        sheet.words(x + 22, y + 122, body)
        sheet.box(x + 14, y + 160, 242, 106, fill="stop-tint", line="")
        sheet.words(x + 28, y + 192, "听到就停", size=26, colour="stop")
        sheet.words(x + 28, y + 234, bad, size=28, bold=True, colour="stop")
    sheet.foot("参加非法集资，损失自己承担", colour="stop", tint="stop-tint")
    return sheet


DRAWINGS = {
    "stop-ask-act": stop_ask_act,
    "fake-police-call": fake_police_call,
    "screen-sharing": screen_sharing,
    "brushing-orders": brushing_orders,
    "first-half-hour": first_half_hour,
    "two-cards": two_cards,
    "family-question": family_question,
    "app-permissions": app_permissions,
    "four-looks": four_looks,
}
