"""One run that makes things, made a hundred times: the world comes back between runs, and each is
disturbed at one of its calls, or killed there."""

from __future__ import annotations

import copy
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from jotgraph.clients import Clients
from jotgraph.deploy.undo import undo_making
from jotgraph.errors import JotgraphError
from jotgraph.plan.outcome import UndoReceipt
from jotgraph.sandbox.server import Sandbox
from jotgraph.store.folders import cache_folder, runs_folder
from jotgraph.store.journal import Journal, journal_path
from tests.apply.bench import Killed, move_in
from tests.rig.kept import State, keep, state
from tests.rig.wire import Wire

Scenario = tuple[Callable[[Sandbox], None], Callable[[Clients], str]]
"""What fills the world, and the run on it."""
ELSEWHERE = "eu-west-1"
"""The one other region that is asked whether anything is there."""
FRESH = frozenset({"RevisionId", "LastModified", "ImageUri"})
"""What is given anew by each change, and says nothing of what is there."""


_IDENTITY = re.compile(r"\b[0-9a-f]{12}(?:-\d+)?\.[0-9a-f]{8}\b")


def without_identity(text: str) -> str:
    """Text without the identities of runs, which are new each time; of ``up`` the name is too, by a
    key of the machine."""
    return _IDENTITY.sub("RUN", text)


def plain(resources: State) -> State:
    """The world without what is given anew each time: revisions, times, ids of roles,
    and identities of runs."""

    def without(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: without(item) for key, item in value.items() if key not in FRESH}
        if isinstance(value, str):
            return without_identity(value)
        return [without(item) for item in value] if isinstance(value, list | tuple) else value

    return {
        name: without(value[1:] if name.startswith("role:") else value)
        for name, value in copy.deepcopy(resources).items()
    }


class MakingBench:
    """A world, a run on it, and what an undisturbed run leaves and calls."""

    def __init__(
        self, aws: Sandbox, fill: Callable[[Sandbox], None], act: Callable[[Clients], str]
    ) -> None:
        aws.reset()
        aws.world.regions = frozenset({aws.region})  # each other one is asked as often again
        self.aws, self._act = aws, act
        fill(aws)
        self.wire = Wire(aws)
        self._restore = keep(aws)
        self._state = runs_folder().parent.with_name("before")
        if runs_folder().parent.is_dir():
            shutil.copytree(runs_folder().parent, self._state)
        self.start()
        self.before = plain(state(aws))
        self.run = self.make()
        self.names = list(self.wire.names)
        self.after = plain(state(aws))
        assert self.before != self.after
        self.wire.restart()
        self.undo()
        self.undoing = list(self.wire.names)
        self.is_as_before()

    def start(self) -> None:
        """The world as it was, and no run on it."""
        self._restore()
        shutil.rmtree(runs_folder().parent, ignore_errors=True)
        if self._state.is_dir():
            shutil.copytree(self._state, runs_folder().parent)
        runs_folder().mkdir(parents=True, exist_ok=True)
        shutil.rmtree(cache_folder(), ignore_errors=True)  # what another run has read
        self.wire.restart()

    def make(self) -> str:
        """The command; returns the name of its run."""
        return self._act(self.wire.clients)

    def undo(self) -> UndoReceipt:
        return undo_making(self.run, self.wire.clients, patience=0.3)

    def calm(self) -> None:
        self.aws.faults.clear()
        self.wire.restart()

    def killed(self) -> Callable[[], None]:
        """What to call at the moment of the kill: the files are kept as they are then."""
        here = runs_folder().parent
        kept = here.with_name("kept")
        shutil.rmtree(kept, ignore_errors=True)

        def kill() -> None:
            if not kept.exists():
                shutil.copytree(here, kept)
            raise Killed

        return kill

    def die(self, act: Callable[[], object]) -> None:
        """Run until killed, then put the files back as they were at that moment."""
        here = runs_folder().parent
        with pytest.raises(Killed):
            act()
        shutil.rmtree(here)
        here.with_name("kept").rename(here)
        self.calm()

    def fails(self, act: Callable[[], object]) -> None:
        """Run where something goes wrong, which may or may not matter."""
        with suppress(JotgraphError):
            act()
        self.calm()

    def begun(self) -> bool:
        """Whether the run left a journal that has a line."""
        path = journal_path(runs_folder() / self.run)
        return path.exists() and path.stat().st_size > 0

    def finished(self) -> bool:
        """Whether the run came to its end."""
        folder = runs_folder() / self.run
        if not journal_path(folder).exists():
            return False
        with Journal(folder) as journal:
            return any(entry.what == "finished" for entry in journal.entries)

    def ends_well(self) -> None:
        """The same command ends in the world of an undisturbed run, nothing doubled, every intent
        with its outcome, in the same run."""
        assert self.make() == self.run
        self.is_done()

    def is_done(self) -> None:
        """The world is that of an undisturbed run, and every intent has its outcome."""
        assert plain(state(self.aws)) == self.after
        with Journal(runs_folder() / self.run) as journal:
            assert journal.unanswered() == []

    def is_as_before(self) -> None:
        """Nothing is left of the run, and all that it changed is as it was."""
        assert plain(state(self.aws)) == self.before

    def is_undone(self) -> None:
        """Undo ends in the world before the run, and every intent has its outcome."""
        receipt = self.undo()
        assert receipt.whole, receipt.outcomes
        self.is_as_before()
        with Journal(runs_folder() / self.run) as journal:
            assert journal.unanswered() == []


class MakingBenches:
    """Benches by name, each made when a test first asks for it and then kept: to make one takes as
    long as to disturb it. Each has its state directory in memory; a context manager."""

    def __init__(self, aws: Sandbox) -> None:
        self._aws = aws
        self._homes = TemporaryDirectory()
        self._known: dict[str, MakingBench] = {}

    def enter(self, name: str, scenario: Scenario, patch: pytest.MonkeyPatch) -> MakingBench:
        """The bench of a scenario, with its world as it was, in an environment of its own."""
        for variable, value in self._aws.environment().items():
            patch.setenv(variable, value)
        move_in(f"{self._homes.name}/{name}", patch)
        if name not in self._known:
            self._known[name] = MakingBench(self._aws, *scenario)
        bench = self._known[name]
        bench.start()
        return bench

    def __enter__(self) -> MakingBenches:
        return self

    def __exit__(self, *_: object) -> None:
        self._homes.cleanup()
