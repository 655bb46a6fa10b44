"""Who may do what with requests and the catalogue."""

from app.people.access import permission
from app.people.models import Role

_STAFF = (Role.GRID_WORKER, Role.STAFF, Role.LEADER, Role.MANAGER)

VIEW = permission("service_requests.view", *_STAFF, says="See the requests of a place.")
FILE = permission(
    "service_requests.file", Role.RESIDENT, *_STAFF, says="Ask for something for oneself."
)
FILE_FOR = permission(
    "service_requests.file_for", *_STAFF, says="Ask for something on behalf of a resident."
)
REMARK = permission(
    "service_requests.remark", Role.PARTNER, *_STAFF, says="Add remarks to a request."
)
ACCEPT = permission("service_requests.accept", *_STAFF, says="Take a matter on.")
ASSIGN = permission(
    "service_requests.assign", Role.LEADER, Role.MANAGER, says="Give requests to workers."
)
HANDLE = permission(
    "service_requests.handle",
    Role.PARTNER,
    *_STAFF,
    says="Do the requests that are assigned to oneself.",
)
OVERSEE = permission(
    "service_requests.oversee",
    Role.LEADER,
    Role.MANAGER,
    says="Act on requests that are assigned to somebody else.",
)
VERIFY = permission(
    "service_requests.verify",
    Role.STAFF,
    Role.LEADER,
    Role.MANAGER,
    says="Make sure that the work of others is done.",
)
CLOSE = permission(
    "service_requests.close", Role.STAFF, Role.LEADER, Role.MANAGER, says="Close requests."
)
REJECT = permission(
    "service_requests.reject",
    Role.STAFF,
    Role.LEADER,
    Role.MANAGER,
    says="Turn a matter down and say where it belongs.",
)
RATE = permission(
    "service_requests.rate",
    Role.RESIDENT,
    admins=False,
    says="Rate the work on what one reported oneself.",
)
CATALOGUE = permission("service_requests.catalogue", Role.MANAGER, says="Change the categories.")
TAKE = permission(
    "service_requests.take",
    Role.PARTNER,
    *_STAFF,
    says="Take a request that is on offer.",
)
ADJUDICATE = permission(
    "service_requests.adjudicate",
    Role.LEADER,
    Role.MANAGER,
    says="Decide whether a worker may give a request back, or has more time.",
)
SUPERVISE = permission(
    "service_requests.supervise",
    Role.LEADER,
    Role.MANAGER,
    says="Watch over a request, and hurry it.",
)
ESCALATE = permission(
    "service_requests.escalate",
    *_STAFF,
    says="Take a request up the chain.",
)
CONVENE = permission(
    "service_requests.convene",
    *_STAFF,
    says="Ask others to work along on a request.",
)
VISIT = permission(
    "service_requests.visit",
    *_STAFF,
    says="Go back and ask whether a matter was resolved.",
)
REOPEN = permission(
    "service_requests.reopen",
    Role.STAFF,
    Role.LEADER,
    Role.MANAGER,
    says="Take up a closed matter again.",
)
URGE = permission(
    "service_requests.urge",
    Role.RESIDENT,
    says="Ask where one's own matter stands.",
    admins=False,
)
WITHDRAW = permission(
    "service_requests.withdraw",
    Role.RESIDENT,
    says="Take back what one reported oneself.",
    admins=False,
)
JUDGE = permission(
    "service_requests.judge",
    Role.RESIDENT,
    says="Say whether one's own matter was resolved.",
    admins=False,
)
FOLLOW = permission(
    "service_requests.follow",
    Role.RESIDENT,
    says="Say that one has the same matter as a neighbour.",
    admins=False,
)
MERGE = permission(
    "service_requests.merge",
    Role.STAFF,
    Role.LEADER,
    Role.MANAGER,
    says="Merge requests about the same matter.",
)
RECLASSIFY = permission(
    "service_requests.reclassify",
    Role.STAFF,
    Role.LEADER,
    Role.MANAGER,
    says="Put a request under another kind of matter.",
)
LOG_EFFORT = permission(
    "service_requests.log_effort",
    Role.PARTNER,
    *_STAFF,
    says="Write down how long one worked on a request.",
)
FIGURES = permission(
    "service_requests.figures",
    Role.STAFF,
    Role.LEADER,
    Role.MANAGER,
    says="See the figures of a place, and take them out as a file.",
)
PUBLISH = permission(
    "service_requests.publish", Role.MANAGER, says="Make the figures of a month public."
)
POLICY = permission(
    "service_requests.policy",
    Role.MANAGER,
    says="Set how requests are dealt with, and on which days.",
)
DESK = permission(
    "service_requests.desk",
    *_STAFF,
    says="Keep views and reply templates.",
)
PLAN = permission(
    "service_requests.plan",
    *_STAFF,
    says="Plan visits that come round again.",
)
TASK = permission(
    "service_requests.task",
    Role.STAFF,
    Role.LEADER,
    Role.MANAGER,
    says="Take down tasks from departments.",
)
ORDER = permission(
    "service_requests.order",
    Role.RESIDENT,
    *_STAFF,
    says="Order a service of the neighbourhood.",
)
