"""The snapshot that a setting names: what reads it, how old it may be, and who never takes it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import msgspec
import pytest

from jotgraph import store
from jotgraph.cli import cli, world
from jotgraph.cli.defaults import key_of
from jotgraph.cli.scan_options import Reading
from jotgraph.records import Inventory
from tests.functional.conftest import Run
from tests.functional.estate import estate


class Scans:
    """What would be scanned, in place of a scan; each is counted."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []

    def __call__(self, reading: Reading, *_: object, **__: object) -> Inventory:
        self.readings.append(reading)
        return estate()


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch) -> Scans:
    scans = Scans()
    monkeypatch.setattr(world, "scan", scans)
    return scans


@pytest.fixture
def project(tmp_path: Path, run: Run) -> Path:
    path = tmp_path / "jotgraph.toml"
    path.write_text('max_orphans = 99\n[defaults]\nname = "prod"\n')
    return path


def remember(age: timedelta) -> None:
    """Store the estate as if it had been scanned so long ago."""
    taken_at = datetime.now(UTC) - age
    store.Snapshots().remember(msgspec.structs.replace(estate(), taken_at=taken_at), "prod")


def test_without_a_snapshot_of_the_name_a_command_scans(
    run: Run, scans: Scans, project: Path
) -> None:
    assert run("ls").exit_code == 0
    assert len(scans.readings) == 1


def test_the_newest_is_read_and_its_age_told(run: Run, scans: Scans, project: Path) -> None:
    remember(timedelta(hours=9))
    remember(timedelta(minutes=20))
    result = run("ls")
    assert (result.exit_code, scans.readings) == (0, [])
    told = r"\nScanned [^\n]* UTC \(20 min ago\), the newest of prod \(--fresh scans\)\n"
    assert re.search(told, result.stderr)


def test_a_variable_names_it_too(
    run: Run, scans: Scans, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    remember(timedelta(minutes=20))
    assert run("ls").exit_code == 0
    assert len(scans.readings) == 1
    monkeypatch.setenv("JOTGRAPH_NAME", "prod")
    assert "(20 min ago), the newest of prod" in run("ls").stderr
    assert len(scans.readings) == 1


@pytest.mark.parametrize(
    "options", [("--fresh",), ("--region", "eu-west-1"), ("--no-docker",), ("--usage",)]
)
def test_whoever_says_what_to_scan_scans(
    run: Run, scans: Scans, project: Path, options: tuple[str, ...]
) -> None:
    remember(timedelta(minutes=20))
    assert "Scanned" not in run("ls", *options).stderr
    assert len(scans.readings) == 1


def test_regions_of_a_setting_are_no_reason_to_scan(
    run: Run, scans: Scans, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(timedelta(minutes=20))
    project.write_text(f'{project.read_text()}regions = ["eu-west-1"]\n')
    monkeypatch.setenv("JOTGRAPH_PROFILES", "dev")
    assert run("ls").exit_code == 0
    assert scans.readings == []


def test_fresh_beside_a_stored_inventory_is_a_contradiction(
    run: Run, scans: Scans, project: Path
) -> None:
    remember(timedelta(minutes=20))
    result = run("ls", "--fresh", "--from", "prod")
    assert result.exit_code == 2
    assert "--fresh is an option of a scan, and --from reads a stored inventory" in result.stderr


def test_a_scan_is_stored_under_it(run: Run, scans: Scans, project: Path) -> None:
    assert "stored as prod#1" in run("scan").stderr
    assert "stored as other#1" in run("scan", "--name", "other").stderr
    assert "stored as file.jsonl, prod#2" in run("scan", "-o", "file.jsonl").stderr


def test_no_deletion_is_decided_on_it(run: Run, scans: Scans, project: Path) -> None:
    remember(timedelta(minutes=20))
    run("plan", "cleanup", "--kind", "ecr-image")
    assert len(scans.readings) == 1
    top = click.Context(cli)
    for name in ("delete", "cleanup", "sweep", "apply"):
        command = cli.get_command(top, name)
        assert command is not None
        assert "name" not in map(key_of, command.params)


GATES = (
    ("check",),
    ("stale", "--check"),
    ("orphans", "--check"),
    ("where", "main", "--check"),
)


@pytest.mark.parametrize("gate", GATES, ids=" ".join)
def test_no_gate_passes_on_an_old_one(
    run: Run, scans: Scans, project: Path, gate: tuple[str, ...]
) -> None:
    remember(timedelta(hours=3))
    result = run(*gate)
    assert (result.exit_code, result.stdout, scans.readings) == (4, "", [])
    assert result.stderr == (
        "jotgraph: prod was scanned 3 h ago, and no check passes on what is older than 1 h "
        "(--max-age): scan again, or pass --fresh\n"
    )
    assert run(*gate, "--fresh").exit_code != 4
    assert run(*gate, "--max-age", "1d").exit_code != 4
    assert run(*gate, "--from", "prod").exit_code != 4, "typed, and nobody set a limit"
    remember(timedelta(minutes=20))
    assert run(*gate).exit_code != 4


def test_an_answer_that_is_no_gate_may_be_old(run: Run, scans: Scans, project: Path) -> None:
    remember(timedelta(days=3))
    assert "(3 days ago), the newest of prod" in run("stale").stderr
    assert run("stale", "--max-age", "1d").exit_code == 4


def test_a_limit_that_is_set_counts_for_whatever_is_stored(
    run: Run, scans: Scans, project: Path
) -> None:
    remember(timedelta(hours=3))
    project.write_text(f'{project.read_text()}max_age = "2h"\n')
    assert run("check").exit_code == 4
    assert run("check", "--from", "prod").exit_code == 4
    project.write_text(project.read_text().replace('"2h"', '"4h"'))
    assert run("check").exit_code == 0
    assert run("check", "--from", "prod").exit_code == 0


def test_a_snapshot_of_a_time_to_come_is_refused(run: Run, scans: Scans, project: Path) -> None:
    remember(timedelta(minutes=-20))
    assert run("check").exit_code == 0
    remember(timedelta(hours=-3))
    assert run("check").exit_code == 4


def test_a_check_of_an_old_inventory_says_how_old(run: Run, stored: str) -> None:
    whole = store.load(stored)
    for days, name in ((0.9, "young"), (30, "old")):
        taken = datetime.now(UTC) - timedelta(days=days)
        store.save(msgspec.structs.replace(whole, taken_at=taken), f"{name}.jsonl")
    Path("policy.toml").write_text("max_orphans = 900\n")
    says = "This checks what was there 30 days ago: --max-age 1d refuses an older inventory"
    check = ("check", "--policy", "policy.toml", "--from")
    assert says in run(*check, "old.jsonl").stderr.splitlines()
    assert "This checks" not in run(*check, "young.jsonl").stderr
    assert says in run("rescue", "--check", "--from", "old.jsonl").stderr
    assert "This checks" not in run("rescue", "--from", "old.jsonl").stderr, "no check"
    agreed = run(*check, "old.jsonl", "--max-age", "60d")
    assert "This checks" not in agreed.stderr, "somebody has said how old it may be"
    refused = run(*check, "old.jsonl", "--max-age", "1d")
    assert (refused.exit_code, refused.stdout) == (4, "")
    assert "old.jsonl was scanned 30 days ago" in refused.stderr
