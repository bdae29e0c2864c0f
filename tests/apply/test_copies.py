"""A copy is believed only while every file of it is whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jotgraph.apply import apply
from jotgraph.apply.backup.copies import Copies
from jotgraph.apply.backup.paths import blob_path, document_path, layout_path, saved_path
from jotgraph.apply.undo import undo
from jotgraph.clients import Clients
from jotgraph.errors import ApplyError
from jotgraph.plan.outcome import Status
from jotgraph.records import role_id
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal import run_name
from tests.apply.bench import Bench
from tests.apply.small_engine import SOUND, engine
from tests.apply.test_broken_engine import plan_of_both
from tests.rig.kept import state

ROLE = role_id("123456789012", "app-role")


def folder_of(bench: Bench) -> Path:
    return runs_folder() / run_name(bench.plan.digest)


def killed_at(bench: Bench, name: str) -> None:
    """Kill the run before its last call of that name."""
    kill, seen = bench.killed(), [bench.names.count(name)]

    def at(number: int, called: str, after: bool) -> None:
        seen[0] -= called == name and not after
        if seen[0] <= 0:
            kill()

    bench.start()
    bench.wire.at = at
    bench.die()


def test_a_role_that_is_half_taken_and_has_no_whole_copy_stays_and_is_whole(bench: Bench) -> None:
    killed_at(bench, "iam:DeleteRole")
    now = state(bench.aws)
    assert now[ROLE] != bench.before[ROLE]  # its policies are taken
    document_path(folder_of(bench), ROLE).write_bytes(b"{}")
    receipt = bench.again()
    (outcome,) = (outcome for outcome in receipt.outcomes if outcome.id == ROLE)
    assert outcome.status is Status.FAILED
    assert outcome.because.startswith("its backup is incomplete (")
    assert "has 2 bytes of" in outcome.because
    assert state(bench.aws)[ROLE] == bench.before[ROLE]
    assert bench.again().proven  # it is whole, so that another copy is kept


def test_an_image_whose_copy_was_cut_is_copied_again(bench: Bench) -> None:
    killed_at(bench, "ecr:BatchDeleteImage")
    left = state(bench.aws)
    image = next(s.id for s in bench.plan.steps if s.action == "delete-image" and s.id in left)
    copies = Copies(folder_of(bench))
    assert copies.trouble(image) == ""
    os.truncate(blob_path(layout_path(folder_of(bench), image), image.partition("@")[2]), 1)
    assert " has 1 bytes of " in copies.trouble(image)
    assert bench.again().proven
    receipt = undo(run_name(bench.plan.digest), bench.wire.clients, patience=0.3)
    assert all(outcome.status in ("restored", "cannot") for outcome in receipt.outcomes)
    now = state(bench.aws)
    images = {key: value for key, value in bench.before.items() if key.startswith("ecr-image:")}
    assert {key: now.get(key) for key in images} == images


def test_an_undo_names_the_file_of_a_copy_that_is_damaged(bench: Bench) -> None:
    bench.start()
    assert bench.apply().proven
    image = next(step.id for step in bench.plan.steps if step.action == "delete-image")
    path = blob_path(layout_path(folder_of(bench), image), image.partition("@")[2])
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b" ")
    receipt = undo(run_name(bench.plan.digest), bench.wire.clients, patience=0.3)
    (outcome,) = (outcome for outcome in receipt.outcomes if outcome.id == image)
    assert (outcome.status, outcome.because) == (
        "failed",
        f"its copy is damaged: {path} does not hold what was written",
    )


@pytest.mark.parametrize("free", [0, (16 << 20) + 100_199])
def test_without_room_nothing_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("jotgraph.apply.backup.copies.free_bytes", lambda path: free)
    plan, gone = plan_of_both(), set[str]()
    with engine("", gone) as client:
        clients = Clients(docker=client)
        if free:
            receipt = apply(plan, clients, now=plan.made_at, patience=1)
            assert {outcome.status for outcome in receipt.outcomes} == {Status.FAILED}
            assert "no backup: docker save of it needs 0.1 MB" in receipt.outcomes[0].because
        else:
            with pytest.raises(ApplyError, match="no backup: what this plan deletes needs"):
                apply(plan, clients, now=plan.made_at, patience=1)
        assert gone == set()
        assert not saved_path(runs_folder() / run_name(plan.digest), SOUND.id).exists()
        monkeypatch.undo()
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
        assert apply(plan, clients, now=plan.made_at, patience=1).proven


def test_what_a_killed_run_had_not_finished_takes_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    plan, gone = plan_of_both(), set[str]()
    path = saved_path(runs_folder() / run_name(plan.digest), SOUND.id)
    path.parent.mkdir(parents=True)
    half = path.with_name(f".{path.name}.4711")
    half.write_bytes(b"half")

    def free(_: Path) -> int:
        return 0 if half.exists() else 1 << 40

    monkeypatch.setattr("jotgraph.apply.backup.copies.free_bytes", free)
    with engine("", gone) as client:
        assert apply(plan, Clients(docker=client), now=plan.made_at, patience=1).proven
    assert [kept.name for kept in path.parent.iterdir() if kept.name.startswith(".")] == []


def test_a_copy_of_a_local_image_that_is_cut_is_never_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    plan, gone = plan_of_both(), set[str]()
    with engine("", gone) as client:
        clients = Clients(docker=client)
        assert apply(plan, clients, now=plan.made_at, patience=1).proven
        path = saved_path(runs_folder() / run_name(plan.digest), SOUND.id)
        os.truncate(path, 50_000)
        receipt = undo(run_name(plan.digest), clients, patience=0.3)
    because = {outcome.id: outcome.because for outcome in receipt.outcomes}[SOUND.id]
    assert because == f"its copy is damaged: {path} has 50,000 bytes of 112,640"
    assert gone == {SOUND.image_id}


def test_what_is_written_last_decides(tmp_path: Path) -> None:
    copies = Copies(tmp_path)
    assert copies.trouble(ROLE) == "no copy was completed"
    path = copies.write_answers(ROLE, {"GetRole": {}})
    assert copies.trouble(ROLE) == "no copy was completed"
    copies.mark(ROLE, [path])
    assert copies.trouble(ROLE) == ""
    content = path.read_bytes()
    path.write_bytes(content[::-1])
    assert copies.trouble(ROLE) == f"{path} does not hold what was written"
    path.unlink()
    assert copies.trouble(ROLE) == f"{path} cannot be read (No such file or directory)"
