"""Graph -> a verdict on every resource: in use (by which way), orphan, or unknown (why).

Nothing is an orphan unless everything that could use it was read. Reading less of the same world
never makes an orphan of what was not one.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable
from datetime import datetime
from difflib import get_close_matches

import msgspec

from jotgraph.errors import OptionError
from jotgraph.graph import About, ResourceGraph, record
from jotgraph.records import (
    Alias,
    Container,
    EcrImage,
    EcrRepository,
    Function,
    Kind,
    LocalImage,
    ResourceId,
    Role,
    Trigger,
    Version,
    kind_of,
)
from jotgraph.usage import (
    Doubt,
    Estate,
    Options,
    Reach,
    Uses,
    Verdict,
    called,
    doubts,
    reach,
    roots,
    uses,
    witness,
)
from jotgraph.usage.gaps import days
from jotgraph.usage.lambdas import let_in, target_exists
from jotgraph.usage.sizes import Freed, freed
from jotgraph.usage.words import blind_spots, looked_at, unused

KINDS = (
    Kind.LOCAL_IMAGE,
    Kind.CONTAINER,
    Kind.ECR_REPO,
    Kind.ECR_IMAGE,
    Kind.FUNCTION,
    Kind.VERSION,
    Kind.ALIAS,
    Kind.TRIGGER,
    Kind.ROLE,
)
"""Kinds that are judged. Commits are not: nothing ever deletes them."""


def kinds_named(names: Collection[str]) -> tuple[Kind, ...] | None:
    """Kinds by name, or None for none. Raises OptionError for a name that is no judged kind."""
    for each in names:
        if each not in KINDS:
            near = get_close_matches(each, KINDS, n=1)
            hint = f"; did you mean {str(near[0])!r}?" if near else ""
            raise OptionError(f"{each!r} is no kind that is judged{hint}")
    return tuple(Kind(each) for each in names) or None


class Judgement(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The verdict on one resource."""

    id: ResourceId
    kind: Kind
    verdict: Verdict
    because: str
    """The reason in one sentence."""
    witness: tuple[ResourceId, ...] = ()
    """IN_USE: the way from a use to the resource, both included."""
    looked_at: tuple[str, ...] = ()
    """ORPHAN: what was read and holds no use of it."""
    doubts: tuple[Doubt, ...] = ()
    """UNKNOWN: every reason."""
    bytes: int | None = None
    """ORPHAN images: what deleting all the orphans frees, counted once, at the first of those
    that share it. None where a kind takes no space or nothing is known."""
    at_most: bool = False
    """``bytes`` is an upper bound: layers may be shared with something that was not read."""
    age_days: float | None = None
    """Since it was pushed, created or last changed, at the time of the scan."""


class Orphans(msgspec.Struct, frozen=True):
    """Verdicts on an estate, each list sorted by id."""

    about: About
    blind_spots: tuple[str, ...]
    """Uses that no scan reads: an orphan is one only as far as these go."""
    in_use: tuple[Judgement, ...]
    orphans: tuple[Judgement, ...]
    unknown: tuple[Judgement, ...]
    freed: Freed
    """What deleting all the orphans of this answer frees."""

    def all(self) -> tuple[Judgement, ...]:
        """Every judgement, sorted by id."""
        return tuple(sorted((*self.in_use, *self.orphans, *self.unknown), key=lambda each: each.id))


def orphans(
    graph: ResourceGraph,
    *,
    now: datetime | None = None,
    kinds: Collection[Kind] | None = None,
    options: Options | None = None,
) -> Orphans:
    """Judge every resource of the kinds (of all but commits, by default).

    ``now`` is what ages are measured from: the time of the scan unless given, since that is when
    the facts held. Raises OptionError for options that name no doubt.
    """
    estate = Estate(graph)
    options = options or Options()
    now = now or estate.about.taken_at
    using = uses(estate)
    reached = reach(using, *roots(estate))
    in_use = _in_use(estate, options, reached)
    doubtful = _spread(_with_owners(estate, using), in_use, doubts(estate, options, now))
    ages = {each.id: days(now, _since(each)) for each in _every(estate)}
    orphaned = [each for each in ages if each not in in_use and each not in doubtful]
    space = freed(estate, orphaned)
    wanted = frozenset(KINDS if kinds is None else kinds)
    looked = looked_at(estate)
    found: dict[Verdict, list[Judgement]] = defaultdict(list)
    for resource in sorted(ages):
        kind = kind_of(resource)
        if kind not in wanted:
            continue
        if resource in in_use:
            way, because = in_use[resource]
            one = Judgement(
                resource, kind, Verdict.IN_USE, because, witness=way, age_days=ages[resource]
            )
        elif resource in doubtful:
            reasons = doubtful[resource]
            one = Judgement(
                resource,
                kind,
                Verdict.UNKNOWN,
                reasons[0].statement,
                doubts=reasons,
                age_days=ages[resource],
            )
        else:
            one = Judgement(
                resource,
                kind,
                Verdict.ORPHAN,
                unused(record(graph, resource)),
                looked_at=looked(resource),
                bytes=space.each.get(resource),
                at_most=resource in space.bounds,
                age_days=ages[resource],
            )
        found[one.verdict].append(one)
    return Orphans(
        about=estate.about,
        blind_spots=blind_spots(estate.about.scope),
        in_use=tuple(found[Verdict.IN_USE]),
        orphans=tuple(found[Verdict.ORPHAN]),
        unknown=tuple(found[Verdict.UNKNOWN]),
        freed=space
        if wanted == frozenset(KINDS)
        else freed(estate, [each.id for each in found[Verdict.ORPHAN]]),
    )


