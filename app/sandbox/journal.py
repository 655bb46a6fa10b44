"""Rows kept in memory and, when a file is given, written down so that a restart continues."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict


class Row(BaseModel):
    """Something the platform remembers: it is replaced whole, never changed in place."""

    model_config = ConfigDict(extra="forbid", frozen=True)


RowT = TypeVar("RowT", bound=Row)


class Journal:
    """An append-only file of changes, one JSON object a line; without a path, nothing is kept.

    Every line has reached the operating system before the change is seen, so a killed process
    loses none. A line torn by the kill is cut off; any other unreadable line is a `ValueError`.
    """

    def __init__(self, path: Path | None) -> None:
        self._rows: dict[str, dict[str, Any]] = {}
        self._file = None
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._file = path.open("r+b")
        self._replay()

    def _replay(self) -> None:
        whole = 0
        for line in self._file or ():
            if not line.endswith(b"\n"):
                break
            whole += len(line)
            change = json.loads(line)
            rows = self._rows.setdefault(change["table"], {})
            if change["row"] is None:
                rows.pop(change["key"], None)
            else:
                rows[change["key"]] = change["row"]
        if self._file:
            self._file.truncate(whole)
            self._file.seek(0, os.SEEK_END)

    def recall(self, table: str) -> dict[str, Any]:
        """What an earlier process left of a table, by key, in the order it was written."""
        return self._rows.pop(table, {})

    def write(self, table: str, key: str, row: Row | None) -> None:
        """Note that a row has this content now; None when it is gone."""
        if self._file is None:
            return
        content = row.model_dump(mode="json") if row else None
        line = json.dumps({"table": table, "key": key, "row": content})
        self._file.write(line.encode() + b"\n")
        self._file.flush()

    def close(self) -> None:
        """Let go of the file."""
        if self._file:
            self._file.close()


class Table(Generic[RowT]):
    """Rows of one kind by key; with `keep`, only so many of the newest stay in memory."""

    def __init__(
        self, journal: Journal, name: str, row: type[RowT], *, keep: int | None = None
    ) -> None:
        self._journal, self._name, self._keep = journal, name, keep
        self._rows: dict[str, RowT] = {}
        for key, content in journal.recall(name).items():
            self._remember(key, row.model_validate(content))

    def _remember(self, key: str, row: RowT) -> None:
        self._rows[key] = row
        if self._keep and len(self._rows) > self._keep:
            del self._rows[next(iter(self._rows))]

    def get(self, key: str) -> RowT | None:
        """The row under a key, if there is one."""
        return self._rows.get(key)

    def values(self) -> Iterable[RowT]:
        """Every row, oldest first."""
        return self._rows.values()

    def items(self) -> Iterable[tuple[str, RowT]]:
        """Every key with its row, oldest first."""
        return self._rows.items()

    def put(self, key: str, row: RowT) -> RowT:
        """Write a row down and remember it; the same row again costs nothing."""
        if self._rows.get(key) != row:
            self._journal.write(self._name, key, row)
            self._remember(key, row)
        return row

    def drop(self, key: str) -> None:
        """Forget the row under a key."""
        if self._rows.pop(key, None) is not None:
            self._journal.write(self._name, key, None)
