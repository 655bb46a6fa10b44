"""Addresses that strangers give: which are refused before anything is sent."""

import pytest

from app.core import http
from app.core.http import AddressRefused, Guard
from app.core.problems import Problem
from tests.core.http.listener import HERE, Listener

PRIVATE = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.1",
    "0x7f000001",
    "0177.0.0.1",
    "127.0.0.1.",
    "localhost",
    "0.0.0.0",  # noqa: S104
    "10.1.2.3",
    "100.100.100.200",
    "100.64.0.1",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[::7f00:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:8.8.8.8]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[100::1]",
    "[2001::1]",
    "[2001:db8::1]",
    "[2002:7f00:1::]",
    "[3fff::1]",
    "[5f00::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fec0::1]",
    "[ff02::1]",
]


@pytest.mark.parametrize("host", PRIVATE)
async def test_a_private_address_is_refused_and_sees_no_connection(
    listener: Listener, host: str
) -> None:
    anywhere = Guard(ports=HERE.ports)

    with pytest.raises(AddressRefused):
        await http.guarded(anywhere).post(f"http://{host}:{listener.port}/", json={})

    assert listener.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.test:8080/",
        "https://hooks.test:22/",
        "http://hooks.test:0/",
        "http://user:pass@hooks.test/",
        "http://xn--/",
        "http://user@hooks.test/",
        "file:///etc/passwd",
        "gopher://hooks.test:80/",
        "//hooks.test/",
        "hooks.test",
        "http://",
        "http://hooks.test:99999/",
        "http://１２７.0.0.1/",
        "http://hooks\u0000.test/",
        "http://[::1",
        "",
    ],
)
def test_an_address_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        Guard().check(url)

    assert isinstance(refused.value, Problem)
    assert refused.value.status == 422


@pytest.mark.parametrize(
    "url",
    ["https://hooks.test/a?b=c", "http://hooks.test:80/", "https://8.8.8.8/", "https://小区.中国/"],
)
def test_a_public_address_is_let_through(url: str) -> None:
    assert Guard().check(url).scheme in url


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "114.114.114.114", "2606:4700::1111", "2400:3200::1"]
)
def test_public_addresses_are_permitted(address: str) -> None:
    assert Guard().permits(address)
