"""The endpoints of the map, the register, staff, programs and accounts.

Those of places and WeChat accounts stand here too: who may use them is for this layer to say, and
the layers beneath know nobody.
"""

from fastapi import APIRouter

from app.people.api import (
    accounts,
    care,
    clients,
    communities,
    me,
    people,
    places,
    residences,
    rosters,
    sessions,
    staff,
)

router = APIRouter()
for part in (
    sessions,
    me,
    communities,
    places,
    people,
    residences,
    care,
    rosters,
    staff,
    clients,
    accounts,
):
    router.include_router(part.router)
