"""The endpoints of groups, bots, and what comes of what is said there."""

from fastapi import APIRouter

from app.groups.api import answering, bots, chains, groups, members, messages, policy, shows

router = APIRouter()
for part in (bots, groups, members, messages, answering, chains, shows, policy):
    router.include_router(part.router)
