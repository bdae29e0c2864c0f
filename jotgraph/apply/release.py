"""A run's journal -> everything that it set aside, put back exactly, last first.

Roles first, then images, then functions and at last their triggers: nothing is called before what
it needs is back. Done again it goes on: what is back is left alone.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

import msgspec

from jotgraph.apply.quarantine.hand import Hand
from jotgraph.apply.quarantine.restore import RESTORE_SECONDS, put_back, start
from jotgraph.clients import Clients
from jotgraph.errors import ApplyError
from jotgraph.failures import CallFailedError
from jotgraph.folders import runs_folder
from jotgraph.plan.outcome import NotProven, Refused
from jotgraph.records import Function, Kind, ResourceId, Trigger, ecr_image_id, function_of, kind_of
from jotgraph.records.references import ecr_reference, lambda_target, role_of
from jotgraph.sources.session import World, open_world
from jotgraph.sources.single import read, versions
from jotgraph.store.holdings import Holding, holdings
from jotgraph.store.journal import Journal

FORMAT = "jotgraph/released/1"


class Released(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one resource."""

    id: ResourceId
    status: str
    """``released``, ``there`` (put back before), ``changed`` (by somebody else, who is not
    overruled) or ``failed``."""
    because: str


class Releasing(msgspec.Struct, frozen=True, kw_only=True):
    """What ``release`` did."""

    format: str = FORMAT
    run: str
    outcomes: tuple[Released, ...]

    @property
    def whole(self) -> bool:
        """Whether everything is as it was."""
        return all(each.status in ("released", "there") for each in self.outcomes)


def release(run: str, clients: Clients, *, patience: float = RESTORE_SECONDS) -> Releasing:
    """Put back everything of a run; images take up to 20 minutes, all at the same time.

    Raises ApplyError for a run that is not known, or set nothing aside.
    """
    folder = runs_folder() / run
    if "/" in run or not (folder / "journal.jsonl").exists():
        known = (
            sorted(each.name for each in runs_folder().iterdir()) if runs_folder().is_dir() else []
        )
        raise ApplyError(
            f"there is no run {run!r} on this machine; runs here: {', '.join(known) or 'none'}. "
            "A run is released where it was made, or from a copy of its folder"
        )
    with open_world(clients) as world, Journal(folder) as journal:
        touched = [e.steps[0] for e in journal.entries if e.what == "hold"]
        if not touched:
            raise ApplyError(f"run {run} set nothing aside; undo brings back what a run deleted")
        held = holdings(run, journal.entries)
        outcomes = _all(Hand(world, journal, patience), list(reversed(held.values())))
        done = [_ended(journal, each) for each in dict.fromkeys(touched) if each not in held]
        return Releasing(run=run, outcomes=(*outcomes, *done))


def _ended(journal: Journal, resource: ResourceId) -> Released:
    """What became of something that the run does not hold any more."""
    last = [e for e in journal.entries if resource in e.steps and e.what in ("free", "gone")][-1]
    if last.what == "free":
        return Released(id=resource, status="there", because="it was put back before")
    by = last.params["run"]
    because = f"run {by} deleted it: jotgraph undo {by} makes it again as it was before"
    return Released(id=resource, status="changed", because=because)


def _all(hand: Hand, held: list[Holding]) -> list[Released]:
    for each in held:
        try:
            start(hand, each)
        except (Refused, CallFailedError, ApplyError):
            continue  # it is tried again in its turn, and said then
    outcomes: list[Released] = []
    absent: set[ResourceId] = set()
    for each in held:
        outcome = _one(hand, each, absent)
        if outcome.status != "released" and not _awake(hand.world, outcome):
            absent.add(each.id)
        outcomes.append(outcome)
    return outcomes


def _awake(world: World, outcome: Released) -> bool:
    """Whether a function runs as somebody else wants it: then its triggers need not wait."""
    if outcome.status != "changed" or kind_of(outcome.id) is not Kind.FUNCTION:
        return False
    try:
        found = read(world, outcome.id)
    except (CallFailedError, ApplyError):
        return False
    return isinstance(found, Function) and found.concurrency != 0


def _one(hand: Hand, held: Holding, absent: Collection[ResourceId]) -> Released:
    def ended(status: str, because: str) -> Released:
        with suppress(ApplyError):  # the disk is full: that is no reason to leave the rest asleep
            hand.journal.close_lost(held.id, because)
            hand.journal.add("release", steps=(held.id,), result=status, because=because)
        return Released(id=held.id, status=status, because=because)

    try:
        for needed in _needed(hand.world, held.id, absent):
            if needed in absent:
                return ended("failed", f"it needs {needed}, which is not back")
        return ended("released", put_back(hand, held))
    except Refused as no:
        return ended("changed", str(no))
    except CallFailedError as error:
        return ended("failed", error.failure.detail)
    except (NotProven, ApplyError) as error:
        return ended("failed", str(error))


def _needed(world: World, resource: ResourceId, absent: Collection[ResourceId]) -> list[ResourceId]:
    """What a function assumes and runs, its versions too, and what a trigger calls. Raises
    CallFailedError."""
    if kind_of(resource) not in (Kind.FUNCTION, Kind.TRIGGER):
        return []
    found = read(world, resource)
    needed: list[ResourceId | None] = []
    if isinstance(found, Function):
        image = ecr_reference(found.resolved_image_uri)
        needed.append(role_of(found.role_arn))
        if image:
            needed.append(ecr_image_id(image.account, image.region, image.repository, image.digest))
        if found.concurrency == 0:
            needed += _of_versions(world, found, absent)
    elif isinstance(found, Trigger):
        target = lambda_target(found.function_arn)
        needed.append(function_of(target) if target else None)
    return [each for each in needed if each]


def _of_versions(
    world: World, function: Function, absent: Collection[ResourceId]
) -> list[ResourceId]:
    """Those of the ``absent`` images that its versions run; they sleep and wake with it."""
    digests = {each.rpartition("@")[2]: each for each in absent if kind_of(each) is Kind.ECR_IMAGE}
    if not digests:
        return []
    runs_now = (version.image_digest for version in versions(world, function.id))
    return [digests[each] for each in runs_now if each in digests]
