"""From the shifted coordinates of Chinese map services to WGS84, which GeoReport speaks.

GCJ-02 moves a point inside China by some hundred metres, and BD-09 moves that again. Neither is
published by the state; the formulas are those that everybody uses, as written down in
https://github.com/googollee/eviltransform and https://en.wikipedia.org/wiki/Restrictions_on_geographic_data_in_China.
The way back has no formula: it is approached until it fits to a centimetre.
"""

from math import atan2, cos, hypot, pi, radians, sin, sqrt

from app.service_requests.models import Datum, Location

_AXIS = 6378245.0
"""Metres: the half axis of Krasovsky's ellipsoid, and below the square of its eccentricity."""
_ECCENTRICITY = 0.00669342162296594323
_LATITUDES = (0.8293, 55.8271)
_LONGITUDES = (72.004, 137.8347)
_BAIDU = pi * 3000 / 180
_CENTIMETRE = 1e-7
"""In degrees."""
_MOST_STEPS = 20


def wgs84(location: Location) -> tuple[float, float]:
    """Latitude and longitude on WGS84, to a millionth of a degree."""
    latitude, longitude = location.latitude, location.longitude
    if location.datum is Datum.BD09:
        latitude, longitude = from_bd09(latitude, longitude)
    if location.datum is not Datum.WGS84:
        latitude, longitude = from_gcj02(latitude, longitude)
    return round(latitude, 6), round(longitude, 6)


def to_gcj02(latitude: float, longitude: float) -> tuple[float, float]:
    """A point on WGS84 as Chinese maps draw it; outside China it stays where it is."""
    return (
        _shifted(latitude, longitude) if _in_china(latitude, longitude) else (latitude, longitude)
    )


def _shifted(latitude: float, longitude: float) -> tuple[float, float]:
    north, east = _metres(longitude - 105.0, latitude - 35.0)
    flattened = 1 - _ECCENTRICITY * sin(radians(latitude)) ** 2
    meridian = _AXIS * (1 - _ECCENTRICITY) / (flattened * sqrt(flattened)) * pi
    parallel = _AXIS / sqrt(flattened) * cos(radians(latitude)) * pi
    return latitude + north * 180 / meridian, longitude + east * 180 / parallel


def from_gcj02(latitude: float, longitude: float) -> tuple[float, float]:
    """The point on WGS84 that Chinese maps draw here."""
    if not _in_china(latitude, longitude):
        return latitude, longitude
    north, east = latitude, longitude
    for _ in range(_MOST_STEPS):
        drawn_north, drawn_east = _shifted(north, east)
        off_north, off_east = drawn_north - latitude, drawn_east - longitude
        if max(abs(off_north), abs(off_east)) < _CENTIMETRE:
            break
        north, east = north - off_north, east - off_east
    return north, east


def from_bd09(latitude: float, longitude: float) -> tuple[float, float]:
    """The point on GCJ-02 that Baidu's maps draw here."""
    if not _in_china(latitude, longitude):
        return latitude, longitude
    east, north = longitude - 0.0065, latitude - 0.006
    distance = hypot(east, north) - 0.00002 * sin(north * _BAIDU)
    angle = atan2(north, east) - 0.000003 * cos(east * _BAIDU)
    return distance * sin(angle), distance * cos(angle)


def _in_china(latitude: float, longitude: float) -> bool:
    """A rectangle around it, as the maps themselves take it."""
    (south, north), (west, east) = _LATITUDES, _LONGITUDES
    return south <= latitude <= north and west <= longitude <= east


def _metres(x: float, y: float) -> tuple[float, float]:
    """How far to the north and to the east, in metres, from degrees east and north of 35N 105E."""
    both = 20 * sin(6 * pi * x) + 20 * sin(2 * pi * x)
    north = both + _waves(y, 20, 40) + 160 * sin(pi * y / 12) + 320 * sin(pi * y / 30)
    east = both + _waves(x, 20, 40) + 150 * sin(pi * x / 12) + 300 * sin(pi * x / 30)
    root = sqrt(abs(x))
    plane_north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    plane_east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    return north * 2 / 3 + plane_north, east * 2 / 3 + plane_east


def _waves(at: float, short: float, long: float) -> float:
    return short * sin(pi * at) + long * sin(pi * at / 3)
