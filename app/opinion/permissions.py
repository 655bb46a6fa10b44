"""Who may listen, and who may look."""

from app.people.access import permission
from app.people.models import Role

WATCH = permission(
    "opinion.watch", Role.MANAGER, says="Say which words are listened for in the groups."
)
ALERTS = permission(
    "opinion.alerts",
    Role.STAFF,
    Role.LEADER,
    Role.MANAGER,
    says="See alerts with the messages around them, and act on them; every look is recorded.",
)
