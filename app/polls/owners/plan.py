"""What the rows of a list of owners say, checked before anything is looked up or written."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from app.core.i18n import _
from app.core.sheets.reading import Row
from app.people import phones
from app.places.queries import Homes, home_meant
from app.polls.models import AreaSource, OwnerKind
from app.polls.owners import area
from app.polls.owners.schemas import MOST_OWNERS

_LONGEST_NAME = 100
_BETWEEN = str.maketrans(dict.fromkeys("，;；", "、"))
_KINDS = {
    OwnerKind.PERSON: ("", "个人", "自然人", "person"),
    OwnerKind.ORGANIZATION: ("单位", "公司", "企业", "法人", "机构", "organization"),
    OwnerKind.DEVELOPER: ("开发商", "建设单位", "developer"),
}
_SOURCES = {
    AreaSource.REGISTRY: ("", "登记", "不动产登记", "产权证", "不动产权证", "房产证", "registry"),
    AreaSource.MEASURED: ("实测", "测绘", "measured"),
    AreaSource.CONTRACT: ("合同", "买卖合同", "购房合同", "contract"),
}
_SOLD = {
    True: ("", "已售", "已出售", "已交付", "是", "sold", "yes"),
    False: ("未售", "未出售", "未交付", "否", "unsold", "no"),
}
_KIND_BY_WORD = {word: kind for kind, words in _KINDS.items() for word in words}
_SOURCE_BY_WORD = {word: source for source, words in _SOURCES.items() for word in words}
_SOLD_BY_WORD = {word: sold for sold, words in _SOLD.items() for word in words}


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody by name, and a number where the list has one."""

    name: str
    phone: str | None = None

    @property
    def index(self) -> bytes | None:
        """What they are found by on the register of people."""
        return phones.index(self.phone) if self.phone else None


@dataclass(frozen=True, slots=True)
class Named:
    """An owner as the list names them; the developer may go without a name."""

    kind: OwnerKind
    name: str
    person: Reached | None
    """Who it is, or who represents it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row that makes sense: whose this home is."""

    row: int
    home_id: UUID
    area: int
    source: AreaSource
    owners: tuple[Named, ...]
    voter: str | None


@dataclass(slots=True)
class Checked:
    """The rows that make sense, and what is wrong with the others."""

    lines: list[Line] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)


def checked(rows: Iterable[Row], homes: Homes) -> Checked:
    """Look at every row; a home stands on a list once, and so does the developer's name."""
    result = Checked()
    first: dict[UUID, int] = {}
    developer: tuple[int, str] | None = None
    for row in rows:
        wrong: dict[str, str] = {}
        line = _line(row, homes, wrong)
        if line and first.setdefault(line.home_id, row.number) != row.number:
            wrong["home"] = _("与第{row}行重复").format(row=first[line.home_id])
        if line and line.owners[0].kind is OwnerKind.DEVELOPER and line.owners[0].name:
            developer = developer or (row.number, line.owners[0].name)
            if developer[1] != line.owners[0].name:
                wrong["name"] = _("与第{row}行的开发商不同").format(row=developer[0])
        if line and not wrong:
            result.lines.append(line)
        result.errors += [
            {"path": f"{row.number}.{column}", "message": words} for column, words in wrong.items()
        ]
    return result


def _line(row: Row, homes: Homes, wrong: dict[str, str]) -> Line | None:
    """What a row means; what is `wrong` with it is put there by column."""
    home = home_meant(homes, row["building"], row["unit"], row["home"])
    if isinstance(home, str):
        wrong["home"] = home
    size = _area(row, wrong)
    source = _SOURCE_BY_WORD.get(row["source"].lower())
    if source is None:
        wrong["source"] = _("应为登记、实测或合同")
    owners = tuple(_owners(row, wrong))
    names = [owner.name for owner in owners]
    if row["voter"] and row["voter"] not in names:
        wrong["voter"] = _("不是这一户的业主")
    if wrong or isinstance(home, str) or size is None or source is None:
        return None
    return Line(row.number, home, size, source, owners, row["voter"] or None)


def _area(row: Row, wrong: dict[str, str]) -> int | None:
    try:
        return area.of_cell(row["area"])
    except ValueError:
        wrong["area"] = _("应为平方米数，最多两位小数")
        return None


def _owners(row: Row, wrong: dict[str, str]) -> Iterator[Named]:
    """Everybody whom the row names, the one of the first column first."""
    kind, sold = _KIND_BY_WORD.get(row["kind"].lower()), _SOLD_BY_WORD.get(row["sold"].lower())
    names = [*_names(row["name"]), *_names(row["others"])]
    if kind is None:
        wrong["kind"] = _("应为个人、单位或开发商")
        return
    if sold is None:
        wrong["sold"] = _("应为已售或未售")
        return
    kind = kind if sold else OwnerKind.DEVELOPER
    if kind is OwnerKind.DEVELOPER:
        names = names or [""]
        if len(names) > 1:
            wrong["others"] = _("未售的房屋归开发商一家，没有共有人")
    _check_names(names, wrong)
    person = _person(row, names, kind, wrong)
    for at, name in enumerate(names):
        alone = Reached(name)
        yield Named(kind if at == 0 else OwnerKind.PERSON, name, person if at == 0 else alone)


def _names(written: str) -> list[str]:
    parts = (part.strip() for part in written.translate(_BETWEEN).split("、"))
    return [part for part in parts if part]


def _check_names(names: list[str], wrong: dict[str, str]) -> None:
    if not names:
        wrong["name"] = _("姓名不能为空")
    if any(len(name) > _LONGEST_NAME or not name.isprintable() for name in names):
        wrong["name"] = _("姓名太长，或含有换行等特殊字符")
    if len(set(names)) < len(names):
        wrong["others"] = _("同一人写了两次")
    if len(names) > MOST_OWNERS:
        wrong["others"] = _("共有人太多")


def _person(row: Row, names: list[str], kind: OwnerKind, wrong: dict[str, str]) -> Reached | None:
    """Who the first owner is, or who represents it."""
    phone = phones.normalized(row["phone"]) if row["phone"] else None
    if row["phone"] and phone is None:
        wrong["phone"] = _("不是手机号码")
    who = row["representative"]
    if kind is OwnerKind.PERSON:
        if who and who not in names:
            wrong["representative"] = _("个人业主没有代表人")
        return Reached(names[0], phone) if names else None
    if bool(row["phone"]) != bool(who):
        wrong["representative"] = _("单位的代表人与电话请一起写明")
    if len(who) > _LONGEST_NAME or not who.isprintable():
        wrong["representative"] = _("姓名太长，或含有换行等特殊字符")
    return Reached(who, phone) if who else None


def names_of(lines: Iterable[Line]) -> Mapping[tuple[str, bytes], Reached]:
    """Everybody who has a number on the list, by name and by what the number is found by."""
    people = (owner.person for line in lines for owner in line.owners if owner.person)
    return {(each.name, each.index): each for each in people if each.index}
