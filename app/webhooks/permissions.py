"""Who may have other software told."""

from app.people.access import permission
from app.people.models import Role

WEBHOOKS = permission(
    "webhooks.manage",
    Role.MANAGER,
    says="Have other software told what happens in the community, and see how that went.",
)
