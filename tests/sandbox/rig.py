"""A platform, an account's callback, and a clock, each over a real socket or in the hand."""

import asyncio
import json
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import uvicorn
from lxml import etree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from app.sandbox.platform import create_platform

APP_ID, SECRET, TOKEN = "wx0a1b2c3d4e5f6071", "a-secret", "callback-token"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ORIGINAL_ID = "gh_0123456789ab"
TEMPLATE = "Tprogress"
OPENID = "oResident-1"

DEADLINE_SECONDS = 60

_TRUST = ssl.create_default_context()


def until(condition: Callable[[], Any]) -> Any:
    """Wait for a condition to hold, and give what it gave."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (result := condition()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)
    return result


class Server:
    """A socket that serves one application after another, since starting one takes its time."""

    def __init__(self) -> None:
        self._app: Starlette | None = None
        # Only of a socket that says it is TCP does asyncio turn off the delay of small packets.
        self._door = socket.socket(proto=socket.IPPROTO_TCP)
        self._door.bind(("127.0.0.1", 0))
        self._loop: asyncio.AbstractEventLoop | None = None
        config = uvicorn.Config(
            self._answer,
            interface="asgi3",
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=asyncio.run, args=(self._run(),))
        self._thread.start()
        until(lambda: self._server.started)

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._server.serve(sockets=[self._door])

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._app
        await self._app(scope, receive, send)

    def _do(self, work: Coroutine[Any, Any, Any]) -> None:
        assert self._loop
        asyncio.run_coroutine_threadsafe(work, self._loop).result(DEADLINE_SECONDS)

    @contextmanager
    def serving(self, app: Starlette) -> Iterator[str]:
        """Answer with this application for a while; the address."""
        lifespan = app.router.lifespan_context(app)
        self._do(lifespan.__aenter__())
        self._app = app
        yield f"http://127.0.0.1:{self._door.getsockname()[1]}"
        self._do(lifespan.__aexit__(None, None, None))

    def stop(self) -> None:
        """Let go of the socket and the thread."""
        self._server.should_exit = True
        self._thread.join()


class Clock:
    """The machine's time, run ahead by hand; or one that stands still."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self._stands: float | None = None

    def __call__(self) -> float:
        return (time.time() if self._stands is None else self._stands) + self.ahead

    def stop(self) -> None:
        """Let time pass by hand only, from the beginning of a minute on."""
        self._stands = time.time() // 60 * 60


@dataclass(frozen=True)
class Arrival:
    """A callback as it came, and what wechatpy found inside."""

    query: dict[str, str]
    body: bytes
    fields: dict[str, Any]


def _content(element: etree._Element) -> Any:
    """Text, fields by name, or the items of a list."""
    if not len(element):
        return element.text or ""
    if element[0].tag == "item":
        return [_content(child) for child in element]
    return {str(child.tag): _content(child) for child in element}


Answerer = Callable[[Arrival], Response | Awaitable[Response]]


