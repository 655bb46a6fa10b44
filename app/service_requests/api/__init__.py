"""The endpoints of service requests, their categories and their photos."""

from fastapi import APIRouter

from app.service_requests.api import (
    bulk,
    catalogue_sheets,
    categories,
    figures,
    files,
    following,
    guide,
    lists,
    orders,
    plans,
    policy,
    reports,
    requests,
    templates,
    urging,
    views,
)

router = APIRouter()
for part in (
    catalogue_sheets,
    categories,
    guide,
    following,
    urging,
    lists,
    bulk,
    requests,
    files,
    orders,
    figures,
    reports,
    policy,
    plans,
    views,
    templates,
):
    router.include_router(part.router)
