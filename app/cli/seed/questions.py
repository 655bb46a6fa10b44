"""What the polls of the invented community ask, and what its people answer."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from app.polls.forms import Form, Method, Question

_LETTERS = "ABCDEFGHIJ"


def options(*texts: str, **more: Sequence[str]) -> list[dict[str, Any]]:
    """Options by letters; `starts_at` gives each its moment."""
    starts = more.get("starts_at")
    made: list[dict[str, Any]] = []
    for number, text in enumerate(texts):
        option = {"key": "other" if text == "其他" else _LETTERS[number], "text": text}
        made.append(option | ({"starts_at": starts[number]} if starts else {}))
    return made


def asks(method: str, text: str, *texts: str, key: str = "q1", **more: Any) -> dict[str, Any]:
    """One question."""
    starts = {"starts_at": more.pop("starts_at")} if "starts_at" in more else {}
    return {
        "key": key,
        "method": method,
        "text": text,
        "options": options(*texts, **starts),
        **more,
    }


def one(method: str, text: str, *texts: str, **more: Any) -> dict[str, Any]:
    """A ballot of one question."""
    return {"questions": [asks(method, text, *texts, **more)]}


def yes_no(text: str, **more: Any) -> dict[str, Any]:
    """A ballot of one question that is answered by yes or no."""
    return one("yes_no", text, **more)


GREEN = one("single", "门前绿地种什么？", "桂花", "樱花", "草坪", "菜园")
COURSES = one(
    "multiple", "想上哪些课？最多选三门", "书法", "广场舞", "手机课", "厨艺", "合唱", most=3
)
HOURS = one("approval", "哪些时段您能来？", "周六上午", "周六下午", "周日上午", "周日下午")
FIRST = one("ranked", "请按先后排序", "路灯", "停车位", "休息座椅", "儿童乐园")
DISHES = one("score", "请给菜品打分", "早餐", "午餐", "晚餐", top=5)
FUND = one("dots", "十个圆点，想给谁给谁", "助老", "助学", "绿化", "文体", dots=10)
DAYS = one(
    "dates",
    "哪天方便？",
    "周五晚",
    "周六上午",
    "周日上午",
    starts_at=(
        "2026-12-04T19:00:00+08:00",
        "2026-12-05T09:30:00+08:00",
        "2026-12-06T09:30:00+08:00",
    ),
)
GATE = yes_no("夜间十一点到早晨五点关闭东门")
WALL = one("single", "选哪一幅？", "山城记忆", "百家姓", "四季花")
LOCKERS = yes_no("引进智能快递柜")
CANTEEN = one("single", "食堂设在哪里？", "居委会一楼", "老年活动室", "西门空地")
ASSEMBLY = {
    "questions": [
        asks("yes_no", "选聘伊伊物业服务公司", key="q1", matter=4),
        asks("yes_no", "利用共有部分加装充电桩", key="q2", matter=8),
    ]
}
SATISFACTION = {
    "sections": [
        {"key": "s1", "title": "办事"},
        {"key": "s2", "title": "环境"},
    ],
    "questions": [
        asks("yes_no", "最近半年找社区办过事吗？", key="q1", section="s1"),
        asks(
            "score",
            "办得怎么样？",
            "态度",
            "速度",
            "结果",
            key="q2",
            section="s1",
            only_if={"question": "q1", "any_of": ["yes"]},
        ),
        asks("single", "小区卫生", "很好", "还行", "不好", key="q3", section="s2"),
        asks("text", "还想说什么？", key="q4", section="s2", required=False),
    ],
}
NEEDS = {
    "sections": [{"key": "s1", "title": "您家"}, {"key": "s2", "title": "最需要什么"}],
    "questions": [
        asks("single", "家里有几代人？", "一代", "两代", "三代及以上", key="q1", section="s1"),
        asks("number", "家里有几位六十岁以上的老人？", key="q2", section="s1"),
        asks(
            "multiple",
            "老人最需要什么？",
            "助餐",
            "助浴",
            "陪诊",
            "聊天",
            "其他",
            key="q3",
            section="s2",
            required=False,
        ),
        asks(
            "multiple",
            "孩子最需要什么？",
            "四点半课堂",
            "运动场",
            "图书",
            "其他",
            key="q4",
            section="s2",
            required=False,
        ),
        asks("text", "心里话", key="q5", section="s2", required=False),
    ],
}
_WORDS = ("希望路灯再亮一点", "谢谢网格员", "楼道里不要堆东西", "多办点老人活动")


def answered(random: Random, form: Form) -> Mapping[str, Any]:
    """What somebody answers, more often what stands first."""
    choice: dict[str, Any] = {}
    for question in form.questions:
        if (only := question.only_if) and choice.get(only.question) not in only.any_of:
            continue
        if not question.required and random.random() < 0.5:  # noqa: PLR2004 - every second one
            continue
        choice[question.key] = _answer(random, question)
    return choice


def _answer(random: Random, question: Question) -> Any:
    keys = [option.key for option in question.options if option.key != "other"]
    some = [key for n, key in enumerate(keys) if random.random() < 0.7 / (n + 1)] or keys[:1]
    answers: Mapping[Method, Callable[[], Any]] = {
        Method.SINGLE: lambda: some[0],
        Method.MULTIPLE: lambda: some[: question.most],
        Method.APPROVAL: lambda: some,
        Method.RANKED: lambda: random.sample(keys, len(keys)),
        Method.SCORE: lambda: {
            key: random.randint(question.top // 2, question.top) for key in keys
        },
        Method.DOTS: lambda: dict.fromkeys(some, question.dots // len(keys)),
        Method.DATES: lambda: {key: random.choice(("yes", "yes", "maybe", "no")) for key in keys},
        Method.YES_NO: lambda: random.choice(("yes", "yes", "yes", "yes", "no", "abstain")),
        Method.NUMBER: lambda: random.randint(0, 3),
        Method.DATE: lambda: "2026-12-01",
        Method.TEXT: lambda: random.choice(_WORDS),
    }
    return answers[question.method]()
