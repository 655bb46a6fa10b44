"""What a list that somebody sent changes about the one we keep.

Everybody sends the whole list as they last saw it, so two who answer at once fork it. A line is
known by name and home, never by its number. What a list has and we have not is added. What it has
not is cancelled only where its author sent the list, or where somebody who runs the sign-up sent
one that adds nothing; a list that adds something may be a fork that never saw the others. Lines
that were taken off come back through their author or whoever took them off, never through an old
copy of somebody else's.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from app.groups.chains.entries import Entry
from app.groups.chains.parse import Parsed

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Kept:
    """A line as we keep it."""

    id: UUID
    entry: Entry
    sender_id: str
    """Of who wrote it down first."""
    cancelled: bool = False
    returns: frozenset[str] = frozenset()
    """The senders through whom it may come back, once it is cancelled."""
    signed: bool = False
    """Whether its author is called so in the group."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a list."""

    id: str
    called: str = ""
    """Their name in the group, as compared."""
    runs: bool = False
    """Whether they run the sign-up: they opened it, or they run the group."""


@dataclass(slots=True)
class Merge:
    """What a list changes."""

    added: list[Entry] = field(default_factory=list)
    cancelled: list[Kept] = field(default_factory=list)
    edited: list[tuple[Kept, Entry]] = field(default_factory=list)
    barred: list[Entry] = field(default_factory=list)
    """Lines that their author sent again after staff had taken them off."""


def merge(kept: Sequence[Kept], sent: Parsed, sender: Sender) -> Merge:
    """What a list from this sender changes about the lines we keep, oldest first."""
    live = _by_key((line.entry.key, line) for line in kept if not line.cancelled)
    gone = _by_key((line.entry.key, line) for line in kept if line.cancelled)
    lines = _by_key((entry.key, entry) for entry in sent.entries)
    change = Merge()
    for key, entries in lines.items():
        _add(change, entries, live[key], gone[key], sender)
    manages = sender.runs and not change.added
    for key, ours in list(live.items()):
        entries = lines[key]
        missing = [] if sent.partial else _missing(ours, len(entries), sender, manages=manages)
        stay = [line for line in ours if line not in missing]
        new = sum(entry.key == key for entry in change.added)
        if len(stay) + new == len(entries):
            change.edited += _edits(stay, entries, sender, manages=manages)
        change.cancelled += missing
    _rename(change, sender)
    return change


def _by_key(pairs: Iterable[tuple[Key, Entry | Kept]]) -> defaultdict[Key, list]:  # type: ignore[type-arg]
    grouped: defaultdict[Key, list[Entry | Kept]] = defaultdict(list)
    for key, line in pairs:
        grouped[key].append(line)
    return grouped


def _add(
    change: Merge, entries: list[Entry], live: list[Kept], gone: list[Kept], sender: Sender
) -> None:
    own_gone = [line for line in gone if line.sender_id == sender.id]
    if len(entries) <= len(live):
        if not own_gone and _is_namesake(entries[-1], live, sender):
            change.added.append(entries[-1])
        return
    known = [line.entry for line in live]
    new = sorted(entries, key=lambda entry: entry not in known)[len(live) :]
    if any(sender.id in line.returns for line in gone):
        change.added += new
        return
    stale = len({line.sender_id for line in gone})
    change.added += new[stale:]
    if any(not line.returns for line in own_gone):
        change.barred += new[:stale]


def _is_namesake(entry: Entry, live: list[Kept], sender: Sender) -> bool:
    """Whether two are called so in the group, and this is the other one.

    Both answered at once, so that each list has one line for what are two people.
    """
    others = all(line.signed and line.sender_id != sender.id for line in live)
    return others and sender.called == entry.key[0]


def _edits(
    live: list[Kept], entries: list[Entry], sender: Sender, *, manages: bool
) -> list[tuple[Kept, Entry]]:
    unmatched = list(entries)
    others = []
    for line in live:
        if line.entry in unmatched:
            unmatched.remove(line.entry)
        else:
            others.append(line)
    return [
        (line, entry)
        for line, entry in zip(others, unmatched, strict=False)
        if manages or line.sender_id == sender.id
    ]


def _missing(live: list[Kept], sent: int, sender: Sender, *, manages: bool) -> list[Kept]:
    """The lines that are cancelled when only so many of one name are sent; the latest first."""
    if manages:
        return live[sent:]
    return [line for line in live if line.sender_id == sender.id][sent:]


def _rename(change: Merge, sender: Sender) -> None:
    """Who corrects their own name or home keeps their place in the order."""
    for line in [line for line in change.cancelled if line.sender_id == sender.id]:
        name, home = line.entry.key
        for entry in change.added:
            if entry.key[0] == name or (home and entry.key[1] == home):
                change.cancelled.remove(line)
                change.added.remove(entry)
                change.edited.append((line, entry))
                break
