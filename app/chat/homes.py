"""Where people say they live: `3栋2单元502`, `3-2-502`, `三栋二单元五零二`, with name and phone."""

import re
from dataclasses import dataclass

from app.chat.words import folded, numeral
from app.people.models import Relation
from app.people.phones import normalized

_SPOKEN = "零〇一二两三四五六七八九十百"
_CODE = rf"[a-z甲乙丙丁]?[0-9]{{1,4}}[a-z]?(?![0-9])|[{_SPOKEN}]{{1,6}}|[a-z甲乙丙丁](?![a-z])"
_BUILDING = rf"(?<![0-9a-z])(?P<building>{_CODE})\s?(?:号楼|栋|幢|座|#|楼(?!层|道|上|下|梯))"
_WRITTEN = re.compile(
    rf"{_BUILDING}[\s,，、/-]?"
    rf"(?:(?P<unit>{_CODE})\s?(?:单元|单|门|梯|-)[\s,，、/-]?)?"
    rf"(?:(?:[0-9]{{1,2}}|[{_SPOKEN}]{{1,3}})(?:层|楼)\s?)?"
    rf"(?P<home>{_CODE})(?!\s?(?:单元|栋|幢|座|号楼|层|楼|门|梯))\s?(?:室|号|房|户)?"
)
_DASH = r"\s?[-–—_/\\.,，、~]{1,2}\s?"
_DASHED = re.compile(
    rf"(?<![0-9a-z.-])(?P<building>[a-z]?[0-9]{{1,3}}[a-z]?)"
    rf"(?:(?:{_DASH}|\s)(?P<unit>[0-9]{{1,2}})(?={_DASH}|\s))?"
    rf"(?:{_DASH}|(?<=[0-9a-z])\s(?=[0-9]{{3}}))(?P<home>[0-9]{{3,4}}[a-z]?)(?![0-9])"
    r"(?:室|号|房|户)?"
)
_ONLY_BUILDING = re.compile(_BUILDING)
_PHONE = re.compile(r"(?:\+?86[\s-]?)?1[3-9][0-9][\s-]?[0-9]{4}[\s-]?[0-9]{4}(?![0-9])")
_RELATIONS = {
    Relation.OWNER: ("业主", "房主", "户主", "房东", "产权人", "owner", "landlord"),
    Relation.TENANT: ("租户", "租客", "承租人", "租房", "租的", "租住", "tenant"),
    Relation.FAMILY: ("家属", "家人", "家里人", "亲属", "老伴", "子女", "父母", "family"),
}
_RELATION = re.compile("|".join(word for words in _RELATIONS.values() for word in words))
_FILLING = re.compile(
    "我的?名字[是叫]?|我[是叫]|姓名|名字|联系电话|联系方式|手机号码?|电话号码?|电话|手机|谢谢|您好|你好|绑定|我家|房屋|本人|是"
)
_NAME = re.compile(
    r"(?<!\w)([\u3400-\u9fff]{2,6}|[\u3400-\u9fff]{1,9}·[\u3400-\u9fff·]{1,9}"
    r"|[a-z][a-z .]{1,38}[a-z])(?![\w·])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeWords:
    """A home as somebody wrote it; the codes are upper-case, numerals are digits."""

    building: str
    unit: str | None
    home: str
    name: str | None = None
    phone: str | None = None
    """Eleven digits."""
    relation: Relation | None = None

    @property
    def spelled(self) -> str:
        """The home in the usual spelling."""
        unit = f"{self.unit}单元" if self.unit else ""
        return f"{self.building}栋{unit}{self.home}"


def parse_home(text: str) -> HomeWords | None:
    """The home a text names, with the name, phone and relation written beside it."""
    said = folded(text)
    phone = phone_in(said)
    said = _PHONE.sub(" ", said, count=1) if phone else said
    found = _WRITTEN.search(said) or _DASHED.search(said)
    if found is None:
        return None
    unit = found["unit"]
    after = said[found.end() :]
    return HomeWords(
        building=_code(found["building"]),
        unit=_code(unit) if unit else None,
        home=_code(found["home"]),
        name=name_in(after) or name_in(_introduced(said[: found.start()])),
        phone=phone,
        relation=relation_in(after) or relation_in(said[: found.start()]),
    )


def building_in(text: str) -> str | None:
    """The building a text names, `3栋门口的路灯`, by its code."""
    found = _ONLY_BUILDING.search(folded(text))
    return _code(found["building"]) if found else None


def code_in(text: str) -> str | None:
    """The code that a whole text is, with or without its kind: `3`, `三栋`, `2单元`, `502室`."""
    said = folded(text).replace(" ", "")
    found = re.fullmatch(rf"(?P<code>{_CODE})(?:号楼|栋|幢|座|#|楼|单元|单|门|室|号|房|户)?", said)
    return _code(found["code"]) if found else None


def phone_in(text: str) -> str | None:
    """The mobile number in a text, as eleven digits."""
    found = _PHONE.search(folded(text))
    return normalized(found[0]) if found else None


def relation_in(text: str) -> Relation | None:
    """What somebody says they are to a home."""
    found = _RELATION.search(folded(text))
    if found is None:
        return None
    return next(relation for relation, words in _RELATIONS.items() if found[0] in words)


def name_in(text: str) -> str | None:
    """The person's name in a few words that may also hold a relation; None when there is none."""
    said = _FILLING.sub(" ", _RELATION.sub(" ", folded(text)))
    found = _NAME.search(said)
    return found[1].strip().title() if found else None


def _introduced(before: str) -> str:
    """What stands before the home says a name only where it says that it does."""
    _, introduced, name = before.rpartition("我是")
    if not introduced:
        _, introduced, name = before.rpartition("我叫")
    return name if introduced else ""


def _code(written: str) -> str:
    number = numeral(written)
    return written.upper() if number is None else str(number)
