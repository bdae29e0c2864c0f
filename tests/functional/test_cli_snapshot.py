"""``jotgraph snapshot``: what is stored, what goes."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from jotgraph.sandbox.server import Sandbox
from jotgraph.store import Snapshots, load
from tests.functional.conftest import Run
from tests.functional.estate import estate
from tests.functional.test_cli_json import problems


@pytest.fixture
def prod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    whole = estate()
    for days in range(3):
        earlier = whole.taken_at - timedelta(days=2 - days)
        Snapshots().remember(msgspec.structs.replace(whole, taken_at=earlier), "prod")


@pytest.mark.usefixtures("prod")
def test_pruning_is_dry_unless_it_is_told(run: Run) -> None:
    keep = ("snapshot", "prune", "prod", "--keep-daily", "2")
    dry = run(*keep)
    assert dry.exit_code == 0
    assert "nothing was removed: --yes removes them" in dry.stdout
    assert json.loads(run("snapshot", "ls", "--format", "json").stdout)["snapshots"][0]["ref"] == (
        "prod#1"
    )
    done = run(*keep, "--yes", "--format", "json")
    answer = json.loads(done.stdout)
    assert problems(answer) == []
    assert [(snapshot["ref"], snapshot["status"]) for snapshot in answer["snapshots"]] == [
        ("prod#1", "pruned"),
        ("prod#2", "kept"),
        ("prod#3", "kept"),
    ]
    listed = json.loads(run("snapshot", "ls", "prod", "--format", "json").stdout)
    assert problems(listed) == []
    assert [snapshot["ref"] for snapshot in listed["snapshots"]] == ["prod#2", "prod#3"]
    assert run("ls", "--from", "prod~1").exit_code == 0


@pytest.mark.usefixtures("prod")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("snapshot", "prune", "prod"), "no rule says what to keep"),
        (("snapshot", "prune", "prdo", "--keep-last", "1"), "no snapshot of the name 'prdo'"),
        (("snapshot", "ls", "prdo"), "no snapshot of the name 'prdo'"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    run: Run, arguments: tuple[str, ...], message: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_bucket_is_the_store_of_every_command(
    run: Run, aws_environment: Sandbox, monkeypatch: pytest.MonkeyPatch, stored: str
) -> None:
    aws_environment.client("s3").create_bucket(
        Bucket="estates", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    monkeypatch.setenv("JOTGRAPH_STORE", "s3://estates/team")
    from jotgraph.cli.stores import snapshots  # noqa: PLC0415 -- reads the environment

    snapshots().remember(estate(), "prod")
    assert run("ls", "--from", "prod#1").stdout == run("ls", "--from", "prod").stdout
    assert "s3://estates/team" in run("snapshot", "ls").stdout
    monkeypatch.setenv("JOTGRAPH_STORE", "s3://")
    assert run("snapshot", "ls").exit_code == 2


def test_a_folder_is_a_store_too(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JOTGRAPH_STORE", str(tmp_path / "shared"))
    assert "0 snapshots" in run("snapshot", "ls").stdout


def test_a_redacted_inventory_is_read_as_any(run: Run, stored: str, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"a secret of the team")
    for name in ("one.jsonl", "two.jsonl.zst"):
        result = run("snapshot", "redact", stored, "-o", name, "--key", str(key))
        assert result.exit_code == 0, result.stderr
        assert f"written to {name}; look through it" in result.stderr
    assert run("diff", "one.jsonl", "two.jsonl.zst", "--check").exit_code == 0
    before, after = (run("orphans", "--from", path).stderr for path in (stored, "one.jsonl"))
    assert before.splitlines()[0].split(";")[0] == after.splitlines()[0].split(";")[0]
    assert "checkout" not in run("ls", "--from", "one.jsonl").stdout
    run("snapshot", "redact", stored, "-o", "random.jsonl")
    assert Path("random.jsonl").read_bytes() != Path("one.jsonl").read_bytes()


@pytest.mark.usefixtures("prod")
def test_a_snapshot_is_one_file_and_back(run: Run, tmp_path: Path) -> None:
    assert run("snapshot", "export", "prod~1", "--to", "one.jsonl.zst").exit_code == 0
    assert load("one.jsonl.zst") == Snapshots().load("prod~1")
    stored = run("snapshot", "import", "other", "--from", "one.jsonl.zst")
    assert stored.stderr == "stored as other#1\n"
    assert Snapshots().load("other") == Snapshots().load("prod~1")
