"""A ballot on its page: asked, filled in, put right, looked over, and answered with a receipt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.core.i18n import _
from app.polls import saving
from app.polls.casting import Receipt
from app.polls.models import PollKind
from app.web.voting import promises
from app.web.voting.answers import Fields, fields_of
from app.web.voting.asked import Step, asked_of, lines_of, steps_of, still_asked
from app.web.voting.pages import frame
from app.web.voting.reading import described, result_of
from app.web.voting.results import shown_of
from app.web.voting.visits import Visit, Vote

INVALID = 422


@dataclass(kw_only=True)
class Filling:
    """A ballot as it stands on the voter's page."""

    choice: Mapping[str, Any] = field(default_factory=dict)
    """What was answered so far, on this page and on others."""
    fields: Fields = field(default_factory=dict)
    """What stands in the fields."""
    errors: Mapping[str, str] = field(default_factory=dict)
    step: Step | None = None
    nonce: str = ""
    phrase: str = ""
    kept: bool = False
    changing: bool = False


def steps(found: Visit) -> Sequence[Step]:
    """The pages of a long survey; none where it is asked on one."""
    if found.poll.kind is not PollKind.SURVEY or not saving.savable(found.poll):
        return []
    all_steps = steps_of(found.form)
    return all_steps if len(all_steps) > 1 else []


def said_of(found: Visit) -> dict[str, Any]:
    """What every page of a visit says of the poll."""
    return {
        "poll": found.poll,
        "form": found.form,
        "community": found.community.name,
        "large": found.large,
        "consultation": promises.consultation(found.poll, found.policy),
        "secrecy": promises.secrecy(found.poll),
        "rules_said": promises.rules_of(found.poll, found.form),
        "proves": promises.proves(found.poll),
        "limits": promises.limits(found.poll),
        "objecting": found.path().replace("?", "/objection?", 1),
    }


def switched(found: Visit, **asked: Any) -> str:
    """The same page in the other size of letters."""
    return found.path(large=not found.large, **asked)


async def ballot(
    session: AsyncSession, found: Visit, vote: Vote, filling: Filling, *, status: int = 200
) -> Response:
    """The form, with what was entered and what is wrong with it."""
    step = filling.step
    wanted = still_asked(step.questions, filling.choice) if step else found.form.questions
    here: dict[str, Any] = {
        "entry": vote.entry_id,
        "section": step.number if step else None,
        "change": 1 if filling.changing else None,
    }
    body = frame.filled(
        "vote.html",
        **said_of(found),
        **await described(session, found.poll, found.form, f"/v/{found.token}"),
        vote=vote,
        others=found.path() if len(found.votes) > 1 else "",
        here=found.path(**here),
        switch=switched(found, **here),
        questions=asked_of(found.form, wanted),
        fields=filling.fields,
        errors=filling.errors,
        step=step,
        secret=found.secret,
        savable=found.poll.kind is PollKind.SURVEY and saving.savable(found.poll),
        nonce=filling.nonce,
        phrase=filling.phrase,
        kept=filling.kept,
        changing=filling.changing,
    )
    return frame.alone(body, status)


async def voted(session: AsyncSession, found: Visit, vote: Vote) -> Response:
    """That the vote was cast; with what was chosen, where that is kept and may be changed."""
    counts = await result_of(session, found.poll, by=found.by)
    body = frame.filled(
        "voted.html",
        **said_of(found),
        vote=vote,
        lines=lines_of(found.form, vote.choice) if vote.choice is not None else [],
        change="" if found.secret else found.path(entry=vote.entry_id, change=1),
        lookup=found.public_path,
        others=found.path() if len(found.votes) > 1 else "",
        shown=shown_of(found.form, counts) if counts else [],
        switch=switched(found, entry=vote.entry_id),
    )
    return frame.alone(body)


def review(found: Visit, vote: Vote, filling: Filling, *, nonce: str, made_here: bool) -> Response:
    """What would be cast for good, to be looked over."""
    body = frame.filled(
        "review.html",
        **said_of(found),
        vote=vote,
        here=found.path(entry=vote.entry_id),
        switch=switched(found, entry=vote.entry_id),
        lines=lines_of(found.form, filling.choice),
        fields=fields_of(found.form, filling.choice),
        nonce=nonce,
        phrase=filling.phrase,
        made_here=made_here,
    )
    return frame.alone(body)


def receipt(
    found: Visit, vote: Vote, given: Receipt, choice: Mapping[str, Any], nonce: str
) -> Response:
    """What the voter takes away."""
    done = {
        "cast": _("投票成功") if found.poll.kind is not PollKind.SURVEY else _("已交卷，谢谢您"),
        "changed": _("修改成功"),
        "unchanged": _("和上次的选择一样，没有变化"),
    }[given.outcome]
    more = any(not each.is_cast for each in found.votes if each.entry_id != vote.entry_id)
    body = frame.filled(
        "receipt.html",
        **said_of(found),
        vote=vote,
        done=done,
        receipt=given,
        whole=_whole(found, given, nonce) if given.code else "",
        lines=lines_of(found.form, choice),
        lookup=found.public_path and f"{found.public_path}#receipt",
        change=found.path(entry=vote.entry_id, change=1),
        others=found.path() if more else "",
        switch=switched(found, entry=vote.entry_id),
    )
    return frame.alone(body)


def _whole(found: Visit, given: Receipt, nonce: str) -> str:
    """All by which the ballot can be found in the published list, and the promise checked."""
    return "\n".join(
        [
            _("投票：{title}").format(title=found.poll.title),
            f"poll: {found.poll.id}",
            f"receipt: {given.code}",
            f"nonce: {nonce}",
            f"leaf: {given.leaf}",
            f"promise: {given.promise}",
        ]
    )
