"""The sign-up as WeChat itself sends it: the words are the title of a message of type 53."""

from app.core.xml import root_of

_TYPE = "53"
_LARGEST = 256 * 1024
"""Characters of a document that are read."""


def words_of(text: str) -> str:
    """The words of a message, whether they came plain or as WeChat's own XML; else nothing."""
    document = text.strip()
    if not document.startswith("<"):
        return text
    if len(document) > _LARGEST:
        return ""
    root = root_of(document.encode(errors="replace"), "msg", "appmsg")
    found = None if root is None else root if root.tag == "appmsg" else root.find("appmsg")
    if found is None or (found.findtext("type") or "").strip() != _TYPE:
        return ""
    return found.findtext("title") or ""
