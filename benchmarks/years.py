"""Three years of a community's requests, as many as are asked for."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.auth import Holder, issue
from app.core.clock import now
from app.core.ids import new_id
from app.organizations.models import Organization, OrganizationKind
from app.people.access import system
from app.people.models import Person, Post, Role
from app.places.models import Community, Kind, Place
from app.service_requests import search
from app.service_requests.catalogue import install_catalogue
from app.service_requests.models import FIRST_NUMBER, Category

DAYS = 3 * 365
COMMON, MEDIUM, RARE = "漏水", "白蚁", "白鹭"
"""Said in 5 of 100 requests, in 1 of 1,000, and in 1 of 50,000."""


def _each(words: str) -> list[str]:
    return words.split()


_WHERE = [
    f"{place}{side}"
    for place in (
        *("一单元", "二单元", "三单元", "四单元", "3栋", "5栋", "12栋", "地下车库", "小区南门"),
        *("电梯厅", "楼道", "顶楼", "车棚", "广场", "花坛边", "健身器材"),
    )
    for side in ("", "门口", "旁边", "里")
]
_WHAT = _each(
    """
    水管接头 卫生间天花板 下水道 楼道灯 电梯按钮 门禁 外墙瓷砖 垃圾桶 装修垃圾 树枝 消防通道
    电动车 机动车 陌生人 路灯 井盖 围栏 监控 信箱 消火栓 扶手 雨水管 空调外机 防盗门 楼梯间窗户
    宣传栏 休闲椅 充电桩
    """
)
_WRONG = _each(
    """
    坏了 松动 没人清理 味道很大 一直响 挡光 被占用 关不上 看不见 半夜吵闹 掉下来 生锈 堵了 积水
    破损 没反应 时好时坏 开裂 倾斜 冒烟
    """
)
_ASKED = _each(
    """
    请尽快处理 老人出行不便 孩子差点摔倒 已经两周了 物业说不归他们管 请派人来看看
    多次反映没有结果 影响休息 存在安全隐患 麻烦安排维修 谢谢 希望有个答复
    """
)
_TABLES = ("service_requests", "request_clocks", "request_remarks", "facts")
_COLUMNS = {
    "community_id": "uuid",
    "id": "uuid",
    "number": "int8",
    "category_id": "uuid",
    "category_version": "int8",
    "place_id": "uuid",
    "reporter_id": "uuid",
    "anonymous": "bool",
    "confidential": "bool",
    "summary": "text",
    "answers": "jsonb",
    "said": "text",
    "grams": "int4[]",
    "channel": "varchar",
    "origin": "varchar",
    "state": "varchar",
    "round": "int8",
    "organization_id": "uuid",
    "assignee_id": "uuid",
    "first_handler_id": "uuid",
    "escalation": "int8",
    "suspended_at": "timestamptz",
    "suspended_reason": "text",
    "filed_at": "timestamptz",
    "due_at": "timestamptz",
    "completed_at": "timestamptz",
    "closed_at": "timestamptz",
    "outcome": "text",
    "answered_in_time": "bool",
    "done_in_time": "bool",
    "visit_resolved": "bool",
    "visit_satisfied": "bool",
    "score": "int8",
    "version": "int8",
    "updated_at": "timestamptz",
}
_FOLLOWING = (
    """
    INSERT INTO request_remarks
        (community_id, id, request_id, by_reporter, internal, text, created_at)
    SELECT community_id, uuidv7(completed_at - clock_timestamp()), id, false, false, outcome,
        completed_at
    FROM service_requests WHERE completed_at IS NOT NULL
    """,
    """
    INSERT INTO request_clocks (community_id, id, request_id, kind, round, "limit", started_at,
        warn_at, due_at, stopped_at, cancelled, warned_at, breached_at)
    SELECT r.community_id, gen_random_uuid(), r.id, kind, 1, '2d', filed_at,
        filed_at + (due_at - filed_at) * share * 0.75, filed_at + (due_at - filed_at) * share,
        filed_at + (completed_at - filed_at) * share, false,
        CASE WHEN completed_at > due_at OR due_at < now() THEN filed_at END,
        CASE WHEN completed_at > due_at OR (completed_at IS NULL AND due_at < now())
            THEN due_at END
    FROM service_requests r,
        (VALUES ('first_answer', 0.1), ('resolution', 1)) AS clock (kind, share)
    """,
    """
    INSERT INTO facts (community_id, id, at, kind, subject_id, actor_kind, actor_id, payload)
    SELECT r.community_id, uuidv7(step.at - clock_timestamp()), step.at,
        'service_request.' || step.kind, r.id, step.who, step.actor,
        jsonb_build_object('request_id', r.id) || step.payload
    FROM service_requests r
    LEFT JOIN request_remarks m ON m.community_id = r.community_id AND m.request_id = r.id,
    LATERAL (VALUES
        ('filed', r.filed_at, 'person', r.reporter_id, '{}'::jsonb),
        ('accepted', r.filed_at + interval '1 second', 'system', NULL, '{}'),
        ('assigned', r.filed_at + interval '2 seconds', 'system', NULL,
            jsonb_build_object('worker_id', r.assignee_id, 'instead_of_id', NULL)),
        ('completed', r.completed_at, 'person', r.assignee_id,
            jsonb_build_object('remark_id', m.id)),
        ('closed', r.closed_at, 'system', NULL, '{}')
    ) AS step (kind, at, who, actor, payload)
    WHERE step.at IS NOT NULL
    """,
)


@dataclass
class Settled:
    """A community without requests: who lives and works there, and tokens of some of them."""

    community_id: UUID
    tokens: dict[str, str] = field(default_factory=dict)
    places: dict[str, list[UUID]] = field(default_factory=dict)
    homes: list[UUID] = field(default_factory=list)
    residents: list[UUID] = field(default_factory=list)
    workers: list[UUID] = field(default_factory=list)
    organizations: list[UUID] = field(default_factory=list)
    categories: list[tuple[UUID, int, str]] = field(default_factory=list)


async def settle(session: AsyncSession) -> Settled:
    """Draw 20 grids with 4,000 homes, and let 8,000 people live and 60 work there."""
    community = Community(id=new_id(), slug="yiyi", name="伊伊小区", town="ZJ镇")
    session.add(community)
    await session.flush()
    town = Settled(community.id)
    grids = await _draw(session, town)
    town.residents = await _people(session, town, 8000)
    town.workers = await _people(session, town, 60)
    manager, resident = (await _people(session, town, 1))[0], town.residents[0]
    root = town.places["community"][0]
    posts = [(manager, root, Role.MANAGER)]
    posts += [(who, at, Role.GRID_WORKER) for who, at in zip(town.workers, grids, strict=False)]
    posts += [(who, root, Role.STAFF) for who in town.workers[len(grids) :]]
    for person_id, place_id, role in posts:
        session.add(
            Post(community_id=community.id, person_id=person_id, place_id=place_id, role=role)
        )
    for who, person_id in (
        ("manager", manager),
        ("grid worker", town.workers[0]),
        ("staff", town.workers[-1]),
        ("resident", resident),
    ):
        town.tokens[who] = issue(
            session, community_id=community.id, holder=Holder.PERSON, holder_id=person_id
        )
    await _organize(session, town, root)
    return town


async def _draw(session: AsyncSession, town: Settled) -> list[UUID]:
    """The map, level by level; returns the grids."""
    levels = (
        (Kind.COMMUNITY, 1),
        (Kind.AREA, 4),
        (Kind.GRID, 5),
        (Kind.BUILDING, 5),
        (Kind.UNIT, 2),
        (Kind.HOME, 20),
    )
    above: list[tuple[UUID | None, str]] = [(None, "")]
    for kind, each in levels:
        rows = []
        for parent_id, path in above:
            for number in range(1, each + 1):
                code = f"{kind[0]}{number}"
                at = "/" if parent_id is None else f"{path}{code}/"
                rows.append(
                    {
                        "community_id": town.community_id,
                        "id": new_id(),
                        "parent_id": parent_id,
                        "kind": kind,
                        "code": code,
                        "name": code,
                        "path": at,
                    }
                )
        await session.execute(insert(Place), rows)
        above = [(row["id"], str(row["path"])) for row in rows]  # type: ignore[misc]
        town.places[kind] = [row["id"] for row in rows]  # type: ignore[misc]
    town.homes = town.places[Kind.HOME]
    return town.places[Kind.GRID]


async def _people(session: AsyncSession, town: Settled, count: int) -> list[UUID]:
    rows = [
        {"community_id": town.community_id, "id": new_id(), "name": f"居民{number}"}
        for number in range(count)
    ]
    await session.execute(insert(Person), rows)
    return [row["id"] for row in rows]  # type: ignore[misc]


async def _organize(session: AsyncSession, town: Settled, root: UUID) -> None:
    """Ten organisations, and the categories that come with the software."""
    for number in range(10):
        organization = Organization(
            community_id=town.community_id,
            id=new_id(),
            code=f"o{number}",
            name=f"物业{number}",
            kind=OrganizationKind.PROPERTY,
            place_id=root,
        )
        session.add(organization)
        town.organizations.append(organization.id)
    await session.flush()
    await install_catalogue(session, town.community_id, by=system(town.community_id))
    found = await session.scalars(
        select(Category).where(Category.community_id == town.community_id)
    )
    town.categories = [(each.id, each.version, each.code) for each in found]


def _summary(draw: random.Random) -> str:
    parts = [draw.choice(_WHERE), draw.choice(_WHAT)]
    if draw.random() < 0.05:
        parts.append(COMMON)
    if draw.random() < 0.001:
        parts.append(MEDIUM)
    parts += [draw.choice(_WRONG), "，", draw.choice(_ASKED)]
    if draw.random() < 0.5:
        parts += ["，", draw.choice(_ASKED)]
    if draw.random() < 0.3:
        parts.append(f"，电话{draw.randrange(10**7)}")
    return "".join(parts)


def _state(draw: random.Random, share: float) -> str:
    """Of 100 requests 97 are over; of the last two weeks' most are not, of older ones a few."""
    recent = share > 0.985
    if draw.random() < (0.9 if recent else 0.0065):
        return draw.choices(("submitted", "accepted", "assigned", "in_progress"), (1, 1, 4, 4))[0]
    if recent and draw.random() < 0.5:
        return draw.choice(("completed", "verified"))
    return draw.choices(("rejected", "closed"), (2, 98))[0]


