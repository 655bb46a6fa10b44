"""Who has a vote by the stated rule of a poll, as they are known at this moment."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    func,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from app.people.models import Person, PersonTag, Post, Relation, Residence, Role, Standing
from app.people.queries import LIVING
from app.places.models import Kind, Place
from app.polls.electorates import Electorate, Unit
from app.polls.models import Poll

_FIGURES = "^[0-9]+$"


def _within(poll: Poll, electorate: Electorate) -> ColumnElement[bool]:
    """The condition on `Place` that selects the electorate's places and all inside them."""
    outer = aliased(Place)
    found = select(outer.id).where(
        outer.community_id == poll.community_id,
        outer.id.in_(electorate.places or [poll.place_id]),
        func.starts_with(Place.path, outer.path),
    )
    return found.exists()


def _tagged(tags: list[str]) -> ColumnElement[bool]:
    return exists().where(
        PersonTag.community_id == Person.community_id,
        PersonTag.person_id == Person.id,
        PersonTag.tag.in_(tags),
    )


def _somebody(electorate: Electorate) -> list[ColumnElement[bool]]:
    """Conditions on `Person`: not merged into another, and tagged as the rule asks."""
    conditions: list[ColumnElement[bool]] = [Person.merged_into_id.is_(None)]
    if electorate.tags:
        conditions.append(_tagged(electorate.tags))
    if electorate.without_tags:
        conditions.append(~_tagged(electorate.without_tags))
    return conditions


def _before(outer: Any, kind: str, name: Any) -> ColumnElement[Any]:
    """A name with what it stands in before it, as `places.words.address` writes it."""
    called = case((outer.op("~")(_FIGURES), func.concat(outer, kind)), else_=outer)
    said = or_(outer.is_(None), func.strpos(name, called) > 0)
    return case((said, name), else_=func.concat(called, name))


def _residents(poll: Poll, electorate: Electorate) -> Select[Any]:
    """Whoever lives there as the rule asks, once for each home."""
    parent, above = aliased(Place), aliased(Place)
    in_unit = parent.kind == Kind.UNIT
    unit = case((in_unit, parent.name), else_=null())
    building = case((in_unit, above.name), else_=parent.name)
    lives: Select[Any] = (
        select(
            Residence.person_id,
            Person.name,
            Residence.home_id,
            Place.path,
            _before(building, "栋", _before(unit, "单元", Place.name)).label("address"),
            Residence.relation,
            Residence.id.label("since"),
        )
        .join(Residence.home)
        .join(Residence.person)
        .join(parent, _same(parent, Place.parent_id))
        .outerjoin(above, _same(above, parent.parent_id))
        .where(
            Residence.community_id == poll.community_id,
            Residence.standing.in_(LIVING if electorate.claimed else (Standing.VERIFIED,)),
            _within(poll, electorate),
            *_somebody(electorate),
        )
    )
    if electorate.relations:
        lives = lives.where(Residence.relation.in_(electorate.relations))
    return lives


def _same(place: Any, place_id: Any) -> ColumnElement[bool]:
    return and_(place.community_id == Residence.community_id, place.id == place_id)


def _holders(poll: Poll, electorate: Electorate, roles: Sequence[Role]) -> Select[Any]:
    """Whoever holds a post of these roles there, at no home in particular."""
    no_home = {
        "home_id": Residence.home_id,
        "path": Place.path,
        "address": Place.name,
        "relation": Residence.relation,
        "since": Residence.id,
    }
    return (
        select(
            Post.person_id,
            Person.name,
            *(null().cast(column.type).label(name) for name, column in no_home.items()),
        )
        .join(Post.place)
        .join(Post.person)
        .where(
            Post.community_id == poll.community_id,
            Post.ended_at.is_(None),
            Post.role.in_(roles),
            _within(poll, electorate),
            *_somebody(electorate),
        )
    )


def _people(poll: Poll, electorate: Electorate) -> Select[Any]:
    """Whoever meets the rule, with one row for each home or post they do so by."""
    residents = _residents(poll, electorate)
    roles = [role for role in electorate.roles if role is not Role.RESIDENT]
    if not roles:
        return residents
    holders = _holders(poll, electorate, roles)
    if Role.RESIDENT in electorate.roles:
        return select(union_all(residents, holders).subquery())
    if electorate.relations or electorate.unit is Unit.HOUSEHOLD:
        held = holders.subquery()
        return residents.where(Residence.person_id.in_(select(held.c.person_id)))
    return holders


def _grids(poll: Poll) -> CTE:
    grids = select(Place.id, Place.path).where(
        Place.community_id == poll.community_id, Place.kind == Kind.GRID
    )
    return grids.cte("grids").prefix_with("MATERIALIZED")


def eligible(poll: Poll) -> Select[Any]:
    """Everybody who may cast a vote, with the vote that is theirs.

    Columns: `person_id` and `key`; of the vote `label`, `home_id`, `grid_id`, `relation`. A person
    who lives in several homes has one vote, by the home they came to first; a household has one
    that each of its people may cast, and an owner among them makes it an owner's.
    """
    electorate = Electorate.model_validate(poll.electorate)
    household = electorate.unit is Unit.HOUSEHOLD
    people, grids = _people(poll, electorate).subquery("there"), _grids(poll)
    within = select(grids.c.id).where(func.starts_with(people.c.path, grids.c.path)).limit(1)
    whose = people.c.home_id if household else people.c.person_id
    rows = select(
        people.c.person_id,
        func.concat("home:" if household else "person:", whose).label("key"),
        (people.c.address if household else func.coalesce(people.c.name, "")).label("label"),
        people.c.home_id,
        within.scalar_subquery().label("grid_id"),
        people.c.relation,
        people.c.since,
    )
    return rows.where(people.c.home_id.is_not(None)) if household else rows


def weightiest(relation: ColumnElement[Any]) -> ColumnElement[int]:
    """In which order the relations of a household speak for it."""
    return case((relation == Relation.OWNER, 0), (relation == Relation.TENANT, 1), else_=2)
