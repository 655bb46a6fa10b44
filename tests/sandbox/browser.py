"""Finding a Chromium to drive; without one a test is skipped, or fails where one is required."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, async_playwright

NAMES = ("chromium", "chromium-headless-shell", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def executable() -> str:
    """The browser of the machine, or the one that `CHROMIUM` names."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    if found and shutil.which(found):
        return found
    if os.environ.get("PALM_REQUIRE_BROWSER") == "1":
        pytest.fail("PALM_REQUIRE_BROWSER=1, but there is no Chromium")
    pytest.skip("no Chromium: install it, or name one in CHROMIUM")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A running browser."""
    path = executable()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS])
        yield browser
        await browser.close()
