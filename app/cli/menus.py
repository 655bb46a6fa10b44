"""The menu under the conversation: what a resident can do with one tap."""

from typing import Annotated, Any

import typer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from app.cli.output import say
from app.cli.within import with_engine
from app.core import database
from app.core.problems import NotFound
from app.wechat import client
from app.wechat.models import Account

menu = typer.Typer(help="The menu of a service account.", no_args_is_help=True)

MENU: dict[str, Any] = {
    "button": [
        {"type": "click", "name": "我要反映", "key": "报修"},
        {
            "name": "我的事项",
            "sub_button": [
                {"type": "click", "name": "我的诉求", "key": "我的诉求"},
                {"type": "click", "name": "办理进度", "key": "进度"},
                {"type": "click", "name": "评价", "key": "评价"},
            ],
        },
        {
            "name": "更多",
            "sub_button": [
                {"type": "click", "name": "绑定住址", "key": "绑定"},
                {"type": "click", "name": "转人工", "key": "转人工"},
                {"type": "click", "name": "帮助", "key": "帮助"},
            ],
        },
    ]
}
"""Keys are the words that one could type instead."""


async def publish_menu(engine: AsyncEngine, slug: str) -> None:
    """Put the menu under the conversations of this account."""
    sessions = database.sessions_of(engine)
    async with sessions() as session:
        account = await session.scalar(select(Account).where(Account.slug == slug))
    if account is None:
        raise NotFound
    await client.create_menu(sessions, account, MENU)


@menu.command("publish")
def publish(account: Annotated[str, typer.Argument(help="The account, by its slug.")]) -> None:
    """Put our menu under the conversations of an account."""
    with_engine(lambda engine: publish_menu(engine, account))
    say("published; phones show it within five minutes")
