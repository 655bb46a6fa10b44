"""What states, groups of people and doors are called on the screen."""

from collections.abc import Mapping
from typing import Any

from app.core.i18n import N_, _
from app.people.models import Role
from app.service_requests.limits import Limit, Unit
from app.service_requests.models import ClockKind, State

_STATES = {
    State.SUBMITTED: N_("待受理"),
    State.ACCEPTED: N_("已受理"),
    State.ASSIGNED: N_("已派单"),
    State.IN_PROGRESS: N_("处理中"),
    State.COMPLETED: N_("已完成"),
    State.VERIFIED: N_("已核查"),
    State.CLOSED: N_("已结案"),
    State.REJECTED: N_("不予受理"),
    State.WITHDRAWN: N_("已撤回"),
    State.MERGED: N_("已并案"),
}
_ROLES = {
    Role.RESIDENT: N_("居民"),
    Role.PARTNER: N_("协作单位"),
    Role.GRID_WORKER: N_("网格员"),
    Role.STAFF: N_("工作人员"),
    Role.LEADER: N_("包片领导"),
    Role.MANAGER: N_("管理员"),
    Role.ADMIN: N_("管理员"),
    Role.OPERATOR: N_("平台运维"),
}
_CLOCKS = {
    ClockKind.FIRST_ANSWER: N_("首次答复"),
    ClockKind.NEXT_UPDATE: N_("进展更新"),
    ClockKind.RESOLUTION: N_("办结"),
}
_LIMITS = {
    Unit.MINUTES: N_("{n}分钟"),
    Unit.HOURS: N_("{n}小时"),
    Unit.DAYS: N_("{n}天"),
    Unit.WORKING_HOURS: N_("{n}个工作小时"),
    Unit.WORKING_DAYS: N_("{n}个工作日"),
}
_ONE = {
    Unit.MINUTES: N_("1分钟"),
    Unit.HOURS: N_("1小时"),
    Unit.DAYS: N_("1天"),
    Unit.WORKING_HOURS: N_("1个工作小时"),
    Unit.WORKING_DAYS: N_("1个工作日"),
}


def label(state: State) -> str:
    """The state in the reader's language."""
    return _(_STATES[state])


def role(held: Role) -> str:
    """The role in the reader's language."""
    return _(_ROLES[held])


def clock(kind: str | None) -> str:
    """What a clock is called in the reader's language; nothing for none."""
    return _(_CLOCKS[ClockKind(kind)]) if kind else ""


def limit(given: Limit) -> str:
    """The limit in the reader's language, `5个工作日`."""
    words = _ONE if given.amount == 1 else _LIMITS
    return _(words[given.unit]).format(n=given.amount)


def decision(*, granted: bool) -> str:
    """Granted or refused, in the reader's language."""
    return _("同意") if granted else _("不同意")


def verdict(visit: Mapping[str, Any]) -> str:
    """What a return visit found, in the reader's language; nothing for anything else."""
    if "resolved" not in visit:
        return ""
    resolved = _("已解决") if visit["resolved"] else _("未解决")
    return f"{resolved} {_('满意') if visit['satisfied'] else _('不满意')}"
