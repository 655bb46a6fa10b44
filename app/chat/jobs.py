"""Fetching the photos people sent from WeChat, and forgetting conversations that ran out."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.conversations import REMEMBERED
from app.chat.models import Conversation, FetchedPhoto
from app.chat.talk import Speaker
from app.core.clock import now
from app.core.database import Sessions
from app.core.files import NotAPhoto, Photo, TooManyPixels, decode_photo, store_photo
from app.core.i18n import _, speaking
from app.core.ids import new_id
from app.core.jobs import defer, errand, periodic
from app.core.problems import TooLarge
from app.notices import service as notices
from app.people import access
from app.people.models import Identity
from app.service_requests import service
from app.service_requests.models import ServiceRequest
from app.service_requests.problems import RequestClosed
from app.wechat import client
from app.wechat.models import Account
from app.wechat.problems import Permanent

_DAMAGED = (NotAPhoto, TooManyPixels, TooLarge, Permanent)
"""What asking again will not mend."""


@dataclass(frozen=True)
class _Errand:
    community_id: UUID
    identity_id: UUID
    request_id: UUID
    media_ids: list[str]


async def promise_photos(
    session: AsyncSession, speaker: Speaker, request: ServiceRequest, media_ids: list[str]
) -> None:
    """Promise to add these pictures of WeChat's to a request, as sent by whoever speaks."""
    if media_ids:
        await defer(
            session,
            fetch_photos,
            community_id=str(speaker.community_id),
            identity_id=str(speaker.identity_id),
            request_id=str(request.id),
            media_ids=media_ids,
        )


@errand("chat.fetch_photos")
async def fetch_photos(
    sessions: Sessions,
    *,
    community_id: str,
    identity_id: str,
    request_id: str,
    media_ids: list[str],
) -> None:
    """Add pictures to a request, each once; whoever sent one that is no photo is told."""
    wanted = _Errand(UUID(community_id), UUID(identity_id), UUID(request_id), media_ids)
    async with sessions() as session:
        identity = await session.get_one(Identity, (wanted.community_id, wanted.identity_id))
        account = await session.get_one(Account, (wanted.community_id, identity.account_id))
        had = await session.scalars(
            select(FetchedPhoto.media_id).where(
                FetchedPhoto.community_id == wanted.community_id,
                FetchedPhoto.request_id == wanted.request_id,
            )
        )
        missing = [each for each in dict.fromkeys(media_ids) if each not in set(had)]
    photos = {each: await _fetched(sessions, account, each) for each in missing}
    async with sessions.begin() as session:
        await _add(session, wanted, identity, photos)


async def _fetched(sessions: Sessions, account: Account, media_id: str) -> Photo | None:
    """The picture, decoded; None when it is damaged or gone."""
    try:
        return await decode_photo(await client.fetch_media(sessions, account, media_id))
    except _DAMAGED:
        return None


async def _add(
    session: AsyncSession,
    wanted: _Errand,
    identity: Identity,
    photos: dict[str, Photo | None],
) -> None:
    fresh = [media_id for media_id in photos if await _first_time(session, wanted, media_id)]
    good = [photo for media_id in fresh if (photo := photos[media_id])]
    request = await session.get_one(ServiceRequest, (wanted.community_id, wanted.request_id))
    sentence = None
    if len(good) < len(fresh):
        sentence = _("有{n}张照片打不开，没能加到{number}。麻烦您重新拍一张发过来。")
    if good and not await _attached(session, request, identity, good):
        sentence = _("{number}已经结束了，照片没能加上。要反映新的情况，请回复“报修”。")
    if sentence is None:
        return
    with speaking(identity.locale):
        await notices.say(
            session,
            community_id=wanted.community_id,
            person_id=identity.person_id,
            account_id=identity.account_id,
            identity_id=identity.id,
            text=_(sentence).format(n=len(fresh) - len(good), number=request.number),
        )


async def _first_time(session: AsyncSession, wanted: _Errand, media_id: str) -> bool:
    """Note that a picture was dealt with; False when another run of this errand did it."""
    fetched = insert(FetchedPhoto).values(
        community_id=wanted.community_id,
        id=new_id(),
        request_id=wanted.request_id,
        media_id=media_id,
        fetched_at=now(),
    )
    noted = fetched.on_conflict_do_nothing().returning(FetchedPhoto.id)
    return await session.scalar(noted) is not None


async def _attached(
    session: AsyncSession, request: ServiceRequest, identity: Identity, photos: list[Photo]
) -> bool:
    """Add photos to a request in the name of whoever sent them; False when it is over."""
    by = await access.person(session, identity.community_id, identity.person_id)
    try:
        async with session.begin_nested():
            await session.connection()
            files = [
                await store_photo(session, photo, community_id=by.community_id, by=by.id)
                for photo in photos
            ]
            await service.amend(session, request, photos=[file.id for file in files], by=by)
    except RequestClosed:
        return False
    return True


@periodic("chat.forget", cron="41 3 * * *")
async def forget(sessions: Sessions) -> None:
    """Forget what was said in conversations that ran out a day ago."""
    async with sessions.begin() as session:
        await session.execute(
            update(Conversation)
            .where(Conversation.expires_at < now() - REMEMBERED)
            .values(command=None, step=None, expires_at=None, known={}, asked=[])
        )
