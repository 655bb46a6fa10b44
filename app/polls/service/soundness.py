"""Whether what a poll asks, of whom and how, makes sense together."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.problems import Invalid
from app.places.models import Place, inside
from app.polls import counting, queries
from app.polls.electorates import MINOR, REPRESENTATIVE, Electorate, Unit
from app.polls.forms import Form
from app.polls.models import Poll, PollKind, ResultsShown, Secrecy
from app.polls.rules import Rules, Sits

_PUBLISHED_BY_ACT = frozenset({PollKind.MEETING, PollKind.ASSEMBLY})
_NOT_THERE = "there is no such thing here"


async def demand_sound(session: AsyncSession, poll: Poll) -> None:
    """Refuse with `Invalid` what makes no sense, and put down whom a meeting is of.

    A residents' meeting has one of the three electorates of 城市居民委员会组织法 §9, whatever else
    was asked for; its places are kept.
    """
    form = Form.model_validate(poll.form)
    rules = Rules.model_validate(poll.rules)
    electorate = Electorate.model_validate(poll.electorate)
    if poll.kind is PollKind.MEETING and rules.sits:
        electorate = sitting(rules.sits, electorate)
        poll.electorate = electorate.model_dump(mode="json")
    counting.checked_form(form, poll.kind, poll.secrecy)
    errors = [
        *({"path": f"body.{path}", "message": message} for path, message in _faults(poll)),
        *({"path": f"body.{path}", "message": message} for path, message in _by_law(poll, rules)),
        *await _elsewhere(session, poll, electorate),
        *await _without_file(session, poll, form),
    ]
    if errors:
        raise Invalid(errors=errors)


def sitting(sits: Sits, asked: Electorate) -> Electorate:
    """Who sits in a residents' meeting, within the places that were asked for."""
    match sits:
        case Sits.ADULTS:
            return Electorate(unit=Unit.PERSON, places=asked.places)
        case Sits.HOUSEHOLDS:
            return Electorate(unit=Unit.HOUSEHOLD, places=asked.places)
        case Sits.GROUP_REPRESENTATIVES:
            tags, without = [REPRESENTATIVE], [MINOR]
            return Electorate(places=asked.places, tags=tags, without_tags=without)


def _faults(poll: Poll) -> Iterator[tuple[str, str]]:
    """What goes together with secrecy and time."""
    if poll.opens_at and poll.closes_at and poll.opens_at >= poll.closes_at:
        yield "closes_at", "must be after it opens"
    if poll.kind in _PUBLISHED_BY_ACT and poll.results_shown is not ResultsShown.AT_CLOSE:
        yield "results_shown", "must be at_close: the result is published by an act"
    if poll.secrecy is Secrecy.SECRET and poll.names_shown:
        yield "names_shown", "is not possible in secret"
    if poll.secrecy is Secrecy.SECRET and poll.results_shown is not ResultsShown.AT_CLOSE:
        yield "results_shown", "must be at_close in secret"
    if poll.kind is PollKind.SURVEY and poll.names_shown:
        yield "names_shown", "is not possible in a survey"


def _by_law(poll: Poll, rules: Rules) -> Iterator[tuple[str, str]]:
    """What goes together with the rules by which it decides."""
    unit = poll.electorate.get("unit")
    if poll.kind is PollKind.ASSEMBLY and poll.secrecy is Secrecy.SECRET:
        yield "secrecy", "must be recorded: areas tell homes"
    if poll.kind is PollKind.ASSEMBLY and unit != Unit.OWNER:
        yield "electorate.unit", "must be owner in an owners' assembly"
    if (poll.kind is PollKind.MEETING) is not (rules.sits is not None):
        yield "rules.sits", "must be said of a residents' meeting, and of nothing else"
    if poll.kind in {PollKind.POLL, PollKind.SURVEY} and (rules.called_by or rules.basis):
        yield "rules", "are those of a meeting or an assembly"


async def _elsewhere(
    session: AsyncSession, poll: Poll, electorate: Electorate
) -> list[dict[str, str]]:
    """Places of the electorate that do not lie within the poll's own."""
    if not electorate.places:
        return []
    here = select(Place.id).where(
        Place.community_id == poll.community_id,
        Place.id.in_(electorate.places),
        inside(poll.place.path),
    )
    known = set(await session.scalars(here))
    return [
        {"path": f"body.electorate.places.{index}", "message": _NOT_THERE}
        for index, each in enumerate(electorate.places)
        if each not in known
    ]


async def _without_file(session: AsyncSession, poll: Poll, form: Form) -> list[dict[str, str]]:
    """Options whose picture is none of the poll's files."""
    pictures = list(pictures_of(form))
    if not pictures:
        return []
    known = {each.file_id for each in await queries.files_of(session, poll.community_id, [poll.id])}
    return [
        {"path": f"body.form.{path}.file_id", "message": _NOT_THERE}
        for path, file_id in pictures
        if file_id not in known
    ]


def pictures_of(form: Form) -> Iterator[tuple[str, UUID]]:
    """The options that have a picture, by their path, and the file it is."""
    for at, question in enumerate(form.questions):
        for index, option in enumerate(question.options):
            if option.file_id:
                yield f"questions.{at}.options.{index}", option.file_id
