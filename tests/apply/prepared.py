"""The estate, the plan to delete its function, and what is left when that was applied: made once,
put back for every test that begins there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar, cast

import pytest

from jotgraph.analysis.usage import Options
from jotgraph.apply import Receipt
from jotgraph.plan import Plan
from jotgraph.sandbox.server import Sandbox
from tests.apply.estate import fill
from tests.apply.runs import applied, planned
from tests.rig.kept import keep


class Prepared:
    """``plan`` and what follows from it are made when first asked for."""

    def __init__(self, aws: Sandbox, folder: Path) -> None:
        aws.reset()
        self.aws, self._folder = aws, folder
        self.estate = fill(aws)
        self.fill = keep(aws)
        self.plan = planned("function:app")
        self.scanned = keep(aws)
        """Puts back the estate as the plan's scan left it: reading a manifest is a pull."""
        self._plans: dict[Options, tuple[Plan, Callable[[], None]]] = {}

    def planned(self, options: Options) -> Plan:
        """The plan to delete the function ``app`` under other options; the estate is as its scan
        left it."""
        if options not in self._plans:
            self.fill()
            self._plans[options] = planned("function:app", options=options), keep(self.aws)
        plan, put_back = self._plans[options]
        put_back()
        return plan

    @cached_property
    def _deleted(self) -> tuple[Receipt, Callable[[], None]]:
        self.scanned()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_STATE_HOME", str(self._folder))
            receipt = applied(self.plan, backup=True)
        assert receipt.proven, receipt.outcomes
        return receipt, keep(self.aws)

    def delete(self, state: Path) -> Receipt:
        """Put back what the applied plan left: the world, and the run in a state directory."""
        receipt, put_back = self._deleted
        put_back()
        shutil.copytree(self._folder, state)
        return receipt


T = TypeVar("T")
FOLDERS = ("cache", "state")


class Once:
    """What tests begin with, made by the first that asks and put back for the others: the world,
    and what was left in the state directory and the cache."""

    def __init__(self, aws: Sandbox, folder: Path) -> None:
        self._aws, self._folder = aws, folder
        self._made: dict[Callable[[Sandbox], object], tuple[object, Callable[[], None], Path]] = {}

    def ask(self, make: Callable[[Sandbox], T], home: Path) -> T:
        """What ``make`` gives and leaves, where the environment leads to folders of ``home``."""
        if make not in self._made:
            self._aws.reset()
            made = make(self._aws)
            left = self._folder / str(len(self._made))
            for name in FOLDERS:
                if (home / name).exists():
                    shutil.copytree(home / name, left / name)
            self._made[make] = made, keep(self._aws), left
            return made
        again, put_back, left = self._made[make]
        put_back()
        if left.exists():
            shutil.copytree(left, home, dirs_exist_ok=True)
        return cast(T, again)


@contextmanager
def prepared(aws: Sandbox) -> Iterator[Prepared]:
    """Make it in an environment of its own."""
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        for name, value in {**aws.environment(), "XDG_CACHE_HOME": f"{folder}/cache"}.items():
            patch.setenv(name, value)
        yield Prepared(aws, Path(folder) / "state")
