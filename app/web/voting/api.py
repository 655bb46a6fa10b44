"""The doors of the pages for voters and for the public."""

from fastapi import APIRouter

from app.web.voting import cards, public, voters

router = APIRouter()
router.include_router(voters.router)
router.include_router(cards.router)
router.include_router(public.router)
