"""Sign-ups that went round in the groups (接龙), for staff of the groups' places."""

from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from app.core import sheets
from app.core.database import existing
from app.core.i18n import _
from app.core.pages import Page, paged
from app.core.problems import Changed, Forbidden, NotFound, problems
from app.core.web import Route, Session, etag, matches
from app.groups.chains import exports, queries, service
from app.groups.models import Chain, ChainEntry, Group
from app.groups.permissions import SIGN_UPS
from app.groups.problems import ChainIsClosed
from app.groups.sign_up_schemas import (
    ChainExport,
    ChainFilters,
    ChainLineOut,
    ChainOut,
    ChainWhole,
)
from app.people.access import Me

router = APIRouter(prefix="/api/v1", tags=["sign-ups"], route_class=Route)

_COLUMNS = ChainLineOut.model_fields.keys() - {"number", "waits"}


async def held_group(session: Session, me: Me, group_id: UUID) -> Group:
    """The group of this id, if the caller sees to its sign-ups."""
    SIGN_UPS.demand_somewhere(me)
    return await existing(session, queries.groups_visible_to(me).where(Group.id == group_id))


HeldGroup = Annotated[Group, Depends(held_group)]


async def held(session: Session, me: Me, chain_id: UUID) -> Chain:
    """The sign-up of this id, if the caller may see it."""
    return await existing(session, queries.visible_to(me).where(Chain.id == chain_id))


Held = Annotated[Chain, Depends(held)]


async def held_alone(session: Session, chain: Held, http: Request) -> Chain:
    """The same, nobody else's to change until we are done, and as the caller last read it."""
    columns = [column.key for column in Chain.__mapper__.column_attrs]
    await session.refresh(chain, columns, with_for_update=True)
    matches(http, chain.version)
    return chain


HeldAlone = Annotated[Chain, Depends(held_alone)]


async def _whole(session: Session, chain: Chain, response: Response) -> ChainWhole:
    lines = await queries.standings(session, chain)
    response.headers["ETag"] = etag(chain.version)
    return ChainWhole(
        **_shown(chain, sum(line.row.places for line in lines)).model_dump(),
        entries=[_line(line) for line in lines],
        waiting=sum(line.row.places for line in lines if line.waits),
    )


def _line(line: queries.Standing) -> ChainLineOut:
    columns = {name: getattr(line.row, name) for name in _COLUMNS}
    return ChainLineOut(number=line.number, waits=line.waits, **columns)


def _shown(chain: Chain, people: int) -> ChainOut:
    return ChainOut(
        id=chain.id,
        group_id=chain.group_id,
        title=chain.title,
        capacity=chain.capacity,
        people=people,
        created_at=chain.created_at,
        closed_at=chain.closed_at,
    )


@router.get(
    "/groups/{group_id}/chains",
    response_model=Page[ChainOut],
    responses=problems(Forbidden, NotFound),
)
async def list_chains(
    session: Session, me: Me, group: HeldGroup, asked: Annotated[ChainFilters, Query()]
) -> dict[str, object]:
    """The sign-ups of a group, newest first."""
    rows = queries.visible_to(me).where(Chain.group_id == group.id)
    if asked.open is not None:
        rows = rows.where(Chain.closed_at.is_(None) if asked.open else Chain.closed_at.is_not(None))
    page = await paged(session, rows, asked, by=Chain.id)
    chains = cast("list[Chain]", page["items"])
    people = await queries.people_on(session, me.community_id, [chain.id for chain in chains])
    return page | {"items": [_shown(chain, people.get(chain.id, 0)) for chain in chains]}


@router.get("/chains/{chain_id}", responses=problems(NotFound))
async def read_chain(session: Session, chain: Held, response: Response) -> ChainWhole:
    """A sign-up with everybody on it, and who waits."""
    return await _whole(session, chain, response)


@router.post(
    "/chains/{chain_id}/closing",
    responses=problems(NotFound, Forbidden, Changed, ChainIsClosed),
)
async def close_chain(session: Session, me: Me, chain: HeldAlone, response: Response) -> ChainWhole:
    """Let nobody sign up any more."""
    await service.close(session, chain, by=me)
    return await _whole(session, chain, response)


@router.delete(
    "/chains/{chain_id}/entries/{line_id}",
    status_code=204,
    responses=problems(NotFound, Forbidden, Changed, ChainIsClosed),
)
async def remove_line(session: Session, me: Me, chain: HeldAlone, line_id: UUID) -> None:
    """Take somebody off a sign-up for good; no list that is sent again brings them back."""
    lines = queries.entries_of(chain.community_id, chain.id).where(ChainEntry.id == line_id)
    row = await existing(session, lines.where(ChainEntry.cancelled_at.is_(None)))
    await service.remove(session, chain, row, by=me)


@router.get(
    "/chains/{chain_id}/export",
    response_class=Response,
    responses=problems(NotFound, Forbidden),
)
async def export_chain(
    session: Session, me: Me, chain: Held, asked: Annotated[ChainExport, Query()]
) -> Response:
    """The list as a file; that it was taken is a fact."""
    rows = await exports.table(session, chain, by=me)
    return await sheets.respond(asked.form, _("接龙名单"), exports.head(), rows)
