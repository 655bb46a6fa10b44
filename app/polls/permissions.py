"""Who may run polls, keep the register of owners, and moderate topics."""

from app.people.access import permission
from app.people.models import Role

RUN = permission(
    "polls.run",
    Role.STAFF,
    Role.LEADER,
    Role.MANAGER,
    says="Write, announce, open, extend, close and publish polls, and see how many have voted.",
)
ROLL = permission(
    "polls.roll",
    Role.STAFF,
    Role.MANAGER,
    says="See the roll of a poll, enter proxies and who attends.",
)
OBJECTIONS = permission(
    "polls.objections", Role.MANAGER, says="Decide on objections against the roll of a poll."
)
PAPER = permission(
    "polls.paper",
    Role.GRID_WORKER,
    Role.STAFF,
    Role.MANAGER,
    says="Enter votes on paper and from the door, and read what another entered.",
)
AUDIT = permission(
    "polls.audit",
    Role.MANAGER,
    says="See who voted what on recorded ballots and take out their bundle; each look is kept.",
)
OWNERS = permission(
    "polls.owners", Role.STAFF, Role.MANAGER, says="Keep the register of owners and their deeds."
)
POLICY = permission("polls.policy", Role.MANAGER, says="Say how the community decides.")
TOPICS = permission(
    "polls.topics",
    Role.STAFF,
    Role.LEADER,
    Role.MANAGER,
    says="Take topics on, resolve them, have them carried out and close them; keep councils.",
)
MODERATE = permission(
    "polls.moderate",
    Role.STAFF,
    Role.LEADER,
    Role.MANAGER,
    says="Read posts on topics before they are shown, and answer officially.",
)
DISCUSS = permission(
    "polls.discuss",
    Role.RESIDENT,
    Role.GRID_WORKER,
    Role.STAFF,
    Role.LEADER,
    Role.MANAGER,
    says="Raise topics, second them and speak on them, as somebody who lives or works there.",
)
