"""Where commits stand against a ref, and how that is said."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from jotgraph.records import BuildInput
from jotgraph.records.phrases import counted


class LagState(StrEnum):
    """Where the commits of an image stand."""

    CURRENT = "current"
    BEHIND = "behind"
    NOT_CURRENT = "not-current"
    """In a repository that was read, but not on the ref."""
    UNKNOWN = "unknown"
    """No commit is known, the ref is not in the repository, or history is cut before the commit."""
    NOT_IN_REPOSITORIES = "not-in-repositories"
    """A commit is named and none of the repositories read has it."""


class Bound(StrEnum):
    """How a number is meant."""

    EXACT = "exact"
    AT_MOST = "at-most"
    AT_LEAST = "at-least"
    """History is cut, or a list of commits was."""


class LagDoubt(StrEnum):
    """Why the commits that stand somewhere may not be those of the image."""

    NONE = ""
    HINT = "hint"
    """Only names and times speak for them, or a few files: no lag is drawn from it."""
    NEAR = "near"
    """They are the nearest: files of the image differ from those of every commit read."""


class Standing(msgspec.Struct, frozen=True):
    """Where a set of commits stands against a ref."""

    state: LagState
    behind: int | None = None
    """First-parent commits between; 0 when current, None when not on the ref."""
    ref: str = ""
    """Short name of the ref compared with."""
    repository: str = ""
    """Key of the git repository."""
    dirty: bool = False
    """The image was built from a work tree with changes."""
    touching: int | None = None
    """How many of the ``behind`` commits touch what is in the image, as ``bound`` says: those after
    the newest commit with its files. None when its files were not compared."""
    bound: Bound = Bound.EXACT
    touches: tuple[str, ...] = ()
    """SHAs of those commits, newest first; empty when only a bound is known from above."""
    inputs: tuple[BuildInput, ...] = ()
    """What the image was built by, as far as it is not in it, with those of the ``behind`` commits
    that touch it."""
    perhaps: tuple[BuildInput, ...] = ()
    """The same for commits that the image may have been built before or after: its files do not
    tell."""
    doubt: LagDoubt = LagDoubt.NONE
    commit: str = ""
    """SHA of the commit that the number is counted from: of all that the image may be built from
    the nearest to the ref, and one on the ref where any is. Every view shows this one."""
    behind_most: int | None = None
    """``behind`` of the farthest of them: the lag is exact only where it is the same. None where
    one of them is not on the ref, is not listed, or may be in history that was not read."""

    @property
    def lags(self) -> bool:
        """Whether building the ref again would give something else: other files, or the same files
        by another build. Hints do not tell."""
        if self.state not in (LagState.BEHIND, LagState.NOT_CURRENT) or self.doubt is LagDoubt.HINT:
            return False
        same = self.touching == 0 and self.bound is Bound.EXACT and not self.dirty
        return not same or bool(self.inputs)

    @property
    def distance(self) -> str:
        """How far it is behind, for people: ``3``, ``3-5``, ``≥ 3``."""
        return self._distance("≥", "-")

    def words(self, *, touching: bool = True, ref: bool = True, unknown: str = "unknown") -> str:
        """For people: ``current``, ``dirty, 3 behind main``, ``hint only, not on main``; without
        how many of these commits touch its files, or without the ref, where asked. ``unknown`` is
        said where it is not known."""
        match self.state:
            case LagState.CURRENT:
                words = "current"
            case LagState.BEHIND:
                words = f"{self.distance} behind{f' {self.ref}' if ref else ''}"
                words += self._touching() if touching else ""
            case LagState.NOT_CURRENT:
                words = f"not on {self.ref}"
            case LagState.UNKNOWN:
                words = unknown
            case LagState.NOT_IN_REPOSITORIES:
                words = "not in repositories read"
        return f"{self._doubt()}{words}"

    def says(self) -> str:
        """The same in a sentence: ``14 commits behind main; 3 change files in the image``."""
        if self.state is not LagState.BEHIND or self.touching is None:
            return f"{self.words()}{self._inputs()}"
        distance = self._distance("at least", " to ")
        commits = "commit" if distance == "1" else "commits"
        statement = f"{self._doubt()}{distance} {commits} behind {self.ref}; "
        if self.bound is Bound.EXACT and not self.touching:
            own = ", but its own changes were never committed" if self.dirty else ""
            return f"{statement}none changes files in the image{own}{self._inputs()}"
        verb = "changes" if self.touching == 1 else "change"
        number = f"{_BOUNDS[self.bound]}{self.touching}"
        return f"{statement}{number} {verb} files in the image{self._inputs()}"

    def _distance(self, least: str, to: str) -> str:
        if self.behind_most is None:
            return f"{least} {self.behind}"
        exact = self.behind_most == self.behind
        return f"{self.behind}" if exact else f"{self.behind}{to}{self.behind_most}"

    def _doubt(self) -> str:
        return "dirty, " if self.dirty else _DOUBTS[self.doubt]

    def _touching(self) -> str:
        if self.touching is None:
            return ""
        if self.bound is Bound.EXACT and not self.touching:
            same = "none touching its files" if self.dirty else "same files"
            return f", {same}, another build" if self.inputs else f", {same}"
        all_of_them = self.bound is not Bound.AT_LEAST and self.touching == self.behind
        mark = {Bound.EXACT: "", Bound.AT_MOST: "≤ ", Bound.AT_LEAST: "≥ "}[self.bound]
        return "" if all_of_them else f", {mark}{self.touching} touching its files"

    def _inputs(self) -> str:
        statement = ""
        many = len(commits_of(self.inputs))
        if many:
            statement += f"; {many} change{'s' * (many == 1)} a build input ({_named(self.inputs)})"
        many = len(commits_of(self.perhaps))
        if many:
            statement += f"; perhaps built before {counted(many, 'commit')} that "
            statement += f"change{'s' * (many == 1)} a build input ({_named(self.perhaps)})"
        return statement


_DOUBTS = {LagDoubt.NONE: "", LagDoubt.HINT: "hint only, ", LagDoubt.NEAR: "files differ, "}
_BOUNDS = {Bound.EXACT: "", Bound.AT_MOST: "at most ", Bound.AT_LEAST: "at least "}


def _named(inputs: Iterable[BuildInput]) -> str:
    return ", ".join(build_input.path for build_input in inputs)


def commits_of(inputs: Iterable[BuildInput]) -> frozenset[str]:
    """The commits that touch any of the build inputs."""
    return frozenset(sha for build_input in inputs for sha in build_input.commits)


class HandlerFrom(StrEnum):
    """Who says what Lambda calls."""

    PACKAGE = "package"
    """The function, of a zip package."""
    FUNCTION = "function"
    """The function, in place of its image's CMD."""
    IMAGE = "image"
    """CMD of the image, or its ENTRYPOINT where it has no CMD."""
    UNREAD = "not-read"
    """The function was only listed, or the configuration of its image was not read."""
    NONE = ""
    """Nothing that Lambda calls."""


class Source(msgspec.Struct, frozen=True):
    """Where in a git repository the files of an image or package are from, where that was read."""

    repository: str = ""
    """Name of the repository that its commit is of; empty when none is known."""
    folders: tuple[str, ...] = ()
    """Folders that its files were copied from; ``.`` is the root. Empty without ``--content``."""
    packages: tuple[str, ...] | None = None
    """Names of the packages that these folders are in, as ``pyproject.toml``, ``package.json``,
    ``go.mod`` and the like say. None where its files were not compared."""
    handler: str = ""
    """What Lambda calls, such as ``app.handler``."""
    handler_from: HandlerFrom = HandlerFrom.NONE
