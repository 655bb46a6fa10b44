"""What lies in the folder of files, and the sweep of what is old there."""

import os
import time
from pathlib import Path

from app.core import files
from tests.conftest import Worker


def on_disk(data_dir: Path) -> list[str]:
    return sorted(path.name for path in (data_dir / "files").rglob("*") if path.is_file())


def lie_for_two_hours(data_dir: Path) -> None:
    long_ago = time.time() - 7200
    for path in (data_dir / "files").rglob("*"):
        os.utime(path, (long_ago, long_ago))


async def run_sweep(worker: Worker) -> None:
    await files.sweep.defer_async(timestamp=0)
    await worker.catch_up()
