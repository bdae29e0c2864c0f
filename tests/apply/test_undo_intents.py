"""A run that ended anywhere, and then an undo: all that was deleted comes back or is named, and
what is said to be there is there. The plan is not needed any more."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jotgraph.apply import apply
from jotgraph.apply.undo import undo
from jotgraph.errors import ApplyError, StalePlanError
from jotgraph.plan.outcome import UndoReceipt
from jotgraph.records import Kind, kind_of
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal import Journal, journal_path, run_name
from tests.apply.bench import Bench
from tests.apply.test_backup_files import comparable
from tests.apply.test_everywhere import some
from tests.rig.kept import state
from tests.strength import PARTS, one_in, spread


def folder_of(bench: Bench) -> Path:
    return runs_folder() / run_name(bench.plan.digest)


def undone(bench: Bench, **how: Any) -> UndoReceipt:
    bench.wire.restart()
    return undo(run_name(bench.plan.digest), bench.wire.clients, patience=0.3, **how)


def tells_the_truth(bench: Bench, receipt: UndoReceipt) -> None:
    """What is not there as it was is named, and cannot come back by its nature; everything else is
    as it was."""
    now = comparable(state(bench.aws))
    before = comparable(bench.before)
    ended = {str(outcome.id): outcome for outcome in receipt.outcomes}
    for resource in before.keys() - {"trigger"}:
        if now.get(resource) != before[resource]:
            assert ended[resource].status in ("cannot", "failed"), ended[resource]
    if now.get("trigger") != before["trigger"]:
        (trigger,) = (
            outcome for outcome in receipt.outcomes if kind_of(outcome.id) is Kind.TRIGGER
        )
        assert trigger.status == "failed"
        assert "which is not restored" in trigger.because
    for outcome in receipt.outcomes:
        if outcome.status == "cannot":  # numbers are never given twice; a living function stays
            assert kind_of(outcome.id) in (Kind.VERSION, Kind.ALIAS), outcome
        elif outcome.status == "failed":
            assert kind_of(outcome.id) is Kind.TRIGGER, outcome
    assert receipt.whole == (now == before and not has_lost_versions(bench, receipt))
    with Journal(folder_of(bench)) as journal:
        assert journal.unanswered() == []


def has_lost_versions(bench: Bench, receipt: UndoReceipt) -> bool:
    return any(outcome.status == "cannot" for outcome in receipt.outcomes)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(PARTS))
def test_killed_around_any_call_and_then_undone(bench: Bench, part: int) -> None:
    for place in some(2 * len(bench.names), part):
        bench.start()
        bench.wire.at = partial(kill_from, place, bench.killed())
        bench.die()
        if not journal_path(folder_of(bench)).exists():
            continue  # the run had not begun
        receipt = undone(bench)
        tells_the_truth(bench, receipt)
        again = undone(bench)
        assert {outcome.status for outcome in again.outcomes} <= {"there", "cannot", "failed"}
        tells_the_truth(bench, again)


def kill_from(place: int, kill: Callable[[], None], number: int, name: str, after: bool) -> None:
    if 2 * (number - 1) + after >= place:
        kill()


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(PARTS))
def test_interrupted_at_any_call_and_then_undone(bench: Bench, part: int) -> None:
    """By Ctrl-C: the run puts back at once what it can, and says that undo takes back the rest."""
    for place in some(2 * len(bench.names), part):
        bench.start()
        bench.wire.at = partial(interrupt_at, place)
        with suppress(KeyboardInterrupt):
            bench.apply()
        bench.wire.restart()
        if journal_path(folder_of(bench)).exists():
            tells_the_truth(bench, undone(bench))


def interrupt_at(place: int, number: int, name: str, after: bool) -> None:
    if 2 * (number - 1) + after == place:
        raise KeyboardInterrupt


def killed_after(bench: Bench, name: str) -> None:
    """Kill the run just after its last call of that name took effect."""
    kill, seen = bench.killed(), [bench.names.count(name)]

    def at(number: int, called: str, after: bool) -> None:
        seen[0] -= called == name and after
        if seen[0] <= 0:
            kill()

    bench.start()
    bench.wire.at = at
    bench.die()
    bench.wire.restart()


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ("ecr:DeleteRepository", Kind.ECR_REPO),
        ("iam:DeleteRole", Kind.ROLE),
        ("lambda:DeleteEventSourceMapping", Kind.TRIGGER),
        ("lambda:DeleteAlias", Kind.ALIAS),
        ("lambda:DeleteFunction", Kind.FUNCTION),
        ("ecr:BatchDeleteImage", Kind.ECR_IMAGE),
    ],
)
def test_a_call_that_took_effect_before_it_was_written_is_undone(
    bench: Bench, call: str, kind: Kind
) -> None:
    """The table of the review: each of these was left out, or said to be there."""
    killed_after(bench, call)
    gone = bench.before.keys() - state(bench.aws).keys()
    assert any(resource.startswith(f"{kind}:") for resource in gone)
    looked = undone(bench, only_look=True)
    assert {outcome.id for outcome in looked.outcomes if outcome.status == "gone"} == gone
    assert bench.before.keys() - state(bench.aws).keys() == gone  # looking made nothing
    receipt = undone(bench)
    assert {outcome.id for outcome in receipt.outcomes} >= gone
    tells_the_truth(bench, receipt)


def test_a_run_is_undone_after_its_plan_expired(bench: Bench) -> None:
    killed_after(bench, "lambda:DeleteFunction")
    late = bench.plan.made_at + timedelta(hours=3)
    with pytest.raises(StalePlanError):
        apply(bench.plan, bench.wire.clients, now=late, patience=0.3)
    tells_the_truth(bench, undone(bench))


def test_nothing_was_announced_so_nothing_is_made(bench: Bench) -> None:
    """Something that others deleted before the run came to it is not made again by its undo."""
    bench.start()
    bench.aws.client("lambda").delete_alias(FunctionName="app", Name="live")
    bench.apply()
    receipt = undone(bench)
    assert not [outcome for outcome in receipt.outcomes if kind_of(outcome.id) is Kind.ALIAS]


DAMAGES: dict[str, Callable[[list[bytes], int], list[bytes]]] = {
    "flipped": lambda lines, at: [
        *lines[:at],
        lines[at][:30] + bytes([lines[at][30] ^ 1]) + lines[at][31:],
        *lines[at + 1 :],
    ],
    "nulls": lambda lines, at: [*lines[:at], bytes(len(lines[at]) - 1) + b"\n", *lines[at + 1 :]],
    "lost": lambda lines, at: [*lines[:at], *lines[at + 1 :]],
    "half": lambda lines, at: [*lines[:at], lines[at][:20] + b"\n", *lines[at + 1 :]],
}


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_journal_is_no_end(bench: Bench, how: str) -> None:
    bench.done()
    journal = journal_path(folder_of(bench))
    lines = journal.read_bytes().splitlines(keepends=True)
    step = one_in(24, 4)
    for place in spread(len(lines) - 1, step, first=step // 2):
        bench.done()
        journal.write_bytes(b"".join(DAMAGES[how](lines, place)))
        with pytest.raises(ApplyError, match=r"is damaged \(line.* --from-backup"):
            bench.apply()
        with pytest.raises(ApplyError, match="is damaged"):
            undone(bench)
        receipt = undone(bench, from_backup=True)
        assert "line" in receipt.damage
        everything_is_back(bench, receipt)
        again = undone(bench, from_backup=True)
        assert {outcome.status for outcome in again.outcomes} <= {"there", "cannot"}


def everything_is_back(bench: Bench, receipt: UndoReceipt) -> None:
    assert comparable(state(bench.aws)) == comparable(bench.before)
    lost = [outcome for outcome in receipt.outcomes if outcome.status not in ("restored", "there")]
    assert [kind_of(outcome.id) for outcome in lost] == [Kind.VERSION]


def test_without_a_journal_everything_that_has_a_copy_is_looked_for(bench: Bench) -> None:
    bench.done()
    journal_path(folder_of(bench)).unlink()
    everything_is_back(bench, undone(bench, from_backup=True))


def test_a_role_is_whole_again_by_its_copy(bench: Bench) -> None:
    """Killed while it was stripped, and the lines that say so are lost."""
    killed_after(bench, "iam:DeleteRolePolicy")
    path = journal_path(folder_of(bench))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if b"iam:" not in line))
    role = next(key for key in bench.before if key == "role:123456789012/app-role")
    assert state(bench.aws)[role] != bench.before[role]
    receipt = undone(bench, from_backup=True)
    assert state(bench.aws)[role] == bench.before[role]
    because = {str(outcome.id): outcome.because for outcome in receipt.outcomes}[role]
    assert because.startswith("it exists; put back: ")


def test_a_run_of_no_name_is_not_made(bench: Bench) -> None:
    before = sorted(runs_folder().iterdir())
    with pytest.raises(ApplyError, match="there is no run 'nothing'"):
        undo("nothing", bench.wire.clients, from_backup=True)
    assert sorted(runs_folder().iterdir()) == before