class Desk:
    """An account's callback: wechatpy checks every signature, the test says what to answer."""

    def __init__(self) -> None:
        self.mode, self.format = "safe", "xml"
        self.arrivals: list[Arrival] = []
        self.answers: list[Answerer] = []
        self.crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
        self.app = Starlette(routes=[Route("/wechat/a", self._receive, methods=["GET", "POST"])])

    async def _receive(self, request: Request) -> Response:
        query = dict(request.query_params)
        check_signature(TOKEN, query["signature"], query["timestamp"], query["nonce"])
        if request.method == "GET":
            return PlainTextResponse(query["echostr"])
        body = await request.body()
        arrival = Arrival(query, body, self._opened(query, self._parsed(body.decode())))
        self.arrivals.append(arrival)
        answerer = self.answers.pop(0) if self.answers else self.echo
        answer = answerer(arrival)
        return await answer if isinstance(answer, Awaitable) else answer

    def _parsed(self, text: str) -> dict[str, Any]:
        fields: dict[str, Any]
        if self.format == "json":
            fields = json.loads(text)
            return fields
        fields = _content(etree.fromstring(text.encode()))
        return fields

    def _opened(self, query: dict[str, str], fields: dict[str, Any]) -> dict[str, Any]:
        if self.mode == "plain":
            return fields
        inner = self.crypto.decrypt_message(
            fields, query["msg_signature"], query["timestamp"], query["nonce"]
        )
        return self._parsed(inner)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The fields of all arrivals but the reports on template messages."""
        every = [arrival.fields for arrival in self.arrivals]
        return [fields for fields in every if fields.get("Event") != "TEMPLATESENDJOBFINISH"]

    def sealed(self, inner: str, arrival: Arrival) -> Response:
        """An encrypted reply."""
        nonce, timestamp = arrival.query["nonce"], arrival.query["timestamp"]
        return Response(self.crypto.encrypt_message(inner, nonce, timestamp))

    def echo(self, arrival: Arrival) -> Response:
        """Repeat a text; say nothing to anything else."""
        if arrival.fields["MsgType"] != "text":
            return PlainTextResponse("success")
        return self._written(text_reply(f"听到：{arrival.fields['Content']}"), arrival)

    def replying(self, inner: str) -> Answerer:
        """Answer with this message, encrypted if the mode asks for it."""
        return lambda arrival: self._written(inner, arrival)

    def _written(self, inner: str, arrival: Arrival) -> Response:
        return Response(inner) if self.mode == "plain" else self.sealed(inner, arrival)


def text_reply(text: str, *, to: str = OPENID, sender: str = ORIGINAL_ID) -> str:
    content = text.replace("]]>", "]]]]><![CDATA[>")
    inner = f"<MsgType>text</MsgType><Content><![CDATA[{content}]]></Content>"
    return reply_xml(inner, to, sender)


def reply_xml(inner: str, to: str = OPENID, sender: str = ORIGINAL_ID) -> str:
    head = f"<ToUserName>{to}</ToUserName><FromUserName>{sender}</FromUserName>"
    return f"<xml>{head}<CreateTime>1795444291</CreateTime>{inner}</xml>"


class Box:
    """A platform under test, spoken to over HTTP."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.http = httpx.Client(base_url=f"{address}/sandbox", timeout=60, verify=_TRUST)

    def open_account(self, callback_url: str, app_id: str = APP_ID, **settings: Any) -> None:
        account = {
            "secret": SECRET,
            "token": TOKEN,
            "aes_key": AES_KEY,
            "original_id": ORIGINAL_ID,
            "callback_url": callback_url,
            "mode": "safe",
            "name": "伊伊小区",
            "templates": {
                TEMPLATE: {
                    "title": "处理进度通知",
                    "content": "{{first.DATA}}\n事项：{{thing1.DATA}}\n状态：{{phrase2.DATA}}",
                }
            },
            **settings,
        }
        self.http.put(f"/accounts/{app_id}", json=account).raise_for_status()

    def add(self, openid: str = OPENID, **person: Any) -> None:
        person = {"name": "李秀英", "app_id": APP_ID, "home": "3栋2单元502", **person}
        self.http.put(f"/users/{openid}", json=person).raise_for_status()

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.http.get(path, params=query).json()
        return answer

    def post(self, path: str, body: Any, **query: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.http.post(path, params=query, json=body).json()
        return answer

    def stable(self, *, force: bool = False, **changed: Any) -> dict[str, Any]:
        body = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET, **changed}
        return self.post("/cgi-bin/stable_token", {**body, "force_refresh": force})

    @property
    def token(self) -> str:
        return str(self.stable()["access_token"])

    def call(self, path: str, body: Any, **query: Any) -> dict[str, Any]:
        return self.post(path, body, access_token=self.token, **query)

    def template(self, openid: str = OPENID, **changed: Any) -> dict[str, Any]:
        data = {"thing1": {"value": "水管漏水"}, "phrase2": {"value": "处理中"}}
        body = {"touser": openid, "template_id": TEMPLATE, "data": data, **changed}
        return self.call("/cgi-bin/message/template/send", body)

    def customer(self, text: str = "您好", openid: str = OPENID) -> dict[str, Any]:
        body = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        return self.call("/cgi-bin/message/custom/send", body)

    def act(self, openid: str = OPENID, **action: Any) -> dict[str, Any]:
        return self.post(f"/phones/{openid}/messages", action)

    def say(self, text: str, openid: str = OPENID) -> dict[str, Any]:
        return self.act(openid, type="text", text=text)

    def phone(self, openid: str = OPENID, **query: Any) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = self.get(f"/phones/{openid}/messages", **query)["messages"]
        return messages

    def break_down(self, **faults: Any) -> None:
        self.http.put("/faults", json=faults).raise_for_status()


@contextmanager
def boxed(
    server: Server, clock: Clock, journal: Path | None = None, *, patience: float = 20
) -> Iterator[Box]:
    """A platform that tries again in no time."""
    app = create_platform(journal, spacing=0.2, patience=patience, clock=clock)
    with server.serving(app) as address:
        box = Box(address)
        yield box
        box.http.close()
