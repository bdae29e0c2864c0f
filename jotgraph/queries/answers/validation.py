"""What ``validate`` answers: what of a folder keeps it from becoming a function that runs."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from jotgraph.records.phrases import counted


class FlawSeverity(StrEnum):
    """How sure it is that something has to be done; the worst first."""

    WRONG = "wrong"
    UNKNOWN = "unknown"
    WARNING = "warning"


class FlawCode(StrEnum):
    """What was found."""

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
    """One finding of ``validate``."""

    code: FlawCode
    severity: FlawSeverity
    file: str
    """From the folder on; empty where it is about the whole."""
    line: int | None
    statement: str
    """One sentence."""
    next: str
    """What to do."""


class Validation(msgspec.Struct, frozen=True, kw_only=True):
    """A folder and all that was found of it."""

    path: str
    dockerfile: str
    """From the folder on; empty where there is none."""
    handler: str
    """``module.function``; empty where nothing names it."""
    handler_file: str
    """Where its module was found; empty where it was not."""
    files: int
    """How many a build is sent, without what ``.dockerignore`` leaves out."""
    bytes: int
    findings: tuple[Flaw, ...] = ()

    def count(self, severity: FlawSeverity) -> int:
        """How many findings are as severe."""
        return sum(flaw.severity is severity for flaw in self.findings)

    @property
    def passed_words(self) -> str:
        """That nothing is wrong, with the first warning."""
        found = [flaw.statement for flaw in self.findings if flaw.severity is FlawSeverity.WARNING]
        warning = f", {counted(len(found), 'warning')}: {found[0].rstrip('.')}" if found else ""
        return f"{self.handler or 'no handler named'}: nothing is wrong{warning}"
