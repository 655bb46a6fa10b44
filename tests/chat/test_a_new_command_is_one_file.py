import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.chat import commands as package
from app.chat.asking import flows
from app.chat.commands import commands
from tests.chat.builders import Phone

FILE = '''
"""天气: what to put on, asked for and told."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat import conversations
from app.chat.asking import Ask, Flow, Option, Turn
from app.chat.commands import command
from app.chat.talk import Reply, Said, Speaker
from app.chat.words import Takes
from app.core.i18n import N_, _


async def _told(turn: Turn) -> Reply:
    return Reply(_("{day}穿{what}。").format(**turn.known))


WEATHER = Flow(
    name="天气",
    asks=(
        Ask(
            name="day",
            says=N_("哪一天？"),
            offers=(Option("今天", N_("今天")), Option("明天", N_("明天"))),
        ),
        Ask(
            name="what",
            says=N_("怕冷吗？"),
            offers=(Option("棉袄", N_("怕")), Option("单衣", N_("不怕"))),
        ),
    ),
    done=_told,
)


@command("天气", "weather", takes=Takes.TEXT, says=N_("明天穿什么"), order=5, flow=WEATHER)
async def weather(session: AsyncSession, speaker: Speaker, said: Said, rest: str) -> Reply:
    """Ask for the day unless it was said."""
    known = {"day": rest} if rest else {}
    return await conversations.begin(session, speaker, said, WEATHER, known)
'''


@pytest.fixture
def dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The file, where the commands are looked for."""
    (tmp_path / "weather.py").write_text(FILE, encoding="utf-8")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    commands.load()
    yield
    commands.remove("天气")
    del flows["天气"]
    del sys.modules[f"{package.__name__}.weather"]


async def test_a_file_is_a_command(dropped: None, resident: Phone) -> None:
    assert "天气：明天穿什么" in await resident.says("帮助")

    assert "2 明天" in await resident.says("天氣")
    assert "怕冷" in await resident.says("２")
    assert "明天" in await resident.says("上一步")
    assert await resident.says("明天", "怕") == "明天穿棉袄。"
    assert await resident.says("weather 后天", "不怕") == "后天穿单衣。"


async def test_without_the_file_there_is_no_such_command(resident: Phone) -> None:
    assert "没看明白" in await resident.says("天气")