def _rows(town: Settled, count: int) -> Iterator[list[object]]:
    draw = random.Random(count)  # noqa: S311 - the same three years each time
    texts = [_summary(draw) for _ in range(100_000)]
    step = timedelta(days=DAYS) / count
    filed = now() - step * count
    note = "已上门处理，恢复正常"
    for n in range(count):
        filed += step
        state = _state(draw, n / count)
        over = state in ("closed", "completed", "verified", "rejected")
        done = filed + timedelta(hours=draw.expovariate(1 / 30))
        due = filed + timedelta(days=draw.choice((1, 2, 3, 5)))
        worker = None if state in ("submitted", "accepted") else draw.choice(town.workers)
        held = filed if state == "in_progress" and draw.random() < 0.1 else None
        category_id, version, _code = draw.choice(town.categories)
        said = draw.choice(texts) + (f"，看到{RARE}" if n % 50_000 == 7 else "")
        folded, number = search.folded(said), FIRST_NUMBER + n
        yield [
            town.community_id,
            _id_at(filed, draw),
            number,
            category_id,
            version,
            draw.choice(town.homes),
            draw.choice(town.residents),
            False,
            False,
            said,
            Jsonb({}),
            folded,
            search.grams(town.community_id, number, folded),
            draw.choices(("wechat", "desk", "chat"), (80, 15, 5))[0],
            "resident",
            state,
            1,
            draw.choice(town.organizations) if draw.random() < 0.7 else None,
            worker,
            worker,
            0,
            held,
            "等待配件" if held else None,
            filed,
            due,
            done if over else None,
            done if state in ("closed", "rejected") else None,
            note if over else None,
            draw.random() < 0.98,
            done < due if over else None,
            True if over and draw.random() < 0.5 else None,
            True if over and draw.random() < 0.5 else None,
            draw.choice((3, 4, 5)) if over and draw.random() < 0.4 else None,
            7,
            done if over else filed,
        ]


