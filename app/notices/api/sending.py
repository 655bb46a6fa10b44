"""How a notice gets out: counted, agreed to, sent at its time, taken back, put right."""

from fastapi import APIRouter, Response

from app.core.problems import Changed, Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session
from app.notices import planning, publishing, reach, reviewing
from app.notices.api.holding import Held, HeldAlone, shown
from app.notices.permissions import SEE
from app.notices.problems import NeedsSecondPerson, NobodyToTell, NoticeStep
from app.notices.schemas import AudienceOut, CorrectionIn, NoticeOut, ReasonIn, ScheduleIn
from app.people.access import Me

router = APIRouter(prefix="/api/v1/notices/{notice_id}", tags=["notices"], route_class=Route)

_STEP = problems(NotFound, Forbidden, NoticeStep, Changed)
_SEND = problems(NotFound, Forbidden, NeedsSecondPerson, NoticeStep, NobodyToTell, Changed, Invalid)


@router.get("/audience", responses=problems(NotFound, Forbidden))
async def count_audience(session: Session, me: Me, notice: Held) -> AudienceOut:
    """How many would be told now: addresses by channel, people, homes and groups."""
    SEE.demand(me, at=notice.place.path)
    by_channel = await planning.count(session, notice)
    return AudienceOut(channels=by_channel, **await reach.counted(session, notice))


@router.post("/submission", responses=_STEP)
async def submit(session: Session, me: Me, notice: HeldAlone, response: Response) -> NoticeOut:
    """Ask a second person to agree."""
    await reviewing.submit(session, notice, by=me)
    return await shown(session, notice, me, response)


@router.post("/approval", responses=problems(*(NotFound, Forbidden, NeedsSecondPerson), NoticeStep))
async def approve(session: Session, me: Me, notice: HeldAlone, response: Response) -> NoticeOut:
    """Agree to a notice of somebody else; `If-Match` says to which wording."""
    await reviewing.approve(session, notice, by=me)
    return await shown(session, notice, me, response)


@router.post("/return", responses=_STEP)
async def send_back(
    session: Session, me: Me, notice: HeldAlone, asked: ReasonIn, response: Response
) -> NoticeOut:
    """Let a notice that has not gone out be a draft again, and say why."""
    await reviewing.send_back(session, notice, reason=asked.reason, by=me)
    return await shown(session, notice, me, response)


@router.post("/schedule", responses=_SEND)
async def schedule(
    session: Session, me: Me, notice: HeldAlone, asked: ScheduleIn, response: Response
) -> NoticeOut:
    """Send a notice at its time, to the minute."""
    await publishing.schedule(session, notice, at=asked.at, by=me)
    return await shown(session, notice, me, response)


@router.post("/publication", responses=_SEND)
async def publish(session: Session, me: Me, notice: HeldAlone, response: Response) -> NoticeOut:
    """Send a notice now; people are told when no quiet hours keep it back."""
    await publishing.publish(session, notice, by=me)
    return await shown(session, notice, me, response)


@router.post("/withdrawal", responses=_STEP)
async def withdraw(
    session: Session, me: Me, notice: HeldAlone, asked: ReasonIn, response: Response
) -> NoticeOut:
    """Take a notice back, and say why."""
    await publishing.withdraw(session, notice, reason=asked.reason, by=me)
    return await shown(session, notice, me, response)


@router.post("/correction", status_code=201, responses=_STEP)
async def correct(
    session: Session, me: Me, notice: HeldAlone, asked: CorrectionIn, response: Response
) -> NoticeOut:
    """Write what is right, as a draft that goes where the notice went; the answer is the draft."""
    correction = await publishing.correct(
        session, notice, title=asked.title, body=asked.body, by=me
    )
    return await shown(session, correction, me, response)
