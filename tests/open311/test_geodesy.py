"""Points of Chinese maps, back where the satellites have them."""

from math import cos, hypot, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.open311.geodesy import from_bd09, from_gcj02, to_gcj02, wgs84
from app.service_requests.models import Datum, Location

# https://github.com/googollee/eviltransform/blob/master/go/transform_test.go
KNOWN = [
    ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
    ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
    ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
    # https://github.com/wandergis/coordtransform/blob/master/test/app.js
    ((39.915, 116.404), (39.91640428150164, 116.41024449916938)),
]
# From the same test: what Baidu's maps draw at the second is at the first.
BAIDU = ((39.90865673957631, 116.39762729119315), (39.915, 116.404))

CHINA = st.tuples(st.floats(3.5, 53.6), st.floats(73.5, 135.1))


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    north, east = one[0] - other[0], (one[1] - other[1]) * cos(radians(one[0]))
    return hypot(north, east) * 111_320


@pytest.mark.parametrize(("wgs", "gcj"), KNOWN)
def test_a_point_is_drawn_where_everybody_draws_it(
    wgs: tuple[float, float], gcj: tuple[float, float]
) -> None:
    assert to_gcj02(*wgs) == pytest.approx(gcj, abs=1e-9)


@pytest.mark.parametrize(("wgs", "gcj"), KNOWN)
def test_the_way_back_ends_where_it_began(
    wgs: tuple[float, float], gcj: tuple[float, float]
) -> None:
    assert metres(from_gcj02(*gcj), wgs) < 0.05


@given(CHINA)
def test_there_and_back_is_less_than_a_hand_anywhere_in_china(wgs: tuple[float, float]) -> None:
    drawn = to_gcj02(*wgs)

    assert drawn != wgs
    assert metres(from_gcj02(*drawn), wgs) < 0.1


@pytest.mark.parametrize("elsewhere", [(51.5, -0.12), (-33.9, 151.2), (0.0, 0.0), (90.0, 180.0)])
def test_outside_china_nothing_moves(elsewhere: tuple[float, float]) -> None:
    assert to_gcj02(*elsewhere) == from_gcj02(*elsewhere) == from_bd09(*elsewhere) == elsewhere


def test_a_point_of_baidus_map_moves_twice() -> None:
    gcj, bd = BAIDU

    assert from_bd09(*bd) == pytest.approx(gcj, abs=1e-9)
    shown = wgs84(Location(*bd, Datum.BD09))
    assert metres(shown, from_gcj02(*gcj)) < 1


def test_a_point_on_wgs84_stays() -> None:
    assert wgs84(Location(31.1234567, 121.7654321, Datum.WGS84)) == (31.123457, 121.765432)
    assert metres(wgs84(Location(31.1, 121.7, Datum.GCJ02)), (31.1, 121.7)) > 200
