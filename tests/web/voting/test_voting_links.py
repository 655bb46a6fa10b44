"""What a voting link leads to: a ballot, several, or the reason why there is none."""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.files import store_photo
from app.core.files.documents import store_document
from app.core.ids import new_id
from app.polls.forms import Form, Method, Option, Question
from app.polls.links import VotingLink, token_of
from app.polls.models import (
    Ballot,
    Basis,
    Objection,
    ObjectionKind,
    PollFile,
    PollPolicy,
    PollState,
    Secrecy,
)
from tests.conftest import Client
from tests.pictures import a_picture
from tests.polls.builders import (
    OpenPoll,
    a_grid,
    a_poll,
    a_question,
    a_voter,
    open_to,
    put_on_roll,
    some_voters,
)
from tests.web.voting.browsing import (
    POSTED,
    an_assembly,
    asking,
    link_of,
    opened_at,
    path_of,
    public_path,
)

CONSULTATION = "这是征求意见"


async def choices(session: AsyncSession) -> Sequence[str]:
    return (await session.scalars(select(Ballot.choice).order_by(Ballot.choice))).all()


async def test_a_page_says_what_is_asked_by_which_rules_and_until_when(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(
        session, a_question(), title='装 "桩" <b>', body="看**附件** <script>alert(1)</script>"
    )

    page = await opened_at(client, path_of(opened))

    assert page.status == 200
    assert page.page.xpath("//h1")[0].text == '装 "桩" <b>'
    assert page.page.xpath("//div[@class='body']//strong")[0].text == "附件"
    assert len(page.page.xpath("//script")) == 1
    assert page.page.xpath("//script/@src")[0].startswith("/v/assets/")
    for said in ("记名投票", "截止前可以随时更改", "截止之前任何人都看不到票数", "本人的一票"):
        assert said in page.text
    assert CONSULTATION not in page.text


async def test_its_pages_may_not_be_kept_framed_or_leak_where_they_are(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question())

    headers = (await client.get(path_of(opened))).headers

    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = headers["Content-Security-Policy"]
    for rule in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"):
        assert rule in policy
    assert "unsafe" not in policy
    script = await client.get(
        (await opened_at(client, path_of(opened))).page.xpath("//script/@src")[0]
    )
    assert (script.status_code, "immutable" in script.headers["Cache-Control"]) == (200, True)
    assert (await client.get("/v/assets/0000.js")).status_code == 404


async def test_a_recorded_vote_is_cast_seen_again_and_changed(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question())
    page = await opened_at(client, path_of(opened))

    done = await page.pick("q1", "A").press("cast")

    assert ("投票成功" in done.text, "修改我的选择" in done.text) == (True, True)
    voted = await opened_at(client, path_of(opened))
    assert ("已投" in voted.text, "方案A" in voted.text) == (True, True)
    [change] = voted.page.xpath("//a[text()='修改我的选择']/@href")
    changing = await opened_at(client, change)
    assert changing.values("q1") == ["A"]
    changed = await changing.pick("q1", "C").press("cast")
    assert "修改成功" in changed.text
    assert await choices(session) == ['{"q1":"C"}']


async def test_an_assembly_is_a_consultation_unless_the_authority_accepts_it(
    session: AsyncSession, client: Client
) -> None:
    opened = await an_assembly(session)
    policy = PollPolicy(community_id=opened.poll.community_id, version=1)
    assert CONSULTATION in (await opened_at(client, path_of(opened))).text
    session.add(policy)
    await session.commit()

    page = await opened_at(client, path_of(opened))

    assert CONSULTATION in page.text
    for said in (
        "88.50 平方米",
        "第二百七十八条第一款第（六）项",
        "四分之三以上",
        "面积合计、人数算一人",
    ):
        assert said in page.text
    review = await page.pick("q1", "yes").press("cast")
    assert "同意" in review.text
    policy.accepted_by = "某区住建局〔2026〕5号文"
    await session.commit()
    page = await opened_at(client, path_of(opened, 1))
    assert CONSULTATION not in page.text
    assert "某区住建局〔2026〕5号文" in page.text


async def test_who_may_cast_several_votes_picks_one_after_the_other(
    session: AsyncSession, client: Client
) -> None:
    place = await a_grid(session)
    me, mother = await some_voters(session, place, 2)
    poll = await a_poll(session, place)
    entries = [
        await put_on_roll(session, poll, me, label="我"),
        await put_on_roll(
            session, poll, me, label="母亲", basis=Basis.PROXY, key=f"person:{mother.id}"
        ),
    ]
    await open_to(session, poll, entries)
    await session.commit()
    path = link_of(poll, me.id)

    chooser = await opened_at(client, path)

    assert "您可以投 2 票，请选一票" in chooser.text
    assert "受托代投的一票：母亲" in chooser.text
    ways = chooser.page.xpath("//ul[@class='votes']//a/@href")
    done = await (await opened_at(client, ways[1])).pick("q1", "B").press("cast")
    assert "还有别的票要投" in done.text
    again = await opened_at(client, path)
    states = again.page.xpath("//ul[@class='votes']//span[@class='faint']/text()")
    assert states == ["未投", "已投"]
    await (await opened_at(client, ways[0])).pick("q1", "A").press("cast")
    assert await choices(session) == ['{"q1":"A"}', '{"q1":"B"}']
    nobodys = await client.post(
        path, content=urlencode({"q1": "A", "entry": str(new_id())}), headers=POSTED
    )
    assert "请选一票" in nobodys.text


async def test_who_is_not_on_the_roll_may_object_once(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question())
    place = opened.poll.place
    stranger = await a_voter(session, place)
    await session.commit()
    path = link_of(opened.poll, stranger.id)

    missing = await opened_at(client, path)

    assert missing.status == 403
    assert "名册上没有您" in missing.text
    assert (await missing.write("text", "  ").send()).status == 422
    taken = await missing.write("text", "我去年就住在这里").send()
    assert (taken.status, "异议已收到" in taken.text) == (201, True)
    again = await missing.send()
    assert (again.status, "已提出过异议" in again.text) == (409, True)
    [objection] = (await session.scalars(select(Objection))).all()
    assert (objection.person_id, objection.kind) == (stranger.id, ObjectionKind.MISSING)
    voting = await client.post(path, content=urlencode({"q1": "A"}), headers=POSTED)
    assert voting.status_code == 403
    assert await choices(session) == []


async def test_who_is_on_the_roll_may_say_that_it_is_wrong_about_them(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question())
    page = await opened_at(client, path_of(opened))
    [action] = page.page.xpath("//form[not(contains(@class, 'ballot'))]/@action")

    taken = await client.post(action, content=urlencode({"text": "面积不对"}), headers=POSTED)

    assert taken.status_code == 201
    [objection] = (await session.scalars(select(Objection))).all()
    assert objection.kind is ObjectionKind.WRONG
    assert objection.entry_id == opened.entries[0].id


async def test_a_broken_link_leads_to_a_page_that_says_so(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question())
    good = path_of(opened)
    elsewhere = await a_grid(session)
    poll = opened.poll
    others = VotingLink(elsewhere.community_id, poll.id, opened.people[0].id)
    nowhere = VotingLink(poll.community_id, new_id(), opened.people[0].id)
    flipped = good[:20] + ("A" if good[20] != "A" else "B") + good[21:]
    await session.commit()

    for path in (
        *("/v/x", "/v/%00", "/v/" + "ß" * 86, "/v/" + "A" * 5000, good[:-1], flipped),
        *("/v/" + token_of(others), "/v/" + token_of(nowhere)),
    ):
        for answer in (
            await client.get(path),
            await client.post(path, content="q1=A", headers=POSTED),
            await client.post(f"{path}/objection", content="text=A", headers=POSTED),
        ):
            assert (path, answer.status_code) == (path, 404)
            assert "这个投票链接打不开" in answer.text
        assert (await client.get(f"{path}/files/{new_id()}")).status_code == 404
    assert await choices(session) == []


@pytest.mark.parametrize(
    ("state", "status", "said"),
    [
        (PollState.DRAFT, 404, "这个投票链接打不开"),
        (PollState.REFUSED, 404, "这个投票链接打不开"),
        (PollState.CANCELLED, 410, "原因：改期"),
        (PollState.ANNOUNCED, 200, "起可以投票，请到时再用这个链接"),
    ],
)
async def test_before_it_opens_and_after_it_was_cancelled_there_is_no_ballot(
    session: AsyncSession, client: Client, state: PollState, status: int, said: str
) -> None:
    place = await a_grid(session)
    voter = await a_voter(session, place)
    announced = None if status == 404 else now()
    poll = await a_poll(
        session,
        place,
        state=state,
        announced_at=announced,
        reason="改期",
        opens_at=now() + timedelta(days=1),
    )
    await session.commit()
    path = link_of(poll, voter.id)

    page = await opened_at(client, path)

    assert (page.status, said in page.text) == (status, True)
    assert not page.page.xpath("//input[@type='radio']")
    sent = await client.post(path, content="q1=A", headers=POSTED)
    assert sent.status_code == 404


async def test_large_letters_are_kept_from_page_to_page(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question(), secrecy=Secrecy.SECRET)

    page = await opened_at(client, f"{path_of(opened)}?large=1")
    review = await page.pick("q1", "A").press("review")
    receipt = await review.press("cast")

    for each in (page, review, receipt):
        assert each.page.xpath("//body/@class") == ["large"]
    [smaller] = page.page.xpath("//a[@class='switch']/@href")
    assert not (await opened_at(client, smaller)).page.xpath("//body/@class")


async def test_pictures_and_documents_are_fetched_by_the_link_and_from_the_site(
    session: AsyncSession, client: Client
) -> None:
    place = await a_grid(session)
    voter = await a_voter(session, place)
    data = {"桩.jpg": a_picture(), "楼.jpg": a_picture(), "方案.pdf": b"%PDF-1.7"}
    files = [
        await store_document(session, body, name, community_id=place.community_id)
        if name.endswith("pdf")
        else await store_photo(session, body, community_id=place.community_id, by=None)
        for name, body in data.items()
    ]
    options = [Option(key="A", text="装", file_id=files[0].id), Option(key="B", text="不装")]
    form = Form(questions=[Question(key="q1", method=Method.SINGLE, text="装吗", options=options)])
    poll = await a_poll(session, place, form=form)
    session.add_all(
        PollFile(community_id=poll.community_id, poll_id=poll.id, file_id=file.id, name=name)
        for name, file in zip(data, files, strict=True)
    )
    entry = await put_on_roll(session, poll, voter)
    await open_to(session, poll, [entry])
    await session.commit()

    page = await opened_at(client, link_of(poll, voter.id))

    beside = page.page.xpath("//fieldset//img/@src")
    assert [each.rpartition("/")[2] for each in beside] == [str(files[0].id)]
    assert page.page.xpath("//div[@class='preamble']//img/@alt") == ["楼.jpg"]
    [document] = page.page.xpath("//ul[@class='files']//a/@href")
    public = await public_path(session, OpenPoll(poll, [voter], [entry]))
    for path in (*beside, document, f"{public}/files/{files[1].id}"):
        assert (path, (await client.get(path)).status_code) == (path, 200)
    foreign = await asking(session, a_question())
    stolen = f"{path_of(foreign)}/files/{files[0].id}"
    assert (await client.get(stolen)).status_code == 404
