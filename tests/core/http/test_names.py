"""Names that strangers give: judged by what they resolve to, at every connection."""

import socket

import httpx
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from typing_extensions import override

from app.core import http
from app.core.http import AddressRefused, Guard
from app.core.http.guard import GuardedResolver
from tests.core.http.listener import HERE, Listener, answer


class Names(AbstractResolver):
    """A resolver that gives its next answer each time it is asked."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in self.answers.pop(0)
        ]

    @override
    async def close(self) -> None:
        return


@pytest.mark.parametrize(
    "found", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"], ["::1"]]
)
async def test_a_name_with_any_private_address_is_refused(
    listener: Listener, found: list[str]
) -> None:
    async with http.make(Guard(ports=HERE.ports), Names(found)) as client:
        with pytest.raises(AddressRefused):
            await client.get(f"http://hooks.test:{listener.port}/")

    assert listener.connections == 0


async def test_a_name_that_turns_private_after_it_was_judged_is_not_asked_again(
    listener: Listener,
) -> None:
    names = Names(["127.0.0.1"], ["127.0.0.2"])

    async with http.make(HERE, names) as client:
        await client.get(f"http://hooks.test:{listener.port}/")

    assert listener.connections == 1
    assert b"\r\nhost: hooks.test:" in listener.requests[0]
    assert names.answers == [["127.0.0.2"]]


async def test_a_name_is_judged_anew_at_every_connection(listener: Listener) -> None:
    listener.answers = [answer(headers="Connection: close\r\n")]
    names = Names(["127.0.0.1"], ["127.0.0.2"])

    async with http.make(HERE, names) as client:
        await client.get(f"http://hooks.test:{listener.port}/")
        with pytest.raises(AddressRefused):
            await client.get(f"http://hooks.test:{listener.port}/")

    assert listener.connections == 1


async def test_the_socket_has_the_last_word(listener: Listener) -> None:
    """Were the resolver's check lost, the address would still see no connection."""

    class Blind(GuardedResolver):
        @override
        def _check(self, addresses: object) -> None:
            return

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http, "GuardedResolver", Blind)
        async with http.make(Guard(ports=HERE.ports), Names(["127.0.0.1"])) as client:
            with pytest.raises(AddressRefused):
                await client.get(f"http://hooks.test:{listener.port}/")

    assert listener.connections == 0


async def test_a_name_that_does_not_exist_is_no_connection() -> None:
    class Nothing(Names):
        @override
        async def resolve(
            self, host: str, port: int = 0, family: object = None
        ) -> list[ResolveResult]:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")

    async with http.make(Guard(), Nothing()) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("http://hooks.test/")
