from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from app.places.models import Kind
from app.service_requests.models import Category, Channel, ServiceRequest
from tests.chat.builders import Phone, Street, a_street
from tests.chat.conftest import Phones


async def filed(session: AsyncSession) -> list[ServiceRequest]:
    """All requests, as they are in the database now."""
    rows = await session.scalars(
        select(ServiceRequest)
        .options(joinedload(ServiceRequest.category), joinedload(ServiceRequest.place))
        .order_by(ServiceRequest.number)
        .execution_options(populate_existing=True)
    )
    return list(rows)


async def test_one_line_is_read_back_and_one_character_files_it(
    resident: Phone, street: Street, session: AsyncSession
) -> None:
    read_back = await resident.says("报修 厨房水管漏水")

    assert "厨房水管漏水" in read_back
    assert "漏水与水管" in read_back
    assert "3栋2单元502" in read_back
    assert "1 对，提交" in read_back
    assert "取消" in read_back
    assert not await filed(session)

    answer = await resident.says("1")

    (request,) = await filed(session)
    assert f"编号 {request.number}" in answer
    assert (request.summary, request.category.code) == ("厨房水管漏水", "water_leak")
    assert (request.place_id, request.reporter_id) == (street.home.id, resident.person_id)
    assert (request.channel, request.anonymous) == (Channel.WECHAT, False)


async def test_a_yes_is_a_yes_however_it_is_said(resident: Phone, session: AsyncSession) -> None:
    said = ["1", "１", "一", "对", "对的", "好的，谢谢", "是", "提交", "OK", "確認"]
    for yes in said:
        await resident.says("報修：水管漏水", yes)

    assert len(await filed(session)) == len(said)


async def test_a_no_is_a_no_however_it_is_said(resident: Phone, session: AsyncSession) -> None:
    for no in ["不报了", "不是", "取消", "算了", "4"]:
        assert "已取消" in await resident.says("报修 水管漏水", no)

    assert not await filed(session)


async def test_a_second_yes_files_nothing_more(resident: Phone, session: AsyncSession) -> None:
    await resident.says("报修 水管漏水", "对", "对")

    assert len(await filed(session)) == 1


async def test_step_by_step_every_question_says_how_to_answer_and_how_to_stop(
    resident: Phone, street: Street, session: AsyncSession
) -> None:
    what = await resident.says("报修")
    where = await resident.says("楼道的灯坏了")
    photos = await resident.says("1")
    first = await resident.photographs("media-1")
    second = await resident.photographs("media-2")
    right = await resident.says("完成")
    done = await resident.says("1")

    assert "什么事" in what
    assert "3栋2单元502" in where
    assert "小区公共区域" in where
    assert "没有照片" in photos
    assert "第1张" in first
    assert "第2张" in second
    assert "照片：2张" in right
    assert all("取消" in question for question in (what, where, photos, right))
    (request,) = await filed(session)
    assert str(request.number) in done
    assert (request.place_id, request.category.code) == (street.home.id, "street_light")


async def test_where_may_be_said_in_words_that_are_on_the_map(
    newcomer: Phone, session: AsyncSession
) -> None:
    await newcomer.says("报修", "灯坏了", "七栋门口", "没有", "1")

    (request,) = await filed(session)
    assert (request.place.kind, request.place.code) == (Kind.BUILDING, "7")
    assert "七栋门口" in request.summary


async def test_where_may_be_said_in_words_that_are_not(
    newcomer: Phone, session: AsyncSession
) -> None:
    await newcomer.says("报修", "灯坏了", "小区东门", "没有", "1")

    (request,) = await filed(session)
    assert request.place.kind is Kind.COMMUNITY
    assert request.summary == "灯坏了（地点：小区东门）"


async def test_where_may_be_a_position(newcomer: Phone, session: AsyncSession) -> None:
    await newcomer.says("报修", "灯坏了")
    await newcomer.locates("小区东门")
    await newcomer.says("没有", "1")

    (request,) = await filed(session)
    assert (request.latitude, request.longitude) == (30.1, 120.2)
    assert request.location_label == "小区东门"


async def test_the_place_in_the_report_itself_is_not_asked_for(
    newcomer: Phone, street: Street, session: AsyncSession
) -> None:
    read_back = await newcomer.says("报修 7栋101停电了")
    await newcomer.says("1")

    assert "7栋101" in read_back
    (request,) = await filed(session)
    assert request.place_id == street.places["/G1/7/101/"].id


