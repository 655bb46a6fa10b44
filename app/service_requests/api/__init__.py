"""The endpoints of service requests, their categories and their photos."""

from fastapi import APIRouter

from app.service_requests.api import categories, files, requests

router = APIRouter()
for part in (categories, requests, files):
    router.include_router(part.router)
