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
REMARK = permission("service_requests.remark", *_STAFF, says="Add remarks to a request.")
ACCEPT = permission("service_requests.accept", *_STAFF, says="Take a matter on.")
ASSIGN = permission(
    "service_requests.assign", Role.LEADER, Role.MANAGER, says="Give requests to workers."
)
HANDLE = permission(
    "service_requests.handle", *_STAFF, says="Do the requests that are assigned to oneself."
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
