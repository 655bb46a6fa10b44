"""Lists as they go round in groups, and what stands in them."""

from app.groups.chains.entries import Entry

CLASS = """#接龙
周六上午9点 社区学堂书法课 限20人
例 3栋1单元502 张三 1人

1. 张三 3-1-502 1人
2. 李四 5-2-301 2人
3、王五 7-1-101
备注带小孩
"""

ENTRIES: list[tuple[str, Entry]] = [
    ("1. 张三 3-1-502 1人", Entry("张三", "3-1-502")),
    ("2. 李四 5-2-301 2人", Entry("李四", "5-2-301", 2)),
    ("3、王五 7-1-101\n备注带小孩", Entry("王五", "7-1-101", 1, "备注带小孩")),
    ("4: 3栋1单元502 赵六 两人", Entry("赵六", "3栋1单元502", 2)),
    ("5) 502 钱七", Entry("钱七", "502")),
    ("6）孙八3号楼2单元1203室 带画笔", Entry("孙八", "3号楼2单元1203室", 1, "带画笔")),
    ("7．A座1203 周九", Entry("周九", "A座1203")),
    ("１２．吴十，5栋301，3人", Entry("吴十", "5栋301", 3)),
    ("9. 清川 🌸 来学习", Entry("清川", None, 1, "🌸 来学习")),
    ("10. 8-3-1102 郑一 2大1小", Entry("郑一", "8-3-1102", 3)),
    ("11. 冯二 一家3人 不吃辣", Entry("冯二", None, 3, "一家 不吃辣")),
    ("12. 陈三 3位", Entry("陈三", None, 3)),
    ("13. 姓名：褚四 房号：5-2-301 人数：2人", Entry("褚四", "5-2-301", 2)),
    ("14. 卫五 138****5678", Entry("卫五", None, 1, "138****5678")),
    ("15. 蒋六 三栋二单元601", Entry("蒋六", "三栋二单元601")),
    ("16. 3-1-502", Entry("3-1-502", "3-1-502")),
    ("17. 沈七 1人（候补）", Entry("沈七")),
    ("18. 韩八 候补", Entry("韩八")),
    ("19. Mary Brown 2人", Entry("Mary", None, 2, "Brown")),
    ("20.\n杨九 6-1-201", Entry("杨九", "6-1-201")),
    ("21. 第3人民医院的朱医生", Entry("第3人民医院的朱医生")),
    ("22. 秦十 11-23 有事晚到", Entry("秦十", None, 1, "11-23 有事晚到")),
]
"""A numbered line, and who is meant by it."""

NO_ENTRIES = [
    "1.6公里健步走",
    "9:30 开始",
    "2026年11月23日",
    "周六9:30",
    "3:00集合",
    "12 张三",
    "。。。",
]
"""Lines that begin with a number, or do not, and sign nobody up."""

GONE = ["1.", "2. ", "3. 张三 取消", "4. 李四 3-1-502 不来了", "5. 王五 0人"]
"""Lines that sign nobody up any more."""

LIMITS: list[tuple[str, int | None]] = [
    ("书法课 限20人", 20),
    ("书法课 20人", 20),
    ("名额20", 20),
    ("名额：20", 20),
    ("限报 30 个名额", 30),
    ("限２０人", 20),
    ("最多15位", 15),
    ("每户限2人 名额20", 20),
    ("3人一组 限24人", 24),
    ("书法课", None),
    ("周六9点 3栋架空层", None),
    ("11月20日", None),
    ("限11月20日前报名", None),
    ("限60岁以上", None),
    ("满20人开课", None),
    ("第3人民医院义诊", None),
    ("限3栋", None),
    ("名额0", None),
]

NATIVE = """<?xml version="1.0"?>
<msg><appmsg appid="" sdkver="0"><title>#接龙
周末摘草莓

1. 清川 2人
2. 小满</title><des></des><action>view</action><type>53</type><showtype>0</showtype>
<extinfo><solitaire_info>&lt;solitaire&gt;&lt;/solitaire&gt;</solitaire_info></extinfo></appmsg>
<fromusername>wxid_1</fromusername></msg>"""
"""As WeChat itself sends it."""
