"""Every exception that jotgraph raises on purpose.

::

    JotgraphError                 base; the command line prints its message alone, exit 4
    ├── UsageError                what was typed cannot work, whatever is read; exit 2
    │   ├── OptionError           options that do not fit together, or a malformed policy file
    │   └── NameLookupError       a name typed by a person leads nowhere usable
    │       ├── UnknownNameError    nothing is called that; the nearest names are suggested
    │       └── AmbiguousNameError  several things are called that; they are listed
    ├── NoLinkError               no link between two resources
    ├── SourceError               a part of the world could not be read at all
    ├── SnapshotError             a stored file is truncated, foreign, newer or damaged
    │   └── UnknownSnapshotError  there is no such file or snapshot; a UsageError too
    ├── EngineError               an engine that judges by shards could not be used, or broke down
    ├── DatasetError              a folder or bucket of Parquet files refuses to be read or written
    ├── ExtraError                a package is missing that an extra brings; a UsageError too
    ├── RenderError               a picture could not be drawn
    ├── PlanError                 a plan cannot be made, or is not one
    │   └── StalePlanError        the world is no longer what the plan was made from
    ├── BuildError                an image could not be built
    ├── ApplyError                a deletion, backup or undo did not go as planned
    │   ├── RefusedError          the world is not what the plan was made from: the resource stays
    │   │   ├── NotThereError       what was named is in no account that was read; a UsageError too
    │   │   └── ChangedSinceError   somebody else changed what an undo would take back
    │   ├── NotProvenError        it cannot be said that a step is done
    │   ├── UnknownRunError       no run of this machine is called that; a UsageError too
    │   └── UnrestorableError     by its nature, or for want of a copy, this does not come back
    └── SandboxError              the embedded AWS refused to start or was asked to leave loopback

A message says what happened, where, and what to do next. ``CallFailedError`` stands apart: it says
that one call was given up, and the sources turn it into a gap.
"""

from __future__ import annotations

from typing import NamedTuple


class JotgraphError(Exception):
    """Base of every error raised on purpose."""


class UsageError(JotgraphError):
    """What was typed cannot work: the same command line fails again."""


class NoLinkError(JotgraphError):
    """Nothing that was read links two resources."""


class SourceError(JotgraphError):
    """A part of the world could not be read at all."""


class SnapshotError(JotgraphError):
    """A stored inventory is truncated, foreign, newer than this program, or damaged."""


class UnknownSnapshotError(SnapshotError, UsageError):
    """There is no such file or snapshot."""


class NameLookupError(UsageError):
    """A name typed by a person leads nowhere usable."""


class UnknownNameError(NameLookupError):
    """Nothing in the inventory is called that."""

    def __init__(
        self, name: str, nearest: tuple[str, ...] = (), advice: str = "", *, message: str = ""
    ) -> None:
        self.name = name
        self.nearest = nearest
        hint = f"; did you mean {', '.join(nearest)}?" if nearest else advice and f"; {advice}"
        super().__init__(f"{message or f'nothing is named {name!r}'}{hint}")


class AmbiguousNameError(NameLookupError):
    """Several resources are called that."""

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
    """A package is missing that an extra of jotgraph brings."""


class RenderError(JotgraphError):
    """A picture could not be drawn."""


class PlanError(JotgraphError):
    """A plan cannot be made, or a file is not a plan."""


class StalePlanError(PlanError):
    """The world is no longer what the plan was made from."""


class BuildError(JotgraphError):
    """An image could not be built."""


class ApplyError(JotgraphError):
    """A deletion, backup or undo did not go as planned."""


class RefusedError(ApplyError):
    """The world is not what the plan was made from: the resource stays."""


class NotThereError(RefusedError, UsageError):
    """What was named is not there."""


class ChangedSinceError(RefusedError):
    """Somebody else changed it since: an undo leaves it as it is, now and later."""


class UnknownRunError(ApplyError, UsageError):
    """No run of this machine is called that."""


class NotProvenError(ApplyError):
    """It cannot be said that a step is done."""


class UnrestorableError(ApplyError):
    """By its nature, or for want of a copy, this does not come back."""


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
    """A call that was given up."""

    reason: str
    """``credentials denied throttled unreachable error unsupported``, and ``sampled`` of doctor."""
    message: str
    code: str = ""
    """AWS's error code, when AWS answered."""
    repeated: bool = False
    """Whether the call was made more than once: one before may have taken effect."""
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
        """Whether Lambda would not make what is there. Its ResourceConflictException is also for
        an update that is under way; of what is there all its messages say so ("already exist",
        "FunctionUrlConfig exists")."""
        return "exist" in self.message

    @property
    def says_it_cannot_assume(self) -> bool:
        """Whether Lambda does not believe in a role: so it answers for some seconds of one that
        was just made, by an InvalidParameterValueException as of any other parameter."""
        return "cannot be assumed by Lambda" in self.message


class CallFailedError(Exception):
    """A call was given up; caught inside the sources and turned into a gap."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.message)


def reason_of(error: Exception) -> str:
    """Why something went wrong, for people; of a failed call with what to do."""
    if isinstance(error, CallFailedError):
        return error.failure.detail
    if isinstance(error, JotgraphError | OSError):
        return str(error)
    return f"internal error ({type(error).__name__}: {error}); report it"
