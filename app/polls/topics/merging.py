"""What becomes of topics, seconds and posts of who was in the register twice."""

from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.polls.models import Topic, TopicPost, TopicSupport


async def hand_over(
    session: AsyncSession, community_id: UUID, gone_id: UUID, kept_id: UUID
) -> None:
    """Let what one entry of the register raised, seconded and said be the other's, as it was."""
    for column in (Topic.raised_by_id, TopicPost.person_id, TopicPost.moderated_by_id):
        theirs = (column.class_.community_id == community_id, column == gone_id)
        await session.execute(update(column.class_).where(*theirs).values({column.key: kept_id}))
    seconded = select(TopicSupport.topic_id).where(
        TopicSupport.community_id == community_id, TopicSupport.person_id == kept_id
    )
    own = select(Topic.id).where(Topic.community_id == community_id, Topic.raised_by_id == kept_id)
    gone = (TopicSupport.community_id == community_id, TopicSupport.person_id == gone_id)
    twice = (TopicSupport.topic_id.in_(seconded)) | (TopicSupport.topic_id.in_(own))
    await session.execute(
        delete(TopicSupport).where(*gone, twice), execution_options={"synchronize_session": False}
    )
    await session.execute(update(TopicSupport).where(*gone).values(person_id=kept_id))
    kept = (TopicSupport.community_id == community_id, TopicSupport.person_id == kept_id)
    await session.execute(
        delete(TopicSupport).where(*kept, TopicSupport.topic_id.in_(own)),
        execution_options={"synchronize_session": False},
    )
