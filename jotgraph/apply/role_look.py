"""The second look at a role: nothing assumes it, and nothing else stops the step."""

from __future__ import annotations

from collections.abc import Collection

from jotgraph.apply.image_batch import Asleep
from jotgraph.apply.run import Run
from jotgraph.apply.second_look import require_unstopped_role
from jotgraph.apply.updates import half_updated
from jotgraph.errors import RefusedError
from jotgraph.plan import Step
from jotgraph.plan.fingerprints import LAST_REGION
from jotgraph.records import Function, Role, Version, kind_of
from jotgraph.records.mentions import mentions
from jotgraph.records.references import role_of
from jotgraph.sources.single import configurations


def require_unassumed(
    run: Run,
    step: Step,
    role: Role,
    ours: Collection[str] = (),
    asleep: Asleep = lambda configuration: False,
) -> None:
    """Raise RefusedError when a role is used or something now stops the step.

    That is a function or version outside of quarantine that assumes it, a use in a place that the
    plan does not cover, or anything that did not stop it when it was planned. ``ours`` are doubts
    that this run itself causes.
    """
    regions, used_in = run.regions_of(role.account), role.last_used_region
    if dict(step.fingerprint).get(LAST_REGION, "") != used_in and used_in not in regions:
        raise RefusedError(f"it was used in {used_in}, which is not in the plan's scope")
    workloads, awake = run.consumers.now(), list[Function | Version]()
    for region in regions:
        listed = configurations(run.connections, role.account, region)
        if why := half_updated(run, [step], listed, asleep):
            raise RefusedError(why)
        for configuration in listed:
            assumes = role_of(configuration.role_arn) == step.id
            named = assumes or any(text.resource == step.id for text in mentions(configuration))
            if named and asleep(configuration):
                continue
            if assumes:
                what = f"{kind_of(configuration.id)} {configuration.name} in {region}"
                raise RefusedError(f"{what} assumes it now")
            awake.append(configuration)
    require_unstopped_role(run, step, role, awake, workloads, ours)
