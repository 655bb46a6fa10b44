"""How much two reports look like the same matter: where, in what words, how far apart in time."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import timedelta
from itertools import takewhile

from app.places.models import ROOT, Kind

WINDOW = timedelta(days=30)
"""What was reported longer ago is not looked at."""
ENOUGH = 0.3
"""From this score on, two reports may well be the same matter."""
MUCH = 0.4
"""From here on, the words of two reports are much alike."""

_NEAR = {
    Kind.HOME: 1.0,
    Kind.ROOM: 1.0,
    Kind.UNIT: 0.8,
    Kind.BUILDING: 0.6,
    Kind.STATION: 0.6,
    Kind.GRID: 0.3,
}
"""How near two things are whose innermost place in common is of this kind."""
_SAME_PLACE = 0.2
_PLACE, _WORDS, _TIME = 0.35, 0.5, 0.15
_READ = 200
_ALIKE = (
    ("楼道", "走廊", "过道", "楼梯间"),
    (
        "坏",
        "损坏",
        "故障",
        "失灵",
        "不亮",
        "不灵",
        "不好使",
        "不工作",
        "不能用",
        "用不了",
        "没反应",
    ),
    ("漏水", "渗水", "滴水", "冒水", "跑水"),
    ("停水", "断水", "没水", "没有水"),
    ("停电", "断电", "没电", "没有电", "跳闸"),
    ("堵", "堵塞", "堵住", "不通", "不下水"),
    ("噪音", "噪声", "太吵", "很吵", "吵人", "扰民"),
    ("臭", "臭味", "异味", "难闻"),
    ("电动车", "电瓶车", "电动自行车"),
    ("乱停", "乱放", "占道", "堵路"),
    ("垃圾", "废品"),
)
"""What people here call the same thing; the first word stands for the others."""
_FIRST = {word: words[0] for words in _ALIKE for word in words}
_WORD = re.compile("|".join(sorted(_FIRST, key=len, reverse=True)))
_PARTICLES = str.maketrans(dict.fromkeys("的了啊呀吧呢吗哦又还很都就把被请您你我"))


def _pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters, what means the same written the same."""
    folded = unicodedata.normalize("NFKC", text[:_READ]).casefold()
    plain = "".join(sign for sign in folded if sign.isalnum())
    said = _WORD.sub(lambda found: _FIRST[found[0]], plain).translate(_PARTICLES)
    return frozenset(said[at : at + 2] for at in range(max(len(said) - 1, min(len(said), 1))))


def words(one: str, other: str) -> float:
    """How alike two texts are, from 0 to 1: the pairs in common, of those of the longer one.

    Whoever knows only a part of a text does not get far by that.
    """
    these, those = _pairs(one), _pairs(other)
    return len(these & those) / max(len(these), len(those), 1)


def nearness(path: str, around: Mapping[str, Kind], other: str) -> float:
    """How near another path is to this one, from 0 to 1.

    `around` are the kinds of the place at `path` and of all it stands in, by path.
    """
    if path == other:
        return min(_NEAR.get(around[path], 0.0) + _SAME_PLACE, 1.0)
    parts = zip(path.split("/")[:-1], other.split("/")[:-1], strict=False)
    common = [one for one, two in takewhile(lambda pair: pair[0] == pair[1], parts)]
    return _NEAR.get(around["/".join(common) + "/" if common[1:] else ROOT], 0.0)


def score(near: float, alike: float, age: timedelta) -> float:
    """How probable it is, from 0 to 1, that two reports mean one thing."""
    fresh = max(0.0, 1 - age / WINDOW)
    return _PLACE * near + _WORDS * alike + _TIME * fresh
