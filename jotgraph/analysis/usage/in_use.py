"""The resources in use, with the path from a use and the reason."""

from __future__ import annotations

from jotgraph.analysis.usage.index import GraphIndex
from jotgraph.analysis.usage.lambdas import let_in, target_exists
from jotgraph.analysis.usage.model import Options
from jotgraph.analysis.usage.quarantine import mark_of_function
from jotgraph.analysis.usage.reach import Uses, called, reach, roots, witness
from jotgraph.analysis.usage.words import named
from jotgraph.records import ACTING, Alias, Function, ResourceId, Version, kind_of, version_id
from jotgraph.records.phrases import counted

Ways = dict[ResourceId, tuple[tuple[ResourceId, ...], str]]
"""Resource in use -> (path from a use to it, both included; the reason in one sentence)."""

_COUNTS = "functions are never orphans without --idle"
_RUNNING = ("running", "paused", "restarting", "removing")


def in_use(index: GraphIndex, options: Options, uses: Uses) -> Ways:
    """Return everything that is in use: what roots reach, what is called and what runs."""
    return {
        **_reached(index, uses),
        **_called(index, options),
        **_running(index),
    }


def _reached(index: GraphIndex, uses: Uses) -> Ways:
    reached = reach(uses, *roots(index))
    ways: Ways = {
        repository.id: ((repository.id,), "a function was deployed from it")
        for repository in index.repositories
        if repository.id in index.named_repositories
    }
    for resource, before in reached.items():
        if before is not None and kind_of(resource) not in ACTING:
            way = witness(reached, resource)
            ways[resource] = way, f"{named(way[0])} uses it"
    return ways


def _called(index: GraphIndex, options: Options) -> Ways:
    callers = called(index)
    ways = _called_parts(index, callers)
    owners = _held(index, ways)
    for function in index.functions:
        because = _calls(function, callers) if options.idle_functions else _COUNTS
        if mark := mark_of_function(index.graph, function):
            because = because and f"{because}, in quarantine by run {mark}"
        if because:
            ways[function.id] = (function.id,), because
        elif function.id in owners:
            part = owners[function.id]
            ways[function.id] = (
                (part, function.id),
                f"{named(part)} is in use, and would be deleted with it",
            )
    return ways


def _called_parts(index: GraphIndex, callers: dict[ResourceId, tuple[ResourceId, ...]]) -> Ways:
    """Aliases, triggers and versions that are called, or may be."""
    ways: Ways = {
        alias.id: ((alias.id,), "callers use an alias by its name") for alias in index.aliases
    }
    for trigger in index.triggers:
        if target_exists(index, trigger):
            ways[trigger.id] = (trigger.id,), f"it calls {trigger.function_arn}"
    admitted = frozenset[ResourceId]().union(*map(let_in, index.functions))
    ready = {
        version_id(function.account, function.region, function.name, qualifier)
        for function in index.functions
        for qualifier in function.provisioned or ()
    }
    for resource, version in index.versions_by_id.items():
        if resource in callers:
            caller = callers[resource][0]
            ways[resource] = (caller, resource), f"{named(caller)} calls it"
        elif resource in index.mentioned_by:
            source = index.mentioned_by[resource][0]
            ways[resource] = (source, resource), f"the text of {named(source)} names its ARN"
        elif version.invocations:
            ways[resource] = (
                (resource,),
                f"called {counted(version.invocations, 'time')} in the window read",
            )
        elif resource in ready:
            ways[resource] = (resource,), "it has provisioned concurrency: it is kept ready"
        elif resource in admitted:
            ways[resource] = (resource,), "its policy allows calls"
    return ways


def _running(index: GraphIndex) -> Ways:
    return {
        container.id: ((container.id,), f"it is {container.state}")
        for container in index.containers
        if container.state in _RUNNING
    }


def _calls(function: Function, callers: dict[ResourceId, tuple[ResourceId, ...]]) -> str:
    if function.id in callers:
        return f"{named(callers[function.id][0])} calls it"
    if function.urls:
        return "it has a URL"
    if function.policy:
        return "its policy allows calls"
    if function.invocations:
        return f"called {counted(function.invocations, 'time')} in the window read"
    return ""


def _held(index: GraphIndex, ways: Ways) -> dict[ResourceId, ResourceId]:
    """Functions with an alias or version in use, which DeleteFunction would delete too."""
    parts: list[Version | Alias] = [*index.versions, *index.aliases]
    parts.sort(key=lambda part: part.id, reverse=True)
    return {part.function: part.id for part in parts if part.id in ways}
