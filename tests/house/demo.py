"""The demo as a program of its own, and what its people do with their phones."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import httpx

T = TypeVar("T")
START_SECONDS = 240


def two_ports() -> int:
    """A port that is free, and the next one too."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            with suppress(OSError):
                second.bind(("127.0.0.1", port + 1))
                return port


def until(found: Callable[[], T | None], seconds: float = 60.0) -> T:
    """What this finds, as soon as it finds something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(httpx.HTTPError):
            if result := found():
                return result
        time.sleep(0.1)
    message = f"nothing within {seconds} s"
    raise AssertionError(message)


class Demo:
    """`palm demo`, running."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.http = httpx.Client(trust_env=False, timeout=40)

    def start(self) -> None:
        """Start it, and wait until it says where everything is."""
        (self.folder / "demo.json").unlink(missing_ok=True)
        environment = {"PALM_DATA_DIR": str(self.folder), "PALM_PORT": str(self.port)}
        with (self.folder / "output").open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "demo"],
                env={**os.environ, **environment},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        until(self._described, START_SECONDS)
        self.described: dict[str, Any] = json.loads((self.folder / "demo.json").read_text())

    def _described(self) -> bool:
        assert self.process.poll() is None, (self.folder / "output").read_text()[-2000:]
        return (self.folder / "demo.json").exists()

    def stop(self) -> None:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(60) == 0

    def kill(self, name: str) -> None:
        """`kill -9` of one process, whatever it is doing."""
        if name == "postgres":
            pid = int(next(self.folder.rglob("postmaster.pid")).read_text().split()[0])
        else:
            pid = json.loads((self.folder / "processes.json").read_text())[name]
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def post(self, openid: str, **message: Any) -> dict[str, Any]:
        """What came of something done on a phone."""
        answer = self.http.post(
            f"{self.described['sandbox_url']}/sandbox/phones/{openid}/messages", json=message
        )
        answer.raise_for_status()
        done: dict[str, Any] = answer.json()
        return done

    def say(self, openid: str, text: str) -> str:
        """What the account answers at once to a text; empty when nothing."""
        reply = self.post(openid, type="text", text=text)["reply"]
        return reply["text"] if reply else ""

    def shown(self, openid: str, kind: str | None = None) -> list[dict[str, Any]]:
        """What is on a phone."""
        answer = self.http.get(f"{self.described['sandbox_url']}/sandbox/phones/{openid}/messages")
        messages: list[dict[str, Any]] = answer.json()["messages"]
        return [one for one in messages if kind in (None, one["type"])]

    def rest(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A call of the API with the demo's key."""
        headers = {"Authorization": f"Bearer {self.described['api_key']}"}
        headers |= options.pop("headers", {})
        url = f"{self.described['base_url']}/api/v1{path}"
        return self.http.request(method, url, headers=headers, **options)


@contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    """A demo that is gone when the block ends, whatever happened in it."""
    demo = Demo(folder, two_ports())
    try:
        demo.start()
        yield demo
        demo.stop()
    finally:
        demo.http.close()
        with suppress(ProcessLookupError):
            os.killpg(demo.process.pid, signal.SIGTERM)
            demo.process.wait(60)
