"""ECS: a service gets another image by a new revision of its task definition, and is watched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.apply.session import Session
from jotgraph.deploy.made_before import makings_of
from jotgraph.deploy.registry_image import RegistryImage, find_image
from jotgraph.deploy.run import Made, Run
from jotgraph.errors import ApplyError, OptionError, RefusedError
from jotgraph.queries.answers.making import How, Rollout
from jotgraph.records import ResourceId, workload_id, workload_name_of
from jotgraph.records.references import ecr_reference, task_definition
from jotgraph.sources.aws.calls import RegionClient

REGISTER, UPDATE = "ecs:RegisterTaskDefinition", "ecs:UpdateService"
_NOT_TAKEN = frozenset(
    {
        "taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities",
        "registeredAt", "registeredBy", "deregisteredAt", "deleteRequestedAt",
    }
)  # fmt: skip
"""Members of a TaskDefinition that RegisterTaskDefinition does not take."""


def service_id(run: Run, service: str) -> ResourceId:
    """The id of ``cluster/name`` in the run's place. Raises OptionError."""
    cluster, slash, name = service.partition("/")
    if not (cluster and slash and name) or "/" in name:
        raise OptionError(f"{service!r} is no service; write CLUSTER/NAME")
    return workload_id(*run.place, "ecs", "service", service)


def names_of(service: ResourceId) -> tuple[str, str]:
    """The names of the cluster and of the service."""
    cluster, _, name = workload_name_of(service).partition("/")
    return cluster, name


def read_service(place: RegionClient, service: ResourceId) -> dict[str, Any]:
    """A service as it is. Raises RefusedError when there is none, CallFailedError."""
    cluster, name = names_of(service)
    answer = place.ask(
        "ecs", "DescribeServices", "services", cluster=cluster, services=[name], include=["TAGS"]
    )
    found = [row for row in answer["services"] if row.get("status") == "ACTIVE"]
    if not found:
        raise RefusedError(f"there is no service {name} in cluster {cluster}")
    return dict(found[0])


def read_definition(place: RegionClient, name: str) -> dict[str, Any]:
    """A task definition with its ``tags``. Raises CallFailedError."""
    answer = place.ask(
        "ecs", "DescribeTaskDefinition", "taskDefinition", taskDefinition=name, include=["TAGS"]
    )
    return {**answer["taskDefinition"], "tags": answer.get("tags") or []}


def update_service(run: Run, image: str, service: str, container: str = "") -> Rollout:
    """Let a container of an ECS service run an image, by digest, and watch the deployment until it
    is steady. Raises OptionError, RefusedError before anything is changed, ApplyError with ECS's
    reason when the deployment fails or does not end, CallFailedError."""
    resource = service_id(run, service)
    place = run.session.client(resource)
    found = find_image(run.connections, run.place, image)
    current = read_service(place, resource)
    _refuse_controller(current)
    definition = read_definition(place, current["taskDefinition"])
    chosen = _container(definition, container, found)
    before = digest_in(definition, chosen)
    wanted = current["taskDefinition"]
    if _image_of(definition, chosen) != found.uri:
        wanted = _registered(run, resource, definition, chosen, found)
        _update(run, resource, current, wanted)
    steady(run, resource, wanted)
    return _rollout(run, resource, How.DEPLOY, wanted, before or "", found.digest)


def _refuse_controller(service: Mapping[str, Any]) -> None:
    kind = (service.get("deploymentController") or {}).get("type", "ECS")
    if kind != "ECS":
        raise RefusedError(
            f"service {service['serviceName']} is deployed by {kind}, and not by ECS itself: "
            "deploy it there"
        )


def _container(definition: Mapping[str, Any], asked: str, image: RegistryImage) -> str:
    """The container that is to run the image: the one that is asked for, the only one, or the only
    one that runs an image of the same repository. Raises RefusedError."""
    names = [str(row["name"]) for row in definition["containerDefinitions"]]
    listed = ", ".join(names)
    if asked:
        if asked not in names:
            raise RefusedError(f"{definition['family']} has no container {asked}; it has {listed}")
        return asked
    if len(names) == 1:
        return names[0]
    same = [
        str(row["name"])
        for row in definition["containerDefinitions"]
        if (named := ecr_reference(row["image"])) and named.repository == image.record.repository
    ]
    if len(same) != 1:
        raise RefusedError(
            f"{definition['family']} has several containers ({listed}); name one: --container"
        )
    return same[0]


def _image_of(definition: Mapping[str, Any], container: str) -> str:
    rows = definition["containerDefinitions"]
    return str(next((row["image"] for row in rows if row["name"] == container), ""))


def digest_in(definition: Mapping[str, Any], container: str) -> str:
    """The digest that a container is given; empty where it is given a tag."""
    named = ecr_reference(_image_of(definition, container))
    return named.digest if named else ""


def _registered(
    run: Run,
    resource: ResourceId,
    definition: Mapping[str, Any],
    container: str,
    image: RegistryImage,
) -> str:
    """The ARN of the next revision with the image, which this run registers once."""
    place = run.session.client(resource)
    if (
        run.journal.intents(resource, REGISTER)
        and (ours := own_revision(place, run.name, str(definition["family"])))
        and _image_of(ours, container) == image.uri
    ):  # a tag may have moved since
        return str(ours["taskDefinitionArn"])
    request = {key: value for key, value in definition.items() if key not in _NOT_TAKEN}
    request["containerDefinitions"] = [
        {**row, "image": image.uri} if row["name"] == container else row
        for row in definition["containerDefinitions"]
    ]
    kept = ("aws:", "jotgraph:")
    own = [tag for tag in definition["tags"] if not str(tag["key"]).startswith(kept)]
    request["tags"] = [*own, *({"key": key, "value": value} for key, value in run.tags.items())]
    run.tell(f"registering the next revision of {definition['family']}")
    answer = run.session.call((resource,), "ecs", "RegisterTaskDefinition", **_bare(request))
    made = answer.get("taskDefinition") or own_revision(place, run.name, definition["family"])
    if not made:
        raise ApplyError("the revision was registered but cannot be found; run the command again")
    return str(made["taskDefinitionArn"])


