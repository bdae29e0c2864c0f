"""The second look: whatever can stop a step is checked again right before its call.

It covers functions, their parts, and roles. What is read here is judged by the planner's own
functions (``plan/again.py``), with the options of the plan.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from jotgraph.apply.run import Run
from jotgraph.errors import CallFailedError, RefusedError
from jotgraph.plan import Plan, Step
from jotgraph.plan.again import (
    called_since,
    callers_known,
    new_callers,
    stopped_now,
    urls_known,
    used_since,
    was_idle,
)
from jotgraph.plan.fingerprints import CALLS, UNREAD, statements
from jotgraph.plan.reasons import fault_of, mended
from jotgraph.records import (
    Alias,
    EcrRepository,
    Function,
    Inventory,
    Kind,
    Record,
    ResourceId,
    Role,
    Trigger,
    Version,
    ecr_image_id,
    function_of,
    kind_of,
    name_of,
    qualifier_of,
)
from jotgraph.records.references import ecr_reference, lambda_target, role_of
from jotgraph.sources.ecr.settings import repository_policy
from jotgraph.sources.functions.invocations import resource_policy
from jotgraph.sources.single import provisioned, read, versions
from jotgraph.sources.surroundings import calls_lately, function_around
from jotgraph.sources.workloads_now import WorkloadsNow


def require_unstopped(
    run: Run,
    step: Step,
    current: Function | Version | Alias | Trigger,
    ours: Collection[str] = (),
) -> None:
    """Raise RefusedError when something now stops a function, version, alias or trigger that did
    not when it was planned. ``ours`` are codes of doubts that the run itself causes. Raises
    CallFailedError when that cannot be read."""
    target = lambda_target(current.function_arn) if isinstance(current, Trigger) else current.id
    owner = _owner(run, step, function_of(target)) if target else None
    if owner and not isinstance(current, Trigger):
        ready = provisioned(run.connections, owner.id)
        policy = "" if callers_known(step) else None
        owner = msgspec.structs.replace(owner, provisioned=ready, policy=policy)
    fresh: dict[str, tuple[Record, ...]] = {"functions": (owner,) if owner else ()}
    if not isinstance(current, Trigger):
        _require_same_callers(run, step, current)
        if was_idle(step) and (why := called_since(step, calls_lately(run.connections, current))):
            raise RefusedError(why)
    if isinstance(current, Function | Version) and fault_of(step):
        _require_fault(run, step, current)
    match current:
        case Function():
            facts: dict[str, Any] = {"invocations": _calls(step)}
            facts |= {"policy": "" if callers_known(step) else None}
            facts |= {"urls": () if urls_known(step) else None}
            if owner:
                facts |= {"tags": owner.tags, "provisioned": owner.provisioned}
            fresh["functions"] = (msgspec.structs.replace(current, **facts),)
        case Version():
            ranked = run.plan.options and run.plan.options.keep_last
            listed = _ranked(run, current) if ranked else [current]
            fresh["versions"] = tuple(
                msgspec.structs.replace(version, invocations=_calls(step)) for version in listed
            )
        case Alias():
            fresh["aliases"] = (current,)
        case Trigger():
            fresh["triggers"] = (current,)
    refuse(run.plan, step, around(run.plan, **fresh), ours)


def _ranked(run: Run, version: Version) -> list[Version]:
    """The versions of a function, including those that this run deleted: the run must not change
    which are newest."""
    deleted = [
        Version(
            account=version.account,
            region=version.region,
            name=version.name,
            number=qualifier_of(gone),
        )
        for gone in run.deleted(Kind.VERSION)
        if function_of(gone) == version.function
    ]
    return [*versions(run.connections, version.function), *deleted]


def _require_fault(run: Run, step: Step, current: Function | Version) -> None:
    """Raise RefusedError when what the plan calls broken is mended. Its image, the policy of the
    image's repository and its role are read again. Raises CallFailedError."""
    named = ecr_reference(current.resolved_image_uri)
    records: dict[str, tuple[Record, ...]] = {f"{kind_of(current.id)}s": (current,)}
    if named and named.digest:
        place = (named.account, named.region, named.repository)
        image = read(run.connections, ecr_image_id(*place, named.digest))
        records["ecr_images"] = (image,) if image else ()
        if image:
            account, region, name = place
            bare = EcrRepository(account=account, region=region, name=name)
            policy = repository_policy(run.session.client(bare.id), bare)
            records["ecr_repositories"] = (msgspec.structs.replace(bare, policy=policy),)
    if role := role_of(current.role_arn):
        assumed = read(run.connections, role)
        records["roles"] = (assumed,) if assumed else ()
    if why := mended(step, around(run.plan, **records)):
        raise RefusedError(why)


def _owner(run: Run, step: Step, function: ResourceId) -> Function | None:
    """The function with its tags; without them when the plan was made without them."""
    try:
        return function_around(run.connections, function)
    except CallFailedError:
        if "tags-unread" not in step.doubts:
            raise
    record = read(run.connections, function)
    return msgspec.structs.replace(record, tags=None) if isinstance(record, Function) else None


def _require_same_callers(run: Run, step: Step, current: Function | Version | Alias) -> None:
    """Raise RefusedError when the policy of a function, version or alias admits callers that the
    plan does not know."""
    if not callers_known(step):
        return
    qualifier = "" if isinstance(current, Function) else qualifier_of(current.id)
    name = name_of(function_of(current.id))
    policy = resource_policy(run.session.client(current.id), name, qualifier)
    if why := new_callers(step, statements(policy)):
        raise RefusedError(why)


def _calls(step: Step) -> int | None:
    planned = dict(step.fingerprint).get(CALLS, UNREAD)
    return None if planned == UNREAD else int(planned)


def require_unstopped_role(
    run: Run,
    step: Step,
    role: Role,
    awake: Iterable[Function | Version],
    workloads: WorkloadsNow,
    ours: Collection[str] = (),
) -> None:
    """Raise RefusedError when something uses a role, or now stops its step. ``awake`` are the
    functions and versions in the plan's scope that run; ``ours`` is as above."""
    if why := used_since(step, role):
        raise RefusedError(why)
    fresh = around(run.plan, roles=(role,), **by_kind(awake))
    refuse(run.plan, step, workloads.within(fresh), ours)


def refuse(plan: Plan, step: Step, fresh: Inventory, ours: Collection[str] = ()) -> None:
    """Raise RefusedError when something stops a step that did not when it was planned."""
    if why := stopped_now(plan, (step,), fresh, datetime.now(UTC), ours).get(step.id):
        raise RefusedError(why)


def around(plan: Plan, **records: Any) -> Inventory:
    """Return an inventory of what was read just now, with the scope and gaps of the plan."""
    return Inventory(taken_at=plan.taken_at, scope=plan.scope, gaps=plan.gaps, **records)


def by_kind(awake: Iterable[Function | Version]) -> dict[str, tuple[Record, ...]]:
    """Return functions and versions as fields of an inventory, without their code. Which image each
    runs is asked separately, and that a listing does not tell it is no doubt."""
    listed = [
        msgspec.structs.replace(
            configuration, code_sha256="", package_type="Zip", custom_runtime=""
        )
        for configuration in awake
    ]
    return {
        "functions": tuple(
            configuration for configuration in listed if isinstance(configuration, Function)
        ),
        "versions": tuple(
            configuration for configuration in listed if isinstance(configuration, Version)
        ),
    }
