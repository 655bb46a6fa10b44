"""What the paths have in common: reporting on a phone, working at the desk, and being told."""

import re
from typing import Any

import httpx

from tests.house.demo import Demo, until

FIRST = 12
"""The residents before this one belong to the other tests."""


class Desk:
    """The demo, with everybody signed in who has to be."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.residents: list[dict[str, Any]] = demo.described["residents"][FIRST:]
        self.staff: dict[str, dict[str, Any]] = {
            one["login"]: one for one in demo.described["staff"]
        }
        self._tokens: dict[str, dict[str, Any]] = {}

    def signed_in(self, login: str) -> dict[str, Any]:
        """The session of a member of staff: token, person, posts."""
        if login not in self._tokens:
            who = {"login": login, "password": self.staff[login]["password"]}
            answer = self.demo.rest("POST", "/sessions", json={"community": "yiyi", **who})
            assert answer.status_code == 201, answer.text
            self._tokens[login] = answer.json()
        return self._tokens[login]

    def rest(self, login: str, method: str, path: str, **options: Any) -> httpx.Response:
        """A call of the API by somebody who signed in."""
        headers = {"Authorization": f"Bearer {self.signed_in(login)['token']}"}
        return self.demo.rest(method, path, headers=headers, **options)

    def request(self, number: str) -> dict[str, Any]:
        """A request as the manager sees it."""
        listed = self.demo.rest("GET", f"/service-requests?number={number}").json()["items"]
        path = f"/service-requests/{listed[0]['id']}"
        shown: dict[str, Any] = self.demo.rest("GET", path).json()
        return shown

    def step(self, login: str, number: str, name: str, **form: Any) -> httpx.Response:
        """A step taken over REST."""
        path = f"/service-requests/{self.request(number)['id']}/steps/{name}"
        return self.rest(login, "POST", path, json=form)

    def took(self, login: str, number: str, name: str, **form: Any) -> dict[str, Any]:
        """The same, which has to succeed."""
        answer = self.step(login, number, name, **form)
        assert answer.status_code == 200, answer.text
        taken: dict[str, Any] = answer.json()
        return taken

    def state(self, number: str, state: str) -> dict[str, Any]:
        """The request once it stands so."""

        def there() -> dict[str, Any] | None:
            request = self.request(number)
            return request if request["state"] == state else None

        return until(there)

    def reported(self, openid: str, words: str) -> str:
        """The number of what somebody reported on a phone."""
        self.demo.say(openid, "取消")
        self.demo.say(openid, words)
        answer = self.demo.say(openid, "1")
        found = re.search(r"\d{4,}", answer)
        assert found, answer
        return found.group()

    def worker(self, number: str, *, but: str = "") -> dict[str, Any]:
        """Who has it, once somebody has been told that it is theirs."""

        def told() -> dict[str, Any] | None:
            assignee = self.request(number)["assignee"]
            for one in self.staff.values():
                if assignee and one["name"] == assignee["name"] and one["login"] != but:
                    cards = self.demo.shown(one["openid"], "template")
                    if any(number in each["text"] for each in cards):
                        return one
            return None

        return until(told)

    def card(self, openid: str, number: str, words: str) -> str:
        """The message about this request that says these words, once it is on the phone."""

        def there() -> str | None:
            cards = [one["text"] for one in self.demo.shown(openid, "template")]
            return next((text for text in cards if number in text and words in text), None)

        try:
            return until(there)
        except AssertionError:
            cards = [one["text"] for one in self.demo.shown(openid, "template")]
            message = f"no {words!r} about {number} among {cards}"
            raise AssertionError(message) from None
