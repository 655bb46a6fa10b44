"""Signing in and out."""

from fastapi import APIRouter, Request, Response

from app.core.auth import bearer
from app.core.problems import Forbidden, TooManyRequests, Unauthenticated, problems
from app.core.web import Route, Session
from app.people import service
from app.people.access import Me
from app.people.problems import SignInFailed
from app.people.schemas import SessionIn, SessionOut

router = APIRouter(prefix="/api/v1/sessions", tags=["sessions"], route_class=Route)


@router.post(
    "",
    status_code=201,
    response_model=SessionOut,
    responses=problems(SignInFailed, TooManyRequests),
)
async def sign_in(
    session: Session, request: Request, asked: SessionIn, response: Response
) -> service.SignedInAs:
    """Sign in as a member of staff, for 12 hours; the token is shown this once."""
    response.headers["Cache-Control"] = "no-store"
    return await service.sign_in(
        session,
        community=asked.community,
        login=asked.login,
        password=asked.password.get_secret_value(),
        address=request.client.host if request.client else "",
    )


@router.delete("/current", status_code=204, responses=problems(Unauthenticated, Forbidden))
async def sign_out(session: Session, me: Me, request: Request) -> None:
    """Sign out: this token works no more."""
    caller = await bearer(session, request)
    await service.sign_out(session, caller.token_id, by=me)
