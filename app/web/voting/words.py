"""What polls, methods, matters and bases are called on the pages."""

from app.core.i18n import N_, _
from app.polls.forms import Matter, Method
from app.polls.models import Basis, LinkKind, PollKind, PollState

_KINDS = {
    PollKind.POLL: N_("投票"),
    PollKind.SURVEY: N_("问卷"),
    PollKind.MEETING: N_("居民会议"),
    PollKind.ASSEMBLY: N_("业主大会"),
}
_STATES = {
    PollState.ANNOUNCED: N_("已公告"),
    PollState.OPEN: N_("进行中"),
    PollState.CLOSED: N_("已截止"),
    PollState.PUBLISHED: N_("结果已公布"),
    PollState.CANCELLED: N_("已取消"),
}
_BASES = {
    Basis.SELF: N_("本人的一票"),
    Basis.HOUSEHOLD: N_("本户的一票"),
    Basis.CO_OWNER: N_("共有房屋的一票"),
    Basis.PROXY: N_("受托代投的一票"),
    Basis.GUARDIAN: N_("作为监护人代投的一票"),
    Basis.REPRESENTATIVE: N_("作为单位代表的一票"),
}
_MATTERS = {
    Matter.RULES: N_("制定和修改业主大会议事规则"),
    Matter.STATUTES: N_("制定和修改管理规约"),
    Matter.COMMITTEE: N_("选举业主委员会或者更换业主委员会成员"),
    Matter.PROPERTY_COMPANY: N_("选聘和解聘物业服务企业或者其他管理人"),
    Matter.FUND_USE: N_("使用建筑物及其附属设施的维修资金"),
    Matter.FUND_RAISING: N_("筹集建筑物及其附属设施的维修资金"),
    Matter.REBUILDING: N_("改建、重建建筑物及其附属设施"),
    Matter.COMMON_PARTS: N_("改变共有部分的用途或者利用共有部分从事经营活动"),
    Matter.OTHER: N_("有关共有和共同管理权利的其他重大事项"),
}
_LINKS = {
    LinkKind.OPENING: N_("开始：题目、名册、核对签名的公钥"),
    LinkKind.BALLOTS: N_("一批选票"),
    LinkKind.ROLL: N_("名册因异议更改"),
    LinkKind.CLOSE: N_("截止：参与名单和结果"),
}
_METHODS = {
    Method.SINGLE: N_("单选"),
    Method.MULTIPLE: N_("多选"),
    Method.APPROVAL: N_("可选任意多项"),
    Method.RANKED: N_("排序"),
    Method.SCORE: N_("打分"),
    Method.DOTS: N_("分配点数"),
    Method.DATES: N_("选时间"),
    Method.YES_NO: N_("表决"),
    Method.TEXT: N_("填写"),
    Method.NUMBER: N_("填数字"),
    Method.DATE: N_("填日期"),
}
_FIXED = {
    "yes": N_("同意"),
    "no": N_("反对"),
    "abstain": N_("弃权"),
}
_DAYS = {"yes": N_("可以"), "maybe": N_("也许"), "no": N_("不行")}
_NUMERALS = "一二三四五六七八九"


def kind_word(kind: PollKind) -> str:
    """What a kind of poll is called."""
    return _(_KINDS[kind])


def state_word(state: PollState) -> str:
    """How far a poll has come, for who may see it."""
    return _(_STATES[state])


def basis_word(basis: Basis) -> str:
    """By what right a vote is cast."""
    return _(_BASES[basis])


def link_word(kind: LinkKind) -> str:
    """What a link of the chain holds."""
    return _(_LINKS[kind])


def method_word(method: Method) -> str:
    """How a question is answered."""
    return _(_METHODS[method])


def answer_word(answer: str) -> str:
    """Yes, no and abstention."""
    return _(_FIXED[answer]) if answer in _FIXED else answer


def day_word(answer: str) -> str:
    """Whether a date suits."""
    return _(_DAYS[answer]) if answer in _DAYS else answer


def scores(top: int) -> list[tuple[str, str]]:
    """Every score there is to give, as it is sent and as it is shown."""
    return [(str(score), str(score)) for score in range(top + 1)]


def days() -> list[tuple[str, str]]:
    """Every answer to a date, as it is sent and as it is shown."""
    return [(answer, _(word)) for answer, word in _DAYS.items()]


def matter_word(matter: Matter) -> str:
    """A matter of 民法典 §278 by its name."""
    return _(_MATTERS[matter])


def matter_article(matter: Matter) -> str:
    """Where a matter stands in the code."""
    return _("《民法典》第二百七十八条第一款第（{numeral}）项").format(
        numeral=_NUMERALS[matter.value - 1]
    )


def square_metres(area: int) -> str:
    """An area of so many hundredths of a square metre."""
    return _("{whole}.{part} 平方米").format(whole=f"{area // 100:,}", part=f"{area % 100:02d}")


def share(part: int, whole: int) -> str:
    """A share as people read it, cut and never rounded up: 66.66% is not two thirds."""
    if whole == 0:
        return "—"
    hundredths = part * 10_000 // whole
    return f"{hundredths // 100}.{hundredths % 100:02d}%"
