"""ECS as it is documented: digests of deployments and tasks, revisions, statuses, failures."""

from __future__ import annotations

import pytest

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox


def _two_images(aws: Sandbox) -> tuple[str, str]:
    """``app:live``, and the digest that replaces it when ``_retag`` is called."""
    seed.repository(aws, "app")
    old = seed.image(aws, "app", "live", config=seed.image_config({"n": "1"}))
    new = seed.image(aws, "app", "next", config=seed.image_config({"n": "2"}))
    return old, new


def _retag(aws: Sandbox) -> None:
    seed.image(aws, "app", "live", config=seed.image_config({"n": "2"}))


def _digests(aws: Sandbox, cluster: str = "default") -> list[str]:
    ecs = aws.client("ecs")
    arns = ecs.list_tasks(cluster=cluster)["taskArns"]
    tasks = ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else []
    return [container["imageDigest"] for task in tasks for container in task["containers"]]


def test_a_service_keeps_the_digest_of_its_deployment(aws: Sandbox) -> None:
    """ECS guide, "Container image resolution": later tasks have the digest of the deployment."""
    old, new = _two_images(aws)
    seed.task_definition(aws, "web", "app:live")
    seed.ecs_service(aws, "web", "web", count=1)
    _retag(aws)
    ecs = aws.client("ecs")
    ecs.update_service(service="web", desiredCount=3)
    assert _digests(aws) == [old, old, old]
    ecs.update_service(service="web", forceNewDeployment=True)
    assert _digests(aws) == [new, new, new]


def test_a_revision_says_what_its_deployment_resolved(aws: Sandbox) -> None:
    old, _ = _two_images(aws)
    definition = seed.task_definition(aws, "web", "app:live", "docker.io/library/redis:7")
    seed.ecs_service(aws, "web", "web:1")
    _retag(aws)
    ecs = aws.client("ecs")
    (service,) = ecs.describe_services(services=["web"])["services"]
    (current,) = service["currentServiceRevisions"]
    assert (current["requestedTaskCount"], current["runningTaskCount"]) == (1, 1)
    answer = ecs.describe_service_revisions(serviceRevisionArns=[current["arn"]])
    (revision,) = answer["serviceRevisions"]
    assert revision["taskDefinition"] == definition
    first, second = revision["containerImages"]
    assert first == {
        "containerName": "c0",
        "image": seed.uri(aws, "app:live"),
        "imageDigest": old,
    }
    assert second["image"] == "docker.io/library/redis:7"
    assert second["imageDigest"].startswith("sha256:")


def test_without_version_consistency_each_task_resolves_for_itself(aws: Sandbox) -> None:
    """API_ContainerDefinition, ``versionConsistency``: disabled uses the original image URI."""
    old, new = _two_images(aws)
    seed.task_definition(aws, "web", "app:live", consistent=False)
    seed.ecs_service(aws, "web", "web")
    _retag(aws)
    ecs = aws.client("ecs")
    ecs.update_service(service="web", desiredCount=2)
    assert _digests(aws) == [old, new]
    (service,) = ecs.describe_services(services=["web"])["services"]
    revision = service["currentServiceRevisions"][0]["arn"]
    (revision_now,) = ecs.describe_service_revisions(serviceRevisionArns=[revision])[
        "serviceRevisions"
    ]
    assert "imageDigest" not in revision_now["containerImages"][0]


def test_a_task_of_no_service_resolves_when_it_starts(aws: Sandbox) -> None:
    old, new = _two_images(aws)
    seed.task_definition(aws, "job", "app:live")
    seed.ecs_task(aws, "job")
    _retag(aws)
    seed.ecs_task(aws, "job")
    assert _digests(aws) == [old, new]
    ecs = aws.client("ecs")
    task = ecs.describe_tasks(tasks=ecs.list_tasks()["taskArns"][:1])["tasks"][0]
    assert (task["group"], task["lastStatus"]) == ("family:job", "RUNNING")
    assert task["containers"][0]["image"] == seed.uri(aws, "app:live")


