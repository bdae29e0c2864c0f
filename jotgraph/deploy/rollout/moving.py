"""Rolls an alias back to its previous version, and completes a weighted deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from jotgraph.deploy.made_before import makings_of
from jotgraph.deploy.rollout.aliases import LATEST, require_alias, route, state_before_run
from jotgraph.deploy.rollout.functions import read_function, refuse_in_quarantine, throttled
from jotgraph.deploy.rollout.known import UPDATE_ALIAS
from jotgraph.deploy.rollout.state import running_digest
from jotgraph.deploy.run import Run
from jotgraph.errors import CallFailedError, RefusedError
from jotgraph.queries.answers.making import How, Rollout
from jotgraph.records import (
    Alias,
    ResourceId,
    function_id,
    function_of,
    name_of,
)
from jotgraph.records.ids import shortened
from jotgraph.records.references import ecr_reference
from jotgraph.sources.connections import is_gone
from jotgraph.sources.functions.requests import get_function
from jotgraph.sources.single import versions


class Target(NamedTuple):
    """The version that an alias goes back to, and why."""

    version: str
    because: str


def rollback(run: Run, function: str, alias: str) -> Rollout:
    """Route an alias to its previous version. That comes from the journals of this machine, else it
    is the newest version published before the present one. A weighted deployment loses its share.
    Raises RefusedError when there is no such version, or its image is gone."""
    resource = function_id(*run.place, function)
    asleep = _throttled(run, resource)
    current = require_alias(run, resource, alias)
    target = _target(run, current)
    before = _digest_before(run, resource, state_before_run(run, current))
    after = _digest(run, resource, target.version)
    _require_image(run, resource, target.version)
    result, _ = route(run, current, target.version, {})
    return Rollout(
        run=run.name,
        how=How.ROLLBACK,
        function=resource,
        version=target.version,
        alias=alias,
        before=before,
        after=after,
        result=result,
        notes=(
            f"version {target.version}: {target.because}",
            *_latest_note(run, resource, after),
            *asleep,
        ),
    )


def _target(run: Run, alias: Alias) -> Target:
    if earlier := run.journal.attempts(alias.id, UPDATE_ALIAS):
        wanted = str(earlier[-1].params["FunctionVersion"])
        untouched = (earlier[-1].params.get("kept") or {}).get("revision") == alias.revision
        if untouched or (alias.version == wanted and not alias.weights):
            return Target(wanted, "this run chose it before")
    if alias.weights:
        shares = ", ".join(f"{share:.0%} of calls for {number}" for number, share in alias.weights)
        return Target(alias.version, f"the move away from it was not finished ({shares})")
    present = {version.number for version in versions(run.connections, alias.function)}
    for making in makings_of(alias.id):
        before = str(making.before.get("version") or "")
        if making.now.get("version") == alias.version != before and before in present:
            return Target(before, f"run {making.run} moved the alias from it")
    if not alias.version.isdigit():
        raise RefusedError(
            f"alias {alias.name} is on {alias.version}, and no run says what was before"
        )
    published = [int(number) for number in present if number.isdigit()]
    older = sorted(number for number in published if number < int(alias.version))
    if not older:
        raise RefusedError(
            f"alias {alias.name} is on version {alias.version}, and no older version is "
            "published: there is nothing to go back to"
        )
    because = f"no run on this machine says what was before {alias.version}, and it is the newest "
    return Target(str(older[-1]), f"{because}version published before that")


def _answer(run: Run, function: ResourceId, version: str) -> Any:
    qualifier = "" if version == LATEST else version
    try:
        return get_function(run.session.client(function), name_of(function), qualifier)
    except CallFailedError as error:
        if is_gone(error):
            raise RefusedError(f"{name_of(function)} has no version {version}") from error
        raise


def _digest(run: Run, function: ResourceId, version: str) -> str:
    return running_digest(_answer(run, function, version))


def _digest_before(run: Run, function: ResourceId, state: Mapping[str, Any]) -> str:
    """The digest that an alias routed to; for an unfinished move that of the new version. Empty
    when that version is gone."""
    try:
        return _digest(run, function, next(iter(state["weights"]), state["version"]))
    except RefusedError:
        return ""


def _require_image(run: Run, function: ResourceId, version: str) -> None:
    """Raise RefusedError when the image of a version is gone or archived: it would fail at the next
    cold start."""
    code = _answer(run, function, version).get("Code") or {}
    named = ecr_reference(code.get("ResolvedImageUri"))
    if named is None or not named.digest or named.account not in run.connections.accounts:
        return
    image = named.image_id
    node = run.session.read(image)
    if node is None or getattr(node, "status", "ACTIVE") != "ACTIVE":
        state = "gone from ECR" if node is None else "archived"
        raise RefusedError(
            f"version {version} runs {shortened(named.digest)}, which is {state}: push that image "
            "again, or deploy another"
        )


def _latest_note(run: Run, function: ResourceId, digest: str) -> tuple[str, ...]:
    """A remark about ``$LATEST``, which a rollback of an alias does not change."""
    now = _digest(run, function, LATEST)
    if now in ("", digest):
        return ()
    return (f"$LATEST still runs {shortened(now)}; calls without the alias get that",)


def promote(run: Run, function: str, alias: str) -> Rollout:
    """Give all calls of an alias to the version that has a share. Raises RefusedError when none has
    one."""
    resource = function_id(*run.place, function)
    asleep = _throttled(run, resource)
    current = require_alias(run, resource, alias)
    earlier = run.journal.attempts(current.id, UPDATE_ALIAS)
    if not current.weights and not (
        earlier and earlier[-1].params["FunctionVersion"] == current.version
    ):
        raise RefusedError(
            f"alias {alias} is on version {current.version} alone: there is no move to finish"
        )
    version = current.weights[0][0] if current.weights else current.version
    before = str(state_before_run(run, current)["version"])
    result, _ = route(run, current, version, {})
    return Rollout(
        run=run.name,
        how=How.PROMOTE,
        function=function_of(current.id),
        version=version,
        alias=alias,
        before=_digest(run, resource, before),
        after=_digest(run, resource, version),
        result=result,
        notes=asleep,
    )


def _throttled(run: Run, function: ResourceId) -> tuple[str, ...]:
    """A remark about a throttled function. Raises RefusedError for one in quarantine,
    CallFailedError."""
    current = read_function(run, function)
    if current is None:  # who looks for its alias says so
        return ()
    refuse_in_quarantine(current)
    return throttled(current)
