"""By what rules a meeting or an assembly decides; each constant of law names its article."""

from enum import StrEnum
from fractions import Fraction
from typing import Annotated

from pydantic import Field

from app.core.wire import In, Line

QUORUM = Fraction(2, 3)
"""民法典 §278: owners of at least two thirds of the area and two thirds of the heads take part."""
SPECIAL_MAJORITY = Fraction(3, 4)
"""民法典 §278 (六)–(八): at least three quarters of those taking part, by area and by heads."""
ORDINARY_MAJORITY = Fraction(1, 2)
"""民法典 §278: more than half of those taking part, by area and by heads."""
ATTENDANCE = Fraction(1, 2)
"""城市居民委员会组织法 §9: more than half of the electorate attend."""
MEETING_MAJORITY = Fraction(1, 2)
"""城市居民委员会组织法 §9: more than half of those attending."""


class Called(StrEnum):
    """Who called a residents' meeting (城市居民委员会组织法 §10)."""

    COMMITTEE = "committee"
    ADULTS = "adults"
    """A fifth of the residents of 18 and over."""
    HOUSEHOLDS = "households"
    """A fifth of the households."""
    GROUPS = "groups"
    """A third of the residents' small groups."""


class Sits(StrEnum):
    """Who sits in a residents' meeting (城市居民委员会组织法 §9)."""

    ADULTS = "adults"
    HOUSEHOLDS = "households"
    GROUP_REPRESENTATIVES = "group_representatives"


class Rules(In):
    """What a meeting or an assembly goes by beside the law; polls and surveys have none."""

    sits: Sits | None = None
    """meeting: which of the three kinds of electorate it is."""
    called_by: Called | None = None
    """meeting, assembly: who called it; the committee where nothing is said."""
    basis: Annotated[Line | None, Field()] = None
    """assembly: the community's own rules of procedure (议事规则) that it goes by."""
