"""Who may do what with organisations, their people and their offers."""

from app.people.access import permission
from app.people.models import Role

SEE = permission(
    "organizations.see", *Role, says="See who works for the community, and what they offer."
)
MANAGE = permission(
    "organizations.manage",
    Role.MANAGER,
    says="Add and change the organisations of a place, and name their heads.",
)
STAFF = permission(
    "organizations.staff",
    Role.PARTNER,
    Role.MANAGER,
    says="Say who works for the organisation that one heads.",
)
LISTINGS = permission(
    "organizations.listings",
    Role.PARTNER,
    Role.MANAGER,
    says="Say what the organisation that one heads offers.",
)
