"""A small neighbourhood, and the phones of those who live and work there."""

import re
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.chat import dispatch
from app.chat.queries import speakers_of
from app.chat.talk import Reply, Said, Speaker
from app.core.batch import Statement
from app.core.database import Sessions
from app.core.ids import new_id
from app.people import service as people
from app.people.access import system
from app.people.models import Person, Post, Relation, Residence, Role, Speciality, Standing
from app.places.models import Community, Kind, Place
from app.service_requests.catalogue import install_catalogue
from app.wechat.models import Account

K = TypeVar("K")
V = TypeVar("V")

_TAP = re.compile(r'<a href="weixin://bizmsgmenu\?msgmenucontent=([^"&]*)&msgmenuid=0">([^<]*)</a>')
_PLACES = [
    ("/G1/", Kind.GRID, "一网格"),
    ("/G1/3/", Kind.BUILDING, "3栋"),
    ("/G1/3/1/", Kind.UNIT, "1单元"),
    ("/G1/3/2/", Kind.UNIT, "2单元"),
    ("/G1/3/1/502/", Kind.HOME, "502"),
    ("/G1/3/2/502/", Kind.HOME, "502"),
    ("/G1/3/2/601/", Kind.HOME, "601"),
    ("/G1/7/", Kind.BUILDING, "7栋"),
    ("/G1/7/101/", Kind.HOME, "101"),
]


@dataclass
class Street:
    """A community of two buildings: 3栋 with two units, and 7栋 with none."""

    community: Community
    account: Account
    places: dict[str, Place]

    @property
    def home(self) -> Place:
        return self.places["/G1/3/2/502/"]


async def a_street(session: AsyncSession, slug: str = "yiyi", *, catalogue: bool = True) -> Street:
    community = Community(
        id=new_id(), slug=slug, name="伊伊小区", town="ZJ镇", hotline="0571-8888-0000"
    )
    session.add(community)
    await session.flush()
    root = Place(
        id=new_id(),
        community_id=community.id,
        kind=Kind.COMMUNITY,
        code=slug,
        name="伊伊小区",
        path="/",
    )
    places = {"/": root}
    for path, kind, name in _PLACES:
        parent, _, code = path.rstrip("/").rpartition("/")
        places[path] = Place(
            id=new_id(),
            community_id=community.id,
            parent_id=places[f"{parent}/"].id,
            kind=kind,
            code=code,
            name=name,
            path=path,
        )
    account = Account(
        id=new_id(),
        community_id=community.id,
        slug=slug,
        name="掌上伊伊",
        app_id=f"wx{slug}",
        app_secret="opensesame",
        token="dragonwell",
    )
    session.add_all([*places.values(), account])
    await session.flush()
    if catalogue:
        await install_catalogue(session, community.id, by=system(community.id))
    await session.commit()
    return Street(community, account, places)


class OneByOne:
    """Answers each statement on a connection of its own, which is given back at once."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def ask(self, statement: Statement[K, V], key: K) -> V:
        async with self._engine.connect() as connection:
            (answer,) = await statement(connection, [key])
        return answer


@dataclass
class Phone:
    """Somebody's WeChat: what they say, each message in a transaction of its own."""

    engine: AsyncEngine
    sessions: Sessions
    account: Account
    openid: str
    person_id: UUID

    async def speaker(self) -> Speaker:
        async with self.engine.connect() as connection:
            (speaker,) = await speakers_of(connection, [(self.account.id, self.openid)])
        assert speaker is not None
        return speaker

    async def says(self, words: str, *more: str) -> str:
        """The answer to the last of these messages, as it is read: links are their labels."""
        answer = await self.sends(raw=words)
        for each in more:
            answer = await self.sends(raw=each)
        return answer

    async def sends(self, **fields: Any) -> str:
        return read((await self.answered(Said.of(**fields))).text)

    async def gets(self, words: str) -> str:
        """The answer as it is sent, links and all."""
        return (await self.answered(Said.of(raw=words))).text

    async def answered(self, said: Said) -> Reply:
        """The answer, by the road the callback would take."""
        speaker = await self.speaker()
        chosen = dispatch.choose(speaker, said)
        if chosen.reads:
            return await dispatch.answer_reading(OneByOne(self.engine), speaker, chosen, said)
        async with self.sessions.begin() as session:
            return await dispatch.answer(session, speaker, said)

    async def photographs(self, media_id: str = "photo-1") -> str:
        return await self.sends(kind="image", media_id=media_id, pic_url="http://127.0.0.1/p.jpg")

    async def locates(self, label: str = "小区东门") -> str:
        return await self.sends(kind="location", latitude=30.1, longitude=120.2, label=label)

    async def happens(self, event: str, event_key: str = "") -> str:
        return await self.sends(kind="event", event=event, event_key=event_key)


def read(text: str) -> str:
    """A reply as the phone shows it."""
    return _TAP.sub(r"\2", text)


def taps(text: str) -> dict[str, str]:
    """What the links of a reply say when they are tapped, by their labels."""
    return {label: unquote(said) for said, label in _TAP.findall(text)}


async def a_phone(
    engine: AsyncEngine,
    sessions: Sessions,
    street: Street,
    name: str | None = None,
    *,
    home: Place | None = None,
    role: Role | None = None,
    at: str = "/",
    speciality: Speciality | None = None,
) -> Phone:
    """Somebody who follows the account; with a home they live here, with a role they work here."""
    async with sessions.begin() as session:
        identity = await people.follow(session, account=street.account, openid=f"o-{new_id()}")
        person = await session.get_one(Person, (street.community.id, identity.person_id))
        person.name = name
        if home:
            session.add(_residence(person, home))
        if role:
            post = Post(
                community_id=street.community.id,
                person_id=person.id,
                place_id=street.places[at].id,
                role=role,
                speciality=speciality,
            )
            session.add(post)
    return Phone(engine, sessions, street.account, identity.openid, person.id)


def _residence(person: Person, home: Place) -> Residence:
    return Residence(
        community_id=person.community_id,
        person_id=person.id,
        home_id=home.id,
        relation=Relation.OWNER,
        standing=Standing.VERIFIED,
    )
