"""`palm demo`: the whole house with 伊伊小区 in it, on this machine, with no account anywhere."""

import asyncio
import json
import os
import secrets
import time
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import typer

from app.cli.guide import guide
from app.cli.output import say
from app.cli.seed.chats import SELF_ID
from app.cli.seeding import CHAT_SECRETS, Stage, prepared, publish_demo_menu
from app.cli.supervisor import Supervisor
from app.cli.within import trusted
from app.core import log, migrations, postgres
from app.core.problems import Problem
from app.core.settings import settings
from app.wechat.edge import new_aes_key

_READY_SECONDS = 120.0


def _secrets(folder: Path) -> dict[str, str]:
    """What the invented account's secrets are, made up once for a data directory."""
    path = folder / "demo.secrets.json"
    if not path.exists():
        made = {
            "app_id": f"wx{secrets.token_hex(8)}",
            "original_id": f"gh_{secrets.token_hex(6)}",
            "app_secret": secrets.token_hex(16),
            "token": secrets.token_hex(16),
            "aes_key": new_aes_key(),
            **{name: secrets.token_hex(16) for name in CHAT_SECRETS},
        }
        _write(path, made)
    read: dict[str, str] = json.loads(path.read_text())
    return read


def _write(path: Path, thing: object) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    new = path.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_text(json.dumps(thing, ensure_ascii=False, indent=2) + "\n")
    new.replace(path)


def _keep_database() -> None:
    """Have the embedded server running again if it was killed; one of yours is left alone."""
    if settings().database_url is not None:
        return
    try:
        postgres.start(settings().data_dir)
    except postgres.NotStarted as error:
        log.log.warning("database_not_started", error=type(error).__name__)


def _stage_sandbox(stage: Stage, sandbox: str) -> None:
    """Tell the sandbox about the account, who holds the phones, and who is in which group."""
    with httpx.Client(base_url=sandbox, trust_env=False, timeout=10) as platform:
        account = stage.sandbox_account(settings().base_url)
        platform.put(f"/sandbox/accounts/{stage.app_id}", json=account).raise_for_status()
        platform.put("/sandbox/users", json={"users": stage.sandbox_users()}).raise_for_status()
        bot = stage.sandbox_bot(settings().base_url)
        platform.put(f"/sandbox/bots/{SELF_ID}", json=bot).raise_for_status()
        for group in stage.story["groups"]:
            content = {name: value for name, value in group.items() if name != "group_id"}
            if group["platform"] == "onebot11":
                content["bot"] = SELF_ID
            platform.put(f"/sandbox/groups/{group['group_id']}", json=content).raise_for_status()
        weibo = {"name": "伊伊小区微博"}
        token = stage.secrets["weibo_token"]
        platform.put(f"/sandbox/weibo/accounts/{token}", json=weibo).raise_for_status()
        for name, robot in stage.sandbox_robots().items():
            platform.put(f"/sandbox/robots/{name}", json=robot).raise_for_status()


def _wait_for(url: str, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and not supervisor.stopping:
        supervisor.look()
        try:
            if httpx.get(url, trust_env=False, timeout=2).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    if not supervisor.stopping:
        say(f"error: {url} does not answer")
        raise typer.Exit(1)


def _processes(supervisor: Supervisor) -> dict[str, int]:
    return {child.name: child.process.pid for child in supervisor.children if child.process}


def _free_port(given: int) -> int:
    return given + 1 if given < 65535 else given - 1  # noqa: PLR2004 - the last port there is


def demo() -> None:
    """Start everything with an invented community, and say where to look; Ctrl-C stops it all."""
    folder = settings().data_dir
    folder.mkdir(parents=True, exist_ok=True)
    sandbox = f"http://127.0.0.1:{_free_port(settings().port)}"
    os.environ |= {
        "PALM_WECHAT_API": f"{sandbox}/sandbox",
        "PALM_WEIBO_API": f"{sandbox}/sandbox/weibo",
        "PALM_OUTBOUND_ALLOW": "127.0.0.0/8",
        "PALM_OUTBOUND_PORTS": sandbox.rpartition(":")[2],
    }
    os.environ.setdefault("PALM_LOG_LEVEL", "warning")
    settings.cache_clear()
    log.configure(style="text", level=settings().log_level)
    say("database …")
    with trusted() as url:
        migrations.upgrade(url)
        say("伊伊小区 …")
        stage = _prepare(folder, url, sandbox)
        _run(folder, sandbox, stage, url)
    say("stopped")


def _prepare(folder: Path, url: str, sandbox: str) -> Stage:
    """The story, told at the first start and written down before anything else begins."""
    path = folder / "demo.story.json"
    known = json.loads(path.read_text()) if path.exists() else None
    keep = partial(_write, path)
    try:
        return asyncio.run(prepared(url, _secrets(folder), known, keep, sandbox=sandbox))
    except Problem as problem:
        say(f"error: {problem.title()}")
        raise typer.Exit(1) from problem


def _run(folder: Path, sandbox: str, stage: Stage, url: str) -> None:
    supervisor = Supervisor(os.environ, _keep_database)
    supervisor.catch_signals()
    port = sandbox.rpartition(":")[2]
    journal = str(folder / "sandbox" / "journal.jsonl")
    supervisor.add("sandbox", "app.sandbox", "--port", port, "--journal", journal)
    supervisor.changed = lambda: _write(folder / "processes.json", _processes(supervisor))
    try:
        _wait_for(f"{sandbox}/sandbox/users", supervisor)
        # What the worker sends to whom the platforms do not know yet would be refused for good.
        _stage_sandbox(stage, sandbox)
        supervisor.add("api", "app.cli", "serve")
        supervisor.add("worker", "app.cli", "worker")
        _wait_for(f"http://{settings().host}:{settings().port}/readyz", supervisor)
        asyncio.run(publish_demo_menu(url))
        described: dict[str, Any] = stage.described(settings().base_url, sandbox)
        _write(folder / "demo.json", described)
        say(guide(described, folder / "demo.json"))
        supervisor.run()
    finally:
        supervisor.stop()
