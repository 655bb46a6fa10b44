"""What is decided in the demo: on a page and in a group it is one vote, and anybody can recount."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from lxml import html

from tests.house.demo import Demo, until
from tests.house.test_chats import BOUND, BUILDING, say

pytestmark = pytest.mark.xdist_group("house")

WALL, GATE = "楼道文化墙选哪一幅", "是否在夜间关闭东门"


def polls(demo: Demo) -> dict[str, dict[str, Any]]:
    found = demo.rest("GET", "/polls?limit=100")
    assert found.status_code == 200, found.text
    return {each["title"]: each for each in found.json()["items"]}


def here(demo: Demo, url: str) -> str:
    """The address on this machine, whatever name it goes by."""
    return str(demo.described["base_url"]) + urlsplit(url).path


def parsed(page: str) -> Any:
    return html.fromstring(page)


def filled(page: str, answer: str) -> dict[str, Any]:
    """The form of a page as a browser would send it, with this answer to the first question."""
    form = next(each for each in parsed(page).forms if each.xpath(".//*[@name='q1']"))
    return {**dict(form.form_values()), "q1": answer, "step": "cast"}


def test_a_vote_on_the_page_and_one_in_the_group_count_once(demo: Demo) -> None:
    poll = polls(demo)[WALL]
    before = demo.rest("GET", f"/polls/{poll['id']}/turnout").json()["voted"]
    card = demo.say(demo.described["residents"][0]["openid"], f"投票 {poll['number']}")
    link = re.search(r"https?://\S+/v/[\w-]+", card)
    assert link, card
    url = here(demo, link[0])

    page = demo.http.get(url)
    assert page.status_code == 200
    voted = demo.http.post(url, data=filled(page.text, "A"), follow_redirects=True)
    assert voted.status_code == 200, voted.text
    answer = say(demo, BUILDING, BOUND, f"投票 {poll['number']} B", at_bot=True)
    assert "B" not in answer

    turnout = demo.rest("GET", f"/polls/{poll['id']}/turnout").json()
    assert turnout["voted"] == before + 1
    again = demo.http.get(url)
    assert "百家姓" in again.text


def test_a_secret_vote_is_not_taken_in_the_group(demo: Demo) -> None:
    poll = polls(demo)["是否引进智能快递柜"]
    before = demo.rest("GET", f"/polls/{poll['id']}/turnout").json()["voted"]

    answer = say(demo, BUILDING, BOUND, f"投票 {poll['number']} 同意", at_bot=True)

    assert answer
    assert "同意" not in answer
    assert demo.rest("GET", f"/polls/{poll['id']}/turnout").json()["voted"] == before


def test_anybody_recounts_a_secret_poll_with_python_alone(demo: Demo, tmp_path: Path) -> None:
    base, community = demo.described["base_url"], demo.described["community"]
    poll = polls(demo)[GATE]
    page = demo.http.get(f"{base}/c/{community}/polls/{poll['number']}")
    assert page.status_code == 200
    links = [str(each) for each in parsed(page.text).xpath("//a/@href")]
    (bundle,) = [each for each in links if "bundle" in each]
    script = next(each for each in links if each.endswith("recount.py"))
    for name, link in (("bundle.json", bundle), ("recount.py", script)):
        (tmp_path / name).write_bytes(demo.http.get(here(demo, link)).content)

    def recount() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", "recount.py", "bundle.json"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    honest = recount()
    assert honest.returncode == 0, honest.stdout + honest.stderr
    kept = json.loads((tmp_path / "bundle.json").read_text())
    kept["ballots"][0]["choice"] = (
        '{"q1":"no"}' if "yes" in kept["ballots"][0]["choice"] else ('{"q1":"yes"}')
    )
    (tmp_path / "bundle.json").write_text(json.dumps(kept, ensure_ascii=False))
    assert recount().returncode == 1


def test_every_poll_of_the_demo_has_a_page_and_what_is_over_a_result(demo: Demo) -> None:
    base, community = demo.described["base_url"], demo.described["community"]
    seen = set()
    for poll in polls(demo).values():
        page = demo.http.get(f"{base}/c/{community}/polls/{poll['number']}")
        assert page.status_code == 200, poll["title"]
        assert poll["title"] in parsed(page.text).text_content()
        results = demo.rest("GET", f"/polls/{poll['id']}/results")
        over = poll["state"] in ("closed", "published")
        assert (results.status_code == 200) == (over or poll["results_shown"] == "always")
        seen.add((poll["kind"], over))
    kinds = ("poll", "survey", "meeting", "assembly")
    assert seen >= {(kind, over) for kind in kinds for over in (True, False)}


def test_a_topic_shows_how_far_it_is_carried_out(demo: Demo) -> None:
    base, community = demo.described["base_url"], demo.described["community"]

    def shown() -> str | None:
        page = demo.http.get(f"{base}/c/{community}/topics").text
        return page if "小路太暗" in page else None

    listed = parsed(until(shown))
    link = next(
        each.get("href") for each in listed.iter("a") if "小路太暗" in (each.text_content() or "")
    )
    topic = demo.http.get(here(demo, link))
    assert topic.status_code == 200
    assert "感应路灯" in topic.text
