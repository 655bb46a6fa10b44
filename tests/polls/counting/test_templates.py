"""Ready forms make sense, in every language."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.i18n import LOCALES, speaking
from app.polls.counting import checked_form
from app.polls.forms import SPECIAL
from app.polls.models import PollKind, Purpose
from app.polls.templates import Template, templates
from tests.conftest import Client
from tests.people.builders import a_resident, token_of
from tests.places.builders import a_community, a_home

ASSEMBLIES = [each.code for each in templates() if each.kind is PollKind.ASSEMBLY]


def named(code: str) -> Template:
    return next(each for each in templates() if each.code == code)


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("code", [each.code for each in templates()])
def test_every_ready_form_makes_sense_in_every_language(code: str, language: str) -> None:
    with speaking(language):
        made = named(code)

    checked_form(made.form, made.kind, made.secrecy)


def test_there_is_one_for_everything_that_is_usual() -> None:
    made = templates()

    assert {each.purpose for each in made if each.kind is PollKind.SURVEY} == {
        Purpose.NEEDS,
        Purpose.SATISFACTION,
        Purpose.ASSESSMENT,
    }
    assert len({each.code for each in made}) == len(made)
    assert [each.code for each in made if each.kind is PollKind.MEETING] == ["residents_meeting"]
    matters = {
        question.matter
        for each in made
        if each.kind is PollKind.ASSEMBLY
        for question in each.form.questions
    }
    assert matters == {1, 2, 4, 5, 6, 8}


@pytest.mark.parametrize(
    "code", [each.code for each in templates() if each.kind is PollKind.ASSEMBLY]
)
def test_an_assembly_says_the_majority_that_its_matters_need(code: str) -> None:
    made = named(code)
    special = {question.matter in SPECIAL for question in made.form.questions if question.matter}

    assert ("四分之三" in made.body) is (special == {True})
    assert special != {True, False}


async def test_a_resident_can_read_them(client: Client, session: AsyncSession) -> None:
    home = await a_home(session, await a_community(session), "3-2-502")
    token = token_of(session, await a_resident(session, home))
    await session.commit()

    answer = await client.with_token(token).get("/api/v1/poll-templates")

    assert answer.status_code == 200
    needs = answer.json()["items"][0]
    assert needs["code"] == "needs"
    assert needs["title"] == "居民需求调研"
    assert needs["form"]["questions"][0]["options"][-1]["key"] == "other"


async def test_nobody_reads_them_who_is_not_signed_in(client: Client) -> None:
    assert (await client.get("/api/v1/poll-templates")).status_code == 401