def test_a_task_whose_image_is_gone_stops(aws: Sandbox) -> None:
    """ECS guide, "Stopped tasks error messages": CannotPullContainerError."""
    seed.repository(aws, "app")
    seed.task_definition(aws, "job", "app:gone")
    named = seed.ecs_task(aws, "job")
    ecs = aws.client("ecs")
    assert ecs.list_tasks()["taskArns"] == []
    assert ecs.list_tasks(desiredStatus="STOPPED")["taskArns"] == [named]
    (task,) = ecs.describe_tasks(tasks=[named])["tasks"]
    assert task["stoppedReason"].startswith("CannotPullContainerError")
    assert "imageDigest" not in task["containers"][0]


def test_a_cluster_of_another_region_pulls_from_here(aws: Sandbox) -> None:
    old, _ = _two_images(aws)
    here = seed.uri(aws, "app:live")
    for region, account in (("eu-west-1", aws.account), (aws.region, "210987654321")):
        seed.task_definition(aws, "web", here, region=region, account=account)
        seed.ecs_service(aws, "web", "web", region=region, account=account)
        ecs = aws.client("ecs", region, account)
        (task,) = ecs.describe_tasks(tasks=ecs.list_tasks()["taskArns"])["tasks"]
        assert task["containers"][0]["imageDigest"] == old


def test_a_definition_by_family_is_the_newest_active_one(aws: Sandbox) -> None:
    """API_DescribeTaskDefinition; an INACTIVE one only "while an active task or service
    references" it."""
    first = seed.task_definition(aws, "web", "app:1")
    second = seed.task_definition(aws, "web", "app:2", role="arn:aws:iam::123456789012:role/r")
    third = seed.task_definition(aws, "web", "app:3")
    ecs = aws.client("ecs")
    ecs.deregister_task_definition(taskDefinition=third)
    definition = ecs.describe_task_definition(taskDefinition="web")["taskDefinition"]
    assert (definition["taskDefinitionArn"], definition["taskRoleArn"]) == (
        second,
        "arn:aws:iam::123456789012:role/r",
    )
    assert ecs.list_task_definitions()["taskDefinitionArns"] == [first, second]
    assert ecs.list_task_definitions(sort="DESC")["taskDefinitionArns"] == [second, first]
    assert ecs.list_task_definitions(status="INACTIVE")["taskDefinitionArns"] == [third]
    with pytest.raises(ecs.exceptions.ClientException):
        ecs.describe_task_definition(taskDefinition=third)


def test_an_inactive_definition_that_a_service_holds_is_described(aws: Sandbox) -> None:
    definition = seed.task_definition(aws, "web", "docker.io/app:1")
    seed.ecs_service(aws, "web", "web")
    ecs = aws.client("ecs")
    ecs.deregister_task_definition(taskDefinition=definition)
    described = ecs.describe_task_definition(taskDefinition=definition)["taskDefinition"]
    assert (described["status"], described["revision"]) == ("INACTIVE", 1)
    again = seed.task_definition(aws, "web", "docker.io/app:1")
    assert again.endswith(":task-definition/web:2"), "a number is never used again"


def test_a_batch_never_fails_for_one_name(aws: Sandbox) -> None:
    seed.task_definition(aws, "web", "docker.io/app:1")
    named = seed.ecs_service(aws, "web", "web")
    answer = aws.client("ecs").describe_services(services=["nope", named])
    assert [service["serviceArn"] for service in answer["services"]] == [named]
    gone = "arn:aws:ecs:us-east-1:123456789012:service/default/nope"
    assert answer["failures"] == [{"arn": gone, "reason": "MISSING"}]


@pytest.mark.parametrize(
    ("action", "member", "most"),
    [
        ("describe_services", "services", 10),
        ("describe_tasks", "tasks", 100),
        ("describe_service_revisions", "serviceRevisionArns", 20),
        ("describe_daemon_revisions", "daemonRevisionArns", 20),
    ],
)
def test_a_batch_has_its_limit(aws: Sandbox, action: str, member: str, most: int) -> None:
    seed.ecs_cluster(aws)
    ecs = aws.client("ecs")
    answer = getattr(ecs, action)(**{member: [f"n{i}" for i in range(most)]})
    assert len(answer["failures"]) == most
    with pytest.raises(ecs.exceptions.InvalidParameterException):
        getattr(ecs, action)(**{member: [f"n{i}" for i in range(most + 1)]})


