"""Who has a vote: the stated rule by which the roll is made when a poll opens."""

from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.core.wire import In
from app.people.models import Relation, Role

Tags = Annotated[list[Annotated[str, Field(min_length=1, max_length=40)]], Field(max_length=50)]

MINOR = "未成年人"
"""The tag of who is under 18: the register holds no dates of birth (个人信息保护法 §6)."""
REPRESENTATIVE = "居民代表"
"""The tag of who represents a residents' small group."""


class Unit(StrEnum):
    """What one vote of the roll stands for."""

    PERSON = "person"
    HOUSEHOLD = "household"
    OWNER = "owner"


class Electorate(In):
    """Within a line any of them, between the lines all; without a line, who lives there."""

    unit: Unit = Unit.PERSON
    places: list[UUID] = Field(default_factory=list, max_length=200)
    """Within these; within the poll's own place where none is named."""
    roles: list[Role] = Field(default_factory=list, max_length=10)
    """Who holds a post of one of these roles; `resident` is everybody who lives there."""
    relations: list[Relation] = Field(default_factory=list, max_length=3)
    """As owner, tenant or family; persons and households alone."""
    tags: Tags = Field(default_factory=list)
    without_tags: Tags = Field(default_factory=lambda: [MINOR])
    claimed: bool = False
    """Whether who says that they live there, unchecked, has a vote as well."""

    @model_validator(mode="after")
    def _owners_by_deed(self) -> Self:
        if self.unit is Unit.OWNER and (self.roles or self.relations or self.tags):
            message = "owners are known by their deeds, and narrowed by places alone"
            raise ValueError(message)
        return self
