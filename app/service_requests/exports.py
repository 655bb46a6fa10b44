"""Requests as a table to take out of the house; that somebody took it is a fact."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.facts import record
from app.core.i18n import N_, _
from app.core.ids import new_id
from app.core.sheets import Cell
from app.organizations.models import Organization
from app.people import phones
from app.people.access import Actor
from app.people.models import Person
from app.places.models import Place
from app.service_requests import filters, queries, search, words
from app.service_requests.events import FiguresTaken
from app.service_requests.models import Category, ServiceRequest
from app.service_requests.permissions import FIGURES
from app.service_requests.problems import ExportTooLarge
from app.service_requests.schemas.lists import Filters

MOST = 20_000

_HEAD = (
    *(N_("工单编号"), N_("类别"), N_("地点"), N_("诉求内容"), N_("反映人"), N_("联系电话")),
    *(N_("当前进度"), N_("责任单位"), N_("处理人"), N_("提交时间"), N_("办理时限")),
    *(N_("办结时间"), N_("办理结果"), N_("按时答复"), N_("按时办结"), N_("已解决"), N_("满意")),
    *(N_("评分"), N_("退回重办次数")),
)
_VERDICTS = ("answered_in_time", "done_in_time", "visit_resolved", "visit_satisfied")
_COLUMNS = [
    getattr(ServiceRequest, name)
    for name in (
        *("number", "summary", "anonymous", "state", "filed_at", "due_at", "completed_at"),
        *("outcome", "reason", *_VERDICTS, "score", "round"),
    )
]
_PORTION = 2000
_reporter, _worker = aliased(Person), aliased(Person)


def head() -> list[str]:
    """What the columns are called in the reader's language."""
    return [_(name) for name in _HEAD]


async def table(session: AsyncSession, asked: Filters, *, by: Actor) -> list[list[Cell]]:
    """The requests that this actor may see and the filters let through, newest first.

    Nobody is named who reported anonymously, and phone numbers are masked. `Forbidden` for who may
    take nothing out, `ExportTooLarge` beyond 20,000 rows.
    """
    FIGURES.demand_somewhere(by)
    narrowed = await filters.conditions(session, asked, me=by)
    conditions = [*narrowed.on_request, *narrowed.on_place, FIGURES.places(by)]
    if asked.q:
        conditions.append(search.says(search.words(asked.q)))
    ids = (
        queries.seen_by(by)
        .where(*conditions)
        .with_only_columns(ServiceRequest.id)
        .order_by(ServiceRequest.id.desc())
        .limit(MOST + 1)
    )
    found = (await session.scalars(ids)).all()
    if len(found) > MOST:
        raise ExportTooLarge
    rows = await _rows(session, found, by)
    taken = FiguresTaken(export_id=new_id(), what="service_requests", rows=len(rows))
    await record(session, taken, by=by)
    return rows


def _same(table: Any, key: Any) -> ColumnElement[bool]:
    return and_(table.community_id == ServiceRequest.community_id, table.id == key)


async def _rows(session: AsyncSession, ids: Sequence[UUID], by: Actor) -> list[list[Cell]]:
    """Read in portions, each by its ids, so that no statement is longer than it may be."""
    request, rows = ServiceRequest, []
    wanted = (
        select(
            *_COLUMNS,
            Category.name,
            Place.path,
            Place.name,
            _reporter.name,
            _reporter.phone,
            _worker.name,
            Organization.name,
        )
        .join(Category, _same(Category, request.category_id))
        .join(Place, _same(Place, request.place_id))
        .outerjoin(_reporter, _same(_reporter, request.reporter_id))
        .outerjoin(_worker, _same(_worker, request.assignee_id))
        .outerjoin(Organization, _same(Organization, request.organization_id))
        .where(request.community_id == by.community_id)
        .order_by(request.id.desc())
    )
    for at in range(0, len(ids), _PORTION):
        portion = wanted.where(request.id.in_(ids[at : at + _PORTION]))
        rows += [_row(tuple(each)) for each in await session.execute(portion)]
    return rows


def _row(found: tuple[Any, ...]) -> list[Cell]:
    asked, (category, path, place, reporter, phone, worker, organization) = (
        dict(zip((column.key for column in _COLUMNS), found, strict=False)),
        found[len(_COLUMNS) :],
    )
    named = not asked["anonymous"]
    return [
        asked["number"],
        category,
        f"{place}（{path.strip('/')}）",
        asked["summary"],
        reporter if named else _("匿名"),
        phones.masked(phone) if phone and named else None,
        words.label(asked["state"]),
        organization,
        worker,
        asked["filed_at"],
        asked["due_at"],
        asked["completed_at"],
        asked["outcome"] or asked["reason"],
        *(_yes(asked[name]) for name in _VERDICTS),
        asked["score"],
        asked["round"] - 1,
    ]


def _yes(verdict: bool | None) -> str | None:  # noqa: FBT001 - a column's value
    if verdict is None:
        return None
    return _("是") if verdict else _("否")
