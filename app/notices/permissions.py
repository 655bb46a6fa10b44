"""Who may tell many, and see whom it reached."""

from app.people.access import permission
from app.people.models import Role

_STAFF = (Role.GRID_WORKER, Role.STAFF, Role.LEADER, Role.MANAGER)

SEE = permission(
    "notices.see", *_STAFF, says="See the notices of a place before and after they go out."
)
WRITE = permission("notices.write", *_STAFF, says="Write notices for a place.")
REVIEW = permission(
    "notices.review", Role.LEADER, Role.MANAGER, says="Agree to the notices of others."
)
PUBLISH = permission(
    "notices.publish",
    Role.STAFF,
    Role.LEADER,
    Role.MANAGER,
    says="Send, schedule, withdraw and correct the notices of a place.",
)
REACH = permission(
    "notices.reach", *_STAFF, says="See who read a notice, and which homes were not reached."
)
READ = permission("notices.read", Role.RESIDENT, *_STAFF, says="Read what is published.")
POLICY = permission("notices.policy", Role.MANAGER, says="Say how the community publishes.")
OUTLETS = permission(
    "notices.outlets", says="Set up the site, the board and the Weibo that are published to."
)
REPLAY = permission(
    "notices.replay", Role.MANAGER, says="See what could not be delivered, and try it again."
)
