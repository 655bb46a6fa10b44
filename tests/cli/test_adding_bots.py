"""Setting up the bots of a community and its groups by hand."""

import json

import pytest

from tests.cli.test_commands import Palm, founded, palm, rows

__all__ = ["founded", "palm"]

BOT = ("--community", "yiyi", "--name", "小掌", "--json")
GROUP = ("--community", "yiyi", "--kind", "building", "--owner", "Admin", "--json")
SECRET = "whsec-of-nobody"


@pytest.fixture
def listening(founded: Palm) -> Palm:
    """A command line in a house with a community that has a bot."""
    keys = ("--key", f"secret={SECRET}", "--key", "token=of=nobody")
    made = founded("bot", "add", "zhang", *BOT, "--platform", "onebot11", *keys)
    assert made.exit_code == 0, made.output
    return founded


def test_a_bot_is_added_and_the_address_of_its_hook_is_printed(
    founded: Palm, database: str
) -> None:
    made = founded("bot", "add", "zhang", *BOT, "--platform", "signed", "--key", f"secret={SECRET}")

    assert made.exit_code == 0, made.output
    assert json.loads(made.output)["URL"].endswith("/hooks/zhang")
    assert SECRET not in made.output
    [(stored,)] = rows(database, "SELECT keys FROM bots")
    assert SECRET.encode() not in stored


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--platform", "smoke"), "no such platform"),
        (("--platform", "signed", "--key", "secret="), "keys.secret"),
        (("--platform", "signed", "--key", "secret=x", "--address", "nowhere"), "address"),
    ],
)
def test_what_is_wrong_with_a_bot_is_said_in_a_line(
    founded: Palm, database: str, words: tuple[str, ...], said: str
) -> None:
    answer = founded("bot", "add", "zhang", *BOT, *words)

    assert answer.exit_code == 1
    assert answer.output.startswith("error: ")
    assert said in answer.output
    assert rows(database, "SELECT count(*) FROM bots") == [(0,)]


def test_a_group_is_opened_with_an_owner_and_heard_by_the_bot(
    listening: Palm, database: str
) -> None:
    heard = ("--platform", "onebot11", "--bot", "zhang", "--external-id", "778899")
    made = listening("group", "add", "3栋楼栋交流群", *GROUP, *heard)

    assert made.exit_code == 0, made.output
    assert json.loads(made.output)["kind"] == "building"
    joined = """
        SELECT g.name, g.state, g.external_id, b.slug, c.login FROM chat_groups AS g
        JOIN bots AS b ON b.id = g.bot_id JOIN credentials AS c ON c.person_id = g.owner_id
    """
    assert rows(database, joined) == [("3栋楼栋交流群", "open", "778899", "zhang", "admin")]


def test_a_group_is_spoken_to_by_a_robot_of_its_own_whose_address_is_locked(
    founded: Palm, database: str
) -> None:
    robot = ("--platform", "wecom", "--robot-url", f"https://robot.example.cn/?key={SECRET}")
    made = founded("group", "add", "3栋楼栋交流群", *GROUP, *robot)

    assert made.exit_code == 0, made.output
    [(stored,)] = rows(database, "SELECT robot FROM chat_groups")
    assert SECRET.encode() not in stored


@pytest.mark.parametrize(
    "words",
    [
        ("--platform", "wecom", "--owner", "nobody"),
        ("--platform", "wecom", "--bot", "nobody", "--external-id", "1"),
        ("--platform", "wecom", "--at", "/X/"),
        ("--platform", "wecom", "--bot", "zhang", "--external-id", "1"),
        ("--platform", "wecom", "--robot-url", "nowhere"),
    ],
)
def test_what_is_wrong_with_a_group_is_said_in_a_line(
    listening: Palm, database: str, words: tuple[str, ...]
) -> None:
    answer = listening("group", "add", "甲", *GROUP, *words)

    assert answer.exit_code == 1
    assert answer.output.startswith("error: ")
    assert rows(database, "SELECT count(*) FROM chat_groups") == [(0,)]
