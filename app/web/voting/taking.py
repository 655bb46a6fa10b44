"""What a voter sent: kept for later, looked over, or cast."""

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app.core.i18n import _
from app.polls import casting, counting, saving
from app.polls.counting import is_asked
from app.polls.forms import Form, Question
from app.polls.models import Channel
from app.polls.problems import BallotInvalid
from app.web.voting import ballots
from app.web.voting.answers import Fields, belonging, complaint, fields_of, last, read
from app.web.voting.asked import Step, still_asked
from app.web.voting.ballots import INVALID, Filling
from app.web.voting.visits import Visit, Vote

_SEE_OTHER = 303
_NONCE = re.compile(r"[0-9a-f]{32}")
_LONGEST_PHRASE = 40


def _nonce(fields: Fields) -> str:
    """The chance that the voter's browser made; empty where it made none."""
    sent = last(fields, "nonce")
    return sent if _NONCE.fullmatch(sent) else ""


def _phrase(fields: Fields) -> str:
    """The voter's words on one line, without what cannot be printed."""
    sent = " ".join(last(fields, "phrase").split())
    return "".join(sign for sign in sent if sign.isprintable())[:_LONGEST_PHRASE]


def _faults(form: Form, choice: Mapping[str, Any]) -> dict[str, str]:
    """What the form does not admit, by the key of the question."""
    try:
        counting.checked(form, choice)
    except BallotInvalid as invalid:
        found: dict[str, str] = {}
        for error in invalid.errors:
            key, _dot, beside = error["path"].removeprefix("choice.").partition(".")
            question = form.question(key) or form.questions[0]
            found[question.key] = _complaint(question, choice, beside)
        return found
    return {}


def _complaint(question: Question, choice: Mapping[str, Any], beside: str) -> str:
    match beside:
        case "other":
            return _("“其他”请写一行，不超过 200 字")
        case "reason":
            return _("理由最多写 4000 字，不要有特殊符号")
    return complaint(question, choice.get(question.key))


def _asked_alone(form: Form, choice: Mapping[str, Any]) -> dict[str, Any]:
    """A choice without answers to what is not asked of who chose so, after a change of mind."""
    kept: dict[str, Any] = {}
    for question in form.questions:
        if is_asked(question, kept):
            kept |= belonging(choice, [question])
    return kept


async def taken(session: AsyncSession, found: Visit, vote: Vote, fields: Fields) -> Response:
    """Do what the pressed button says; `PollNotOpen`, `NotOnRoll`, `HasVoted` as casting does."""
    if steps := ballots.steps(found):
        return await _page(session, found, vote, fields, steps)
    got = read(found.form.questions, fields, so_far={})
    filling = Filling(
        choice=got.choice,
        fields=fields,
        nonce=_nonce(fields),
        phrase=_phrase(fields),
        changing=vote.is_cast and not found.secret,
    )
    pressed = last(fields, "step")
    if pressed == "change":
        return await ballots.ballot(session, found, vote, filling)
    if pressed == "save" and saving.savable(found.poll) and not got.errors:
        await saving.save(session, found.poll, vote.entry_id, got.choice)
        return _to(found, vote, kept=1)
    filling.errors = _faults(found.form, got.choice) | got.errors
    if filling.errors:
        return await ballots.ballot(session, found, vote, filling, status=INVALID)
    if found.secret and (pressed != "cast" or not filling.nonce):
        nonce = filling.nonce or secrets.token_hex(16)
        return ballots.review(found, vote, filling, nonce=nonce, made_here=not filling.nonce)
    return await _cast(session, found, vote, filling)


def _to(found: Visit, vote: Vote, **asked: Any) -> Response:
    """On to another page of the same ballot."""
    change = 1 if vote.is_cast else None
    path = found.path(entry=vote.entry_id, change=change, **asked)
    return RedirectResponse(path, _SEE_OTHER)


async def _cast(session: AsyncSession, found: Visit, vote: Vote, filling: Filling) -> Response:
    nonce = " ".join(filter(None, [filling.nonce, filling.phrase])) if found.secret else None
    given = await casting.cast(
        session,
        found.poll,
        person_id=found.link.person_id,
        choice=filling.choice,
        channel=Channel.PAGE,
        entry_id=vote.entry_id,
        nonce=nonce,
        by=found.by,
    )
    if saving.savable(found.poll):
        await saving.forget(session, found.poll, vote.entry_id)
    return ballots.receipt(found, vote, given, filling.choice, nonce or "")


async def _page(
    session: AsyncSession, found: Visit, vote: Vote, fields: Fields, steps: Sequence[Step]
) -> Response:
    """One page of several: kept with those before it, and all handed in with the last."""
    kept = await saving.saved(session, found.poll, vote.entry_id)
    so_far = kept if kept is not None else vote.choice or {}
    step, pressed = _step(steps, last(fields, "section")), last(fields, "step")
    here = belonging(so_far, step.questions)
    others = {name: value for name, value in so_far.items() if name not in here}
    got = read(step.questions, fields, so_far=others)
    choice = others | got.choice
    errors = dict(got.errors)
    if pressed in {"next", "cast"}:
        mine = {question.key for question in step.questions}
        faults = _faults(found.form, _asked_alone(found.form, choice))
        errors = {key: said for key, said in faults.items() if key in mine} | errors
    if errors and pressed != "back":
        filling = Filling(choice=choice, fields=fields, errors=errors, step=step)
        filling.changing = vote.is_cast
        return await ballots.ballot(session, found, vote, filling, status=INVALID)
    await saving.save(session, found.poll, vote.entry_id, choice)
    match pressed:
        case "next" | "back":
            onward = _beside(steps, step, choice, forward=pressed == "next")
            return _to(found, vote, section=onward)
        case "cast":
            return await _handed_in(session, found, vote, choice, steps)
    return _to(found, vote, section=step.number, kept=1)


def _step(steps: Sequence[Step], number: str) -> Step:
    """The page of this number; the first where it says none."""
    return next((step for step in steps if str(step.number) == number), steps[0])


def _beside(steps: Sequence[Step], step: Step, choice: Mapping[str, Any], *, forward: bool) -> int:
    """The next page with something to ask, or the one before; else the last or the first."""
    way = (
        steps[step.number :] if forward else steps[step.number - 2 :: -1] if step.number > 1 else []
    )
    asking = (each.number for each in way if still_asked(each.questions, choice))
    return next(asking, steps[-1 if forward else 0].number)


async def _handed_in(
    session: AsyncSession,
    found: Visit,
    vote: Vote,
    choice: Mapping[str, Any],
    steps: Sequence[Step],
) -> Response:
    """Cast all pages together; or back to the first page with something amiss."""
    whole = _asked_alone(found.form, choice)
    filling = Filling(choice=whole, changing=vote.is_cast)
    faults = _faults(found.form, whole)
    if not faults:
        return await _cast(session, found, vote, filling)
    filling.step = next(
        step for step in steps if any(question.key in faults for question in step.questions)
    )
    keys = {question.key for question in filling.step.questions}
    filling.errors = {key: said for key, said in faults.items() if key in keys}
    filling.fields = fields_of(found.form, whole)
    return await ballots.ballot(session, found, vote, filling, status=INVALID)
