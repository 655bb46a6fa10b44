"""What can be refused about organisations and who works for them."""

from app.core.problems import Conflict, breaking


class OrganizationExists(Conflict, status=409):
    """There is an organisation of this code already."""


class AlreadyMember(Conflict, status=409):
    """They work for this organisation already."""


breaking("organizations_community_id_code_key", OrganizationExists)
breaking("organization_members_once_key", AlreadyMember)
