"""What is done about organisations: opening them, staffing them, saying what they offer."""

from app.organizations.service.listings import add_listing, change_listing
from app.organizations.service.members import add_member, end_member, hand_over, hire_member
from app.organizations.service.organizations import add, change

__all__ = [
    "add",
    "add_listing",
    "add_member",
    "change",
    "change_listing",
    "end_member",
    "hand_over",
    "hire_member",
]
