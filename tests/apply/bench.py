"""One plan, applied a thousand times: the world comes back between runs, and each run is disturbed
at one of its calls, or killed there.

What kill -9 leaves is the world and the files as they are at that moment. Both are kept then; the
run is unwound, and whatever it still does is refused or thrown away.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from jotgraph.apply import Receipt, Status, apply
from jotgraph.plan import Plan
from jotgraph.sandbox.server import Sandbox
from jotgraph.store.folders import cache_folder, runs_folder
from jotgraph.store.journal import Journal, JournalLine, run_name
from tests.apply.estate import fill
from tests.apply.runs import planned
from tests.rig.kept import State, keep, state
from tests.rig.wire import Wire


class Killed(BaseException):
    """The run ended here."""


class Bench:
    """A world, a plan made of it, and what an undisturbed run leaves and calls."""

    def __init__(
        self,
        aws: Sandbox,
        home: str,
        *,
        backup: bool = True,
        more: Callable[[Sandbox], str] | None = None,
    ) -> None:
        aws.reset()
        self.aws, self.home, self.backup = aws, home, backup
        self.estate = fill(aws)
        self.plan = planned("function:app", *([more(aws)] if more else []))
        self.wire = Wire(aws)
        self._restore = keep(self.aws)
        self.start()
        self.before = state(self.aws)
        self.gone_after: dict[str, int] = {}
        """The number of the call that deletes a resource."""
        self.wire.at = self._note_gone
        receipt = self.apply()
        assert receipt.proven, receipt
        self.names = list(self.wire.names)
        self.after = state(self.aws)
        self._gone = keep(self.aws)
        shutil.copytree(runs_folder(), Path(home) / "gone")
        self.planned = frozenset(step.id for step in self.plan.steps)
        assert self.before.keys() - self.after.keys() == self.planned

    def _note_gone(self, number: int, name: str, after: bool) -> None:
        if after and "Delete" in name:
            now = state(self.aws)
            for resource in self.before.keys() - now.keys():
                self.gone_after.setdefault(resource, number)

    def start(self) -> None:
        """The world as it was when the plan was made, and no run of it."""
        self._restore()
        shutil.rmtree(runs_folder().parent, ignore_errors=True)
        shutil.rmtree(cache_folder() / "pulls", ignore_errors=True)  # what another run has read
        runs_folder().mkdir(parents=True)
        self.wire.restart()

    def done(self) -> None:
        """The world and the files as an undisturbed run leaves them."""
        self.start()
        self._gone()
        shutil.copytree(Path(self.home) / "gone", runs_folder(), dirs_exist_ok=True)

    def apply(self) -> Receipt:
        return apply(
            self.plan,
            self.wire.clients,
            now=self.plan.made_at,
            patience=0.3,
            backup=self.backup,
        )

    def again(self) -> Receipt:
        """The same command, undisturbed."""
        self.aws.faults.clear()
        self.wire.restart()
        return self.apply()

    def killed(self) -> Callable[[], None]:
        """What to call at the moment of the kill."""
        here = runs_folder().parent
        kept = here.with_name(f"{here.name}-kept")

        def kill() -> None:
            if not kept.exists():
                shutil.copytree(here, kept)
            raise Killed

        return kill

    def die(self) -> None:
        """Run until killed, then put the files back as they were at that moment."""
        here = runs_folder().parent
        kept = here.with_name(f"{here.name}-kept")
        shutil.rmtree(kept, ignore_errors=True)
        try:
            self.apply()
        except Killed:
            pass
        else:
            raise AssertionError("the run was not killed")
        shutil.rmtree(here)
        kept.rename(here)

    def unanswered(self) -> list[JournalLine]:
        with Journal(runs_folder() / run_name(self.plan.digest)) as journal:
            return journal.unanswered()

    def only_planned_was_touched(self) -> State:
        """The state, in which everything that is not in the plan is as it was."""
        now = state(self.aws)
        for resource, described in self.before.items():
            if resource not in self.planned:
                assert now.get(resource) == described, resource
        assert now.keys() <= self.before.keys()
        return now

    def ends_well(self) -> None:
        """The same command ends in the world of an undisturbed run, and every intent has its
        outcome."""
        receipt = self.again()
        assert receipt.proven, receipt.outcomes
        assert state(self.aws) == self.after
        assert self.unanswered() == []

    def says_the_truth(self, receipt: Receipt, now: State) -> None:
        """What is said to be done is gone; and what is gone without being done is said to have
        failed: it could not be seen."""
        for outcome in receipt.outcomes:
            assert (outcome.status is not Status.DONE) or outcome.id not in now, outcome
            if outcome.id not in now:
                assert outcome.status in (Status.DONE, Status.FAILED), outcome
        assert [outcome.id for outcome in receipt.outcomes] == [step.id for step in self.plan.steps]
        assert receipt.proven == all(outcome.status is Status.DONE for outcome in receipt.outcomes)

    def is_whole(self, now: State) -> None:
        """Nothing that stays is crippled or disabled."""
        for resource in self.planned & now.keys():
            if resource.startswith(("role:", "trigger:", "ecr-repo:", "alias:")):
                assert now[resource] == self.before[resource], resource


@contextmanager
def made_bench(
    aws: Sandbox, *, backup: bool = True, more: Callable[[Sandbox], str] | None = None
) -> Iterator[Bench]:
    """A bench in an environment of its own, with its state directory in memory. ``more`` adds to
    the estate what is to be deleted too, and gives its name."""
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as home:
        for name, value in aws.environment().items():
            patch.setenv(name, value)
        move_in(home, patch)
        yield Bench(aws, home, backup=backup, more=more)


def move_in(home: str, patch: pytest.MonkeyPatch) -> None:
    """Let state and caches be those of a bench."""
    patch.setenv("XDG_STATE_HOME", f"{home}/state")
    patch.setenv("XDG_CACHE_HOME", f"{home}/cache")


def journal_path(plan: Plan) -> Path:
    return runs_folder() / run_name(plan.digest) / "journal.jsonl"


def fsync_hook(at: Callable[[bool], None], real: Callable[[int], None]) -> Callable[[int], None]:
    """An ``os.fsync`` that tells before and after; and whether it is a line of the journal that
    may not be on the disk yet."""

    def fsync(number: int) -> None:
        at(os.readlink(f"/proc/self/fd/{number}").endswith("journal.jsonl"))
        real(number)
        at(False)

    return fsync
