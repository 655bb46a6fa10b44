"""What people do and what is done about them: the verbs of the register."""

from app.people.service.accounts import add_account, change_account
from app.people.service.care import Agreed, change_entry, end_entry, enter, listed, read
from app.people.service.clients import add_client, revoke_client
from app.people.service.founding import found
from app.people.service.identities import follow, issue_link_code, link_staff, unfollow
from app.people.service.merging import merge
from app.people.service.residences import claim_home, confirm, end, refuse
from app.people.service.residents import change, register, reveal_phone
from app.people.service.rosters import Imported, import_roster
from app.people.service.sessions import SignedInAs, set_password, sign_in, sign_out
from app.people.service.staff import end_post, give_post, hire
from app.people.service.tags import set_tags, tags_of

__all__ = [
    "Agreed",
    "Imported",
    "SignedInAs",
    "add_account",
    "add_client",
    "change",
    "change_account",
    "change_entry",
    "claim_home",
    "confirm",
    "end",
    "end_entry",
    "end_post",
    "enter",
    "follow",
    "found",
    "give_post",
    "hire",
    "import_roster",
    "issue_link_code",
    "link_staff",
    "listed",
    "merge",
    "read",
    "refuse",
    "register",
    "reveal_phone",
    "revoke_client",
    "set_password",
    "set_tags",
    "sign_in",
    "sign_out",
    "tags_of",
    "unfollow",
]
