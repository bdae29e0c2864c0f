"""The example project with its first commit, and with a second; each is made once, and copied again
only where a test changed it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.examples.two_functions import project
from tests.rig.git import Repository
from tests.rig.git_answers import files_below

NAME = "till"
"""Of each folder, by which a repository is known."""


class Projects:
    """Projects by name, each in a folder of its own."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._kept: dict[str, Repository] = {}
        self._files: dict[str, list[object]] = {}

    def enter(self, name: str, make: Callable[[Path], Repository]) -> Repository:
        """The project as it was made."""
        if name not in self._kept:
            self._kept[name] = make(self._home / "kept" / name / NAME)
        folder = self._home / name
        folder.mkdir(exist_ok=True)
        if self._files.get(name) != list(files_below(folder)):
            shutil.rmtree(folder)
            self._kept[name].copied_to(folder / NAME)
            self._files[name] = list(files_below(folder))
        return Repository(folder / NAME)

    def first(self) -> Repository:
        """With one commit."""
        return self.enter("first", project)

    def changed(self) -> Repository:
        """With another price of coffee, and the answer that is expected then."""

        def make(path: Path) -> Repository:
            repository = self.first().copied_to(path)
            prices = (path / "shared" / "prices.py").read_text()
            files = {
                "shared/prices.py": prices.replace('"coffee": 320', '"coffee": 330'),
                "cases/quote/two-coffees.expect.json": '{"total": "6.60 EUR"}\n',
            }
            repository.commit(files, "Coffee costs more")
            return repository

        return self.enter("changed", make)
