"""The endpoints of notices, their deliveries, and where the community publishes."""

from fastapi import APIRouter

from app.notices.api import deliveries, notices, outlets, policy, readings, sending

router = APIRouter()
for part in (notices, sending, deliveries, readings, policy, outlets):
    router.include_router(part.router)
