"""`docker save` that breaks off in the middle: a failed step, and the others go on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from jotgraph.apply import Receipt, apply
from jotgraph.apply.undo import undo
from jotgraph.clients import Clients
from jotgraph.plan import Plan, Step, fingerprint, seal
from jotgraph.plan.model import ACTIONS, LIFETIME
from jotgraph.records import Kind
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal_lines import read_lines
from tests.apply.small_engine import BROKEN, SOUND, WAYS, archive_of, engine
from tests.factories import scope


def plan_of_both() -> Plan:
    now = datetime.now(UTC)
    steps = tuple(
        Step(
            id=image.id,
            action=ACTIONS[Kind.LOCAL_IMAGE],
            because="a test",
            fingerprint=fingerprint(image),
        )
        for image in (BROKEN, SOUND)
    )
    return seal(
        Plan(
            asked="test",
            made_at=now,
            expires_at=now + LIFETIME,
            taken_at=now,
            scope=scope(engine="small"),
            complete=True,
            steps=steps,
        )
    )


def _applied(plan: Plan, way: str, gone: set[str]) -> Receipt:
    with engine(way, gone) as client:
        return apply(plan, Clients(docker=client), now=plan.made_at, patience=1)


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.mark.parametrize("way", WAYS)
def test_a_save_that_breaks_off_is_a_failed_step(way: str) -> None:
    plan, gone = plan_of_both(), set[str]()
    receipt = _applied(plan, way, gone)
    assert [outcome.status for outcome in receipt.outcomes] == ["failed", "done"]
    because = receipt.outcomes[0].because
    assert "no backup: " in because
    assert "None" not in because
    assert gone == {SOUND.image_id}
    entries = read_lines(Path(receipt.journal)).entries
    ends = {entry.steps[0]: entry.result for entry in entries if entry.what == "step"}
    assert ends == {BROKEN.id: "failed", SOUND.id: "done"}
    kept = [
        path.name
        for path in (runs_folder() / receipt.run / "backup").iterdir()
        if ".tar" in path.name
    ]
    assert kept == [f"sha256-{'2' * 64}.tar"]
    again = _applied(plan, "", gone)  # the same command goes on
    assert again.proven
    assert gone == {BROKEN.image_id, SOUND.image_id}
    with engine("", gone) as client:
        assert undo(again.run, Clients(docker=client)).whole
    assert gone == set()


def test_a_whole_save_is_kept() -> None:
    receipt = _applied(plan_of_both(), "", set())
    assert receipt.proven
    kept = runs_folder() / receipt.run / "backup" / f"sha256-{'1' * 64}.tar"
    assert kept.read_bytes() == archive_of(BROKEN.image_id)
