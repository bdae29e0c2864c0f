"""Aliases: made, moved to a version, given a share of calls for it, and freed of shares again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jotgraph.deploy.made_before import makings_of
from jotgraph.deploy.rollout.locked import change
from jotgraph.deploy.run import Made, Run
from jotgraph.errors import CallFailedError, RefusedError
from jotgraph.records import (
    Alias,
    ResourceId,
    alias_id,
    name_of,
    place_of,
)
from jotgraph.sources.connections import is_gone
from jotgraph.sources.single import read_alias
from jotgraph.store.journal import Entry

LATEST = "$LATEST"


def find_alias(run: Run, function: ResourceId, name: str) -> Alias | None:
    """The alias as it is now, or None. Raises CallFailedError."""
    try:
        return read_alias(run.connections, alias_id(*place_of(function), name_of(function), name))
    except CallFailedError as error:
        if is_gone(error):
            return None
        raise


UPDATE = "lambda:UpdateAlias"


def refuse_unfit(
    alias: Alias | None, name: str, weight: float | None, moves: Sequence[Entry] = ()
) -> None:
    """Raise RefusedError, before anything is changed, for an alias that cannot be moved: somebody
    else gives shares of its calls, or there is nothing to share them with. ``moves`` are this run's
    calls of UpdateAlias about it."""
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
            f"alias {name} is weighted by somebody else ({shares}): jotgraph promote "
            f"{alias.function_name} --alias {name} finishes that move, rollback takes it back"
        )


def _is_ours(alias: Alias, moves: Sequence[Entry]) -> bool:
    """Whether a run of this machine left the alias as it is."""
    if any(making.now.get("revision") == alias.revision for making in makings_of(alias.id)):
        return True
    return any(_weights_in(move.params) == dict(alias.weights) for move in moves[-1:])


def move(
    run: Run, function: ResourceId, name: str, version: str, weight: float | None
) -> tuple[Made, Mapping[str, Any]]:
    """Let an alias route to a version, or give it a share of its calls. Returns what became of the
    alias, and how it was. Raises RefusedError, CallFailedError."""
    alias = find_alias(run, function, name)
    if alias is None:
        alias = _create(run, function, name, version)
    ours = alias.description == _description(run) and run.journal.attempts(alias.id, _CREATE)
    if ours and (alias.version, alias.weights) == (version, ()):
        return run.made(alias.id, Made.CREATED, now=_state(alias)), {}
    if weight is None or alias.version == version:
        return route(run, alias, version, {})
    return route(run, alias, alias.version, {version: weight})


_CREATE = "lambda:CreateAlias"


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
            Description=_description(run),
        )
    except CallFailedError as error:
        if error.failure.code != "ResourceConflictException":
            raise
    return read_alias(run.connections, resource)


def _description(run: Run) -> str:
    return f"jotgraph {run.name}"


def route(
    run: Run, alias: Alias, version: str, weights: Mapping[str, float]
) -> tuple[Made, Mapping[str, Any]]:
    """Let an alias route as told; what does so already stays. Returns what became of it, and how it
    was before this run. Raises RefusedError when somebody else changes it, CallFailedError."""
    earlier = run.journal.intents(alias.id, UPDATE)
    before = earlier[0].params["kept"] if earlier else _state(alias)
    if (alias.version, dict(alias.weights)) != (version, dict(weights)):
        share = ", ".join(f"{share:.0%} to {number}" for number, share in weights.items())
        run.tell(f"moving the alias {alias.name} to version {share or version}")
        change(
            run,
            alias.id,
            "UpdateAlias",
            lambda: _routes(run, alias) == (version, dict(weights)),
            _state(alias),
            FunctionName=alias.function_name,
            Name=alias.name,
            FunctionVersion=version,
            RoutingConfig={"AdditionalVersionWeights": dict(weights)},
            RevisionId=alias.revision,
        )
        now = _state(read_alias(run.connections, alias.id))
        return run.made(alias.id, Made.CHANGED, before=before, now=now), before
    result = Made.CHANGED if earlier else Made.THERE
    return run.made(alias.id, result, before=before, now=_state(alias)), before


def _routes(run: Run, alias: Alias) -> tuple[str, dict[str, float]]:
    now = read_alias(run.connections, alias.id)
    return now.version, dict(now.weights)


def _state(alias: Alias) -> dict[str, Any]:
    return {
        "version": alias.version,
        "weights": dict(alias.weights),
        "revision": alias.revision,
    }


def _weights_in(params: Mapping[str, Any]) -> dict[str, float]:
    """The shares that a call of UpdateAlias asked for."""
    return dict((params.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {})


def require_alias(run: Run, function: ResourceId, name: str) -> Alias:
    """The alias as it is now. Raises RefusedError when there is none, CallFailedError."""
    alias = find_alias(run, function, name)
    if alias is None:
        if run.session.read(function) is None:
            raise RefusedError(f"there is no function {name_of(function)}")
        raise RefusedError(f"function {name_of(function)} has no alias {name}")
    return alias
