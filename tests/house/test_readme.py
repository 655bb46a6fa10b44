"""The stories of the README, told by curl to the demo as they stand."""

from pathlib import Path

import pytest

from tests.handbooks import examples, run
from tests.house.demo import Demo

pytestmark = pytest.mark.xdist_group("house")


async def test_its_stories_are_told_from_the_first_to_the_last(demo: Demo, tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(demo.folder)
    ran = await run("\n".join(examples("README.md")), tmp_path)

    done = [call.split("/steps/")[-1] for call in ran.calls if "/steps/" in call]
    assert done == ["start", "complete"]
    assert "<service_request_id>" in ran.printed
    assert "As it should be." in ran.printed.splitlines()[-1]
