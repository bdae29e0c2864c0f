"""Deploys to ECS: updates a service's task definition and watches the deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.apply.session import Session
from jotgraph.deploy.made_before import makings_of, run_that_left
from jotgraph.deploy.registry_image import find_image
from jotgraph.deploy.rollout.known import UPDATE_SERVICE, state_before
from jotgraph.deploy.rollout.locked import changed_between
from jotgraph.deploy.rollout.task_definitions import (
    REGISTER,
    chosen_container,
    digest_in,
    first_digest,
    image_of,
    registered_revision,
)
from jotgraph.deploy.run import Made, Run
from jotgraph.errors import ApplyError, CallFailedError, NotThereError, OptionError, RefusedError
from jotgraph.queries.answers.making import How, Rollout
from jotgraph.records import ResourceId, workload_id, workload_name_of
from jotgraph.records.references import task_definition
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.ecs_services import (
    active_task_definitions,
    get_service,
    get_task_definition,
)


def service_id(run: Run, service: str) -> ResourceId:
    """Return the id of ``cluster/name`` in the run's place. Raises OptionError."""
    cluster, slash, name = service.partition("/")
    if not (cluster and slash and name) or "/" in name:
        raise OptionError(f"{service!r} is not a service; write CLUSTER/NAME")
    return workload_id(*run.place, "ecs", "service", service)


def names_of(service: ResourceId) -> tuple[str, str]:
    """Return the names of the cluster and the service."""
    cluster, _, name = workload_name_of(service).partition("/")
    return cluster, name


def read_service(place: RegionClient, service: ResourceId) -> dict[str, Any]:
    """Return a service as it is now. Raises RefusedError when there is none, CallFailedError."""
    cluster, name = names_of(service)
    try:
        service_now = get_service(place, cluster, name)
    except CallFailedError as error:
        if error.failure.code != "ClusterNotFoundException":
            raise
        raise NotThereError(
            f"there is no cluster {cluster}: aws ecs list-clusters lists the clusters"
        ) from error
    if service_now is None:
        raise NotThereError(
            f"there is no service {name} in cluster {cluster}: aws ecs list-services --cluster "
            f"{cluster} lists its services"
        )
    return service_now


def update_service(run: Run, image: str, service: str, container: str = "") -> Rollout:
    """Deploy an image to a container of an ECS service, by digest, and wait until the deployment is
    complete. Raises OptionError, RefusedError before anything is changed, ApplyError with ECS's
    reason when the deployment fails or takes too long, CallFailedError."""
    resource = service_id(run, service)
    place = run.session.client(resource)
    registry_image = find_image(run.connections, run.place, image)
    current = read_service(place, resource)
    _refuse_controller(current)
    _refuse_changed_between(run, resource, current["taskDefinition"])
    definition = get_task_definition(place, current["taskDefinition"])
    chosen = chosen_container(definition, container, registry_image)
    wanted = current["taskDefinition"]
    if image_of(definition, chosen) != registry_image.uri:
        wanted = registered_revision(run, resource, definition, chosen, registry_image)
        _update(run, resource, current, wanted)
    steady(run, resource, wanted)
    first = _before_run(run, resource, current["taskDefinition"])
    before = definition if first == current["taskDefinition"] else get_task_definition(place, first)
    digest = digest_in(before, chosen)
    return _rollout(run, resource, How.DEPLOY, wanted, digest, registry_image.digest)


def _refuse_changed_between(run: Run, resource: ResourceId, now: str) -> None:
    """Raise RefusedError when somebody else changed a service's task definition while this run was
    interrupted. Other runs of this machine are not somebody else."""
    updates = run.journal.attempts(resource, UPDATE_SERVICE)
    known = [
        (update.params["taskDefinition"], update.params["kept"]["definition"]) for update in updates
    ]
    ours = run_that_left(resource, {"definition": now}, run.name)
    if known and now not in known[-1] and not ours:
        name = names_of(resource)[1]
        raise changed_between(run, f"service {name}", f"it is on {now.rpartition('/')[2]}")


def _before_run(run: Run, resource: ResourceId, now: str) -> str:
    """The task definition of a service before this run, which may have changed it."""
    return str(
        state_before(run.journal, resource, UPDATE_SERVICE, {"definition": now})["definition"]
    )


def _refuse_controller(service: Mapping[str, Any]) -> None:
    kind = (service.get("deploymentController") or {}).get("type", "ECS")
    if kind != "ECS":
        raise RefusedError(
            f"service {service['serviceName']} is deployed by {kind}, and not by ECS itself: "
            "deploy it there"
        )


def _update(run: Run, resource: ResourceId, current: Mapping[str, Any], wanted: str) -> None:
    """Call UpdateService, unless somebody else changed the service. Raises RefusedError,
    CallFailedError."""
    place = run.session.client(resource)
    cluster, name = names_of(resource)
    now = read_service(place, resource)["taskDefinition"]
    if now == wanted:
        return
    if now != current["taskDefinition"]:
        raise RefusedError(
            f"service {name} was changed by somebody else in the meantime (it is on "
            f"{now.rpartition('/')[2]}); run the same command again"
        )
    run.tell(f"deploying {wanted.rpartition('/')[2]} to {name}")
    run.session.call(
        (resource,),
        "ecs",
        "UpdateService",
        kept={"definition": now},
        cluster=cluster,
        service=name,
        taskDefinition=wanted,
    )


