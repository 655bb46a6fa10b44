import asyncio

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from app.chat import dispatch
from app.chat.talk import Said
from app.core.batch import Reads
from tests.chat.builders import Phone, Street, taps
from tests.chat.conftest import Phones
from tests.conftest import Worker


async def test_the_latest_request_is_told_unless_a_number_is_given(
    resident: Phone, worker_phone: Phone, worker: Worker
) -> None:
    await resident.says("报修 水管漏水", "1", "报修 路灯不亮", "1")
    await worker.catch_up()

    latest = await resident.says("进度")
    first = await resident.says("進度１００１")

    assert "1002" in latest
    assert "路灯不亮" in latest
    assert "1001" in first
    assert "水管漏水" in first
    assert "3栋2单元502" in first
    assert "已派单" in first
    assert "王强" in first
    assert first == await resident.says("1001") == await resident.says("进度 #1001")


async def test_somebody_elses_number_is_answered_like_no_number_at_all(
    resident: Phone, phone: Phones, street: Street
) -> None:
    await resident.says("投诉 楼上装修太吵", "1")
    neighbour = await phone("赵敏", home=street.places["/G1/3/2/601/"])

    for word in ["进度", "补充", "评价", "受理"]:
        theirs = await neighbour.says(f"{word}1001")
        nobodys = await neighbour.says(f"{word}9999")

        assert theirs.replace("1001", "N") == nobodys.replace("9999", "N")
        assert "装修" not in theirs


async def test_staff_see_what_concerns_their_place_and_no_reporter(
    resident: Phone, worker_phone: Phone
) -> None:
    await resident.says("投诉 楼上装修太吵", "匿名提交")

    told = await worker_phone.says("进度1001")

    assert "楼上装修太吵" in told
    assert "李桂兰" not in told
    assert "502" not in told


async def test_who_never_asked_for_anything_is_told_how(newcomer: Phone) -> None:
    assert "报修" in await newcomer.says("进度")
    assert "报修" in await newcomer.says("我的诉求")


async def test_my_requests_are_listed_newest_first_and_tapped_for_more(resident: Phone) -> None:
    await resident.says("报修 水管漏水", "1", "报修 路灯不亮", "1")

    listed = await resident.gets("我的诉求")

    assert listed.index("路灯不亮") < listed.index("水管漏水")
    assert "水管漏水" in await resident.says(taps(listed)["1001"])


async def test_messages_that_come_together_share_a_statement(
    engine: AsyncEngine, phone: Phones
) -> None:
    phones = [await phone() for _ in range(8)]
    said = Said.of(raw="进度")
    speakers = [await each.speaker() for each in phones]
    reads = Reads(engine)
    sent: list[str] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    chosen = dispatch.choose(speakers[0], said)

    replies = await asyncio.gather(
        *(dispatch.answer_reading(reads, speaker, chosen, said) for speaker in speakers)
    )

    await reads.close()
    assert len(replies) == len(speakers)
    assert len(sent) <= 2


async def test_what_a_worker_has_to_do_is_listed_by_what_falls_due_first(
    resident: Phone, worker_phone: Phone, worker: Worker
) -> None:
    assert "没有派给您" in await worker_phone.says("待办")
    await resident.says("报修 路灯不亮", "1", "报修 电梯困人", "1")
    await worker.catch_up()

    listed = await worker_phone.says("待办")

    assert "2 件" in listed
    assert listed.index("电梯困人") < listed.index("路灯不亮")


async def test_a_resident_has_no_words_of_staff(resident: Phone) -> None:
    for words in ["待办", "受理1001", "开始1001", "完成1001 好了"]:
        assert "没看明白" in await resident.says(words)
