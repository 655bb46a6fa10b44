"""Whom a notice is for: places, roles, tags and followers, and the groups it is said in."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased

from app.groups.models import Group, GroupKind, GroupState
from app.notices.models import Notice
from app.people.models import Identity, Person, PersonTag, Post, Role
from app.people.queries import lives_where
from app.places.models import ROOT, Place

Ids = Annotated[list[UUID], Field(max_length=200)]
Tags = Annotated[list[Annotated[str, Field(min_length=1, max_length=40)]], Field(max_length=50)]


class Audience(BaseModel):
    """Within a line any of them, between the lines all: `places` and `tags` are who has both.

    Without a line about people nobody is told in person, and without one about groups it is said
    in none.
    """

    model_config = ConfigDict(extra="forbid")

    places: Ids = []
    """Who lives or works in one of these places or in one within it; groups of these, too."""
    roles: Annotated[list[Role], Field(max_length=10)] = []
    """Who holds a post of one of these roles; `resident` is everybody who lives here."""
    tags: Tags = []
    followers: bool = False
    """Everybody who follows an account of the community, known or not."""
    group_kinds: Annotated[list[GroupKind], Field(max_length=10)] = []
    groups: Ids = []

    @property
    def means_groups(self) -> bool:
        """Whether it is said in any group."""
        return bool(self.group_kinds or self.groups)

    @property
    def means_people(self) -> bool:
        """Whether anybody is told in person; places alone mean who lives there."""
        lines = self.followers or self.roles or self.tags
        return bool(lines or (self.places and not self.means_groups))


def _beneath(community_id: UUID, place_ids: list[UUID]) -> ColumnElement[bool]:
    """The condition on `Place` that selects these places and all within them."""
    outer = aliased(Place)
    found = select(outer.id).where(
        outer.community_id == community_id,
        outer.id.in_(place_ids),
        func.starts_with(Place.path, outer.path),
    )
    return found.exists()


def inside(notice: Notice, audience: Audience) -> ColumnElement[bool]:
    """The condition on `Place` that selects where the audience is, within the notice's place."""
    here = _beneath(notice.community_id, [notice.place_id])
    if not audience.places:
        return here
    return here & _beneath(notice.community_id, audience.places)


def _works(where: ColumnElement[bool], roles: list[Role] | None = None) -> ColumnElement[bool]:
    post = (
        select(Post.id)
        .join(Post.place)
        .where(
            Post.community_id == Person.community_id,
            Post.person_id == Person.id,
            Post.ended_at.is_(None),
            where,
        )
    )
    return (post if roles is None else post.where(Post.role.in_(roles))).exists()


def people_of(notice: Notice, audience: Audience) -> Select[UUID]:
    """The ids of all who are told in person, each once; none where no line means people."""
    where = inside(notice, audience)
    people = select(Person.id).where(
        Person.community_id == notice.community_id, Person.merged_into_id.is_(None)
    )
    if not audience.means_people:
        return people.where(Person.id.is_(None))
    belongs = or_(lives_where(where), _works(where))
    if not audience.places:
        outer = aliased(Place)
        whole = select(outer.id).where(
            outer.community_id == notice.community_id,
            outer.id == notice.place_id,
            outer.path == ROOT,
        )
        belongs = or_(whole.exists(), belongs)
    people = people.where(belongs)
    if audience.roles:
        of_role = [_works(where, audience.roles)]
        people = people.where(
            or_(*of_role, *([lives_where(where)] if Role.RESIDENT in audience.roles else []))
        )
    if audience.tags:
        tagged = select(PersonTag.id).where(
            PersonTag.community_id == Person.community_id,
            PersonTag.person_id == Person.id,
            PersonTag.tag.in_(audience.tags),
        )
        people = people.where(tagged.exists())
    if audience.followers:
        follows = select(Identity.id).where(
            Identity.community_id == Person.community_id,
            Identity.person_id == Person.id,
            Identity.subscribed,
        )
        people = people.where(follows.exists())
    return people


def groups_of(notice: Notice, audience: Audience) -> Select[UUID]:
    """The ids of the open groups it is said in; none where no line means groups."""
    groups = (
        select(Group.id)
        .join(Group.place)
        .where(
            Group.community_id == notice.community_id,
            Group.state == GroupState.OPEN,
            inside(notice, audience),
        )
    )
    named = [Group.id.in_(audience.groups)] if audience.groups else []
    kinds = [Group.kind.in_(audience.group_kinds)] if audience.group_kinds else []
    return groups.where(or_(*named, *kinds) if named or kinds else Group.id.is_(None))
