"""Rights over the machinery."""

from app.people.access import permission

OPERATE = permission("web.operate", says="See work that failed for good, and have it done again.")
