"""Aliases: created, moved to a version, weighted, and unweighted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jotgraph.deploy.made_before import run_that_left
from jotgraph.deploy.rollout.known import UPDATE_ALIAS, changed_facts, state_before
from jotgraph.deploy.rollout.locked import change, changed_between
from jotgraph.deploy.run import Made, Run
from jotgraph.errors import CallFailedError, NotThereError, RefusedError
from jotgraph.records import (
    Alias,
    ResourceId,
    alias_id,
    name_of,
    place_of,
)
from jotgraph.sources.connections import is_gone
from jotgraph.sources.single import read_alias
from jotgraph.store.journal import JournalLine

LATEST = "$LATEST"


def find_alias(run: Run, function: ResourceId, name: str) -> Alias | None:
    """Return the alias as it is now, or None. Raises CallFailedError."""
    try:
        return read_alias(run.connections, alias_id(*place_of(function), name_of(function), name))
    except CallFailedError as error:
        if is_gone(error):
            return None
        raise


def refuse_unfit(
    alias: Alias | None, name: str, weight: float | None, moves: Sequence[JournalLine] = ()
) -> None:
    """Raise RefusedError, before anything is changed, for an alias that cannot be moved. Somebody
    else set weights on it, or there is no version to share calls with. ``moves`` are this run's
    calls of UpdateAlias on it."""
    if weight is not None and alias is None:
        raise RefusedError(
            f"there is no alias {name} yet, so there is nothing to share its calls with: deploy "
            "without --weight first"
        )
    if alias is None:
        return
    if weight is not None and alias.version == LATEST:
        raise RefusedError(
            f"alias {name} is on $LATEST, which shares calls with no version: deploy without "
            "--weight first"
        )
    if alias.weights and not _is_ours(alias, moves):
        shares = ", ".join(f"{share:.0%} for version {number}" for number, share in alias.weights)
        raise RefusedError(
            f"somebody else already splits the calls of alias {name} ({shares}): jotgraph promote "
            f"{alias.function_name} --alias {name} finishes that, jotgraph rollback undoes it"
        )


def refuse_changed_between(run: Run, alias: Alias) -> None:
    """Raise RefusedError when somebody else moved an alias while this run was interrupted. Other
    runs of this machine are not somebody else."""
    state = state_of(alias)
    if not run.resumed or run_that_left(alias.id, state, run.name):
        return
    if changed_facts(run.journal, alias.id, state):
        shares = "".join(
            f", {share:.0%} of calls for {version}" for version, share in alias.weights
        )
        now = f"it is on version {alias.version}{shares}"
        raise changed_between(run, f"alias {alias.name}", now)


def _is_ours(alias: Alias, moves: Sequence[JournalLine]) -> bool:
    """Whether a run of this machine left the alias in its present state."""
    if run_that_left(alias.id, state_of(alias)):
        return True
    return any(_weights_in(move.params) == dict(alias.weights) for move in moves[-1:])


def move(
    run: Run, function: ResourceId, name: str, version: str, weight: float | None
) -> tuple[Made, Mapping[str, Any]]:
    """Route an alias to a version, or give the version a share of its calls. Returns the result for
    the alias, and its previous state. Raises RefusedError, CallFailedError."""
    alias = find_alias(run, function, name)
    if alias is None:
        alias = _create(run, function, name, version)
        if alias.description != run.description and alias.version != version:
            raise RefusedError(
                f"alias {name} was created by somebody else in the meantime, on version "
                f"{alias.version}; look at it and run the same command again"
            )
    if alias.description == run.description and (alias.version, alias.weights) == (version, ()):
        return run.made(alias.id, Made.CREATED, now=state_of(alias)), {}
    if weight is None or alias.version == version:
        return route(run, alias, version, {})
    return route(run, alias, alias.version, {version: weight})


def _create(run: Run, function: ResourceId, name: str, version: str) -> Alias:
    resource = alias_id(*place_of(function), name_of(function), name)
    run.tell(f"creating the alias {name} on version {version}")
    try:
        run.session.call(
            (resource,),
            "lambda",
            "CreateAlias",
            FunctionName=name_of(function),
            Name=name,
            FunctionVersion=version,
            Description=run.description,
        )
    except CallFailedError as error:
        if error.failure.code != "ResourceConflictException":
            raise
    return read_alias(run.connections, resource)


def route(
    run: Run, alias: Alias, version: str, weights: Mapping[str, float]
) -> tuple[Made, Mapping[str, Any]]:
    """Set the routing of an alias, unless it is so already. Returns the result, and the state
    before this run. Raises RefusedError when somebody else changes it, CallFailedError."""
    before = state_before_run(run, alias)
    if (alias.version, dict(alias.weights)) != (version, dict(weights)):
        shares = ", ".join(f"{share:.0%} to version {number}" for number, share in weights.items())
        doing = f"giving {shares} of alias" if shares else f"moving to version {version}: alias"
        run.tell(f"{doing} {alias.name}")
        change(
            run,
            alias.id,
            "UpdateAlias",
            lambda: _routes(run, alias) == (version, dict(weights)),
            state_of(alias),
            FunctionName=alias.function_name,
            Name=alias.name,
            FunctionVersion=version,
            RoutingConfig={"AdditionalVersionWeights": dict(weights)},
            RevisionId=alias.revision,
        )
        now = state_of(read_alias(run.connections, alias.id))
        return run.made(alias.id, Made.CHANGED, before=before, now=now), before
    moved = bool(run.journal.attempts(alias.id, UPDATE_ALIAS))
    result = Made.CHANGED if moved else Made.THERE
    return run.made(alias.id, result, before=before, now=state_of(alias)), before


def state_before_run(run: Run, alias: Alias) -> Mapping[str, Any]:
    """Return the state of an alias before this run, which may have moved it."""
    return state_before(run.journal, alias.id, UPDATE_ALIAS, state_of(alias))


def _routes(run: Run, alias: Alias) -> tuple[str, dict[str, float]]:
    now = read_alias(run.connections, alias.id)
    return now.version, dict(now.weights)


def state_of(alias: Alias) -> dict[str, Any]:
    """Return the facts of an alias that are recorded before a move, and compared before they are
    restored."""
    return {
        "version": alias.version,
        "weights": dict(alias.weights),
        "revision": alias.revision,
    }


def _weights_in(params: Mapping[str, Any]) -> dict[str, float]:
    """The weights in a call of UpdateAlias."""
    return dict((params.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {})


def require_alias(run: Run, function: ResourceId, name: str) -> Alias:
    """Return the alias as it is now. Raises RefusedError when there is none, CallFailedError."""
    alias = find_alias(run, function, name)
    if alias is None:
        if run.session.read(function) is None:
            raise NotThereError(
                f"there is no function {name_of(function)}: jotgraph ls lists the functions"
            )
        raise NotThereError(
            f"function {name_of(function)} has no alias {name}: jotgraph deploy IMAGE --function "
            f"{name_of(function)} --alias {name} makes one"
        )
    return alias