async def test_somebody_without_a_home_is_asked_where(newcomer: Phone) -> None:
    assert "在哪里" in await newcomer.says("报修 水管漏水")


async def test_somebody_with_two_homes_is_asked_which(phone: Phones, street: Street) -> None:
    landlord = await phone("钱多", home=street.home)
    await landlord.says("绑定 7栋101")

    where = await landlord.says("报修 水管漏水")

    assert "1 3栋2单元502" in where
    assert "2 7栋101" in where


async def test_what_was_guessed_wrong_can_be_put_right_before_it_is_filed(
    resident: Phone, session: AsyncSession
) -> None:
    await resident.says("报修 水管漏水", "换地点", "小区公共区域", "换类别")
    of_group = await resident.says("环境卫生")
    read_back = await resident.says("绿化养护")
    await resident.says("1")

    assert "绿化养护" in of_group
    assert "绿化养护" in read_back
    (request,) = await filed(session)
    assert (request.category.code, request.place.kind) == ("greening", Kind.COMMUNITY)
    assert request.summary == "水管漏水"


async def test_more_words_before_the_yes_belong_to_the_matter(
    resident: Phone, session: AsyncSession
) -> None:
    read_back = await resident.says("报修 水管漏水", "在厨房水槽下面")
    await resident.says("1")

    assert "已经补上" in read_back
    assert (await filed(session))[0].summary == "水管漏水\n在厨房水槽下面"


async def test_what_fits_no_category_is_taken_down_all_the_same(
    resident: Phone, session: AsyncSession
) -> None:
    await resident.says("报修 呜啦啦", "1")

    assert (await filed(session))[0].category.code == "other"


async def test_anonymity_is_offered_where_the_category_allows_it_and_hides_the_home(
    resident: Phone, session: AsyncSession
) -> None:
    read_back = await resident.says("投诉 楼上半夜装修太吵")
    await resident.says("匿名提交")

    assert "匿名提交" in read_back
    (request,) = await filed(session)
    assert request.anonymous
    assert (request.place.kind, request.place.code) == (Kind.BUILDING, "3")


async def test_anonymity_is_not_offered_where_it_is_not_allowed(resident: Phone) -> None:
    assert "匿名" not in await resident.says("报修 水管漏水")


async def test_a_photo_is_welcome_at_any_step(resident: Phone) -> None:
    await resident.says("报修 水管漏水")
    answer = await resident.photographs()

    assert "第1张" in answer
    assert "照片：1张" in await resident.says("在厨房")


async def test_the_same_photo_twice_is_one(resident: Phone) -> None:
    await resident.says("报修", "水管漏水", "1", "跳过", "跳过")
    await resident.photographs("same")

    assert "第1张" in await resident.photographs("same")


async def test_nine_photos_are_enough(resident: Phone) -> None:
    await resident.says("报修", "水管漏水", "1", "跳过", "跳过")
    for number in range(8):
        await resident.photographs(f"media-{number}")

    assert "照片：9张" in await resident.photographs("media-8")
    assert "最多9张" in await resident.photographs("media-9")


async def test_a_photo_or_a_number_alone_is_no_matter(resident: Phone) -> None:
    await resident.says("报修")

    assert "第1张" in await resident.photographs()
    assert "一句话" in await resident.says("7")
    assert "没听清" in await resident.sends(kind="voice", media_id="voice-1")


async def test_spoken_words_are_words(resident: Phone, session: AsyncSession) -> None:
    await resident.sends(kind="voice", raw="报修水管漏水。", media_id="voice-1")
    await resident.says("1")

    assert (await filed(session))[0].summary == "水管漏水。"


async def test_a_community_without_categories_says_so(
    session: AsyncSession, resident: Phone
) -> None:
    for category in await session.scalars(select(Category)):
        category.active = False
    await session.commit()

    answer = await resident.says("报修 水管漏水")

    assert "0571-8888-0000" in answer


async def test_what_somebody_wrote_is_never_a_link(resident: Phone) -> None:
    answer = await resident.gets('报修 <a href="http://127.0.0.1">水管漏水</a>')

    assert '<a href="http' not in answer


async def test_another_community_counts_its_own_numbers(
    resident: Phone, session: AsyncSession
) -> None:
    await a_street(session, "erer")

    await resident.says("报修 水管漏水", "1")

    assert [request.number for request in await filed(session)] == [1001]
