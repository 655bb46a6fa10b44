"""What is done about groups: opening them, naming who runs them, the bots that hear them."""

from app.groups.service.bots import add_bot, change_bot
from app.groups.service.groups import add, approve, change, close, refuse
from app.groups.service.members import (
    give_title,
    joins_company,
    leaves_company,
    name_member,
    overseen,
)
from app.groups.service.merging import hand_over

__all__ = [
    "add",
    "add_bot",
    "approve",
    "change",
    "change_bot",
    "close",
    "give_title",
    "hand_over",
    "joins_company",
    "leaves_company",
    "name_member",
    "overseen",
    "refuse",
]
