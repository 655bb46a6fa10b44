"""Addresses that strangers give us: which of them may be called, judged before connecting.

A name is resolved once, every address it has must be allowed, and the connection goes to exactly
those addresses: an answer that changes in between (DNS rebinding) is never asked for again.
"""

import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, TypeAlias

import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from typing_extensions import override

from app.core.problems import Problem

Address: TypeAlias = IPv4Address | IPv6Address

# Python's own `is_global` lets multicast, 6to4 and NAT64 forms of private addresses pass.
DENIED = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT; 100.100.100.200 is Alibaba Cloud's metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's metadata
        "169.254.0.0/16",  # link-local; 169.254.169.254 is most clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "::/3",  # all below 2000::, so unspecified, loopback, IPv4-mapped, NAT64, discard
        "2001::/23",  # Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
        "4000::/2",  # all from 4000:: on, so segment routing,
        "8000::/1",  # unique local, link-local, site-local, multicast
    )
)
_NUMERIC = re.compile(r"0x[0-9a-f]*|\d+", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}
WEB_PORTS = frozenset(_PORTS.values())


class AddressRefused(Problem, status=422):
    """An address that may not be called from here."""


@dataclass(frozen=True)
class Guard:
    """What may be called: public addresses at these ports, and whatever `allow` names beside.

    `allow` holds networks in CIDR notation, for the sandbox and tests on the own machine.
    """

    allow: frozenset[str] = frozenset()
    ports: frozenset[int] = WEB_PORTS

    def permits(self, address: str) -> bool:
        """Whether a connection to this IP address may be opened."""
        where: Address = ip_address(address)
        if any(where in ip_network(block) for block in self.allow):
            return True
        return not any(where in block for block in DENIED)

    def check(self, url: str | httpx.URL) -> httpx.URL:
        """The URL, when its form may be called; `AddressRefused` otherwise.

        A name is not resolved here, but at every connection.
        """
        try:
            parsed = httpx.URL(url)
            host = parsed.host.rstrip(".")
        except (httpx.InvalidURL, UnicodeError):
            raise AddressRefused from None
        port = _PORTS.get(parsed.scheme) if parsed.port is None else parsed.port
        if port not in self.ports or parsed.scheme not in _PORTS or parsed.userinfo:
            raise AddressRefused
        self._check_host(host)
        return parsed

    def _check_host(self, host: str) -> None:
        try:
            permitted = self.permits(host)
        except ValueError:
            # No address as written, but 127.1, 0x7f.1 and 2130706433 are for some resolvers.
            permitted = bool(host) and not _NUMERIC.fullmatch(host.rpartition(".")[2])
        if not permitted or "%" in host:
            raise AddressRefused

    def socket(self, address: tuple[Any, ...]) -> socket.socket:
        """A socket to connect to an address that was found; the last word, whoever found it."""
        family, kind, protocol, _, target = address
        if not self.permits(target[0]):
            raise AddressRefused
        return socket.socket(family=family, type=kind, proto=protocol)


class GuardedResolver(AbstractResolver):
    """Finds the addresses of a name, and refuses it when one of them is denied."""

    def __init__(self, guard: Guard, resolver: AbstractResolver | None = None) -> None:
        self._guard = guard
        self._resolver = resolver or ThreadedResolver()

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        self._check(record["host"] for record in found)
        return found

    def _check(self, addresses: Iterable[str]) -> None:
        if not all(self._guard.permits(address) for address in addresses):
            raise AddressRefused

    @override
    async def close(self) -> None:
        await self._resolver.close()
