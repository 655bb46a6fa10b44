from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.sandbox.rig import APP_ID, OPENID, SECRET, Box, Clock

BACK = "http://127.0.0.1:9/h5/welcome?from=chat#top"


def authorize(box: Box, **changed: str) -> httpx.Response:
    query = {
        "appid": APP_ID,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "a1B2",
        "openid": OPENID,
        **changed,
    }
    return box.http.get("/connect/oauth2/authorize", params=query)


def a_code(box: Box, **changed: str) -> str:
    target = urlsplit(authorize(box, **changed).headers["location"])
    return parse_qs(target.query)["code"][0]


def exchange(box: Box, code: str, **changed: str) -> dict[str, Any]:
    query = {"appid": APP_ID, "secret": SECRET, "code": code, "grant_type": "authorization_code"}
    return box.get("/sns/oauth2/access_token", **{**query, **changed})


def test_a_visitor_comes_back_with_a_code_and_the_state(box: Box) -> None:
    answer = authorize(box)

    target = urlsplit(answer.headers["location"])
    query = parse_qs(target.query)
    assert answer.status_code == 302
    assert (target.path, target.fragment) == ("/h5/welcome", "top")
    assert (query["from"], query["state"]) == (["chat"], ["a1B2"])
    assert exchange(box, query["code"][0])["openid"] == OPENID


def test_a_code_works_once(box: Box) -> None:
    code = a_code(box)

    assert exchange(box, code)["scope"] == "snsapi_base"
    assert exchange(box, code)["errcode"] == 40163
    assert exchange(box, "never-given")["errcode"] == 40029
    assert exchange(box, "")["errcode"] == 41008


def test_a_code_works_for_five_minutes(box: Box, clock: Clock) -> None:
    code = a_code(box)
    clock.ahead = 301

    assert exchange(box, code)["errcode"] == 42003


@pytest.mark.parametrize(
    ("changed", "code"), [({"secret": "a-guess"}, 40125), ({"grant_type": "password"}, 40002)]
)
def test_only_the_account_may_change_its_code(box: Box, changed: dict[str, str], code: int) -> None:
    given = a_code(box)

    assert exchange(box, given, **changed)["errcode"] == code
    assert exchange(box, given)["openid"] == OPENID


def test_the_name_is_told_only_to_who_asked_for_it(box: Box, clock: Clock) -> None:
    def userinfo(token: str) -> dict[str, Any]:
        return box.get("/sns/userinfo", access_token=token, openid=OPENID)

    base = exchange(box, a_code(box))["access_token"]
    full = exchange(box, a_code(box, scope="snsapi_userinfo"))["access_token"]

    assert userinfo(base)["errcode"] == 48001
    assert userinfo(full)["nickname"] == "李秀英"
    assert userinfo("")["errcode"] == 41001
    assert userinfo("x" * 40)["errcode"] == 40001
    assert box.get("/sns/userinfo", access_token=full, openid="oOther")["errcode"] == 40003
    clock.ahead = 7201
    assert userinfo(full)["errcode"] == 42001


def test_a_link_opened_on_a_phone_knows_whose_phone_it_is(box: Box) -> None:
    box.add("oResident-2", name="王建国")
    there = f"{box.address}/sandbox/connect/oauth2/authorize"

    opened = box.http.get("/phones/oResident-2/open", params={"url": there})
    target = urlsplit(authorize(box, openid="").headers["location"])

    assert (opened.status_code, opened.headers["location"]) == (302, there)
    code = parse_qs(target.query)["code"][0]
    assert exchange(box, code)["openid"] == "oResident-2"


def test_without_a_phone_the_visitor_is_asked(box: Box) -> None:
    box.add("oResident-2", name="<b>王</b>")
    page = authorize(box, openid="")

    assert page.status_code == 200
    assert "李秀英" in page.text
    assert "&lt;b&gt;王&lt;/b&gt;" in page.text
    assert "openid=oResident-2" in page.text


@pytest.mark.parametrize(
    "changed",
    [
        {"appid": "wx-nobody"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": "http://[::1"},
        {"response_type": "token"},
        {"scope": "everything"},
        {"state": "a b"},
        {"state": "x" * 129},
    ],
)
def test_a_wrong_address_leads_nowhere(box: Box, changed: dict[str, str]) -> None:
    assert authorize(box, **changed).status_code == 400


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://[::1", "http:", "/sandbox/", ""])
def test_only_web_links_open(box: Box, url: str) -> None:
    assert box.http.get(f"/phones/{OPENID}/open", params={"url": url}).status_code == 422