def test_tags_are_shown_to_who_asks(aws: Sandbox) -> None:
    seed.task_definition(aws, "web", "docker.io/app:1")
    seed.ecs_service(aws, "web", "web", tags={"team": "a"})
    ecs = aws.client("ecs")
    assert "tags" not in ecs.describe_services(services=["web"])["services"][0]
    shown = ecs.describe_services(services=["web"], include=["TAGS"])["services"][0]
    assert shown["tags"] == [{"key": "team", "value": "a"}]


def test_a_deleted_service_runs_nothing_and_is_not_listed(aws: Sandbox) -> None:
    seed.task_definition(aws, "web", "docker.io/app:1")
    seed.ecs_service(aws, "web", "web", count=2)
    ecs = aws.client("ecs")
    ecs.delete_service(service="web", force=True)
    assert ecs.list_services()["serviceArns"] == []
    assert ecs.list_tasks()["taskArns"] == []
    (service,) = ecs.describe_services(services=["web"])["services"]
    assert service["status"] == "INACTIVE"


def test_clusters_are_counted_and_apart(aws: Sandbox) -> None:
    seed.task_definition(aws, "web", "docker.io/app:1")
    seed.ecs_service(aws, "web", "web", cluster="one", count=2)
    two = seed.ecs_cluster(aws, "two")
    ecs = aws.client("ecs")
    ecs.delete_cluster(cluster="two")
    assert len(ecs.list_clusters()["clusterArns"]) == 1
    with pytest.raises(ecs.exceptions.ClusterNotFoundException):
        ecs.list_tasks(cluster=two)
    (cluster,) = ecs.describe_clusters(clusters=["one"])["clusters"]
    assert (cluster["runningTasksCount"], cluster["activeServicesCount"]) == (2, 1)


def test_a_daemon_has_an_immutable_revision_with_its_digest(aws: Sandbox) -> None:
    old, _ = _two_images(aws)
    named = seed.daemon(aws, "agent", "app:live", role="arn:aws:iam::123456789012:role/r")
    _retag(aws)
    ecs = aws.client("ecs")
    assert [e["daemonArn"] for e in ecs.list_daemons()["daemonSummariesList"]] == [named]
    current = ecs.describe_daemon(daemonArn=named)["daemon"]["currentRevisions"][0]["arn"]
    (revision,) = ecs.describe_daemon_revisions(daemonRevisionArns=[current])["daemonRevisions"]
    assert revision["containerImages"][0]["imageDigest"] == old
    definition = ecs.describe_daemon_task_definition(
        daemonTaskDefinition=revision["daemonTaskDefinitionArn"]
    )["daemonTaskDefinition"]
    assert definition["taskRoleArn"] == "arn:aws:iam::123456789012:role/r"


def test_an_express_service_is_a_service_that_ecs_manages(aws: Sandbox) -> None:
    old, _ = _two_images(aws)
    role = "arn:aws:iam::123456789012:role/infrastructure"
    named = seed.express_service(aws, "shop", "app:live", infrastructure_role=role)
    seed.task_definition(aws, "web", "docker.io/app:1")
    seed.ecs_service(aws, "web", "web")
    ecs = aws.client("ecs")
    assert ecs.list_services(resourceManagementType="ECS")["serviceArns"] == [named]
    (service,) = ecs.describe_services(services=["shop"])["services"]
    assert service["resourceManagementType"] == "ECS"
    express = ecs.describe_express_gateway_service(serviceArn=named)["service"]
    assert express["infrastructureRoleArn"] == role
    (active,) = express["activeConfigurations"]
    assert active["primaryContainer"]["image"] == seed.uri(aws, "app:live")
    assert _digests(aws) == [old, *[d for d in _digests(aws) if d != old]]
    with pytest.raises(ecs.exceptions.ResourceNotFoundException):
        ecs.describe_express_gateway_service(serviceArn=named.replace("shop", "web"))
