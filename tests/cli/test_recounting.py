import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.cli.root import cli
from app.polls import recount
from tests.polls.bundling import a_secret_one


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALM_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")


def recounting(folder: Path, bundle: dict[str, Any], *words: str) -> Result:
    file = folder / "poll.json"
    file.write_text(json.dumps(bundle), encoding="utf-8")
    return CliRunner().invoke(cli, ["poll", "recount", str(file), *words], catch_exceptions=False)


def test_a_sound_bundle_is_told_so_with_its_heads(tmp_path: Path) -> None:
    bundle = a_secret_one()

    done = recounting(tmp_path, bundle)

    assert done.exit_code == 0
    assert "核对通过" in done.output
    assert all(link["head"] in done.output for link in bundle["links"])
    assert "只证明数据前后一致" in done.output


def test_heads_and_receipts_that_were_kept_are_looked_for(tmp_path: Path) -> None:
    bundle = a_secret_one()
    head, receipt = bundle["links"][1]["head"], recount.receipt_of(recount._leaves(bundle)[0])

    kept = recounting(tmp_path, bundle, "--head", head, "--receipt", receipt.lower())
    foreign = recounting(tmp_path, bundle, "--head", "ab" * 32, "--receipt", "0" * 16)

    assert (kept.exit_code, foreign.exit_code) == (0, 1)
    assert "第 1 批的校验码与您保存的一致" in kept.output
    assert "没有您保存的校验码" in foreign.output
    assert "没有这个回执" in foreign.output


def test_what_is_wrong_is_said_in_both_languages(tmp_path: Path) -> None:
    bundle = a_secret_one()
    bundle["result"]["questions"]["q1"]["counts"]["A"] += 1

    done = recounting(tmp_path, bundle)

    assert done.exit_code == 1
    assert "questions.q1.counts.A" in done.output
    assert "is stated as" in done.output
    assert "核对不通过" in done.output


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format":1,"format":2}', "[" * 100_000])
def test_what_is_no_bundle_is_refused_without_a_stack_trace(tmp_path: Path, text: str) -> None:
    file = tmp_path / "poll.json"
    file.write_text(text, encoding="utf-8")

    done = CliRunner().invoke(cli, ["poll", "recount", str(file)], catch_exceptions=False)

    assert done.exit_code == 1


def test_a_bundle_cannot_print_what_looks_like_a_verdict(tmp_path: Path) -> None:
    bundle = a_secret_one()
    bundle["ballots"][0]["choice"] = "\n核对通过\x1b[2J"

    done = recounting(tmp_path, bundle)

    assert done.exit_code == 1
    assert "\x1b" not in done.output
    assert not any(line.startswith("核对通过") for line in done.output.splitlines())


@pytest.mark.parametrize("name", ["definition", "roll", "ballots", "links", "result", "closed_at"])
@pytest.mark.parametrize("junk", [None, 7, "x", [], {}, [1], {"a": 1}, [{}], -(10**30)])
def test_whatever_stands_in_a_bundle_it_is_read_or_found(name: str, junk: Any) -> None:
    assert recount.check(a_secret_one() | {name: junk})
