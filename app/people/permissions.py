"""Rights over the map, the register, staff, and the programs that act for a community."""

from collections.abc import Iterable

from app.core.problems import Forbidden
from app.people.access import Actor, Held, Permission, permission
from app.people.models import Role

_EVERY_STAFF = (Role.GRID_WORKER, Role.STAFF, Role.LEADER, Role.MANAGER)

FOUND = permission(
    "places.found",
    Role.OPERATOR,
    admins=False,
    says="Found a community with its first administrator.",
)
COMMUNITY = permission("places.community", says="Change how the community is called and reached.")
MAP = permission("places.map", Role.MANAGER, says="Add, rename and move places.")

SEE = permission("people.see", *_EVERY_STAFF, says="See who lives within the place.")
REGISTER = permission(
    "people.register",
    Role.GRID_WORKER,
    Role.STAFF,
    Role.MANAGER,
    says="Register residents, and correct their names and numbers.",
)
REVEAL = permission(
    "people.reveal_phone", *_EVERY_STAFF, says="See a phone number in full, for a reason."
)
CONFIRM = permission(
    "people.confirm_residence",
    Role.GRID_WORKER,
    Role.STAFF,
    Role.MANAGER,
    says="Confirm, refuse or end that somebody lives in a home.",
)
IMPORT = permission("people.import_roster", Role.MANAGER, says="Read in a list of residents.")

CARE = permission(
    "people.care_register",
    Role.GRID_WORKER,
    Role.STAFF,
    Role.LEADER,
    Role.MANAGER,
    says="Read and keep the care register of a place; every reading is recorded.",
)

SEE_STAFF = permission("people.see_staff", *_EVERY_STAFF, says="See who holds which post.")
STAFF = permission(
    "people.manage_staff", Role.MANAGER, says="Give and end posts up to one's own role."
)
CLIENTS = permission("people.manage_clients", says="Let other programs call, and stop them.")
ACCOUNTS = permission("wechat.manage_accounts", says="Set up the WeChat accounts.")

_RANKS = {
    Role.RESIDENT: 0,
    Role.PARTNER: 1,
    Role.GRID_WORKER: 1,
    Role.STAFF: 2,
    Role.LEADER: 3,
    Role.MANAGER: 4,
    Role.ADMIN: 5,
    Role.OPERATOR: 6,
}


def demand_to_grant(right: Permission, by: Actor, *, role: Role, at: str) -> None:
    """Refuse with `Forbidden` who would give away more than they hold, or outside their place.

    One and the same post must carry the right, reach the place and be no lower than the role.
    Only the service itself appoints operators.
    """
    if by.kind == "system":
        return
    for post in by.posts:
        reaches = post.role in right.roles and at.startswith(post.path)
        if reaches and _RANKS[post.role] >= _RANKS[role]:
            return
    raise Forbidden(right.name)


def _over(post: Held, other: Held) -> bool:
    """Whether one post stands over another; administrators stand over each other, too."""
    higher = _RANKS[post.role] > _RANKS[other.role] or post.role is other.role is Role.ADMIN
    return post.role in STAFF.roles and higher and other.path.startswith(post.path)


def demand_over(by: Actor, posts: Iterable[Held]) -> None:
    """Refuse with `Forbidden` who does not stand over each of these posts."""
    if by.kind == "system":
        return
    if not STAFF.paths(by):
        raise Forbidden(STAFF.name)
    for other in posts:
        if not any(_over(post, other) for post in by.posts):
            raise Forbidden(STAFF.name)
