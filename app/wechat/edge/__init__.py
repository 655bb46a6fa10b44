"""The callback's protocol and nothing else: verify, decrypt, read, and write the reply.

The one place where what wechatpy leaves open is closed.
"""

from app.wechat.edge.envelope import Delivered, handshake, open_envelope
from app.wechat.edge.keys import Keys, Mode, new_aes_key
from app.wechat.edge.message import Message
from app.wechat.edge.reading import Form
from app.wechat.edge.replies import Article, Image, News, Reply, Text, render

__all__ = [
    "Article",
    "Delivered",
    "Form",
    "Image",
    "Keys",
    "Message",
    "Mode",
    "News",
    "Reply",
    "Text",
    "handshake",
    "new_aes_key",
    "open_envelope",
    "render",
]