def steady(run: Run, resource: ResourceId, wanted: str) -> None:
    """Wait until the deployment of a task definition is complete. Raises ApplyError with ECS's
    reason when it failed, was rolled back, or exceeds the run's patience; CallFailedError."""
    place = run.session.client(resource)
    _, name = names_of(resource)
    service: dict[str, Any] = {}
    for number, _ in enumerate(run.session.pauses()):
        service = read_service(place, resource)
        rows = service.get("deployments") or ()
        primary: dict[str, Any] = next((row for row in rows if row["status"] == "PRIMARY"), {})
        if number == 1:
            run.tell(f"waiting until {name} is steady")
        _require_going_on(run, resource, service, wanted)
        complete = primary.get("rolloutState", "COMPLETED") == "COMPLETED"
        if complete and service.get("runningCount", 0) >= service.get("desiredCount", 0):
            return
    raise ApplyError(
        f"{name} is not steady after {run.session.patience:g} s{_event(service)}; run the same "
        "command again to go on"
    )


def _require_going_on(
    run: Run, resource: ResourceId, service: Mapping[str, Any], wanted: str
) -> None:
    """Raise ApplyError when the deployment of a task definition failed, was rolled back, or was
    replaced by another."""
    cluster, name = names_of(resource)
    rows = service.get("deployments") or ()
    primary: Mapping[str, Any] = next((row for row in rows if row["status"] == "PRIMARY"), {})
    ours: Mapping[str, Any] = next((row for row in rows if row.get("taskDefinition") == wanted), {})
    on, reason = str(primary.get("taskDefinition")), ours.get("rolloutStateReason") or ""
    why = f"{': ' if reason else ''}{reason}{_event(service)}"
    look = (
        f"look at the tasks that stopped (aws ecs list-tasks --cluster {cluster} --service-name "
        f"{name} --desired-status STOPPED), and deploy again"
    )
    if on == wanted:
        if primary.get("rolloutState") == "FAILED":
            raise ApplyError(f"the deployment of {name} failed{why}; {look}")
        return
    revision = on.rpartition("/")[2]
    updates = run.journal.attempts(resource, UPDATE_SERVICE)
    if updates and on == updates[-1].params["kept"]["definition"]:
        raise ApplyError(
            f"service {name} is on {revision} again: ECS rolled back the deployment of "
            f"{wanted.rpartition('/')[2]}{why}; {look}"
        )
    raise ApplyError(
        f"service {name} is on {revision}, which somebody else deployed in the meantime; run the "
        "same command again to deploy over it"
    )


def _event(service: Mapping[str, Any]) -> str:
    events = service.get("events") or ()
    return f" ({events[0]['message']})" if events else ""


def _rollout(
    run: Run, resource: ResourceId, how: How, wanted: str, before: str, after: str
) -> Rollout:
    """Record the result for the service, by its task definition before this run."""
    updates = run.journal.attempts(resource, UPDATE_SERVICE)
    result = Made.CHANGED if updates else Made.THERE
    was = {"definition": _before_run(run, resource, wanted)} if updates else {}
    registered = [wanted] if run.journal.intents(resource, REGISTER) else []
    now = {"definition": wanted, "registered": registered}
    return Rollout(
        run=run.name,
        how=how,
        function=resource,
        version=wanted.rpartition("/")[2],
        before=before,
        after=after,
        result=run.made(resource, result, before=was, now=now),
    )


def rollback_service(run: Run, service: str) -> Rollout:
    """Route a service back to its previous task definition. That comes from the journals of this
    machine, else it is the newest older revision. Raises OptionError, RefusedError, ApplyError,
    CallFailedError."""
    resource = service_id(run, service)
    place = run.session.client(resource)
    current = read_service(place, resource)
    _refuse_controller(current)
    now = current["taskDefinition"]
    wanted = _before(run, resource, place, now)
    before = get_task_definition(place, _before_run(run, resource, now))
    after = get_task_definition(place, wanted)
    _update(run, resource, current, wanted)
    steady(run, resource, wanted)
    return _rollout(run, resource, How.ROLLBACK, wanted, first_digest(before), first_digest(after))


def _before(run: Run, resource: ResourceId, place: RegionClient, now: str) -> str:
    if updates := run.journal.intents(resource, UPDATE_SERVICE):
        wanted = str(updates[-1].params["taskDefinition"])
        if now in (wanted, updates[-1].params["kept"]["definition"]):
            return wanted
    for making in makings_of(resource):
        before = str(making.before.get("definition") or "")
        if making.now.get("definition") == now != before != "":
            return before
    family, revision = task_definition(now)
    newest = active_task_definitions(place, family)
    older = [arn for arn in newest if task_definition(arn)[1] < revision]
    if not older:
        raise RefusedError(
            f"{names_of(resource)[1]} is on {family}:{revision}, and no older revision is active: "
            "there is nothing to go back to"
        )
    return older[0]


def put_back(session: Session, resource: ResourceId, definition: str) -> None:
    """Set a service's task definition. Raises CallFailedError."""
    cluster, name = names_of(resource)
    session.call(
        (resource,),
        "ecs",
        "UpdateService",
        cluster=cluster,
        service=name,
        taskDefinition=definition,
    )
