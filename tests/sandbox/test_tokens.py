from typing import Any

import pytest

from tests.sandbox.rig import APP_ID, SECRET, Box, Clock


def works(box: Box, token: str) -> int:
    """The error code a call with this token earns, 0 for none."""
    answer = box.get("/cgi-bin/user/info", access_token=token, openid="oResident-1")
    return int(answer.get("errcode", 0))


def plain(box: Box) -> dict[str, Any]:
    return box.get("/cgi-bin/token", grant_type="client_credential", appid=APP_ID, secret=SECRET)


def test_the_stable_token_is_the_same_to_everybody_while_it_lasts(box: Box, clock: Clock) -> None:
    first = box.stable()
    clock.ahead = 6800
    again = box.stable()

    assert again["access_token"] == first["access_token"]
    assert 300 < again["expires_in"] <= 400
    assert first["expires_in"] == 7200


def test_in_its_last_five_minutes_the_stable_token_is_renewed_and_both_work(
    box: Box, clock: Clock
) -> None:
    first = box.stable()["access_token"]
    clock.ahead = 6950
    second = box.stable()["access_token"]

    assert second != first
    assert (works(box, first), works(box, second)) == (0, 0)
    clock.ahead = 7300
    assert (works(box, first), works(box, second)) == (42001, 0)


def test_a_forced_refresh_kills_the_token_before_it(box: Box) -> None:
    first = box.stable()["access_token"]
    forced = box.stable(force=True)["access_token"]

    assert forced != first
    assert (works(box, first), works(box, forced)) == (40001, 0)
    assert box.stable()["access_token"] == forced


def test_a_forced_refresh_within_thirty_seconds_refreshes_nothing(box: Box, clock: Clock) -> None:
    first = box.stable(force=True)["access_token"]
    clock.ahead = 25
    assert box.stable(force=True)["access_token"] == first
    clock.ahead = 35
    assert box.stable(force=True)["access_token"] != first


@pytest.fixture
def at_noon(clock: Clock) -> None:
    """A quarter of an hour that no midnight in China falls into."""
    clock.ahead = 86400 - (clock() + 8 * 3600) % 86400 + 43200


def test_a_day_has_twenty_forced_refreshes(box: Box, clock: Clock, at_noon: None) -> None:
    for _ in range(20):
        assert "access_token" in box.stable(force=True)
        clock.ahead += 31

    assert box.stable(force=True)["errcode"] == 45009
    assert "access_token" in box.stable()
    clock.ahead += 86400
    assert "access_token" in box.stable(force=True)


def test_each_token_of_the_old_kind_kills_the_one_before_and_no_stable_one(box: Box) -> None:
    stable = box.stable()["access_token"]
    first, second = (plain(box)["access_token"] for _ in range(2))

    assert (works(box, first), works(box, second), works(box, stable)) == (40001, 0, 0)
    box.stable(force=True)
    assert works(box, second) == 0


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"grant_type": "password"}, 40002),
        ({"appid": ""}, 41002),
        ({"secret": ""}, 41004),
        ({"appid": "wx-nobody"}, 40013),
        ({"secret": "a-guess"}, 40125),
        ({"secret": ["a-secret"]}, 40125),
    ],
)
def test_who_cannot_prove_the_account_gets_no_token(
    box: Box, changed: dict[str, Any], code: int
) -> None:
    assert box.stable(**changed)["errcode"] == code


@pytest.mark.parametrize(
    ("token", "code"), [("", 41001), ("short", 40014), ("x" * 600, 40014), ("x" * 100, 40001)]
)
def test_a_token_that_was_never_given_opens_nothing(box: Box, token: str, code: int) -> None:
    assert works(box, token) == code


def test_a_call_must_be_made_the_way_it_is_documented(box: Box) -> None:
    assert box.get("/cgi-bin/stable_token")["errcode"] == 43002
    assert box.post("/cgi-bin/token", {})["errcode"] == 43001
    broken = box.http.post("/cgi-bin/stable_token", content=b'{"grant_type":')
    assert (broken.status_code, broken.json()["errcode"]) == (200, 47001)
    assert box.http.post("/cgi-bin/stable_token").json()["errcode"] == 44002
    assert box.post("/cgi-bin/stable_token", [1])["errcode"] == 47001


def test_a_page_ticket_is_the_same_until_it_ends(box: Box, clock: Clock) -> None:
    def ticket() -> dict[str, Any]:
        return box.get("/cgi-bin/ticket/getticket", access_token=box.token, type="jsapi")

    first = ticket()
    assert (first["errcode"], ticket()["ticket"]) == (0, first["ticket"])
    clock.ahead = 7300
    assert ticket()["ticket"] != first["ticket"]
