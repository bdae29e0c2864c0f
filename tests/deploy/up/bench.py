"""One ``up`` of the example, run a hundred times: the world comes back between runs, and each run
is killed at one of its calls or file operations.

What kill -9 leaves is the world and the files as they are at that moment. The files are kept then;
the run is unwound, whatever it still asks of AWS kills it again, and the files are put back.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from jotgraph.deploy.build import BuildOptions
from jotgraph.deploy.rollout import DeployOptions
from jotgraph.deploy.testing import read_cases
from jotgraph.deploy.testing.replies import Reply
from jotgraph.deploy.up import UpOptions, up
from jotgraph.queries.answers.up import Up
from jotgraph.records import ResourceId
from jotgraph.sandbox import folder_image, workshop
from jotgraph.sandbox.estate.images import Image
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.workshop import SandboxWorkshop
from jotgraph.store.folders import cache_folder, runs_folder
from jotgraph.store.journal import Journal, JournalLine
from tests.deploy.bench import without_identity
from tests.deploy.up.base import small_base
from tests.deploy.up.projects import Projects
from tests.rig.file_operations import FileOperations
from tests.rig.git_answers import remember_answers
from tests.rig.kept import State, keep, state
from tests.rig.wire import Wire

_MOVING = frozenset(
    {"RevisionId", "LastModified", "LastUpdateStatus", "State", "StateReason", "StateReasonCode"}
)
"""What is another each time."""


CHANGED = "changed"
"""The world of a changed line; ``empty`` is that of a first deployment."""


class Killed(BaseException):
    """The run ended here."""


class Bench:
    """The example project with two commits, and the sandbox that it is deployed to."""

    def __init__(self, aws: Sandbox, home: str) -> None:
        aws.reset()
        aws.world.regions = frozenset({aws.region})  # each other one is asked as often again
        self.aws, self.home = aws, home
        self._projects = Projects(Path(home))
        self.project = self._projects.first()
        self.first = self.project.head
        self.wire = Wire(aws)
        self.workshop = SandboxWorkshop(aws)
        self._empty = keep(aws)
        self.restore = self._empty
        self._undisturbed: dict[str, Undisturbed] = {}
        self._deployed: dict[str, Deployed] = {}

    def begin(self) -> None:
        """The first commit, and an empty world."""
        self.project = self._projects.first()
        self.restore = self._empty
        self.start()

    def start(self) -> None:
        """The world as it was, and no run of it."""
        self.restore()
        shutil.rmtree(runs_folder().parent, ignore_errors=True)
        shutil.rmtree(cache_folder(), ignore_errors=True)  # what another run has read
        runs_folder().mkdir(parents=True)
        self.wire.restart()

    def from_here(self) -> None:
        """Let the world as it is be the one that runs begin with."""
        self.restore = keep(self.aws)

    def undisturbed(self, world: str) -> Undisturbed:
        """The run of a world, made once and known as long as this bench: how its world is put back
        is of this sandbox. The bench is where the run begins."""
        if world not in self._undisturbed:
            self._undisturbed[world] = Undisturbed(self, world)
        elif world == CHANGED:
            self.change()
            self.restore = self._undisturbed[world].restore
        return self._undisturbed[world]

    def deployed(self, function: str = "quote") -> Up:
        """Be where the first deployment of a function to an empty world ends; it is made once."""
        if function not in self._deployed:
            self._deployed[function] = Deployed(self, function)
        return self._deployed[function].enter()

    def options(self, function: str = "quote", **deploy: Any) -> UpOptions:
        root = self.project.path
        return UpOptions(
            build=BuildOptions(dockerfile=f"Dockerfile.{function}"),
            deploy=DeployOptions(alias="live", **deploy),
            cases=read_cases((), (), root / "cases" / function),
        )

    def up(
        self,
        function: str = "quote",
        options: UpOptions | None = None,
        tell: Callable[[str], None] = lambda words: None,
    ) -> Up:
        """Deploy one of the two functions."""
        whole = options or self.options(function)
        return self.make(f"{function}.app.handler", whole, function, tell)

    def make(
        self,
        handler: str,
        options: UpOptions,
        function: str = "quote",
        tell: Callable[[str], None] = lambda words: None,
    ) -> Up:
        """One run, disturbed or not."""
        made, _ = up(
            self.project.path,
            handler,
            function,
            self.wire.clients,
            self.workshop,
            options,
            patience=0.3,
            tell=tell,
        )
        return made

    def change(self) -> str:
        """Another price of coffee, committed with the answer that is expected then."""
        assert self.project == self._projects.first(), "which no test has changed"
        self.project = self._projects.changed()
        return self.project.head

    def killed(self) -> Callable[[], None]:
        """What to call at the moment of the kill."""
        here = runs_folder().parent
        kept = here.with_name(f"{here.name}-kept")

        def kill() -> None:
            if not kept.exists():
                shutil.copytree(here, kept)
            raise Killed

        return kill

    def die(self, run: Callable[[], object]) -> bool:
        """Run until killed, then put the files back as they were at that moment. Returns whether it
        was killed at all."""
        here = runs_folder().parent
        kept = here.with_name(f"{here.name}-kept")
        shutil.rmtree(kept, ignore_errors=True)
        try:
            run()
        except Killed:
            shutil.rmtree(here)
            kept.rename(here)
            return True
        return False

    def world(self) -> State:
        """Everything there is, without what is another each time."""
        return {resource: _steady(facts) for resource, facts in state(self.aws).items()}

    def entries(self) -> list[JournalLine]:
        """The lines of every run."""
        entries: list[JournalLine] = []
        for folder in sorted(runs_folder().iterdir()):
            with Journal(folder, damaged=True) as journal:
                entries += journal.entries
        return entries

    def unanswered(self) -> list[JournalLine]:
        """Intents without an outcome, of every run."""
        entries: list[JournalLine] = []
        for folder in sorted(runs_folder().iterdir()):
            with Journal(folder, damaged=True) as journal:
                entries += journal.unanswered()
        return entries

    def spoken_of(self) -> frozenset[ResourceId]:
        """What any line of any journal is about."""
        return frozenset(resource for entry in self.entries() for resource in entry.steps)


class Deployed:
    """The world and the files after a deployment."""

    def __init__(self, bench: Bench, function: str) -> None:
        self._bench = bench
        self._state, self._files = runs_folder().parent, Path(bench.home) / f"after {function}"
        self._made = bench.up(function)
        self._restore = keep(bench.aws)
        shutil.copytree(self._state, self._files)

    def enter(self) -> Up:
        """Put them back; returns what the deployment returned."""
        self._restore()
        shutil.rmtree(self._state)
        shutil.copytree(self._files, self._state)
        self._bench.wire.restart()
        return self._made


class Undisturbed:
    """What a run begins with, leaves and asks."""

    def __init__(self, bench: Bench, world: str) -> None:
        if world == CHANGED:
            bench.deployed()
            bench.change()
            bench.from_here()
            bench.start()
        self.restore = bench.restore
        self.before = bench.world()
        with FileOperations() as operations:
            bench.up()
        self.after, self.calls = bench.world(), list(bench.wire.names)
        self.operations = list(operations.names)


def _steady(facts: Any) -> Any:
    """What is said of a resource, without ids, times, revisions and identities of
    runs."""
    if isinstance(facts, Mapping):
        return {key: _steady(value) for key, value in facts.items() if key not in _MOVING}
    if isinstance(facts, tuple | list):
        return tuple(_steady(fact) for fact in facts)
    if isinstance(facts, str):
        return "AROA" if facts.startswith("AROA") else without_identity(facts)
    return facts


def _remembered(ask: Callable[..., Reply]) -> Callable[..., Reply]:
    """Handlers are asked as they are, but each the same question once: what those of the example
    answer depends on nothing else, and a Python takes as long to start as half a run."""
    known: dict[tuple[object, ...], Reply] = {}

    def reply(image: Image, event: bytes, *options: Any) -> Reply:
        question = (image.image_id, event, repr(options))
        if question not in known:
            known[question] = ask(image, event, *options)
        return known[question]

    return reply


@contextmanager
def made_bench(aws: Sandbox) -> Iterator[Bench]:
    """A bench in an environment of its own."""
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as home:
        move_in(home, patch)
        patch.setattr(workshop, "_reply", _remembered(workshop._reply))
        patch.setattr(folder_image, "base_layer", small_base)
        remember_answers(Path(home), patch)
        for name, value in aws.environment().items():
            patch.setenv(name, value)
        yield Bench(aws, home)


def move_in(home: str, patch: pytest.MonkeyPatch) -> None:
    """Let runs, evidence and caches be kept in a folder."""
    patch.setenv("XDG_STATE_HOME", f"{home}/state")
    patch.setenv("XDG_CACHE_HOME", f"{home}/cache")
