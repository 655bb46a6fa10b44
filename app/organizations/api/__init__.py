"""The endpoints of organisations, their people and their offers."""

from fastapi import APIRouter

from app.organizations.api import listings, members, organizations

router = APIRouter()
for part in (organizations, members, listings):
    router.include_router(part.router)
