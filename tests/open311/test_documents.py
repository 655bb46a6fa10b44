"""Whatever somebody wrote, the document around it stays whole."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from app.open311.documents import Document, as_json, as_xml, legal

ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=200)
"""Control characters and halves of pairs as well."""


def described(text: str) -> Document:
    return Document("service_requests", [{"service_request_id": "1", "description": text}])


@given(ANYTHING)
def test_any_text_comes_back_out_of_the_xml_as_it_went_in(text: str) -> None:
    root = etree.fromstring(as_xml(described(text)))

    assert [child.tag for child in root] == ["request"]
    assert [child.tag for child in root[0]] == ["service_request_id", "description"]
    assert (root[0].findtext("description") or "") == legal(text)


@given(ANYTHING)
def test_any_text_comes_back_out_of_the_json_as_it_went_in(text: str) -> None:
    (request,) = json.loads(as_json(described(text)))

    assert request["description"] == legal(text)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=50))
def test_what_xml_can_hold_is_not_touched(text: str) -> None:
    assert legal(text) == text


@pytest.mark.parametrize("illegal", ["\0", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_what_xml_cannot_hold_is_left_out(illegal: str) -> None:
    assert legal(f"漏{illegal}水") == "漏水"


@pytest.mark.parametrize(
    "markup",
    ["]]><evil/>", "</description><evil/>", "<!DOCTYPE x>", "&lol;", "<?xml version='1.0'?>"],
)
def test_markup_stays_text(markup: str) -> None:
    root = etree.fromstring(as_xml(described(markup)))

    assert root[0].findtext("description") == markup
    assert not root.findall(".//evil")


def test_the_xml_says_that_it_is_utf_8_and_has_no_namespace() -> None:
    body = as_xml(described("漏水"))

    assert body.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<service_requests>')
    assert "漏水".encode() in body
    assert b"xmlns" not in body


def test_nothing_is_an_empty_element_and_null() -> None:
    document = Document("services", [{"description": None, "metadata": True, "group": ""}])

    assert b"<description/>" in as_xml(document)
    assert b"<metadata>true</metadata>" in as_xml(document)
    assert json.loads(as_json(document)) == [{"description": None, "metadata": True, "group": ""}]


def test_a_list_is_a_bare_array_and_its_elements_bear_the_name_of_one() -> None:
    definition = {"attributes": [{"code": "where", "order": 1, "values": [{"key": "a"}]}]}
    document = Document("service_definition", definition)
    root = etree.fromstring(as_xml(document))

    assert root.findtext("attributes/attribute/values/value/key") == "a"
    assert root.findtext("attributes/attribute/order") == "1"
    assert json.loads(as_json(document)) == definition
    assert json.loads(as_json(Document("services", []))) == []


@pytest.mark.parametrize(
    ("degrees", "written"), [(31.123, "31.123"), (-0.000001, "-0.000001"), (120.0, "120")]
)
def test_degrees_are_written_out(degrees: float, written: str) -> None:
    document = Document("service_requests", [{"lat": degrees}])

    assert etree.fromstring(as_xml(document)).findtext("request/lat") == written
