"""The sign-up as WeChat itself sends it: the words are the title of a message of type 53."""

from typing import Any

from lxml import etree

_TYPE = "53"
_LARGEST = 256 * 1024
"""Characters of a document that are read."""


def words_of(text: str) -> str:
    """The words of a message, whether they came plain or as WeChat's own XML; else nothing."""
    document = text.strip()
    if not document.startswith("<"):
        return text
    root = _root(document) if len(document) <= _LARGEST else None
    found = None if root is None else root if root.tag == "appmsg" else root.find("appmsg")
    if found is None or (found.findtext("type") or "").strip() != _TYPE:
        return ""
    return found.findtext("title") or ""


def _root(document: str) -> Any:
    """The `<msg>` element; what may stand before it is an XML declaration and nothing else.

    So a DOCTYPE is refused before anything is parsed.
    """
    if document.startswith("<?xml"):
        document = document.partition("?>")[2].lstrip()
    if not document.startswith(("<msg", "<appmsg")):
        return None
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(document.encode(errors="replace"), parser)
    except etree.XMLSyntaxError:
        return None
