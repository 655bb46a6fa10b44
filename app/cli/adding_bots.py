"""Setting up: the bots that hear a community's groups, and the groups themselves."""

from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.cli.adding import Slug
from app.cli.output import AsJson, tell
from app.cli.within import community_of, place_of, transaction
from app.core.problems import NotFound
from app.groups import service as groups
from app.groups.models import Bot, Group, GroupKind
from app.groups.platforms import platforms
from app.groups.schemas import BotIn, RobotIn, hook_url
from app.people.access import system
from app.people.models import Credential, Person
from app.places.models import ROOT

bot = typer.Typer(help="Bots in chat groups.", no_args_is_help=True)
group = typer.Typer(help="Chat groups.", no_args_is_help=True)

Platform = Annotated[str, typer.Option(help="onebot11, onebot12, wecom, dingtalk, feishu, signed.")]


def _secrets(platform: str, given: list[str]) -> dict[str, str]:
    """The secrets that were given as `name=value`, and those asked for that were not."""
    keys = dict(each.partition("=")[::2] for each in given)
    platforms.load()
    known = platforms.get(platform)
    for name in known.needs if known else ():
        if name not in keys:
            keys[name] = typer.prompt(name, hide_input=True)
    return keys


@bot.command("add")
def add_bot(
    slug: Annotated[str, typer.Argument(help="Its name in the address of its hook.")],
    *,
    community: Slug,
    name: Annotated[str, typer.Option(help="As it is called in the groups, 小掌.")],
    platform: Platform,
    key: Annotated[
        list[str] | None, typer.Option(help="A secret, name=value; asked for if left out.")
    ] = None,
    address: Annotated[str | None, typer.Option(help="Where its own API is (OneBot).")] = None,
    self_id: Annotated[str | None, typer.Option(help="The platform's id of the bot.")] = None,
    as_json: AsJson = False,
) -> None:
    """Let a bot listen; prints the address to enter on its platform."""
    keys = _secrets(platform, key or [])

    async def work(session: AsyncSession) -> dict[str, str]:
        owner = await community_of(session, community)
        asked = BotIn.model_validate(
            {
                "slug": slug,
                "name": name,
                "platform": platform,
                "keys": keys,
                "address": address,
                "self_id": self_id,
            }
        )
        columns = asked.model_dump(exclude={"keys"})
        made = await groups.add_bot(session, **columns, keys=keys, by=system(owner.id))
        return {"id": str(made.id), "slug": slug, "URL": hook_url(made)}

    tell(transaction(work), as_json=as_json)


async def _bot_of(session: AsyncSession, community_id: UUID, slug: str | None) -> Bot | None:
    if slug is None:
        return None
    here = select(Bot).where(Bot.community_id == community_id, Bot.slug == slug)
    if found := await session.scalar(here):
        return found
    raise NotFound(slug)


async def _owner_of(session: AsyncSession, community_id: UUID, login: str) -> Person:
    signed_in = (
        select(Person)
        .join(
            Credential,
            (Credential.community_id == Person.community_id) & (Credential.person_id == Person.id),
        )
        .where(Credential.community_id == community_id, Credential.login == login.lower())
    )
    if found := await session.scalar(signed_in):
        return found
    raise NotFound(login)


@group.command("add")
def add_group(
    name: Annotated[str, typer.Argument(help="Its name, 3栋楼栋交流群.")],
    *,
    community: Slug,
    kind: Annotated[GroupKind, typer.Option(help="What it is for.")],
    owner: Annotated[str, typer.Option(help="Who answers for it, by what they sign in as.")],
    platform: Platform,
    at: Annotated[str, typer.Option(help="The path of its place; / is all of it.")] = ROOT,
    listening: Annotated[
        str | None, typer.Option("--bot", help="The bot that hears it, by its slug.")
    ] = None,
    external_id: Annotated[
        str | None, typer.Option(help="What the platform calls the group, if a bot hears it.")
    ] = None,
    robot_url: Annotated[str | None, typer.Option(help="The address of its own robot.")] = None,
    robot_secret: Annotated[str | None, typer.Option(help="What that is signed with.")] = None,
    as_json: AsJson = False,
) -> None:
    """Open a group of the community."""

    async def work(session: AsyncSession) -> Group:
        found = await community_of(session, community)
        columns = {"name": name, "kind": kind, "platform": platform, "external_id": external_id}
        if robot_url:
            robot = RobotIn.model_validate({"url": robot_url, "secret": robot_secret})
            columns["robot"] = robot.kept()
        return await groups.add(
            session,
            place=await place_of(session, found, at),
            columns=columns,
            owner=await _owner_of(session, found.id, owner),
            bot=await _bot_of(session, found.id, listening),
            by=system(found.id),
        )

    made = transaction(work)
    tell({"id": str(made.id), "name": made.name, "kind": made.kind.value}, as_json=as_json)
