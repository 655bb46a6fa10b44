"""The software behind a bot, as a platform sees it: it keeps what comes and answers as told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.sandbox.rig import Box, Server

BOT, GROUP, WANG, LI = "10001", "700100", "20001", "20002"
SECRET, TOKEN = "kSecret", "kToken"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
CORP_ID = "ww0a1b2c3d4e5f6071"
MEMBERS = [
    {"id": WANG, "name": "王秀英"},
    {"id": LI, "name": "李建国", "card": "3-1-502 老李", "role": "admin"},
]


@dataclass(frozen=True)
class Report:
    """What came, byte for byte."""

    method: str
    headers: dict[str, str]
    query: dict[str, str]
    body: bytes


class Hook:
    """One address that all platforms report to."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.answers: list[Callable[[Report], Response]] = []
        self.app = Starlette(routes=[Route("/hooks/palm", self._take, methods=["GET", "POST"])])

    async def _take(self, request: Request) -> Response:
        query, body = dict(request.query_params), await request.body()
        report = Report(request.method, dict(request.headers), query, body)
        self.reports.append(report)
        return self.answers.pop(0)(report) if self.answers else Response(status_code=204)

    @contextmanager
    def listening(self, server: Server) -> Iterator[str]:
        """Where it listens."""
        with server.serving(self.app) as address:
            yield f"{address}/hooks/palm"


class Chats:
    """A sandbox with a bot, spoken to over HTTP."""

    def __init__(self, box: Box, hook_url: str) -> None:
        self.box, self.hook_url = box, hook_url

    def put(self, path: str, body: Any) -> int:
        return self.box.http.put(path, json=body).status_code

    def add_bot(self, self_id: str = BOT, **settings: Any) -> None:
        bot = {"hook_url": self.hook_url, "name": "小掌", **settings}
        assert self.put(f"/bots/{self_id}", bot) == 200

    def add_group(self, group_id: str = GROUP, **settings: Any) -> None:
        group = {"bot": BOT, "name": "3栋楼栋交流群", "members": MEMBERS, **settings}
        assert self.put(f"/groups/{group_id}", group) == 200

    def say(self, text: str, member: str = WANG, group: str = GROUP, **more: Any) -> dict[str, Any]:
        return self.box.post(f"/groups/{group}/messages", {"member": member, "text": text, **more})

    def read(self, group: str = GROUP, **query: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.box.get(f"/groups/{group}/messages", **query)["messages"]
        return found

    def texts(self, group: str = GROUP) -> list[str]:
        return [said["text"] for said in self.read(group)]

    def do(self, action: str, token: str = TOKEN, **parameters: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        answer: dict[str, Any] = self.box.http.post(
            f"/onebot/{BOT}/{action}", json=parameters, headers=headers
        ).json()
        return answer
