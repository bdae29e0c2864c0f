"""The answer of ``validate``: what prevents a folder from becoming a working function."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from jotgraph.records.phrases import counted


class FlawSeverity(StrEnum):
    """How certain it is that something has to be changed, worst first."""

    WRONG = "wrong"
    UNKNOWN = "unknown"
    WARNING = "warning"


class FlawCode(StrEnum):
    """The kinds of problems."""

    DOCKERFILE_INVALID = "dockerfile-invalid"
    DOCKERFILE_UNKNOWN = "dockerfile-unknown"
    BASE_INVALID = "base-invalid"
    BASE_PLATFORM = "base-platform"
    BASE_NOT_PINNED = "base-not-pinned"
    BASE_UNKNOWN = "base-unknown"
    COMMAND_INVALID = "command-invalid"
    COMMAND_MISSING = "command-missing"
    COMMAND_DIFFERS = "command-differs"
    COMMAND_UNKNOWN = "command-unknown"
    MODULE_MISSING = "module-missing"
    MODULE_UNKNOWN = "module-unknown"
    MODULE_SYNTAX = "module-syntax"
    HANDLER_MISSING = "handler-missing"
    HANDLER_ASYNC = "handler-async"
    HANDLER_ARGUMENTS = "handler-arguments"
    HANDLER_UNKNOWN = "handler-unknown"
    WORK_TREE_DIRTY = "work-tree-dirty"
    WORK_TREE_UNTRACKED = "work-tree-untracked"
    WORK_TREE_UNKNOWN = "work-tree-unknown"
    NO_COMMIT = "no-commit"
    IMAGE_TOO_LARGE = "image-too-large"
    CONTEXT_TOO_LARGE = "context-too-large"
    CONTEXT_UNKNOWN = "context-unknown"
    LINK_OUTSIDE = "link-outside"


class Flaw(msgspec.Struct, frozen=True):
    """One problem that ``validate`` reports."""

    code: FlawCode
    severity: FlawSeverity
    file: str
    """Path relative to the folder; empty when it is about the whole."""
    line: int | None
    statement: str
    """The problem in one sentence."""
    next: str
    """What to do about it."""


class Validation(msgspec.Struct, frozen=True, kw_only=True):
    """A folder and all its problems."""

    path: str
    dockerfile: str
    """Path relative to the folder; empty when there is none."""
    handler: str
    """``module.function``; empty when nothing names it."""
    handler_file: str
    """The file of the handler's module; empty when it was not found."""
    files: int
    """Number of files sent to a build, without those that ``.dockerignore`` excludes."""
    bytes: int
    findings: tuple[Flaw, ...] = ()

    def count(self, severity: FlawSeverity) -> int:
        """The number of problems of one severity."""
        return sum(flaw.severity is severity for flaw in self.findings)

    @property
    def passed_words(self) -> str:
        """``app.handler: nothing is wrong``, with the number of warnings and the first of them."""
        found = [flaw.statement for flaw in self.findings if flaw.severity is FlawSeverity.WARNING]
        warning = f", {counted(len(found), 'warning')}: {found[0].rstrip('.')}" if found else ""
        return f"{self.handler or 'no handler named'}: nothing is wrong{warning}"