_Ways = dict[ResourceId, tuple[tuple[ResourceId, ...], str]]


def _in_use(estate: Estate, options: Options, reached: Reach) -> _Ways:
    """What is in use: by which way, and why."""
    callers = called(estate)
    found: _Ways = {}
    for resource, before in reached.items():
        if before is not None and kind_of(resource) not in _BY_CALLER:
            way = witness(reached, resource)
            found[resource] = way, f"{_named(way[0])} uses it"
    for alias in estate.aliases:
        found[alias.id] = (alias.id,), "an alias is a name that callers use"
    for container in estate.containers:
        if container.state in _RUNNING:
            found[container.id] = (container.id,), f"it is {container.state}"
        else:
            found.pop(container.id, None)
    for trigger in estate.triggers:
        if target_exists(estate, trigger):
            found[trigger.id] = (trigger.id,), f"what it calls is there ({trigger.function_arn})"
    admitted = frozenset[ResourceId]().union(*map(let_in, estate.functions))
    for each in estate.versions:
        if each.id in callers:
            found[each.id] = (
                (callers[each.id][0], each.id),
                f"{_named(callers[each.id][0])} calls it",
            )
        elif each.invocations:
            found[each.id] = (each.id,), f"called {each.invocations} times in the window read"
        elif each.id in admitted:
            found[each.id] = (each.id,), "its policy lets somebody call it"
    held = _held(estate, found)
    for function in estate.functions:
        because = _calls(function, callers) if options.idle_functions else "a function is a use"
        if because:
            found[function.id] = (function.id,), because
        elif function.id in held:
            part = held[function.id]
            found[function.id] = (part, function.id), f"{_named(part)} is in use, and goes with it"
    named = {each: each for each in estate.named_repositories}
    for repository in estate.repositories:
        if repository.id in named and repository.id not in found:
            found[repository.id] = (repository.id,), "a function was deployed from it"
    return found


_RUNNING = ("running", "paused", "restarting", "removing")
_BY_CALLER = frozenset(
    {Kind.FUNCTION, Kind.VERSION, Kind.ALIAS, Kind.TRIGGER, Kind.CONTAINER, Kind.COMMIT}
)
"""Kinds that are in use by being called or running, not by what they depend on."""


def _calls(each: Function, callers: dict[ResourceId, tuple[ResourceId, ...]]) -> str:
    if each.id in callers:
        return f"{_named(callers[each.id][0])} calls it"
    if each.urls:
        return "it has a URL"
    if each.policy:
        return "its policy lets somebody call it"
    if each.invocations:
        return f"called {each.invocations} times in the window read"
    return ""


def _held(estate: Estate, found: _Ways) -> dict[ResourceId, ResourceId]:
    """Functions -> an alias or version of theirs that is in use: deleting them deletes it too."""
    parts: list[Version | Alias] = [*estate.versions, *estate.aliases]
    parts.sort(key=lambda each: each.id, reverse=True)
    return {each.function: each.id for each in parts if each.id in found}


def _with_owners(estate: Estate, using: Uses) -> Uses:
    """``using``, and each version uses its function, without which it cannot be."""
    owners = {each.id: (*using.get(each.id, ()), each.function) for each in estate.versions}
    return {**using, **owners}


def _spread(
    using: Uses, in_use: Collection[ResourceId], own: dict[ResourceId, tuple[Doubt, ...]]
) -> dict[ResourceId, tuple[Doubt, ...]]:
    """Doubts of what is not in use, handed on to everything that it in turn uses."""
    found = {each: said for each, said in sorted(own.items()) if said and each not in in_use}
    todo = deque(found)
    while todo:
        here = todo.popleft()
        for target in using.get(here, ()):
            if target not in found and target not in in_use and target in own:
                found[target] = (Doubt("in-doubt", f"{_named(here)} uses it, itself in doubt"),)
                todo.append(target)
    return found


def _named(resource: ResourceId) -> str:
    kind, _, key = resource.partition(":")
    return f"{kind} {key}"


_Judged = (
    LocalImage | Container | EcrRepository | EcrImage | Function | Version | Alias | Trigger | Role
)


def _every(estate: Estate) -> Iterable[_Judged]:
    yield from estate.local_images
    yield from estate.containers
    yield from estate.repositories
    yield from estate.images
    yield from estate.functions
    yield from estate.versions
    yield from estate.aliases
    yield from estate.triggers
    yield from estate.roles


def _since(each: _Judged) -> datetime | None:
    match each:
        case EcrImage():
            return each.pushed_at
        case Function() | Version() | Trigger():
            return each.last_modified
        case Alias():
            return None
        case Container():
            return each.started_at or each.created_at
        case LocalImage() | EcrRepository() | Role():
            return each.created_at
