"""XML from outside, with nothing expanded, fetched or guessed."""

from typing import Any

from lxml import etree

_PARSER = etree.XMLParser(
    encoding="utf-8",
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)


def root_of(document: bytes, *tags: str) -> Any:
    """The root of a document in UTF-8, None where it has none of these tags or cannot be read.

    What may stand before it is an XML declaration and nothing else: so a DOCTYPE is refused before
    anything is parsed, while a document that talks about one is not.
    """
    if document.startswith(b"<?xml"):
        document = document.partition(b"?>")[2].lstrip()
    if not document.startswith(tuple(f"<{tag}".encode() for tag in tags)):
        return None
    try:
        root = etree.fromstring(document, _PARSER)
    except etree.XMLSyntaxError:
        return None
    return root if root.tag in tags else None
