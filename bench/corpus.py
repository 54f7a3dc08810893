"""Ten thousand made-up editions about other things, which mention the library's subjects in passing.

They are distractors and not rivals: what the six articles of the starter library are about stands in no title and no
summary here, while the words that several of them share (bank, code, transfer, fraud, part-time job …) stand in every
body a hundred times. The text is made from the lists below by a seeded generator, so every run measures the same.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

ARTICLES = 2_500
ENGLISH = 250
"""Of which so many also have an English edition."""
AUDIENCES = ("general", "elderly", "youth", "new-resident")
_BODY = 1_200
_PASSING = 0.18
"""Share of the words of a body that are drawn from the library's own texts."""


def _words(text: str) -> list[str]:
    return text.split()


# subject: its words
SUBJECTS = {
    "住房公积金": "公积金 提取 缴存 缴存比例 购房 租房提取 异地转移 封存 还贷 中心 月缴存额 柜台 年度验审 开户",
    "房屋贷款": "房贷 首付 月供 等额本息 等额本金 提前还款 抵押 过户 房产证 评估 中介 契税 按揭 面签",
    "汽车保险": "车险 交强险 商业险 定损 出险 续保 维修厂 免赔额 拖车 划痕 事故 报案号 三者险 折扣",
    "医疗保险": "医保 报销 起付线 门诊 住院 定点医院 异地就医 备案 目录 自付 个人账户余额 大病 药店 结算单",
    "养老保险": "养老金 缴费年限 退休 社保 转移接续 待遇认证 缴费基数 补缴 视同缴费 社保局 领取 过渡期 城乡居民",
    "失业保险": "失业金 离职证明 申领 街道 就业登记 培训补贴 稳岗 解除合同 期限 社区 求助 服务站",
    "个人所得税": "个税 年度汇算 专项附加 扣除 退税 起征点 申报 税务局 子女教育 赡养 继续教育 申报表 补税 税率",
    "记账": "记账 预算 日常开支 月底 水电费 固定支出 表格 结余 目标 分类 账本 习惯 超支 备用金",
    "买菜做饭": "菜市场 时令 鸡蛋 豆腐 土豆 青菜 价格 称重 摊位 冷藏 保鲜 调料 炖汤 清洗 炒锅 火候",
    "家电维修": "空调 冰箱 洗衣机 保修 配件 上门 收费 说明书 滤网 压缩机 漏水 插座 电线 师傅 清洗",
    "水电燃气": "水费 电费 燃气 阶梯电价 抄表 缴费 停水 管道 用量 账单 户号 漏气 阀门 节能",
    "公共交通": "公交 地铁 换乘 月票 刷卡机 优惠 老年卡 站台 早高峰 路线 末班车 出站 车厢 客流",
    "火车出行": "车票 改签 候车 高铁 检票 座位 行李 学生票 退票 售票窗口 站名 铁路 晚点 卧铺",
    "旅游": "旅行社 行程 景区 导游 门票 酒店 自由行 签证 天气 地图 攻略 购物店 淡季 团费",
    "快餐外卖": "外卖 骑手 配送费 超时 餐厅 备注 餐盒 优惠券 起送 味道 评价 满减 口味",
    "二手物品": "二手 旧书 家具 成色 当面验货 议价 搬运 寄卖 发票 型号 九成新 同城 交换",
    "农产品": "种子 化肥 收成 果园 大棚 收购价 灌溉 农机 合作社 病虫害 土壤 雨水 收割 晾晒",
    "养宠物": "猫粮 狗粮 疫苗 宠物店 绝育 洗澡 牵引绳 猫砂 驱虫 兽医 领养 登记证 遛狗",
    "运动健身": "跑步 健身房 教练 热身 拉伸 游泳 办卡 瑜伽 肌肉 心率 器械 太极 广场舞 球场",
    "睡眠健康": "睡眠 午睡 血压 血糖 体检 挂号 吃药 剂量 医生 复查 散步 饮食 盐分 骨密度",
    "图书馆": "借书 还书 阅览室 书架 图书证 续借 讲座 报纸 自习 绘本 逾期书 目录 读书会",
    "幼儿园": "幼儿园 报名 接送 学位 托班 老师家访 作息 午餐 亲子 绘画 手工 体检表 玩具",
    "学校生活": "课程 考试 宿舍 食堂 社团 奖学金 学费 助学金 图书 选课 毕业 论文 班级 军训",
    "职业培训": "培训 证书 技能 考证 学时 补贴 电工 焊工 厨师 月嫂 报名费 结业 实操",
    "劳动合同": "劳动合同 试用期 加班 工伤 仲裁 调休 社保缴纳 工资条 辞退 年假 补偿金 考勤 用工",
    "租房": "房东 押一付三 合租 中介费 退租 家具清单 水电表 隔断 续租 看房 租期 物业费 钥匙",
    "装修": "装修 瓷砖 油漆 水管 工期 监理 报价单 橱柜 吊顶 防水 尾款 验收 甲醛 木地板",
    "搬家": "搬家 打包 纸箱 搬运工 楼层费 货车 易碎 清单 拆装 路程 押车 雨天",
    "人民币收藏": "纪念币 纪念钞 兑换 品相 邮票 收藏 面额 发行量 预约 鉴定 银币 旧版",
    "零钱兑换": "硬币 残币 兑换 小面额 纸币 清分 柜台 取号 整点 破损 假币识别 水印",
    "国债": "国债 凭证式 储蓄国债 付息 到期兑付 发行 票面 额度 认购 期限 提前兑取 财政",
    "黄金": "金条 克价 首饰 工费 回购 成色 金店 检测 保管箱 称重 纯度 以旧换新",
    "外汇": "汇率 换汇 美元 欧元 购汇 结汇 额度 牌价 留学 旅行支票 外币现钞 手续",
    "信托": "信托 受托人 委托人 受益人 合同期限 备案 管理费 分配 家族 登记 清算",
    "企业年金": "企业年金 职业年金 归属 缴费 受托 计划 领取方式 单位缴费 转移 税收",
    "个人养老金": "个人养老金 资金账户 缴存 税收优惠 领取条件 专属产品 名录 抵扣 上限 开立",
    "小微企业": "营业执照 个体户 记账公司 开票 纳税人 注销 经营范围 年报 摊位费 店铺 雇工",
    "财产继承": "继承 遗嘱 公证 遗产 继承人 过户 见证 房产 份额 公证处 亲属关系 放弃",
    "慈善捐赠": "捐款 公益 基金会 志愿者 物资 收据 义卖 帮扶 山区 项目 公开 募捐",
    "垃圾分类": "垃圾 可回收 厨余 投放 桶 时间点 小区 旧衣 电池 纸板 清运 积分",
    "天气防灾": "台风 暴雨 停课 预警信号 避难 物资 积水 排水 高温 沙袋 雷电 防滑",
    "消防安全": "灭火器 烟雾 逃生 楼道 电动车充电 燃气阀 演练 火警 通道 插线板 阳台",
    "数字人民币": "数字人民币 钱包 红包 试点 碰一碰 硬件钱包 商户 兑换 余额 离线 子钱包",
    "手机使用": "字号 屏幕亮度 充电器 流量 内存 相册 音量 输入法 备份 电池 换机 系统更新 铃声",
    "宽带电视": "宽带 机顶盒 光猫 遥控器 套餐 带宽 装机 信号 路由器 合约 频道 续费",
    "消费维权": "发票 七天无理由 三包 质量 标签 保质期 商家 换货 鉴定 赔偿 小票 调解",
    "预付卡": "预付卡 办卡 美容院 余额 退卡 转店 续费 会员 合同 理发店 关门 公示",
    "共享单车": "单车 骑行 停放 开锁 骑行费 月卡 头盔 调度 围栏 刹车 故障",
    "家政服务": "保姆 钟点工 家政公司 体检证 面试 住家 打扫 擦窗 服务费 替换 月子",
    "意外保险": "意外险 理赔材料 伤残 保额 受益人 免责 投保 保单 等待期 航空 学平险",
}
DAILY = _words(
    """
今天 明天 周末 早上 晚上 家里 邻居 孩子 父母 朋友 同事 社区 小区 门口 路上 时间 办法
材料 复印 窗口 工作人员 表格 填写 排队 号码 咨询 说明 提醒 注意 准备 需要 选择 比较 决定
安排 方便 清楚 简单 便宜 划算 合适 安心 麻烦 耐心 经验 建议 步骤 第一 第二 最后 一般
大约 每月 每年 一次 三天 十分钟 半小时 附近 城市 乡镇 街道 政策 规定 标准 通知 公告 变化
地方 情况 问题 原因 结果 区别 好处 费用 价格 数量 质量 服务 单位 机构 部门 网站 公众号
电话 手机 短信 钱 银行 支付 余额
"""
)
PATTERNS = (
    "{s}的时候，先看{s}，再问{d}。",
    "很多人不知道{s}和{s}的区别，{d}里常常弄混。",
    "{d}，小{n}去办{s}，{d}告诉他要带上{s}。",
    "如果{s}变了，{s}也会跟着变，{d}最好早点{d}。",
    "关于{s}，{d}说得很{d}：不要只看{b}，也要看{b}。",
    "要是{b}不对，可以先停一停，{d}再说。",
    "{p}的{s}和别处不一样，{d}要多{d}几天。",
    "把{s}、{s}和{b}写在一张纸上，{d}就不会忘。",
    "有一回，老{n}因为{b}耽误了{s}，后来{d}帮他补上了。",
    "办{s}不收费，除非另有{d}。",
    "{s}以{d}为准，{b}只是参考。",
    "第二步是{s}。{d}以后，{b}会发来结果。",
    "这里说的{b}，是指{d}里的{b}，跟{s}没有关系。",
)
TITLES = (
    "{s}怎么办才省心",
    "{t}：先弄懂{s}",
    "{s}和{s}有什么不同",
    "{p}办{t}的几个步骤",
    "说说{t}里的{s}",
    "{t}常见的三个疑问",
)
PLACES = _words(
    """
北京 上海 天津 重庆 广州 深圳 杭州 南京 苏州 成都 武汉 西安 长沙 郑州 济南 青岛 厦门
昆明 贵阳 兰州
"""
)
NAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"

