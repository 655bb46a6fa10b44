"""A list as it is kept, in memory: what merging does to it, without a database."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from app.core.ids import new_id
from app.groups.chains.entries import Entry, compared
from app.groups.chains.merge import Kept, Merge, Sender, merge
from app.groups.chains.parse import Parsed, parse


@dataclass
class Going:
    """The lines of one sign-up, and who is called what."""

    called: dict[str, str] = field(default_factory=dict)
    opener: str = "organiser"
    lines: list[Kept] = field(default_factory=list)

    def hear(self, sender: str, sent: Parsed | Iterable[Entry], *, runs: bool = False) -> Merge:
        """Somebody sends a list."""
        sent = sent if isinstance(sent, Parsed) else Parsed(entries=tuple(sent))
        who = Sender(sender, compared(self.called.get(sender, "")), runs or sender == self.opener)
        change = merge(self.lines, sent, who)
        gone = {line.id for line in change.cancelled}
        edited = {line.id: entry for line, entry in change.edited}
        self.lines = [
            replace(
                line,
                entry=edited.get(line.id, line.entry),
                cancelled=line.cancelled or line.id in gone,
                returns=frozenset({line.sender_id, sender}) if line.id in gone else line.returns,
            )
            for line in self.lines
        ]
        self.lines += [self._line(entry, sender) for entry in change.added]
        return change

    def _line(self, entry: Entry, sender: str) -> Kept:
        signed = entry.key[0] == compared(self.called.get(sender, ""))
        return Kept(new_id(), entry, sender, signed=signed)

    def say(self, sender: str, text: str, *, runs: bool = False) -> Merge:
        """Somebody sends a list as it is written, without its head."""
        sent = parse(f"#接龙\n书法课\n\n{text}")
        assert sent is not None
        return self.hear(sender, sent, runs=runs)

    @property
    def entries(self) -> list[Entry]:
        return [line.entry for line in self.lines if not line.cancelled]

    @property
    def names(self) -> list[str]:
        return [entry.name for entry in self.entries]

    @property
    def keys(self) -> Counter[tuple[str, str]]:
        return Counter(entry.key for entry in self.entries)
