"""One process tree: children that are started again when they end, until told to stop."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

from app.core.log import log

_LOOK_SECONDS = 0.25
_STOP_SECONDS = 15.0


@dataclass
class Child:
    """A program that should be running."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = 0.0


@dataclass
class Supervisor:
    """Keeps children running; `besides` is called again and again for what is not a child."""

    environment: Mapping[str, str]
    besides: Callable[[], None]
    children: list[Child] = field(default_factory=list)
    stopping: bool = False
    changed: Callable[[], None] = lambda: None
    """Called when a child was started."""

    def add(self, name: str, *words: str) -> None:
        """Have this command of ours running from the next look on."""
        self.children.append(Child(name, [sys.executable, "-m", *words]))

    def _start(self, child: Child) -> None:
        child.process = subprocess.Popen(  # noqa: S603 - our own words
            child.command,
            env={**os.environ, **self.environment},
            start_new_session=True,
        )
        child.started_at = time.monotonic()
        self.changed()

    def look(self) -> None:
        """Start what is not running; what ends at once waits longer each time."""
        self.besides()
        for child in self.children:
            if child.process and child.process.poll() is None:
                continue
            lived = time.monotonic() - child.started_at
            if child.process and lived < child.pause:
                continue
            if child.process:
                log.warning("child_ended", name=child.name, status=child.process.returncode)
                child.pause = 0.0 if lived > _STOP_SECONDS else min(child.pause * 2 or 0.5, 8.0)
            self._start(child)

    def catch_signals(self) -> None:
        """Take `SIGINT` and `SIGTERM` as the word to stop."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._told_to_stop)

    def run(self) -> None:
        """Keep looking until told to stop."""
        while not self.stopping:
            self.look()
            time.sleep(_LOOK_SECONDS)

    def _told_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def stop(self) -> None:
        """Ask every child to end, and make it."""
        running = [child.process for child in self.children if child.process]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
