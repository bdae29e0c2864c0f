"""A run's journal and backup -> what it deleted, made again as far as the world allows.

In the reverse order of the deletion, one module a service. What cannot come back is said: version
numbers are never given twice, a role made again has another id, a function URL another host name.
Every call is in the run's journal before it is made, so that the same command goes on where an
undo was interrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from jotgraph.apply import iam
from jotgraph.apply.lambda_ import UPDATE
from jotgraph.apply.undo import access, ecr, engine, functions, roles, triggers, versions
from jotgraph.apply.undo.restorer import CannotError, Maker
from jotgraph.clients import Clients
from jotgraph.errors import ApplyError
from jotgraph.failures import CallFailedError
from jotgraph.folders import runs_folder
from jotgraph.plan.outcome import Status
from jotgraph.records import Kind, ResourceId, function_id, function_of, key_of, kind_of
from jotgraph.records.references import lambda_target
from jotgraph.sources.session import World, open_world
from jotgraph.sources.single import parts, read
from jotgraph.store.journal import Journal

FORMAT = "jotgraph/undone/1"


class Undone(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one resource."""

    id: ResourceId
    status: str
    """``restored``, ``there`` (the very same; an earlier undo made it again), ``cannot`` (by its
    nature, or since something else has its name) or ``failed``."""
    because: str


class Undoing(msgspec.Struct, frozen=True, kw_only=True):
    """What ``undo`` did."""

    format: str = FORMAT
    run: str
    outcomes: tuple[Undone, ...]

    @property
    def whole(self) -> bool:
        """Whether everything is back."""
        return all(each.status in ("restored", "there") for each in self.outcomes)


def undo(run: str, clients: Clients, *, patience: float = 60.0) -> Undoing:
    """Make again what a run deleted, last first; go on with an undo that was interrupted.

    ``patience`` is how long to wait, in seconds, until a function that was made is active and until
    Lambda believes that its role exists. Raises ApplyError for a run that is not known.
    """
    with open_world(clients) as world, Journal(_folder(run)) as journal:
        if any(each.what == "hold" for each in journal.entries):
            raise ApplyError(f"run {run} deleted nothing, it set aside: jotgraph release {run}")
        gone = _gone(journal)
        outcomes = [*_crippled(world, journal, gone), *_disabled(world, journal, gone)]
        others: set[ResourceId] = set()
        for each in reversed(gone):
            outcomes.append(_one(Maker(world, journal, each, frozenset(gone), patience), others))
        return Undoing(run=run, outcomes=tuple(outcomes))


def kinds_of(run: str) -> frozenset[Kind]:
    """Kinds of what a run was about. Raises ApplyError for a run that is not known."""
    with Journal(_folder(run)) as journal:
        return frozenset(kind_of(each) for entry in journal.entries for each in entry.steps)


def _folder(run: str) -> Path:
    folder = runs_folder() / run
    if "/" in run or not (folder / "journal.jsonl").exists():
        known = (
            sorted(each.name for each in runs_folder().iterdir()) if runs_folder().is_dir() else []
        )
        raise ApplyError(f"there is no run {run!r}; runs here: {', '.join(known) or 'none'}")
    return folder


def _gone(journal: Journal) -> dict[ResourceId, None]:
    """What the run deleted, in order."""
    gone: dict[ResourceId, None] = {}
    for entry in journal.entries:
        for step in entry.steps if entry.what == "step" else ():
            gone.pop(step, None)
            if entry.result == Status.DONE:
                gone[step] = None
    return gone


def _crippled(world: World, journal: Journal, gone: Mapping[ResourceId, None]) -> list[Undone]:
    """Make roles whole that the run took policies from and did not delete."""
    found: dict[ResourceId, None] = {}
    for entry in journal.entries:
        if entry.what == "intent" and entry.call in (iam.DETACH, iam.DROP, iam.LEAVE):
            found |= dict.fromkeys(each for each in entry.steps if each not in gone)
    outcomes = []
    for role in found:
        try:
            place = world.place(key_of(role).partition("/")[0])
            iam.restore(world, journal, role, place)
        except (ApplyError, CallFailedError) as error:
            outcomes.append(Undone(id=role, status="failed", because=str(error)))
        else:
            outcomes.append(Undone(id=role, status="there", because="it has all its policies"))
    return outcomes


def _disabled(world: World, journal: Journal, gone: Mapping[ResourceId, None]) -> list[Undone]:
    """Enable triggers again that the run disabled and, killed, did not delete."""
    last: dict[ResourceId, bool] = {}
    for entry in journal.entries:
        if entry.what == "intent" and entry.call == UPDATE:
            last |= {each: entry.params["Enabled"] for each in entry.steps if each not in gone}
    outcomes = []
    for each in [each for each, enabled in last.items() if not enabled]:
        try:
            said = triggers.enable(world, journal, each)
        except (ApplyError, CallFailedError) as error:
            outcomes.append(Undone(id=each, status="failed", because=str(error)))
        else:
            outcomes.append(Undone(id=each, status="there", because=said))
    return outcomes


def _one(make: Maker, others: set[ResourceId]) -> Undone:
    """Make one again. ``others`` are names that somebody gave to something else since."""

    def ended(status: str, because: str) -> Undone:
        make.journal.close_lost(make.id, because)
        make.journal.add("undo", steps=(make.id,), result=status, because=because)
        return Undone(id=make.id, status=status, because=because)

    try:
        if _now(make) and not make.resuming:
            if kind_of(make.id) not in _NAMED or make.made:
                return ended("there", "it is there")
            others.add(make.id)
            raise CannotError("another one of its name was made since, and is left as it is")
        if (function := _function_of(make)) in others:
            raise CannotError(f"{function} is another one by now, and nothing is tied to that")
        said = MAKERS[kind_of(make.id)](make)
        if not _now(make):
            return ended("failed", "it was made, and is not there")
        if make.trouble:
            return ended("failed", f"it is there, not whole: {'; '.join(make.trouble)}")
        return ended("restored", said)
    except CannotError as no:
        return ended("cannot", str(no))
    except CallFailedError as error:
        return ended("failed", error.failure.detail)
    except ApplyError as error:
        return ended("failed", str(error))


def _function_of(make: Maker) -> ResourceId | None:
    """The function of an alias, or that a trigger calls."""
    if kind_of(make.id) is Kind.ALIAS:
        account, region, rest = parts(make.id)
        return function_id(account, region, rest.partition(":")[0])
    if kind_of(make.id) is Kind.TRIGGER:
        target = lambda_target(make.answers["GetEventSourceMapping"]["FunctionArn"])
        return function_of(target) if target else None
    return None


def _now(make: Maker) -> bool:
    """Whether it is there, a trigger under the id that an undo gave it."""
    new = make.noted("uuid")
    return read(make.world, make.sibling(new) if new else make.id) is not None


_NAMED = frozenset({Kind.FUNCTION, Kind.ALIAS, Kind.ROLE, Kind.ECR_REPO})
"""Kinds of which another one may have the same id: what a run deleted is proven to be gone, so what
is there now, and no undo made, is another one."""

MAKERS: Mapping[Kind, Callable[[Maker], str]] = {
    Kind.ROLE: roles.role,
    Kind.ECR_REPO: ecr.repository,
    Kind.ECR_IMAGE: ecr.image,
    Kind.FUNCTION: functions.function,
    Kind.VERSION: versions.version,
    Kind.ALIAS: access.alias,
    Kind.TRIGGER: triggers.trigger,
    Kind.CONTAINER: engine.container,
    Kind.LOCAL_IMAGE: engine.local_image,
}
"""How each kind that may be deleted is made again."""
