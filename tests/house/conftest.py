"""One running demo for all tests of the whole house."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.house.demo import Demo, running_demo


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    with TemporaryDirectory() as folder, running_demo(Path(folder)) as demo:
        yield demo
