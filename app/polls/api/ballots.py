"""Casting a vote by a voting link: what the booth takes before a route is looked for."""

from typing import Any

from fastapi import APIRouter, Request, Response

from app.core.problems import Invalid, NotFound, TooLarge, Unavailable, problems
from app.polls.booth import BallotIn, BallotOut, Booth, answered, link_of
from app.polls.problems import (
    BallotInvalid,
    HasVoted,
    LinkInvalid,
    NonceTaken,
    NotOnRoll,
    PollNotOpen,
)

router = APIRouter(prefix="/api/v1/ballots", tags=["polls"])

_SAID: dict[int | str, dict[str, Any]] = {
    200: {
        "model": BallotOut,
        "description": "The vote says something else from now on, or the same as before.",
    }
}


@router.post(
    "",
    status_code=201,
    response_model=BallotOut,
    responses=_SAID
    | problems(
        *(LinkInvalid, NotOnRoll, NotFound, PollNotOpen, HasVoted, NonceTaken),
        *(TooLarge, BallotInvalid, Invalid, Unavailable),
    ),
)
async def cast_vote(request: Request, ballot: BallotIn) -> Response:
    """Cast a vote, or change one that is recorded; the bearer token is that of a voting link.

    A link `…/v/<token>` is one person's in one poll. Who may cast several votes names the one
    meant as `entry_id`; without it the 422 says which there are. A secret vote is final, and takes
    a `nonce` that the voter's own device made: sent again with it, it is answered like the first
    time. Without a nonce one is made here, and nothing is answered twice.
    """
    booth: Booth = request.app.state.booth
    link = link_of(request.headers.get("Authorization", ""))
    return answered(await booth.take(link, ballot))
