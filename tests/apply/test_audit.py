"""Who did something, where and why; second copies of the journal; and when a run stops."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jotgraph.apply import Receipt, apply
from jotgraph.apply.brake import Brake
from jotgraph.apply.undo import undo
from jotgraph.errors import ApplyError
from jotgraph.plan import Plan
from jotgraph.plan.outcome import Status
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.store.audit import Auditing
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal_lines import read_lines
from tests.apply.aside import planned as planned_aside
from tests.apply.estate import OLD
from tests.apply.runs import connect, planned
from tests.apply.test_apply import world

CALLER = "arn:aws:sts::123456789012:user/moto"


ROLES = ("one", "two", "three", "four")


def plan_of_roles(aws: Sandbox) -> Plan:
    for name in ROLES:
        seed.role(aws, name, created=OLD)
    return planned(*(f"role:123456789012/{name}" for name in ROLES))


@pytest.fixture
def roles(once: Callable[[Callable[[Sandbox], Plan]], Plan]) -> Plan:
    """A plan to delete four roles."""
    return once(plan_of_roles)


def run(plan: Plan, **words: Any) -> Receipt:
    return apply(
        plan,
        connect(),
        now=datetime.now(UTC),
        patience=0.3,
        backup=words.pop("backup", False),
        **words,
    )


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_journal_says_who_where_and_why(roles: Plan) -> None:
    receipt = run(roles, backup=True, auditing=Auditing(reason="ticket 17"))
    journal = runs_folder() / receipt.run / "journal.jsonl"
    by = read_lines(journal).entries[0].params["by"]
    assert (by["callers"], by["reason"]) == ({"123456789012": CALLER}, "ticket 17")
    assert set(by) == {"callers", "reason", "user", "host", "version"}
    assert undo(receipt.run, connect(), auditing=Auditing(reason="it was used")).whole
    (back,) = (entry for entry in read_lines(journal).entries if entry.what == "by")
    assert (back.call, back.params["reason"]) == ("undo", "it was used")
    assert back.params["callers"] == by["callers"]


def test_every_line_is_appended_to_a_file(roles: Plan, tmp_path: Path) -> None:
    audit = tmp_path / "audit.jsonl"
    audit.write_text('{"before": true}\n')
    receipt = run(roles, auditing=Auditing(file=audit))
    before, *events = lines(audit)
    written = lines(runs_folder() / receipt.run / "journal.jsonl")
    assert before == {"before": True}
    assert [{**line, "sum": None} for line in written] == [
        {name: value for name, value in line.items() if name != "run"} | {"sum": None}
        for line in events
    ]
    assert {line["run"] for line in events} == {receipt.run}


def test_a_line_that_is_taken_in_pieces_is_whole(
    roles: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit, write = tmp_path / "audit.jsonl", os.write

    def half(number: int, content: bytes) -> int:
        if os.readlink(f"/proc/self/fd/{number}") == str(audit):
            content = content[: max(1, len(content) // 2)]
        return write(number, content)

    monkeypatch.setattr(os, "write", half)
    receipt = run(roles, auditing=Auditing(file=audit))
    assert len(lines(audit)) == len(lines(runs_folder() / receipt.run / "journal.jsonl"))


def test_a_line_that_the_full_disk_cut_off_spoils_no_other(
    roles: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit, write, left = tmp_path / "audit.jsonl", os.write, [1000]

    def full(number: int, content: bytes) -> int:
        if os.readlink(f"/proc/self/fd/{number}") != str(audit):
            return write(number, content)
        if not left[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        content = content[: left[0]]
        left[0] -= len(content)
        return write(number, content)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(ApplyError, match="No space left"):
            run(roles, auditing=Auditing(file=audit))
    before = audit.read_text().splitlines()
    assert run(roles, auditing=Auditing(file=audit)).proven
    after = audit.read_text().splitlines()
    assert after[: len(before)] == before
    assert all(json.loads(line) for line in after[len(before) :])


def test_a_file_that_may_only_be_written_is_appended_to(roles: Plan, tmp_path: Path) -> None:
    audit = tmp_path / "audit.jsonl"
    audit.write_text('{"before": true}\n')
    audit.chmod(0o200)
    assert run(roles, auditing=Auditing(file=audit)).proven
    audit.chmod(0o600)
    assert len(lines(audit)) > 1


SESSION = "import os, sys; sys.stdin.read(); open(sys.argv[1], 'w').write(str(os.getsid(0)))"


def test_a_command_is_out_of_reach_of_ctrl_c(roles: Plan, tmp_path: Path) -> None:
    """It is told what is put back after that."""
    out = tmp_path / "session"
    run(roles, auditing=Auditing(command=f'{sys.executable} -c "{SESSION}" {out}'))
    assert int(out.read_text()) != os.getsid(0)


COPY = "import sys; open(sys.argv[1], 'w').write(sys.stdin.read())"


def test_a_command_gets_every_line(roles: Plan, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    receipt = run(roles, auditing=Auditing(command=f'{sys.executable} -c "{COPY}" {out}'))
    assert len(lines(out)) == len(lines(runs_folder() / receipt.run / "journal.jsonl"))


@pytest.mark.parametrize(
    "auditing",
    [
        Auditing(file=Path("/nowhere/audit")),
        Auditing(command="/nowhere/command"),
        Auditing(command="'"),
        Auditing(command=" "),
    ],
    ids=str,
)
def test_nothing_is_done_when_lines_cannot_be_handed_over(
    aws_environment: Sandbox, roles: Plan, auditing: Auditing
) -> None:
    before = world()
    with pytest.raises(ApplyError, match=r"cannot be written|cannot be started"):
        run(roles, auditing=auditing)
    assert world() == before


def test_a_link_is_no_audit_file(roles: Plan, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(ApplyError, match="cannot be written"):
        run(roles, auditing=Auditing(file=tmp_path / "link"))
    assert not (tmp_path / "target").exists()


def test_a_run_whose_command_died_goes_on_with_the_same_command(roles: Plan) -> None:
    """The line that could not be handed over is in the journal."""
    gone = "import os; os.close(0); import time; time.sleep(1)"
    deaf = Auditing(command=f"{sys.executable} -c '{gone}'", reason="x" * 100_000)
    with pytest.raises(ApplyError, match="takes no more lines"):
        run(roles, auditing=deaf)
    assert run(roles).proven


def statuses(receipt: Receipt) -> list[str]:
    return [outcome.status.value for outcome in receipt.outcomes]


def test_a_run_stops_after_so_many_failures(aws_environment: Sandbox, roles: Plan) -> None:
    aws_environment.faults.deny("iam", "DeleteRole")
    receipt = run(roles, brake=Brake(max_failures=2))
    assert statuses(receipt) == ["failed", "failed", "skipped", "skipped"]
    assert receipt.outcomes[-1].because == "not begun: 2 steps failed (--max-failures)"
    assert statuses(run(roles, brake=Brake(max_failures=5))) == ["failed"] * 4
    aws_environment.faults.clear()
    assert run(roles, brake=Brake(max_failures=1)).proven


def test_a_run_begins_nothing_after_its_time(aws_environment: Sandbox, roles: Plan) -> None:
    ticks = iter(range(100))
    receipt = run(roles, brake=Brake(seconds=3, clock=lambda: next(ticks)))
    assert statuses(receipt) == ["done", "done", "skipped", "skipped"]
    because = "not begun: the time limit of 3 seconds is over (--time-limit)"
    assert receipt.outcomes[-1].because == because
    assert run(roles).proven


def test_what_was_refused_did_not_fail() -> None:
    brake = Brake(max_failures=1)
    for status in (Status.DONE, Status.REFUSED, Status.SKIPPED):
        brake.count(status)
    assert brake.pulled() == ""
    brake.count(Status.FAILED)
    assert brake.pulled() == "not begun: 1 step failed (--max-failures)"


def test_a_quarantine_stops_too(aws_environment: Sandbox) -> None:
    for name in ("one", "two"):
        seed.role(aws_environment, name, created=OLD)
    plan = planned_aside("role:123456789012/one", "role:123456789012/two")
    assert statuses(run(plan, watch=0, brake=Brake(seconds=0))) == ["skipped", "skipped"]
    assert statuses(run(plan, watch=0)) == ["done", "done"]
