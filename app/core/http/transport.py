"""How a call goes out: bounded in time and in size, retried where that is harmless."""

import asyncio
import random
import zlib
from collections.abc import AsyncIterator

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport
from typing_extensions import override

from app.core.http.guard import Guard

CAP = 64 * 1024
TOTAL = 10.0
ATTEMPTS = 3
_PASSING = frozenset({502, 503, 504})


class AnswerTooLarge(httpx.TransportError):
    """The answer is larger than the caller allows, packed or unpacked."""


async def _bounded(body: AsyncIterator[bytes], cap: int) -> bytes:
    """The whole body, or `AnswerTooLarge` as soon as it is longer than `cap` bytes."""
    held = bytearray()
    async for chunk in body:
        held += chunk
        if len(held) > cap:
            message = f"more than {cap} bytes"
            raise AnswerTooLarge(message)
    return bytes(held)


def _unpacked(packed: bytes, cap: int) -> bytes:
    """What a gzip body holds; a bomb is noticed one byte past the cap."""
    if not packed:
        return b""
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        body = unpack.decompress(packed, cap + 1)
    except zlib.error:
        message = "the packed body is damaged"
        raise httpx.DecodingError(message) from None
    if len(body) > cap:
        message = f"more than {cap} bytes unpacked"
        raise AnswerTooLarge(message)
    if not unpack.eof:
        message = "the packed body ends too early"
        raise httpx.DecodingError(message)
    return body


async def _read(response: httpx.Response, cap: int) -> httpx.Response:
    """The response with its body read, unpacked, and within the cap."""
    coding = response.headers.pop("content-encoding", "identity").strip().lower()
    if coding not in {"identity", "gzip"}:
        message = "the body is packed in a way we did not offer"
        raise httpx.DecodingError(message)
    content = await _bounded(response.aiter_raw(), cap)
    response.headers.pop("transfer-encoding", None)
    response.headers.pop("content-length", None)
    return httpx.Response(
        response.status_code,
        headers=response.headers,
        content=_unpacked(content, cap) if coding == "gzip" else content,
        extensions=response.extensions,
    )


def _translated(error: Exception) -> httpx.TransportError:
    """What went wrong, in httpx's words: `ConnectError` and `ConnectTimeout` mean nothing was sent.

    The transport beneath calls a connection lost in mid-answer a connect time-out, and a caller
    who believes it would send twice.
    """
    match error.__cause__ or error:
        case aiohttp.ConnectionTimeoutError():
            return httpx.ConnectTimeout("connecting took too long")
        case aiohttp.ClientConnectorError():
            return httpx.ConnectError("no connection")
        case aiohttp.ServerTimeoutError():
            return httpx.ReadTimeout("the answer took too long")
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return httpx.UnsupportedProtocol("this is not an address to call")
        case aiohttp.ClientPayloadError() | aiohttp.ClientOSError() | ConnectionError():
            return httpx.ReadError("the connection broke")
    return httpx.RemoteProtocolError("the answer is not HTTP")


class Bounded(httpx.AsyncBaseTransport):
    """Sends over aiohttp; reads the whole answer under the limits of `call()`."""

    def __init__(self, beneath: AiohttpTransport, guard: Guard | None = None) -> None:
        self._beneath = beneath
        self._guard = guard

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._guard is not None:
            self._guard.check(request.url)
        limits = request.extensions
        repeatable = limits.get("idempotent") and isinstance(request.stream, httpx.ByteStream)
        try:
            async with asyncio.timeout(limits.get("total", TOTAL)):
                return await self._attempt(request, ATTEMPTS if repeatable else 1)
        except TimeoutError:
            message = "the call took too long"
            raise httpx.ReadTimeout(message) from None

    async def _attempt(self, request: httpx.Request, attempts: int) -> httpx.Response:
        """Try, pausing up to 0.2 s and then 0.4 s, while the failure may be a passing one."""
        for attempt in range(1, attempts):
            try:
                response = await self._once(request)
            except AnswerTooLarge:
                raise
            except httpx.TransportError:
                response = None
            if response is not None and response.status_code not in _PASSING:
                return response
            await asyncio.sleep(0.1 * 2**attempt * random.uniform(0.5, 1))  # noqa: S311
        return await self._once(request)

    async def _once(self, request: httpx.Request) -> httpx.Response:
        try:
            response = await self._beneath.handle_async_request(request)
            try:
                return await _read(response, request.extensions.get("cap", CAP))
            finally:
                await response.aclose()
        except (AnswerTooLarge, httpx.DecodingError):
            raise
        except (httpx.TransportError, aiohttp.ClientError) as error:
            raise _translated(error) from error

    @override
    async def aclose(self) -> None:
        await self._beneath.aclose()