ENGLISH_SUBJECTS = {
    "Housing fund": "deposit withdrawal rent mortgage ratio counter balance purchase",
    "Medical insurance": "hospital reimbursement clinic doctor prescription pharmacy receipt settlement",
    "Income tax": "deduction refund declaration bracket education allowance annual form",
    "Renting a flat": "landlord lease rent deposit agent furniture meter keys",
    "Train travel": "ticket platform seat luggage refund station delay timetable",
    "Public transport": "bus metro transfer fare route stop discount pass",
    "Labour contract": "probation overtime wages leave dismissal employer arbitration payslip",
    "Pension": "contribution retirement years benefit transfer record office monthly",
    "Car insurance": "accident claim repair renewal premium garage damage tow",
    "Cooking at home": "market vegetables eggs price recipe soup kitchen season",
}
ENGLISH_PATTERNS = (
    "Before you ask about {s}, look at the {s} and write it on the {s}.",
    "Many people do not know how {s} and {s} differ, and they ask the {b} too late.",
    "If the {s} changes, the {s} changes as well, so call the office and ask for {b}.",
    "The office does not charge for {s}. Take your {b} and the {s} with you.",
    "A friend lost a day because of the {b}; the {s} was done the next morning.",
)


def _filled(rng: random.Random, pattern: str, own: Sequence[str], subject: str, passing: Sequence[str]) -> str:
    out, rest = [], pattern
    while "{" in rest:
        before, _, rest = rest.partition("{")
        kind, _, rest = rest.partition("}")
        if kind in "sd" and rng.random() < _PASSING:
            kind = "b"
        words = {"s": own, "d": DAILY, "b": passing, "p": PLACES, "n": NAMES, "t": (subject,)}[kind]
        out += [before, rng.choice(words)]
    return "".join([*out, rest])


