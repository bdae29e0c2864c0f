"""Old backups go; what anybody may still need stays, and so do journals."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jotgraph.apply import Receipt, apply
from jotgraph.apply.backup.purged import without_backup
from jotgraph.apply.purge import purge
from jotgraph.apply.undo import undo
from jotgraph.plan.purged import PurgeReceipt
from jotgraph.records import Kind, kind_of
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal import Journal
from jotgraph.store.journal_lines import JournalLine, read_lines
from tests.apply.aside import planned as planned_aside
from tests.apply.estate import OLD
from tests.apply.runs import applied, connect, planned

LATER = timedelta(days=100)


def lone_role_deleted(aws: Sandbox) -> str:
    seed.role(aws, "lone", created=OLD)
    receipt = applied(planned("role:123456789012/lone"), backup=True)
    assert receipt.proven
    return receipt.run


@pytest.fixture
def run(once: Callable[[Callable[[Sandbox], str]], str]) -> str:
    """A run that deleted a role."""
    return once(lone_role_deleted)


def purged(*, days: float = 90, really: bool = True) -> PurgeReceipt:
    return purge(datetime.now(UTC) + LATER, days, really=really)


def said(receipt: PurgeReceipt) -> list[tuple[str, str]]:
    return [(run.status.value, run.because) for run in receipt.runs]


REMOVED = "its backup was removed {} UTC by jotgraph purge --older-than 90d"


def when(run: str) -> str:
    """When the backup of a run was purged, by its journal."""
    entries = read_lines(runs_folder() / run / "journal.jsonl").entries
    return next(f"{entry.at:%Y-%m-%d %H:%M}" for entry in entries if entry.what == "purged")


def backup(run: str) -> Path:
    return runs_folder() / run / "backup"


def test_an_old_backup_goes_and_its_journal_stays(run: str) -> None:
    result = purged()
    assert said(result) == [("purged", "it ended 100 days ago")]
    assert (result.bytes > 0, backup(run).exists()) == (True, False)
    assert read_lines(runs_folder() / run / "journal.jsonl").entries[-1].what == "purged"
    (outcome,) = undo(run, connect()).outcomes
    assert (outcome.status.value, outcome.because) == ("cannot", REMOVED.format(when(run)))
    (outcome,) = undo(run, connect(), only_look=True).outcomes
    assert outcome.because == f"it is gone; {REMOVED.format(when(run))}"
    assert said(purged()) == []


def test_of_no_kind_undo_speaks_of_a_backup_that_was_purged(deleted: Receipt) -> None:
    """The estate has a function with versions and aliases, triggers, a role and images."""
    assert [status for status, _ in said(purged())] == ["purged"]
    outcomes = undo(deleted.run, connect()).outcomes
    gone = {outcome.id: outcome.because for outcome in outcomes if outcome.status != "there"}
    assert {kind_of(resource) for resource in gone} >= {
        Kind.ALIAS, Kind.ECR_IMAGE, Kind.FUNCTION, Kind.ROLE, Kind.TRIGGER, Kind.VERSION,
    }  # fmt: skip
    removed = REMOVED.format(when(deleted.run))
    assert {because for because in gone.values() if not because.endswith(removed)} == set()


def test_a_purge_of_an_older_version_did_not_say_how_old() -> None:
    line = JournalLine(what="purged", at=datetime(2026, 3, 4, 9, tzinfo=UTC))
    assert without_backup([line]) == "its backup was removed 2026-03-04 09:00 UTC by jotgraph purge"
    assert without_backup([]) == "it has no backup"


def test_a_young_one_stays(run: str) -> None:
    assert said(purged(days=101)) == [("kept", "it ended 100 days ago")]
    assert backup(run).exists()


def test_nothing_goes_unless_it_is_meant(run: str) -> None:
    result = purged(really=False)
    assert said(result) == [("due", "it ended 100 days ago")]
    assert (result.bytes > 0, backup(run).exists()) == (True, True)


def test_nothing_is_there(aws_environment: Sandbox) -> None:
    assert said(purged()) == []


def test_what_is_in_quarantine_keeps_its_backup(aws_environment: Sandbox) -> None:
    seed.role(aws_environment, "aside", created=OLD)
    plan = planned_aside("role:123456789012/aside")
    assert apply(plan, connect(), now=datetime.now(UTC), patience=0.3, watch=0).proven
    (kept,) = said(purged())
    assert kept[1].startswith("it holds 1 resource in quarantine: jotgraph sweep deletes it")


def test_an_interrupted_run_keeps_its_backup_until_it_is_closed(run: str) -> None:
    with Journal(runs_folder() / run) as journal:
        journal.add("intent", number=99, steps=("role:123456789012/lone",), call="iam:DeleteRole")
    assert said(purged()) == [
        ("kept", f"it was interrupted: jotgraph undo {run} --dry-run closes it")
    ]
    undo(run, connect(), only_look=True)
    assert [status for status, _ in said(purged())] == ["purged"]


def test_a_damaged_journal_keeps_its_backup(run: str) -> None:
    journal = runs_folder() / run / "journal.jsonl"
    content = journal.read_bytes()
    journal.write_bytes(b"x" + content[1:])
    (kept,) = said(purged())
    assert (kept[0], "only the backup is left" in kept[1]) == ("kept", True)
    journal.unlink()
    assert [status for status, _ in said(purged())] == ["kept"]


def test_a_run_under_way_keeps_its_backup(run: str) -> None:
    with Journal(runs_folder() / run):
        (kept,) = said(purged())
    assert (kept[0], "in progress" in kept[1]) == ("kept", True)


def test_an_undo_that_failed_keeps_its_backup(aws_environment: Sandbox, run: str) -> None:
    aws_environment.faults.deny("iam", "CreateRole")
    assert not undo(run, connect()).whole
    assert said(purged()) == [("kept", f"its undo left 1 resource unrestored: jotgraph undo {run}")]
    aws_environment.faults.clear()
    assert undo(run, connect()).whole
    assert [status for status, _ in said(purged())] == ["purged"]


def test_what_the_disk_refuses_is_said_and_the_same_command_goes_on(run: str) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    result = purge(datetime.now(UTC) + LATER, 90, really=True, remove=refuse)
    assert (result.runs[0].status.value, "denied" in result.runs[0].because) == ("failed", True)
    assert result.bytes == 0
    assert backup(run).exists()
    assert [
        status for status, _ in said(purge(datetime.now(UTC) + timedelta(days=95), 90, really=True))
    ] == ["purged"]


def test_a_link_is_no_backup(run: str, tmp_path: Path) -> None:
    elsewhere = tmp_path / "precious"
    backup(run).rename(elsewhere)
    backup(run).symlink_to(elsewhere)
    assert said(purged()) == []
    assert list(elsewhere.iterdir())


def test_the_command(run: str) -> None:
    from click.testing import CliRunner  # noqa: PLC0415 -- with the command line alone

    from jotgraph.cli import cli  # noqa: PLC0415 -- as above
    from tests.functional.test_cli_json import problems  # noqa: PLC0415 -- as above

    def asked(*options: str) -> str:
        result = CliRunner().invoke(cli, ["purge", *options])
        assert result.exit_code == 0, result.output
        return result.stdout

    listed = asked("--older-than", "0d")
    assert "nothing was removed: --yes removes them" in listed
    answer = json.loads(asked("--older-than", "0d", "--format", "json"))
    assert (problems(answer), answer["runs"][0]["status"]) == ([], "due")
    assert "1 backup, " in asked("--older-than", "0d", "--yes")
    assert asked("--older-than", "0d").strip() == "no backup to remove"
    assert CliRunner().invoke(cli, ["purge"]).exit_code == 2


def test_the_command_fails_where_not_all_could_be_removed(
    run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner  # noqa: PLC0415 -- with the command line alone

    from jotgraph.cli import cli  # noqa: PLC0415 -- as above

    def half(path: Path) -> None:
        next(path.rglob("*.json")).unlink()
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("shutil.rmtree", half)
    result = CliRunner().invoke(cli, ["purge", "--older-than", "0d", "--yes"])
    assert result.exit_code == 4
    assert f"not all could be removed of the backup of {run}" in result.stderr
    assert "no backup to remove" in result.stdout
    monkeypatch.undo()
