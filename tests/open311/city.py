"""Another city's software, as it speaks to us."""

from dataclasses import dataclass
from typing import Any

import httpx
from lxml import etree
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.service_requests.models import Category
from tests.service_requests.builders import Town

LIGHT = {
    "service_code": "street_light",
    "address_string": "3栋",
    "description": "路灯不亮",
}


async def opened(session: AsyncSession, town: Town) -> None:
    """Let everybody see street lights, and only whom they concern see complaints."""
    of_town = update(Category).where(Category.community_id == town.community.id)
    await session.execute(of_town.where(Category.code == "street_light").values(public=True))
    await session.execute(of_town.where(Category.code == "conduct").values(confidential=True))


@dataclass
class City:
    """A program with its key, or anybody without one."""

    http: httpx.AsyncClient
    key: str | None = None

    async def get(self, path: str, **query: str) -> httpx.Response:
        if self.key:
            query["api_key"] = self.key
        return await self.http.get(f"/open311/v2/{path}", params=query)

    async def post(self, path: str, files: Any = None, **form: Any) -> httpx.Response:
        if self.key:
            form["api_key"] = self.key
        return await self.http.post(f"/open311/v2/{path}", data=form, files=files)

    async def file(self, **form: Any) -> str:
        """File a request, a street light where not said otherwise; its number."""
        answer = await self.post("requests.json", **(LIGHT | form))
        assert answer.status_code == 200, answer.text
        number: str = answer.json()[0]["service_request_id"]
        return number

    async def read(self, number: str, **query: str) -> dict[str, Any]:
        answer = await self.get(f"requests/{number}.json", **query)
        assert answer.status_code == 200, answer.text
        (request,) = answer.json()
        return dict(request)

    async def numbers(self, **query: str) -> list[str]:
        """The numbers of the requests in a list."""
        answer = await self.get("requests.json", **query)
        assert answer.status_code == 200, answer.text
        return [request["service_request_id"] for request in answer.json()]

    async def updates(self, **query: str) -> list[dict[str, Any]]:
        answer = await self.get("servicerequestupdates.json", **query)
        assert answer.status_code == 200, answer.text
        return list(answer.json())


def said(answer: httpx.Response) -> list[str]:
    """The descriptions of the errors in an XML answer, in GeoReport's form."""
    root = etree.fromstring(answer.content)
    assert root.tag == "errors"
    assert {child.tag for child in root} == {"error"}
    codes = {error.findtext("code") for error in root}
    assert codes == {str(answer.status_code)}
    return [error.findtext("description") or "" for error in root]
