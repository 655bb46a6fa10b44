"""你好, 谢谢: what people say to each other, answered as people do."""

from app.chat.commands import Reads, command
from app.chat.commands.help import foot, lines
from app.chat.phrases import listed, shown
from app.chat.talk import Reply, Said, Speaker
from app.core.i18n import _

_THANKS = frozenset({"谢谢", "谢谢你", "谢谢您", "多谢", "辛苦了", "感谢", "thanks", "thankyou"})
_PARTING = frozenset({"再见", "拜拜", "bye"})
_GREETINGS = (
    "你好", "您好", "你好呀", "你们好", "hi", "hello", "在吗", "在么", "有人吗", "早上好", "上午好",
    "中午好", "下午好", "晚上好", "早", "早安", "晚安", "喂", "嗨", "哈喽",
)  # fmt: skip
_SHOWN = 4


@command("你好", exactly=(*_GREETINGS[1:], *sorted(_THANKS | _PARTING)), reads=True)
async def greet(_reads: Reads, speaker: Speaker, said: Said, _rest: str) -> Reply:
    """Greet back, and say what can be done here."""
    if said.word in _THANKS:
        return Reply(_("不客气，有事随时说。"))
    if said.word in _PARTING:
        return Reply(_("再见，有事随时找我。"))
    name = shown(speaker.name, 20) if speaker.name else ""
    hello = _("{name}您好！有什么事，在这里说一声就行。").format(name=name)
    return Reply(listed(hello, lines(speaker)[:_SHOWN], foot(speaker)))
