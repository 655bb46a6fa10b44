from tests.chat.builders import Phone, taps
from tests.conftest import Worker


async def test_a_photo_out_of_the_blue_is_asked_about(resident: Phone) -> None:
    await resident.says("报修 水管漏水", "1")

    asked = await resident.photographs("media-1")
    again = await resident.photographs("media-2")

    assert "1001 水管漏水" in asked
    assert "新的事" in asked
    assert "第2张" in again
    assert "1001" in await resident.says("是")


async def test_it_may_begin_a_new_matter(resident: Phone) -> None:
    await resident.photographs()

    assert "什么事" in await resident.says("一件新的事")
    assert "在哪里" in (where := await resident.says("水管漏水")) or "照片：1张" in where


async def test_words_after_a_photo_are_a_new_matter_with_that_photo(resident: Phone) -> None:
    await resident.photographs()

    read_back = await resident.says("水管漏水")

    assert "事情：水管漏水" in read_back
    assert "照片：1张" in read_back


async def test_it_may_have_been_sent_by_mistake(resident: Phone) -> None:
    await resident.photographs()

    assert "已取消" in await resident.says("发错了")


async def test_a_worker_may_add_it_to_their_work(
    resident: Phone, worker_phone: Phone, worker: Worker
) -> None:
    await resident.says("报修 水管漏水", "1")
    await worker.catch_up()

    asked = await worker_phone.photographs()

    assert "1001 水管漏水" in asked
    assert "照片会加到 1001" in await worker_phone.says("1001")


async def test_a_position_out_of_the_blue_lacks_nothing_but_the_matter(resident: Phone) -> None:
    assert "什么事" in await resident.locates("小区东门")

    read_back = await resident.says("路灯不亮", "没有")

    assert "小区东门" in read_back


async def test_the_words_for_it_say_how_to_send_one(resident: Phone) -> None:
    assert "＋" in await resident.says("照片")
    assert "＋" in await resident.says("位置")
    assert not taps(await resident.gets("照片"))
