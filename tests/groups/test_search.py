import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.problems import Invalid
from app.groups.models import Bot, Group, GroupMessage
from app.groups.search import grams, says
from tests.groups.builders import a_message

TEXTS = [
    "3栋电梯又坏了",
    "電梯什麼時候修好",
    "梯子谁借走了",
    "Wi-Fi 密码是多少",
    "水管漏 水了",
    "漏水泵进水了",
]


async def found(session: AsyncSession, query: str) -> set[str]:
    return set(await session.scalars(select(GroupMessage.text).where(says(query))))


@pytest.mark.parametrize(
    ("query", "indexes"),
    [
        ("电梯", {0, 1}),
        ("電梯", {0, 1}),
        ("梯子", {2}),
        ("电梯又坏", {0}),
        ("电梯坏了", set()),
        ("wi-fi", {3}),
        ("ＷＩ-ＦＩ密码", {3}),
        ("漏水", {4, 5}),
        ("漏水了", {4}),
        ("电梯 什么", {1}),
        ("借走 谁借", {2}),
        ("物业", set()),
    ],
)
async def test_words_of_two_characters_and_more_are_found_however_they_are_spelled(
    session: AsyncSession, group: Group, query: str, indexes: set[int]
) -> None:
    for text in TEXTS:
        await a_message(session, group, text)
    assert await found(session, query) == {TEXTS[index] for index in indexes}


@pytest.mark.parametrize("query", ["", " ", "水", "漏水 又", "\u200b"])
def test_less_than_two_characters_are_not_looked_for(query: str) -> None:
    with pytest.raises(Invalid):
        says(query)


def test_two_characters_never_look_like_three() -> None:
    assert max(grams("\U0010ffff\U0010ffff")) < min(
        set(grams("\x21\x21\x21")) - set(grams("\x21\x21"))
    )
    assert max(grams("\U0010ffff" * 3)) < 2**63


async def test_a_message_is_masked_before_it_can_be_found(
    session: AsyncSession, bot: Bot, group: Group
) -> None:
    await a_message(session, group, "打13800138000")
    assert await found(session, "13800138000") == set()
    assert await found(session, "8000") == {"打138****8000"}
