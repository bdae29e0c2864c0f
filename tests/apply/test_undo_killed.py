"""An undo that dies around any of its calls, then the same command: as if nothing had happened."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jotgraph.apply.undo import undo
from jotgraph.sandbox.server import Sandbox
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal import Journal
from tests.apply.estate import fill
from tests.apply.runs import applied, connect, planned
from tests.apply.test_undo import undone
from tests.apply.test_undo_functions import everything, furnish
from tests.strength import MANY_PLACES
from tests.tally import KILLS, tried

WRITES = ("Create", "Put", "Add", "Attach", "Publish", "Set", "Complete", "Update")


class Killed(BaseException):
    """The end of the program at a call, as far as what is on the disk and in the world goes."""


def killed(at: int, after: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the ``at``-th journalled call, or the writing of its outcome, never return."""
    whole, seen = Journal.call, [0]

    def call(
        self: Journal, steps: Any, name: str, params: Any, do: Any, *args: Any, **how: Any
    ) -> Any:
        seen[0] += 1
        if seen[0] != at:
            return whole(self, steps, name, params, do, *args, **how)

        def dies() -> Any:
            if after:
                do()
            raise Killed(name)

        return whole(self, steps, name, params, dies, *args, **how)

    monkeypatch.setattr(Journal, "call", call)


def world(aws: Sandbox, numbers: dict[str, str]) -> dict[str, Any]:
    """All of ``app``: function, images, role."""
    iam: Any = aws.client("iam")
    words = {"RoleName": "app-role"}
    ecr: Any = aws.client("ecr")
    stored = ecr.describe_images(repositoryName="app")["imageDetails"]
    tags = {detail["imageDigest"]: sorted(detail.get("imageTags") or ()) for detail in stored}
    everything_now = {**everything(aws, numbers), "images": tags}
    everything_now["inline"] = iam.list_role_policies(**words)["PolicyNames"]
    everything_now["attached"] = iam.list_attached_role_policies(**words)["AttachedPolicies"]
    return everything_now


@pytest.mark.parametrize(
    ("build", "numbers"),
    [(fill, {"2": "1"}), (furnish, {"4": "2", "5": "3"})],
    ids=["estate", "function"],
)
def test_an_undo_that_died_anywhere_goes_on(
    aws_environment: Sandbox,
    tmp_path: Path,
    build: Callable[[Sandbox], object],
    numbers: dict[str, str],
) -> None:
    aws = aws_environment
    build(aws)
    before = world(aws, {})
    receipt = applied(planned("function:app"), backup=True)
    assert receipt.proven
    folder, clean = runs_folder() / receipt.run, tmp_path / "clean"
    shutil.copytree(folder, clean)

    def deleted() -> None:
        """The world and the journal as the run left them."""
        aws.reset()
        aws.world.lambda_of(aws.account, aws.region).numbers["app"] = int(min(numbers))
        shutil.rmtree(folder)
        shutil.copytree(clean, folder)

    deleted()
    outcomes = undone(undo(receipt.run, connect()))
    assert {status for status, _ in outcomes.values()} == {"restored", "cannot"}, [
        e for e in outcomes.items() if e[1][0] == "failed"
    ][:2]
    assert world(aws, numbers) == before
    moments = around(folder, clean)
    for at, after in moments[:: 3 if MANY_PLACES else len(moments) // 2 | 1]:
        deleted()
        tried(KILLS)
        with pytest.MonkeyPatch.context() as patch:
            killed(at, after, patch)
            with pytest.raises(Killed):
                undo(receipt.run, connect())
        statuses = {outcome.status for outcome in undo(receipt.run, connect()).outcomes}
        assert statuses <= {"restored", "there", "cannot"}, (at, after)
        assert world(aws, numbers) == before, (at, after)
        with Journal(folder) as journal:
            assert journal.unanswered() == [], (at, after)


def around(folder: Path, clean: Path) -> list[tuple[int, bool]]:
    """(call of the undo, whether it took effect), for every call that changes something."""
    with Journal(clean) as journal:
        first = len(journal.entries)
    with Journal(folder) as journal:
        calls = [entry.call for entry in journal.entries[first:] if entry.what == "intent"]
    return [
        (at, after)
        for at, name in enumerate(calls, 1)
        for after in (False, True)
        if name.partition(":")[2].startswith(WRITES)
    ]
