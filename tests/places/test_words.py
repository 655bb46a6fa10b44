import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.places.words import plain


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("3", "3"),
        ("3栋", "3"),
        ("３栋", "3"),
        ("3幢", "3"),
        ("3#", "3"),
        ("3号楼", "3"),
        ("三号楼", "3"),
        ("第三栋", "3"),
        ("03棟", "3"),
        (" 3 栋 ", "3"),
        ("2单元", "2"),
        ("二單元", "2"),
        ("502室", "502"),
        ("0502", "502"),
        ("五零二", "502"),
        ("五〇二号房", "502"),
        ("十二栋", "12"),
        ("二十栋", "20"),
        ("一百零三", "103"),
        ("a座", "A"),
        ("紫荆苑", "紫荆苑"),
        ("三官庙", "三官庙"),
        ("栋", "栋"),
        ("", ""),
        ("000", "0"),
    ],
)
def test_ways_of_writing_one_place_are_the_same(written: str, meant: str) -> None:
    assert plain(written) == meant


@given(st.text(max_size=64) | st.text("第#三十百零号楼栋0aＡ ", max_size=64))
def test_what_is_plain_stays_as_it_is(written: str) -> None:
    assert plain(plain(written)) == plain(written)


def test_a_long_text_is_not_worked_on() -> None:
    assert plain("号" * 100_000) == "号" * 100_000
