"""Who may do what with groups, bots, and what is said there."""

from app.people.access import permission
from app.people.models import Role

_STAFF = (Role.GRID_WORKER, Role.STAFF, Role.LEADER, Role.MANAGER)

BOTS = permission("groups.bots", says="Set up the bots, and see that they are well.")
SEE = permission("groups.see", *_STAFF, says="See the groups of a place and who is in them.")
PROPOSE = permission("groups.propose", Role.RESIDENT, *_STAFF, says="Propose a group.")
MANAGE = permission(
    "groups.manage",
    Role.STAFF,
    Role.MANAGER,
    says="Approve, change and close the groups of a place, and say who runs them.",
)
READ = permission(
    "groups.read_messages",
    Role.STAFF,
    Role.LEADER,
    Role.MANAGER,
    says="Read what was said in the groups of a place; every reading is recorded.",
)
OVERSEE = permission(
    "groups.oversee",
    Role.STAFF,
    Role.LEADER,
    Role.MANAGER,
    says="See how fast property companies answer in their groups, and correct what was counted.",
)
POLICY = permission("groups.policy", Role.MANAGER, says="Say how the groups are kept.")
SIGN_UPS = permission(
    "groups.sign_ups", *_STAFF, says="See and close the sign-ups and shows of hands of a place."
)