def _bare(request: dict[str, Any]) -> dict[str, Any]:
    """Without members that are empty: ECS takes none of some."""
    return {key: value for key, value in request.items() if value not in (None, [], {}, "")}


def own_revision(place: RegionClient, run: str, family: str) -> dict[str, Any] | None:
    """The revision of a family that a run registered, by its tag, among the newest. Raises
    CallFailedError."""
    answer = place.ask(
        "ecs",
        "ListTaskDefinitions",
        "taskDefinitionArns",
        familyPrefix=family,
        sort="DESC",
        maxResults=10,
    )
    for arn in answer["taskDefinitionArns"]:
        found = read_definition(place, arn)
        if {"key": "jotgraph:run", "value": run} in found["tags"]:
            return found
    return None


def _update(run: Run, resource: ResourceId, current: Mapping[str, Any], wanted: str) -> None:
    """UpdateService, unless somebody else was quicker. Raises RefusedError, CallFailedError."""
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
    reason when it failed, was rolled back, or goes on after the run's patience; CallFailedError."""
    place = run.session.client(resource)
    _, name = names_of(resource)
    service: dict[str, Any] = {}
    for number, _ in enumerate(run.session.pauses()):
        service = read_service(place, resource)
        rows = service.get("deployments") or ()
        primary: dict[str, Any] = next((row for row in rows if row["status"] == "PRIMARY"), {})
        if number == 1:
            run.tell(f"waiting until {name} is steady")
        if primary.get("taskDefinition") != wanted:
            raise ApplyError(
                f"service {name} is on {str(primary.get('taskDefinition')).rpartition('/')[2]} "
                f"again: ECS rolled the deployment back{_event(service)}"
            )
        if primary.get("rolloutState") == "FAILED":
            reason = primary.get("rolloutStateReason") or ""
            raise ApplyError(f"the deployment of {name} failed: {reason}{_event(service)}")
        complete = primary.get("rolloutState", "COMPLETED") == "COMPLETED"
        if complete and service.get("runningCount", 0) >= service.get("desiredCount", 0):
            return
    raise ApplyError(
        f"{name} is not steady after {run.session.patience:g} s{_event(service)}; run the same "
        "command again to go on"
    )


def _event(service: Mapping[str, Any]) -> str:
    events = service.get("events") or ()
    return f" ({events[0]['message']})" if events else ""


def _rollout(
    run: Run, resource: ResourceId, how: How, wanted: str, before: str, after: str
) -> Rollout:
    """Write what became of the service, by what it had before this run."""
    updates = run.journal.intents(resource, UPDATE)
    result = Made.CHANGED if updates else Made.THERE
    was = {"definition": updates[0].params["kept"]["definition"]} if updates else {}
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
    """Let a service run the task definition that it had before, by the journals of this machine,
    else the newest older revision. Raises OptionError, RefusedError, ApplyError,
    CallFailedError."""
    resource = service_id(run, service)
    place = run.session.client(resource)
    current = read_service(place, resource)
    _refuse_controller(current)
    now = current["taskDefinition"]
    wanted = _before(run, resource, place, now)
    before, after = read_definition(place, now), read_definition(place, wanted)
    _update(run, resource, current, wanted)
    steady(run, resource, wanted)
    return _rollout(run, resource, How.ROLLBACK, wanted, _digests(before), _digests(after))


def _before(run: Run, resource: ResourceId, place: RegionClient, now: str) -> str:
    if updates := run.journal.intents(resource, UPDATE):
        wanted = str(updates[-1].params["taskDefinition"])
        if now in (wanted, updates[-1].params["kept"]["definition"]):
            return wanted
    for making in makings_of(resource):
        before = str(making.before.get("definition") or "")
        if making.now.get("definition") == now != before != "":
            return before
    family, revision = task_definition(now)
    listed = place.ask(
        "ecs",
        "ListTaskDefinitions",
        "taskDefinitionArns",
        familyPrefix=family,
        sort="DESC",
        maxResults=100,
    )["taskDefinitionArns"]
    older = [arn for arn in listed if task_definition(arn)[1] < revision]
    if not older:
        raise RefusedError(f"{names_of(resource)[1]} is on {family}:{revision}, and none is older")
    return str(older[0])


def _digests(definition: Mapping[str, Any]) -> str:
    """The digest of the first container that is given one."""
    rows = definition["containerDefinitions"]
    found = (digest_in(definition, str(row["name"])) for row in rows)
    return next((digest for digest in found if digest), "")


def put_back(session: Session, resource: ResourceId, definition: str) -> None:
    """Let a service be on a task definition again. Raises CallFailedError."""
    cluster, name = names_of(resource)
    session.call(
        (resource,),
        "ecs",
        "UpdateService",
        cluster=cluster,
        service=name,
        taskDefinition=definition,
    )


def deregister(session: Session, resource: ResourceId, definition: str) -> None:
    """Make a revision inactive. Raises CallFailedError."""
    session.call((resource,), "ecs", "DeregisterTaskDefinition", taskDefinition=definition)