def _text(rng: random.Random, patterns: Sequence[str], length: int, *words: Any) -> str:
    text = ""
    while len(text) < length:
        text += _filled(rng, rng.choice(patterns), *words) + ("\n" if rng.random() < 0.2 else "")
    return text


def editions(passing: Sequence[str], english: Sequence[str], topics: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the rows of `search_document`.

    `passing` and `english` are the words of the starter library's texts, as often as they stand there.
    """
    at = datetime(2026, 11, 22, tzinfo=UTC)
    for number in range(ARTICLES):
        subject = list(SUBJECTS)[number % len(SUBJECTS)]
        own = SUBJECTS[subject].split()
        slug, topic = f"distractor-{number:04}", topics[number % len(topics)]
        heading = random.Random(f"title {number}")
        # No word of the library's stands in a title: a distractor is about something else.
        title = heading.choice(TITLES)
        for kind, words in (("{s}", own), ("{t}", [subject]), ("{p}", PLACES)):
            while kind in title:
                title = title.replace(kind, heading.choice(words), 1)
        for audience in AUDIENCES:
            rng = random.Random(f"{number} {audience}")
            summary = f"{rng.choice(own)}、{rng.choice(own)}和{rng.choice(own)}，{rng.choice(DAILY)}一次说明白。"
            row = {
                "key": f"{slug}/{audience}/zh-Hans",
                "slug": slug,
                "audience": audience,
                "locale": "zh-Hans",
                "topic": topic,
                "topic_name": "",
                "title": title,
                "summary": summary,
                "key_message": f"办{rng.choice(own)}，先问清{rng.choice(own)}。",
                "headings": "\n".join(f"{rng.choice(own)}要看{rng.choice(own)}" for _ in range(5)),
                "body": _text(rng, PATTERNS, _BODY, own, subject, passing),
                "published_at": at,
            }
            yield row
        if number < ENGLISH:
            rng = random.Random(f"{number} en")
            name = list(ENGLISH_SUBJECTS)[number % len(ENGLISH_SUBJECTS)]
            words = ENGLISH_SUBJECTS[name].split()
            yield row | {
                "key": f"{slug}/general/en",
                "audience": "general",
                "locale": "en",
                "title": f"{name}: {rng.choice(words)} and {rng.choice(words)}",
                "summary": f"What to know about {rng.choice(words)}.",
                "key_message": f"Ask about {rng.choice(words)} first.",
                "headings": f"The {rng.choice(words)}",
                "body": _text(rng, ENGLISH_PATTERNS, 2 * _BODY, words, name, english),
            }
