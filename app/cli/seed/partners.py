"""Who works for the community besides its own staff, and which matters go which way."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.cli.seed.community import PASSWORD, Seeded
from app.cli.seed.names import Invented
from app.cli.seed.teller import Teller
from app.organizations import service as organizations
from app.organizations.models import OrganizationKind
from app.people.models import Role
from app.service_requests import catalogue
from app.service_requests.models import Dispatch


@dataclass(frozen=True, slots=True)
class Partner:
    """An organisation, and the logins of those who work for it, its head first."""

    code: str
    name: str
    kind: OrganizationKind
    handles: str
    logins: tuple[str, ...]


PARTNERS = (
    Partner(
        "wuye",
        "伊伊物业服务公司",
        OrganizationKind.PROPERTY,
        "公共设施维修、保洁、绿化、秩序",
        ("wuye", "wuye1", "wuye2"),
    ),
    Partner(
        "minzheng",
        "ZJ镇民政办公室",
        OrganizationKind.DEPARTMENT,
        "低保、临时救助、养老、婚姻登记咨询",
        ("minzheng",),
    ),
    Partner("ranqi", "ZJ燃气公司", OrganizationKind.UTILITY, "燃气报修、通气、换表", ("ranqi",)),
    Partner(
        "bianmin",
        "老陈便民服务部",
        OrganizationKind.MERCHANT,
        "家电维修、开锁、保洁",
        ("bianmin", "bianmin1"),
    ),
)
LISTINGS = (
    ("repair_order", "家电上门维修", "空调、冰箱、洗衣机、热水器", "上门30元起，配件另计"),
    ("housekeeping", "钟点保洁", "擦玻璃、厨卫清洁", "每小时45元，两小时起"),
)
WAYS: dict[str, dict[str, Any]] = {
    "street_light": {"organization_id": "wuye", "dispatch": Dispatch.TURNS},
    "door": {"organization_id": "wuye"},
    "elevator": {"organization_id": "wuye"},
    "gas_heating": {"organization_id": "ranqi"},
    "parking": {"dispatch": Dispatch.TAKING},
}
"""How this community handles some kinds of matter otherwise than others do."""


async def bring_in(session: AsyncSession, seeded: Seeded, invented: Invented) -> None:
    """Let organisations work here, each with its people, and say what the merchant offers."""
    for partner in PARTNERS:
        organization = await organizations.add(
            session,
            code=partner.code,
            name=partner.name,
            kind=partner.kind,
            place=seeded.root,
            handles=partner.handles,
            phone=f"023-4880 02{len(seeded.organizations)}0",
            by=seeded.by,
        )
        seeded.organizations[partner.code] = organization
        for login in partner.logins:
            member = await organizations.hire_member(
                session,
                organization,
                name=invented.name(),
                phone=invented.phone(),
                login=login,
                password=PASSWORD,
                head=login == partner.code,
                by=seeded.by,
            )
            seeded.staff.append((member.person, Role.PARTNER, login))
    for code, title, description, price_note in LISTINGS:
        await organizations.add_listing(
            session,
            seeded.organizations["bianmin"],
            category_code=code,
            title=title,
            place=seeded.root,
            description=description,
            price_note=price_note,
            by=seeded.by,
        )


async def set_ways(teller: Teller) -> None:
    """Let matters go to these organisations, by turns, or to whoever takes them first."""
    seeded = teller.seeded
    for code, columns in WAYS.items():
        changed = dict(columns)
        if "organization_id" in changed:
            changed["organization_id"] = seeded.organizations[changed["organization_id"]].id
        await catalogue.change(teller.session, teller.categories[code], changed, by=seeded.by)
    helping = [seeded.organizations["minzheng"].id]
    await catalogue.set_partners(
        teller.session, teller.categories["allowance"], helping, by=seeded.by
    )
