"""`./palm` makes the environment once, whole or not at all, and says what a system lacks."""

import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.core.migrations import ROOT

TOOLS = (
    *("sh", "cat", "cmp", "dirname", "env", "find", "flock", "grep", "head", "mkdir"),
    *("readlink", "rm", "sleep", "touch", "uname"),
)
PYTHON = """#!/bin/sh
echo "python $*" >>"$DIARY"
[ "$2" != app.cli ] || echo "code in $PYTHONPATH" >>"$DIARY"
case $* in
    -c*) echo "$0" ;;
    "-m venv "*) mkdir -p "$3/bin" && cat "$0" >"$3/bin/python" && chmod +x "$3/bin/python" ;;
    *pip*) sleep "${PIP_TAKES:-0}" && exit "${PIP_ENDS:-0}" ;;
esac
"""
APT = """#!/bin/sh
echo "apt-get $*" >>"$DIARY"
[ "$1" = update ] || cp "$SHELF/python3" "$SYSTEM/python3"
"""


@dataclass(frozen=True)
class Machine:
    """A checkout on a system with few programs, of which some only write down what was asked."""

    root: Path

    @property
    def checkout(self) -> Path:
        return self.root / "our palm"

    @property
    def system(self) -> Path:
        return self.root / "bin"

    def put(self, name: str, script: str, folder: str = "bin") -> None:
        file = self.root / folder / name
        file.write_text(script)
        file.chmod(0o755)

    def be(self, user: int) -> None:
        self.put("id", f"#!/bin/sh\necho {user}\n")

    def run(
        self, *words: str, script: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - the script of this checkout
            [script or self.checkout / "palm", *words],
            cwd=self.root,
            env={
                "PATH": str(self.system),
                "DIARY": str(self.root / "diary"),
                "SHELF": str(self.root / "shelf"),
                "SYSTEM": str(self.system),
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def diary(self, word: str) -> list[str]:
        """What was asked of the programs and holds this word."""
        diary = self.root / "diary"
        lines = diary.read_text().splitlines() if diary.exists() else []
        return [line for line in lines if word in line]

    def forget(self) -> None:
        (self.root / "diary").unlink()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    for folder in (machine.checkout, machine.system, tmp_path / "shelf"):
        folder.mkdir()
    for tool in (*TOOLS, "chmod", "cp"):
        if found := shutil.which(tool):
            (machine.system / tool).symlink_to(found)
    shutil.copy(ROOT / "palm", machine.checkout)
    (machine.checkout / "requirements.txt").write_text("# for one\na==1\n")
    (machine.checkout / "requirements-dev.txt").write_text("# for one\na==1\nb==1\n")
    machine.put("python3", PYTHON, "shelf")
    machine.put("python3", PYTHON)
    for tool in ("chromium", "curl", "jq"):
        machine.put(tool, "#!/bin/sh\n")
    machine.put("fc-list", "#!/bin/sh\necho font\n")
    machine.be(user=1000)
    return machine


def test_it_installs_once_and_hands_on(machine: Machine) -> None:
    link = machine.system / "palm"
    link.symlink_to("../our palm/palm")

    assert machine.run("staff", "add", "a b", script=link).returncode == 0
    assert machine.run("serve").returncode == 0

    assert len(machine.diary("pip install")) == 1
    ran = machine.diary("app.cli")
    assert ran == ["python -m app.cli staff add a b", "python -m app.cli serve"]
    assert machine.diary("code in") == [f"code in {machine.checkout}"] * 2


def test_a_changed_lock_makes_it_anew_and_a_changed_remark_does_not(machine: Machine) -> None:
    machine.run("serve")
    machine.forget()

    (machine.checkout / "requirements.txt").write_text("# for two\na==1\n")
    machine.run("serve")
    assert not machine.diary("pip install")

    (machine.checkout / ".venv" / "of an old package").touch()
    (machine.checkout / "requirements.txt").write_text("# for two\na==2\n")
    machine.run("serve")
    assert len(machine.diary("-m venv")) == len(machine.diary("pip install")) == 1
    assert not (machine.checkout / ".venv" / "of an old package").exists()


def test_a_change_of_what_tests_need_makes_it_anew(machine: Machine) -> None:
    machine.run("test")
    machine.forget()

    (machine.checkout / "requirements-dev.txt").write_text("a==1\nb==2\n")
    machine.run("test")
    assert len(machine.diary("-m venv")) == 1


def test_what_tests_need_is_added_in_place(machine: Machine) -> None:
    machine.run("serve")
    assert machine.run("test", "-k", "leak").returncode == 0
    assert machine.run("serve").returncode == 0

    assert len(machine.diary("-m venv")) == 1
    assert len(machine.diary("pip install")) == 2
    assert machine.diary("-m pytest") == ["python -m pytest -k leak"]


@pytest.mark.parametrize("command", ["serve", "test"])
def test_an_install_that_failed_is_never_taken_for_good(machine: Machine, command: str) -> None:
    machine.run("serve")
    (machine.checkout / "requirements.txt").write_text("a==2\n")
    (machine.checkout / "requirements-dev.txt").write_text("a==2\nb==2\n")

    failed = machine.run(command, PIP_ENDS="1")
    assert failed.returncode == 1
    assert "could not be made" in failed.stderr
    machine.forget()

    assert machine.run(command).returncode == 0
    assert len(machine.diary("-m venv")) == len(machine.diary("pip install")) == 1


def test_an_addition_that_failed_leaves_the_rest_and_is_made_anew(machine: Machine) -> None:
    machine.run("serve")
    machine.run("test", PIP_ENDS="1")
    machine.forget()

    assert machine.run("serve").returncode == 0
    assert not machine.diary("pip install")
    assert machine.run("test").returncode == 0
    assert len(machine.diary("-m venv")) == 1


def test_two_at_once_install_once(machine: Machine) -> None:
    with ThreadPoolExecutor() as threads:
        ended = list(threads.map(lambda _: machine.run("serve", PIP_TAKES="0.3"), range(2)))

    assert [each.returncode for each in ended] == [0, 0]
    assert len(machine.diary("pip install")) == 1
    assert len(machine.diary("app.cli")) == 2


def test_an_ordinary_user_is_told_the_line_and_nothing_is_done(machine: Machine) -> None:
    (machine.system / "python3").unlink()
    machine.put("apt-get", APT)

    refused = machine.run("serve")

    assert refused.returncode == 2
    packages = "python3 python3-venv"
    line = f"apt-get update && apt-get install -y --no-install-recommends {packages}"
    assert refused.stderr.splitlines()[-1] == f"su -c '{line}'"
    assert not machine.diary("apt-get")
    assert not (machine.checkout / ".venv").exists()


def test_root_has_it_fetched(machine: Machine) -> None:
    (machine.system / "python3").unlink()
    machine.put("apt-get", APT)
    machine.be(user=0)

    assert machine.run("serve").returncode == 0

    assert machine.diary("apt-get")[-1].endswith("python3 python3-venv")
    assert machine.diary("app.cli")


@pytest.mark.parametrize(
    ("tool", "package"), [("chromium", "chromium-headless-shell"), ("curl", "curl"), ("jq", "jq")]
)
def test_what_tests_lack_is_told_even_where_all_else_is_installed(
    machine: Machine, tool: str, package: str
) -> None:
    machine.run("test")
    (machine.system / tool).unlink()
    machine.put("apt-get", APT)
    machine.forget()

    refused = machine.run("test")

    assert refused.returncode == 2
    assert f" {package}" in refused.stderr
    assert "python3" not in refused.stderr
    assert not machine.diary("-m pytest")


def test_no_lock_names_a_host() -> None:
    for lock in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / lock).read_text()
        assert "://" not in text
        assert text.count("==") <= text.count("--hash=sha256:")
