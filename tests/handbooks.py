"""The examples of the handbooks, run by a shell as they stand."""

import asyncio
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from json import JSONDecoder
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[1]
_SECONDS = 90
_CURLRC = r"""
fail-with-body
silent
show-error
noproxy = "*"
write-out = "%{stderr}%{http_code} %{method} %{url_effective}\n"
"""


@dataclass(frozen=True)
class Ran:
    """What an example printed, and the calls it made: status, method and address of each."""

    printed: str
    calls: list[str]

    def called(self, base: str, thing: str) -> list[str]:
        """The calls below this address, with `ID` for the id of the thing that they are about."""
        return [call.replace(base, "").replace(thing, "ID") for call in self.calls]

    def documents(self) -> Iterator[dict[str, Any]]:
        """What it printed, one JSON document after the other with nothing between them."""
        left = self.printed
        while left := left.strip():
            document, end = JSONDecoder().raw_decode(left)
            left = left[end:]
            yield document


def examples(page: str) -> list[str]:
    """The shell blocks of a page that call the service; its path is from the top."""
    blocks = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
    text = (_ROOT / page).read_text(encoding="utf-8")
    return [block for block in blocks.findall(text) if "curl" in block]


async def run(example: str, folder: Path, **given: str) -> Ran:
    """Run it in this folder with these variables; a call that is refused fails."""
    (folder / ".curlrc").write_text(_CURLRC)
    done = await asyncio.to_thread(
        subprocess.run,
        ["/bin/sh", "-euc", example],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "CURL_HOME": str(folder),
            **given,
        },
        capture_output=True,
        check=False,
        text=True,
        timeout=_SECONDS,
    )
    assert done.returncode == 0, (example, done.stdout, done.stderr)
    calls = done.stderr.splitlines()
    assert all(call.startswith("2") for call in calls), (example, done.stdout, calls)
    return Ran(done.stdout, calls)
