"""Where commits stand against a ref, and the words for it."""

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
    """In a repository that was read, and not on the ref."""
    UNKNOWN = "unknown"
    """No commit is known, the ref is not in the repository, or history is cut before the commit."""
    NOT_IN_REPOSITORIES = "not-in-repositories"
    """A commit is named that no repository read holds."""


class Bound(StrEnum):
    """How to understand a number."""

    EXACT = "exact"
    AT_MOST = "at-most"
    AT_LEAST = "at-least"
    """At least: history or a list of commits is cut."""


class LagDoubt(StrEnum):
    """Why commits that are on the ref may not be those of the image."""

    NONE = ""
    HINT = "hint"
    """Only names, times or a few files suggest them: they give no lag."""
    NEAR = "near"
    """They are the nearest commits: some files of the image differ from every commit read."""


class Standing(msgspec.Struct, frozen=True):
    """Where a set of commits stands against a ref."""

    state: LagState
    behind: int | None = None
    """First-parent commits between them; 0 when current, None when not on the ref."""
    ref: str = ""
    """The short name of the ref."""
    repository: str = ""
    """Key of the git repository."""
    dirty: bool = False
    """The image was built from a work tree with changes."""
    touching: int | None = None
    """How many of the ``behind`` commits change files in the image, as ``bound`` qualifies: those
    after the newest commit with its files. None when files were not compared."""
    bound: Bound = Bound.EXACT
    touches: tuple[str, ...] = ()
    """SHAs of those commits, newest first; empty when only an upper bound is known."""
    inputs: tuple[BuildInput, ...] = ()
    """Build inputs that are not in the image itself, with the ``behind`` commits that change
    them."""
    perhaps: tuple[BuildInput, ...] = ()
    """The same for commits that the image may have been built before or after."""
    doubt: LagDoubt = LagDoubt.NONE
    commit: str = ""
    """SHA of the commit that the number is counted from: the nearest to the ref of all that the
    image may be built from, preferably one on the ref. All views show this one."""
    behind_most: int | None = None
    """``behind`` of the farthest of these commits: the lag is exact only where both are equal. None
    when one commit is not on the ref, not listed, or may lie in history that was not read."""

    @property
    def lags(self) -> bool:
        """Whether a new build of the ref would differ, in its files or its build inputs. Hints do
        not count."""
        if self.state not in (LagState.BEHIND, LagState.NOT_CURRENT) or self.doubt is LagDoubt.HINT:
            return False
        same = self.touching == 0 and self.bound is Bound.EXACT and not self.dirty
        return not same or bool(self.inputs)

    @property
    def distance(self) -> str:
        """The lag for people: ``3``, ``3-5``, ``≥ 3``."""
        return self._distance("≥", "-")

    def words(self, *, touching: bool = True, ref: bool = True, unknown: str = "unknown") -> str:
        """The standing for people: ``current``, ``dirty, 3 behind main``, ``hint only, not on
        main``. On request without the number of commits that change its files, or without the ref.
        ``unknown`` when it is not known."""
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
        """The standing in a sentence: ``14 commits behind main; 3 change files in the image``."""
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
    """Return the commits that change any of the build inputs."""
    return frozenset(sha for build_input in inputs for sha in build_input.commits)


class HandlerFrom(StrEnum):
    """Where the handler is configured."""

    PACKAGE = "package"
    """In the function, for a zip package."""
    FUNCTION = "function"
    """In the function, instead of the image's CMD."""
    IMAGE = "image"
    """In CMD of the image, or its ENTRYPOINT when it has no CMD."""
    UNREAD = "not-read"
    """Unknown: the function was only listed, or the image's config was not read."""
    NONE = ""
    """Lambda calls nothing here."""


class Source(msgspec.Struct, frozen=True):
    """Where in a git repository the files of an image or package come from, if that was read."""

    repository: str = ""
    """Name of the repository of its commit; empty when unknown."""
    folders: tuple[str, ...] = ()
    """Folders that its files were copied from; ``.`` is the root. Empty without ``--content``."""
    packages: tuple[str, ...] | None = None
    """Names of the packages that contain these folders, from ``pyproject.toml``, ``package.json``,
    ``go.mod`` and the like. None when files were not compared."""
    handler: str = ""
    """What Lambda calls, such as ``app.handler``."""
    handler_from: HandlerFrom = HandlerFrom.NONE