def _id_at(moment: datetime, draw: random.Random) -> UUID:
    """An id as it would have been made then."""
    millis = int(moment.timestamp() * 1000)
    return UUID(int=millis << 80 | 0x7 << 76 | 0x2 << 62 | draw.getrandbits(62))


def fill(url: str, town: Settled, count: int) -> None:
    """Put in so many requests with their clocks, remarks and facts; the indexes come after."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica; SET jit = off")
        made = _drop_indexes(connection)
        names = ", ".join(_COLUMNS)
        copy = f"COPY service_requests ({names}) FROM STDIN (FORMAT BINARY)"
        with connection.cursor() as cursor, cursor.copy(copy.encode()) as rows:
            rows.set_types(list(_COLUMNS.values()))
            for row in _rows(town, count):
                rows.write_row(row)
        for statement in (*_FOLLOWING, *made):
            connection.execute(statement.encode())
        last = "INSERT INTO request_numbers (community_id, last) VALUES (%s, %s)"
        connection.execute(last, (town.community_id, FIRST_NUMBER + count - 1))
        connection.execute("VACUUM ANALYZE")


def _drop_indexes(connection: psycopg.Connection) -> list[str]:
    """Drop what is no constraint, and return how it is made again."""
    found = connection.execute(
        """
        SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
        FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid
        WHERE c.oid IS NULL AND i.indrelid = ANY (%s::regclass[])
        """,
        (list(_TABLES),),
    ).fetchall()
    for name, _made in found:
        connection.execute(f"DROP INDEX {name}".encode())
    return [made for _name, made in found]
