"""受理, 开始, 完成 …: staff take the steps of the workflow, each by its own word and a number."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.chat import conversations
from app.chat.asking import Ask, Flow, Option, Stay, Turn, Unclear
from app.chat.commands import Alone, Word, command
from app.chat.phrases import shown
from app.chat.queries import tasks_of
from app.chat.refusals import nothing_of_that_number
from app.chat.talk import Reply, Said, Speaker
from app.chat.words import Takes, bluntly, number_in, spelled, split_command
from app.core.i18n import N_, _
from app.core.problems import NotFound
from app.people.models import Person, Post
from app.places.models import Place
from app.service_requests import queries, workflow
from app.service_requests import words as names
from app.service_requests.models import ServiceRequest
from app.service_requests.permissions import HANDLE
from app.service_requests.problems import StepNotOffered
from app.service_requests.steps import RESIDENTS, Step, steps

_WORKER = "worker_id"
_PEOPLE = frozenset({_WORKER, "person_id"})
_DECISIONS = {
    **dict.fromkeys(("同意", "是", "好", "yes"), True),
    **dict.fromkeys(("不同意", "不", "否", "no"), False),
}
_PROMPTS = {
    "note": N_("请说说办理情况，居民会看到。"),
    "reason": N_("为什么不受理？请写清理由，居民会看到。"),
    "channel": N_("居民应当找哪里办？比如“供电公司95598”。"),
    _WORKER: N_("派给谁？请回复姓名。"),
}
_BETWEEN = re.compile(r"[;；|\n]+")


def _spoken() -> dict[str, Step[Any]]:
    """Every word that staff may say for a step."""
    return {
        spelled(word): step
        for _name, step in steps
        if step.whose not in RESIDENTS
        for word in (*step.words, step.name)
    }


def _words() -> Sequence[Word]:
    return [(word, Takes.NUMBER) for word in _spoken()]


def _step(turn: Turn) -> Step[Any]:
    step = steps.get(turn.known["step"])
    if step is None:
        raise NotFound
    return step


def _missing(turn: Turn) -> list[str]:
    """The fields that are asked about and not filled in: those that must be, or have a prompt."""
    asked = [
        name
        for name, field in _step(turn).form.model_fields.items()
        if field.is_required() or field.description
    ]
    return [name for name in asked if name not in turn.known["form"]]


async def _request(session: AsyncSession, speaker: Speaker, number: int) -> ServiceRequest:
    request = await session.scalar(queries.of_number(speaker.actor, number))
    if request is None:
        raise NotFound
    return request


async def _ask_which(turn: Turn) -> str:
    return _("要{step}哪一件？请回复编号。").format(step=_(_step(turn).words[0]))


async def _offer_tasks(turn: Turn) -> Sequence[Option]:
    key = turn.speaker.community_id, turn.speaker.person_id
    tasks = await Alone(turn.session).ask(tasks_of, key)
    return [
        Option(each.number, f"{each.number} {shown(each.summary, 16)}", (str(each.number),))
        for each in tasks
        if each.state in _step(turn).takes
    ][:10]


async def _hear_which(turn: Turn) -> int:
    number, _rest = number_in(turn.said.raw)
    if number is None:
        raise Unclear(_("请回复编号，比如“1024”。"))
    try:
        await _request(turn.session, turn.speaker, number)
    except NotFound:
        raise Unclear(nothing_of_that_number().text) from None
    return number


async def _settle_form(turn: Turn) -> bool | None:
    return None if _missing(turn) else True


async def _ask_form(turn: Turn) -> str:
    field = _missing(turn)[0]
    prompt = _step(turn).form.model_fields[field].description or _PROMPTS.get(field)
    return _(prompt) if prompt else _("请填写“{field}”。").format(field=field)


async def _hear_form(turn: Turn) -> Any:
    """Fill in the next field, and ask for the one after it."""
    if not turn.said.text:
        raise Unclear(_("请打字回答。"))
    await _fill(turn, [turn.said.raw])
    return True if not _missing(turn) else Stay(await _ask_form(turn))


async def _fill(turn: Turn, parts: Sequence[str]) -> None:
    form: dict[str, Any] = dict(turn.known["form"])
    for field, part in zip(_missing(turn), parts, strict=False):
        form[field] = await _read(turn, field, part)
    turn.known["form"] = form


async def _read(turn: Turn, field: str, said: str) -> Any:
    """What was said as the form takes it: somebody's id for their name, a decision for a word."""
    if field in _PEOPLE:
        return await _worker(turn, said)
    if _step(turn).form.model_fields[field].annotation is not bool:
        return said
    if (decision := _DECISIONS.get(bluntly(spelled(said)))) is None:
        raise Unclear(_("请回复“同意”或“不同意”。"))
    return decision


async def _worker(turn: Turn, name: str) -> str:
    workers = await _workers(turn)
    if name not in workers:
        raise Unclear(
            _("这里没有叫“{name}”的同事。可以派给：{names}").format(
                name=shown(name, 20), names="、".join(workers)
            )
        )
    return str(workers[name])


async def _workers(turn: Turn) -> dict[str, UUID]:
    """Who works at the place of the request, by name."""
    request = await _request(turn.session, turn.speaker, turn.known["which"])
    rows = await turn.session.execute(
        select(Person.name, Person.id)
        .join(Post, (Post.community_id == Person.community_id) & (Post.person_id == Person.id))
        .join(Post.place)
        .where(
            Person.community_id == turn.speaker.community_id,
            Person.name.is_not(None),
            Post.ended_at.is_(None),
            Post.role.in_(HANDLE.roles),
            func.starts_with(request.place.path, Place.path),
        )
        .order_by(Place.path.desc(), Person.name)
    )
    return {str(name): person_id for name, person_id in rows}


async def _take(turn: Turn) -> Reply:
    request = await _request(turn.session, turn.speaker, turn.known["which"])
    step = _step(turn)
    try:
        request = await workflow.take(
            turn.session, request, step.name, turn.known["form"], by=turn.speaker.actor
        )
    except StepNotOffered:
        refused = _("{number} 现在是“{state}”，不能{step}。")
        state = names.label(request.state)
        return Reply(refused.format(number=request.number, state=state, step=_(step.words[0])))
    return Reply(
        _("{number} {state}。").format(number=request.number, state=names.label(request.state))
    )


STEPS = Flow(
    name="办理",
    asks=(
        Ask(
            name="which",
            says=_ask_which,
            offers=_offer_tasks,
            hears=_hear_which,
            numbered=False,
        ),
        Ask(name="filled", says=_ask_form, hears=_hear_form, settles=_settle_form),
    ),
    done=_take,
)


@command("办理", also=_words, takes=Takes.NUMBER, staff=True, flow=STEPS)
async def take_step(session: AsyncSession, speaker: Speaker, said: Said, rest: str) -> Reply:
    """Take the step whose word was said, on the request of this number."""
    spoken = _spoken()
    split = split_command(said.raw, dict.fromkeys(spoken, Takes.NUMBER))
    if split is None:
        return Reply(_("请回复步骤和编号，比如“受理 1024”。"))
    known: dict[str, Any] = {"step": spoken[split.word].name, "form": {}}
    number, words = number_in(rest)
    if number is not None:
        await _request(session, speaker, number)
        known["which"] = number
        turn = Turn(session, speaker, said, known)
        parts = [part.strip() for part in _BETWEEN.split(words) if part.strip()]
        try:
            await _fill(turn, parts if len(_missing(turn)) > 1 else [words] if words else [])
        except Unclear as unclear:
            return Reply(unclear.sentence)
    return await conversations.begin(session, speaker, said, STEPS, known)
