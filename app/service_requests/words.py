"""What states, groups of people and doors are called on the screen."""

from app.core.i18n import N_, _
from app.people.models import Role
from app.service_requests.models import State

_STATES = {
    State.SUBMITTED: N_("待受理"),
    State.ACCEPTED: N_("已受理"),
    State.ASSIGNED: N_("已派单"),
    State.IN_PROGRESS: N_("处理中"),
    State.COMPLETED: N_("已完成"),
    State.VERIFIED: N_("已核查"),
    State.CLOSED: N_("已结案"),
    State.REJECTED: N_("不予受理"),
}
_ROLES = {
    Role.RESIDENT: N_("居民"),
    Role.GRID_WORKER: N_("网格员"),
    Role.STAFF: N_("工作人员"),
    Role.LEADER: N_("包片领导"),
    Role.MANAGER: N_("管理员"),
    Role.ADMIN: N_("管理员"),
    Role.OPERATOR: N_("平台运维"),
}


def label(state: State) -> str:
    """The state in the reader's language."""
    return _(_STATES[state])


def role(held: Role) -> str:
    """The role in the reader's language."""
    return _(_ROLES[held])
