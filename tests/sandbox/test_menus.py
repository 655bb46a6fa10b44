from typing import Any

import pytest

from tests.sandbox.rig import Box

REPORT = {"type": "click", "name": "我要报修", "key": "report"}
SITE = {"type": "view", "name": "社区主页", "url": "http://127.0.0.1:9/"}


def test_a_published_menu_is_what_the_account_and_the_phone_read(box: Box) -> None:
    menu = {"button": [REPORT, {"name": "更多", "sub_button": [SITE]}]}

    assert box.call("/cgi-bin/menu/create", menu)["errcode"] == 0

    assert box.get("/cgi-bin/menu/get", access_token=box.token) == {"menu": menu}
    assert box.get("/accounts")["accounts"][0]["menu"] == menu["button"]
    box.get("/cgi-bin/menu/delete", access_token=box.token)
    assert box.get("/cgi-bin/menu/get", access_token=box.token)["errcode"] == 46003


@pytest.mark.parametrize(
    ("buttons", "code"),
    [
        ([], 40016),
        ([REPORT] * 4, 40016),
        ([{"name": "更多", "sub_button": [SITE] * 6}], 40023),
        ([{**REPORT, "name": "我要报修水管漏水"}], 40018),
        ([{**REPORT, "key": "k" * 129}], 40019),
        ([{**SITE, "url": "http://127.0.0.1/" + "x" * 1024}], 40020),
        ([{"name": "更多"}], 40017),
        (["我要报修"], 40018),
    ],
)
def test_a_menu_that_cannot_be_is_refused(box: Box, buttons: list[Any], code: int) -> None:
    assert box.call("/cgi-bin/menu/create", {"button": buttons})["errcode"] == code
