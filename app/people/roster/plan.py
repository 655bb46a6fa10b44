"""What a roster means for the register: who is new, who moved in, whose number changed.

Nothing here touches the database, so that it can run beside the event loop.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from app.core.i18n import _
from app.core.ids import new_id
from app.people import phones
from app.people.models import Relation, Standing
from app.people.roster.rows import Row
from app.places.queries import Homes, home_meant

_LONGEST_NAME = 100
_RELATIONS = {
    Relation.OWNER: ("", "业主", "房主", "户主", "产权人", "本人", "owner"),
    Relation.TENANT: ("租户", "租客", "承租人", "租赁", "tenant"),
    Relation.FAMILY: ("家属", "家人", "家庭成员", "亲属", "亲戚", "family"),
}
_KIN = "配偶 夫妻 丈夫 妻子 父亲 母亲 父母 子女 儿子 女儿 兄弟 姐妹 祖父 祖母 孙子 孙女"
_BY_WORD = {word: relation for relation, words in _RELATIONS.items() for word in words}
_BY_WORD |= dict.fromkeys(_KIN.split(), Relation.FAMILY)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that makes sense: this person lives in this home."""

    row: int
    home_id: UUID
    name: str
    phone: str | None
    phone_index: bytes | None
    relation: Relation


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody of whom the register knows, or was told, that they live in a home."""

    residence_id: UUID
    person_id: UUID
    home_id: UUID
    standing: Standing
    relation: Relation
    name: str | None
    phone_index: bytes | None


@dataclass(slots=True)
class Checked:
    """The rows that make sense, and what is wrong with the others."""

    entries: list[Entry] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """What is to be written: new people and residences, and what changes of known ones."""

    people: list[tuple[UUID, Entry]] = field(default_factory=list)
    residences: list[tuple[UUID, Entry]] = field(default_factory=list)
    renamed: list[tuple[UUID, Entry]] = field(default_factory=list)
    settled: list[tuple[Known, Entry]] = field(default_factory=list)


def _entry(row: Row, homes: Homes) -> Entry | dict[str, str]:
    """The row as an entry, or the words on what is wrong, by column."""
    home = home_meant(homes, row.building, row.unit, row.home)
    phone = phones.normalized(row.phone) if row.phone else None
    relation = _BY_WORD.get(row.relation.lower())
    wrong = {}
    if isinstance(home, str):
        wrong["home"] = home
    if not row.name or len(row.name) > _LONGEST_NAME or not row.name.isprintable():
        wrong["name"] = _("姓名不能为空，也不能含有换行等特殊字符")
    if row.phone and phone is None:
        wrong["phone"] = _("不是手机号码")
    if relation is None:
        wrong["relation"] = _("应为业主、租户或家属")
    if wrong or isinstance(home, str) or relation is None:
        return wrong
    index = phones.index(phone) if phone else None
    return Entry(row.number, home, row.name, phone, index, relation)


def checked(rows: Iterable[Row], homes: Homes) -> Checked:
    """Look at every row; one that only repeats another is left out."""
    result = Checked()
    seen: dict[tuple[UUID, str], Entry] = {}
    for row in rows:
        entry = _entry(row, homes)
        if isinstance(entry, Entry):
            first = seen.setdefault((entry.home_id, entry.name), entry)
            if first is entry:
                result.entries.append(entry)
                continue
            agree = entry.phone in (None, first.phone)
            again = _("与第{row}行是同一人，电话却不同").format(row=first.row)
            entry = {} if agree else {"phone": again}
        result.errors += [
            {"path": f"{row.number}.{column}", "message": words} for column, words in entry.items()
        ]
    return result


def _matches(entries: Sequence[Entry], known: Sequence[Known]) -> dict[Entry, Known]:
    """Who of one home's entries is known there: by name, else by number under a new name.

    What somebody only claims counts when name and number both agree.
    """
    matched: dict[Entry, Known] = {}
    left = list(known)
    for by_name in (True, False):
        for entry in entries:
            for person in [] if entry in matched else left:
                same_name = person.name == entry.name
                same_phone = entry.phone_index and person.phone_index == entry.phone_index
                proven = person.standing is Standing.VERIFIED
                if same_name and (proven or same_phone) if by_name else proven and same_phone:
                    matched[entry] = person
                    left.remove(person)
                    break
    return matched


def planned(
    entries: Sequence[Entry],
    known: Iterable[Known],
    namesakes: Mapping[tuple[str, bytes], UUID],
) -> Plan:
    """What the entries change, given who is known to live in their homes.

    `namesakes` are people of the community by name and number, wherever they live.
    """
    plan = Plan()
    people = dict(namesakes)
    here, there = defaultdict(list), defaultdict(list)
    for person in known:
        there[person.home_id].append(person)
    for entry in entries:
        here[entry.home_id].append(entry)
    for home_id, together in here.items():
        matched = _matches(together, there[home_id])
        for entry in together:
            if entry in matched:
                _update(plan, entry, matched[entry])
            else:
                _move_in(plan, entry, people)
    return plan


def _update(plan: Plan, entry: Entry, known: Known) -> None:
    new_phone = entry.phone_index not in (None, known.phone_index)
    if known.name != entry.name or new_phone:
        plan.renamed.append((known.person_id, entry))
    if known.standing is not Standing.VERIFIED or known.relation is not entry.relation:
        plan.settled.append((known, entry))


def _move_in(plan: Plan, entry: Entry, people: dict[tuple[str, bytes], UUID]) -> None:
    who = entry.phone_index and (entry.name, entry.phone_index)
    person_id = people.get(who) if who else None
    if person_id is None:
        person_id = new_id()
        plan.people.append((person_id, entry))
        if who:
            people[who] = person_id
    plan.residences.append((person_id, entry))
