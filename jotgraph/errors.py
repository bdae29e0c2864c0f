"""Every exception that jotgraph raises on purpose.

::

    JotgraphError                 base; the command line prints its message alone, exit 4
    ├── UsageError                the command line cannot work, whatever is read; exit 2
    │   ├── OptionError           options that do not fit together, or a malformed policy file
    │   └── NameLookupError       a typed name does not identify one resource
    │       ├── UnknownNameError    no resource has that name; similar ones are suggested
    │       └── AmbiguousNameError  several resources have that name; they are listed
    ├── NoLinkError               no link between two resources
    ├── SourceError               a part of the world could not be read at all
    ├── SnapshotError             a stored file is truncated, foreign, newer or damaged
    │   ├── UnknownSnapshotError  there is no such file or snapshot; a UsageError too
    │   └── NoSnapshotError       the file is something else; a UsageError too
    ├── EngineError               an engine that judges by shards could not be used, or broke down
    ├── DatasetError              a folder or bucket of Parquet files refuses to be read or written
    ├── ExtraError                a package of an extra is not installed; a UsageError too
    ├── RenderError               a picture could not be drawn
    ├── PlanError                 a plan cannot be made, or is damaged
    │   ├── NoPlanError           the file is something else; a UsageError too
    │   └── StalePlanError        the world is no longer what the plan was made from
    ├── BuildError                an image could not be built
    ├── ApplyError                a deletion, backup or undo did not go as planned
    │   ├── RefusedError          the world differs from the plan, so the resource is kept
    │   │   ├── NotThereError       a named resource is not in the accounts read; a UsageError too
    │   │   └── ChangedSinceError   somebody else changed what an undo would take back
    │   ├── NotProvenError        it cannot be verified that a step is done
    │   ├── UnknownRunError       this machine has no run of that name; a UsageError too
    │   └── UnrestorableError     a resource cannot be restored, by its nature or without a copy
    └── SandboxError              the embedded AWS refused to start or was asked to leave loopback

A message says what happened, where, and what to do next. ``CallFailedError`` is not part of the
tree: it reports one failed call, which the sources turn into a gap.
"""

from __future__ import annotations

from typing import NamedTuple


class JotgraphError(Exception):
    """Base of every error raised on purpose."""


class UsageError(JotgraphError):
    """The command line cannot work: it would fail again."""


class NoLinkError(JotgraphError):
    """Nothing that was read links two resources."""


class SourceError(JotgraphError):
    """A part of the world could not be read at all."""


class SnapshotError(JotgraphError):
    """A stored inventory is truncated, foreign, newer than this program, or damaged."""


class UnknownSnapshotError(SnapshotError, UsageError):
    """There is no such file or snapshot."""


class NoSnapshotError(SnapshotError, UsageError):
    """The file is something else than an inventory."""


class NameLookupError(UsageError):
    """A typed name does not identify one resource."""


class UnknownNameError(NameLookupError):
    """No resource of the inventory has that name."""

    def __init__(
        self, name: str, nearest: tuple[str, ...] = (), advice: str = "", *, message: str = ""
    ) -> None:
        self.name = name
        self.nearest = nearest
        hint = f"; did you mean {', '.join(nearest)}?" if nearest else advice and f"; {advice}"
        super().__init__(f"{message or f'nothing is named {name!r}'}{hint}")


class AmbiguousNameError(NameLookupError):
    """Several resources have that name."""

    def __init__(self, name: str, candidates: tuple[str, ...]) -> None:
        self.name = name
        self.candidates = candidates
        shown = "\n  ".join(candidates[:20])
        more = f"\n  … and {len(candidates) - 20} more" if len(candidates) > 20 else ""
        super().__init__(
            f"{name!r} matches {len(candidates)} resources; use one of:\n  {shown}{more}"
        )


class OptionError(UsageError):
    """Options that do not fit together, or a malformed policy file."""


class EngineError(JotgraphError):
    """An engine that judges by shards could not be used, or broke down."""


class DatasetError(JotgraphError):
    """A folder or bucket of Parquet files refuses to be read or written."""


class ExtraError(UsageError):
    """A package of an extra is not installed."""


class RenderError(JotgraphError):
    """A picture could not be drawn."""


class PlanError(JotgraphError):
    """A plan cannot be made, or its file is damaged."""


class NoPlanError(PlanError, UsageError):
    """The file is something else than a plan."""


class StalePlanError(PlanError):
    """The world is no longer what the plan was made from."""


class BuildError(JotgraphError):
    """An image could not be built."""


class ApplyError(JotgraphError):
    """A deletion, backup or undo did not go as planned."""


class RefusedError(ApplyError):
    """The world differs from the plan, so the resource is kept."""


class NotThereError(RefusedError, UsageError):
    """A named resource does not exist."""


class ChangedSinceError(RefusedError):
    """Somebody else changed a resource, so an undo leaves it as it is, now and later."""


class UnknownRunError(ApplyError, UsageError):
    """This machine has no run of that name."""


class NotProvenError(ApplyError):
    """It cannot be verified that a step is done."""


class UnrestorableError(ApplyError):
    """A resource cannot be restored, by its nature or for lack of a copy."""


class SandboxError(JotgraphError):
    """The embedded AWS refused to start, or was asked to leave loopback."""


ADVICE = {
    "credentials": "sign in again (aws sso login, aws configure) or pass --profile",
    "denied": "allow the action (jotgraph policy scan prints the policy)",
    "throttled": "scan again later, or when other tools are quiet",
    "unreachable": "check the network, the region's name and AWS_ENDPOINT_URL",
    "error": "scan again; if it stays, look at the AWS Health Dashboard",
    "unsupported": "the endpoint does not know this call",
    "sampled": "doctor makes each call once",
}


class Failure(NamedTuple):
    """A failed call."""

    reason: str
    """``credentials denied throttled unreachable error unsupported``, and ``sampled`` of doctor."""
    message: str
    code: str = ""
    """AWS's error code, when AWS answered."""
    repeated: bool = False
    """Whether the call was tried more than once, so that an earlier try may have taken effect."""
    said: str = ""
    """AWS's own message without its code, where it is in ``message``."""
    understood: bool = True
    """Whether the answer, if there was one, was of a form that its reader knows."""

    @property
    def detail(self) -> str:
        """One sentence for people, with what to do."""
        return f"{self.message}; {ADVICE[self.reason]}"

    @property
    def says_it_exists(self) -> bool:
        """Whether Lambda refused to create something that exists. ResourceConflictException also
        means an update in progress; for existing resources its message says so ("already exist",
        "FunctionUrlConfig exists")."""
        return "exist" in self.message

    @property
    def says_it_cannot_assume(self) -> bool:
        """Whether Lambda does not accept a role yet. For some seconds after a role is created it
        raises InvalidParameterValueException, as for any other wrong parameter."""
        return "cannot be assumed by Lambda" in self.message


class CallFailedError(Exception):
    """A call failed; caught inside the sources and turned into a gap."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.message)


def reason_of(error: Exception) -> str:
    """Return the reason of an error for people; for a failed call with what to do."""
    if isinstance(error, CallFailedError):
        return error.failure.detail
    if isinstance(error, JotgraphError | OSError):
        return str(error)
    return f"internal error ({type(error).__name__}: {error}); report it"
