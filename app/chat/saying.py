"""A WeChat message in the terms of the conversation."""

from app.chat.talk import Said
from app.wechat.edge import Message


def said_in(message: Message) -> Said:
    """What the sender said, in words where there are any."""
    return Said.of(
        kind=message.kind,
        raw=message.recognition or message.content,
        media_id=message.media_id,
        pic_url=message.pic_url,
        latitude=message.latitude,
        longitude=message.longitude,
        label=message.label,
        event=message.event,
        event_key=message.event_key,
    )
