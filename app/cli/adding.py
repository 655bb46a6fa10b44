"""Setting up: communities, their accounts, their staff, and keys for other programs."""

import secrets
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from app.cli.menus import menu
from app.cli.output import AsJson, tell
from app.cli.within import community_of, place_of, transaction
from app.core.settings import settings
from app.people import service as people
from app.people.access import system
from app.people.models import Role, Speciality
from app.places.models import ROOT
from app.service_requests.catalogue import install_catalogue
from app.wechat.edge import Mode, new_aes_key
from app.wechat.models import Account

__all__ = ["account", "community", "key", "menu", "staff"]

community = typer.Typer(help="Communities.", no_args_is_help=True)
account = typer.Typer(help="WeChat service accounts.", no_args_is_help=True)
staff = typer.Typer(help="Members of staff.", no_args_is_help=True)
key = typer.Typer(help="Keys of programs that call the API.", no_args_is_help=True)

Slug = Annotated[str, typer.Option(help="The community, by the name in its address.")]
At = Annotated[str, typer.Option(help="The path of the place it holds for; / is all of it.")]
Password = Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)]
Secret = Annotated[str, typer.Option(prompt=True, hide_input=True)]


@community.command("add")
def add_community(
    slug: Annotated[str, typer.Argument(help="Its name in addresses: a-z, 0-9 and hyphens.")],
    *,
    name: Annotated[str, typer.Option(help="Its name, 伊伊小区.")],
    town: Annotated[str, typer.Option(help="The town or subdistrict it belongs to.")],
    hotline: Annotated[str | None, typer.Option(help="The office's telephone.")] = None,
    admin: Annotated[str, typer.Option(help="The name of its first administrator.")],
    login: Annotated[str, typer.Option(help="What the administrator signs in as.")] = "admin",
    password: Password,
    as_json: AsJson = False,
) -> None:
    """Found a community, with its first administrator and the categories shipped with us."""

    async def work(session: AsyncSession) -> str:
        made, _ = await people.found(
            session,
            slug=slug,
            name=name,
            town=town,
            hotline=hotline,
            admin=admin,
            login=login,
            password=password,
        )
        await install_catalogue(session, made.id, by=system(made.id))
        return str(made.id)

    tell({"id": transaction(work), "slug": slug, "login": login}, as_json=as_json)


@account.command("add")
def add_account(
    slug: Annotated[str, typer.Argument(help="Its name in the callback's address.")],
    *,
    community: Slug,
    name: Annotated[str, typer.Option(help="Its name on WeChat.")],
    app_id: Annotated[str, typer.Option(help="AppID, wx….")],
    original_id: Annotated[str | None, typer.Option(help="Original ID, gh_….")] = None,
    app_secret: Secret,
    mode: Annotated[Mode, typer.Option(help="As chosen on WeChat's console.")] = Mode.SAFE,
    as_json: AsJson = False,
) -> None:
    """Connect a service account; prints what to enter on WeChat's console."""
    token, aes_key = secrets.token_hex(16), new_aes_key()

    async def work(session: AsyncSession) -> None:
        owner = await community_of(session, community)
        made = Account(
            community_id=owner.id,
            slug=slug,
            name=name,
            app_id=app_id,
            original_id=original_id,
            app_secret=app_secret,
            token=token,
            aes_key=aes_key,
            mode=mode,
            templates={},
        )
        await people.add_account(session, made, by=system(owner.id))

    transaction(work)
    shown = {
        "URL": f"{settings().base_url}/wechat/{slug}",
        "Token": token,
        "EncodingAESKey": aes_key,
        "mode": mode.value,
    }
    tell(shown, as_json=as_json)


@staff.command("add")
def add_staff(
    login: Annotated[str, typer.Argument(help="What they sign in as.")],
    *,
    community: Slug,
    name: Annotated[str, typer.Option(help="Their name.")],
    role: Annotated[Role, typer.Option(help="What they are.")],
    at: At = ROOT,
    speciality: Annotated[Speciality | None, typer.Option(help="Their line of work.")] = None,
    password: Password,
    as_json: AsJson = False,
) -> None:
    """Take on a member of staff."""

    async def work(session: AsyncSession) -> str:
        owner = await community_of(session, community)
        person = await people.hire(
            session,
            name=name,
            login=login,
            password=password,
            place=await place_of(session, owner, at),
            role=role,
            speciality=speciality,
            by=system(owner.id),
        )
        return str(person.id)

    tell({"id": transaction(work), "login": login, "role": role.value}, as_json=as_json)


@key.command("add")
def add_key(
    name: Annotated[str, typer.Argument(help="The program that will call.")],
    *,
    community: Slug,
    role: Annotated[Role, typer.Option(help="What it may do.")] = Role.STAFF,
    at: At = ROOT,
    as_json: AsJson = False,
) -> None:
    """Make a key for a program; it is shown this once."""

    async def work(session: AsyncSession) -> dict[str, str]:
        owner = await community_of(session, community)
        client, text = await people.add_client(
            session,
            name=name,
            place=await place_of(session, owner, at),
            role=role,
            by=system(owner.id),
        )
        return {"id": str(client.id), "key": text}

    tell(transaction(work), as_json=as_json)
