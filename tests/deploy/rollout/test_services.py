"""ECS: another image for a service, watched to its end, back again, and its undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jotgraph.deploy.rollout import Rollout, rollback_service, update_service
from jotgraph.deploy.run import Made, running
from jotgraph.deploy.undo import undo_making
from jotgraph.deploy.undo.model import CHANGED_BETWEEN
from jotgraph.errors import ApplyError, NotThereError, OptionError, RefusedError
from jotgraph.permissions import document, needs
from jotgraph.sandbox import seed
from jotgraph.store.folders import runs_folder
from tests.apply.runs import actions, connect
from tests.deploy.rollout.conftest import HOST, Account

SERVICE = "default/web"


class Services(Account):
    """The account with a service ``web`` of one container that runs ``app:one``."""

    @property
    def ecs(self) -> Any:
        return self.aws.client("ecs")

    def update(self, image: str, container: str = "") -> Rollout:
        subject = {"image": image, "service": SERVICE, "container": container}
        with running("deploy", subject, connect(), patience=0.3) as run:
            return update_service(run, f"app:{image}", SERVICE, container)

    def back(self) -> Rollout:
        with running("rollback", {"service": SERVICE}, connect(), patience=0.3) as run:
            return rollback_service(run, SERVICE)

    def service(self) -> Any:
        return self.ecs.describe_services(cluster="default", services=["web"])["services"][0]

    def runs(self) -> list[str]:
        """The images of the containers of what the service is on."""
        definition = self.ecs.describe_task_definition(
            taskDefinition=self.service()["taskDefinition"]
        )["taskDefinition"]
        return [container["image"] for container in definition["containerDefinitions"]]

    def revision(self) -> str:
        return str(self.service()["taskDefinition"]).rpartition("/")[2]


@pytest.fixture
def services(account: Account) -> Services:
    services = Services.__new__(Services)
    services.__dict__.update(account.__dict__)
    seed.task_definition(services.aws, "web", "app:one")
    seed.ecs_service(services.aws, "web", "web")
    return services


def test_another_image(services: Services) -> None:
    rollout = services.update("two")
    assert (rollout.result, rollout.version, rollout.after) == (Made.CHANGED, "web:2", services.two)
    assert services.runs() == [f"{HOST}/app@{services.two}"]
    again = services.update("two")
    assert (again.result, again.version, again.before) == (Made.THERE, "web:2", services.two)
    assert services.revision() == "web:2"


def test_one_of_several_containers(services: Services) -> None:
    seed.repository(services.aws, "side")
    seed.image(services.aws, "side", "1")
    seed.task_definition(services.aws, "web", "app:one", "side:1")
    services.ecs.update_service(cluster="default", service="web", taskDefinition="web")
    services.update("two")
    assert services.runs() == [f"{HOST}/app@{services.two}", f"{HOST}/side:1"]
    services.update("one", container="c1")
    assert services.runs() == [f"{HOST}/app@{services.two}", f"{HOST}/app@{services.one}"]
    with pytest.raises(NotThereError, match="has no container c9; name one that it has: c0, c1"):
        services.update("two", container="c9")
    with pytest.raises(OptionError, match="several containers"):
        services.update("two")


def test_what_is_refused(services: Services) -> None:
    with (
        running("deploy", {"service": "web"}, connect()) as run,
        pytest.raises(OptionError, match="write CLUSTER/NAME"),
    ):
        update_service(run, "app:two", "web")
    with (
        running("deploy", {"service": "x"}, connect()) as run,
        pytest.raises(NotThereError, match="there is no service x in cluster default: aws ecs"),
    ):
        update_service(run, "app:two", "default/x")
    with (
        running("deploy", {"service": "y"}, connect()) as run,
        pytest.raises(NotThereError, match="there is no cluster nowhere: aws ecs list-clusters"),
    ):
        update_service(run, "app:two", "nowhere/x")


def spoiled(services: Services, **state: Any) -> None:
    """Let the next deployment be in this state."""

    def after(_request: object, _reply: object) -> None:
        kept = services.aws.world.kept[services.aws.account, services.aws.region, "ecs/service"]
        (service,) = kept.values()
        service["deployments"][0].update(state)
        service["events"] = [{"message": "(service web) was unable to place a task."}]

    services.aws.faults.after("ecs", "UpdateService", call=after, times=1)


def complete(services: Services) -> None:
    """Let the deployment come to its end."""
    kept = services.aws.world.kept[services.aws.account, services.aws.region, "ecs/service"]
    (service,) = kept.values()
    service["deployments"][0].update(rolloutState="COMPLETED")


def test_a_deployment_that_fails(services: Services) -> None:
    spoiled(services, rolloutState="FAILED", rolloutStateReason="tasks failed to start.")
    with pytest.raises(ApplyError) as failed:
        services.update("two")
    assert str(failed.value) == (
        "the deployment of web failed: tasks failed to start. ((service web) was unable to place a "
        f"task.); {LOOK}"
    )


LOOK = (
    "look at the tasks that stopped (aws ecs list-tasks --cluster default --service-name web "
    "--desired-status STOPPED), and deploy again"
)


def test_a_deployment_that_does_not_end(services: Services) -> None:
    spoiled(services, rolloutState="IN_PROGRESS")
    with pytest.raises(ApplyError, match=r"web is not steady after 0\.3 s"):
        services.update("two")


def test_a_deployment_that_ecs_rolls_back(services: Services) -> None:
    first = services.service()["taskDefinition"]
    spoiled(services, taskDefinition=first)
    with pytest.raises(ApplyError) as failed:
        services.update("two")
    assert str(failed.value) == (
        "service web is on web:1 again: ECS rolled back the deployment of web:2 ((service web) "
        f"was unable to place a task.); {LOOK}"
    )


def test_a_deployment_that_somebody_replaces(services: Services) -> None:
    foreign = seed.task_definition(services.aws, "other", "app:one")
    spoiled(services, taskDefinition=foreign)
    with pytest.raises(ApplyError) as failed:
        services.update("two")
    assert str(failed.value) == (
        "service web is on other:1, which somebody else deployed in the meantime; run the same "
        "command again to deploy over it"
    )


def test_back_again(services: Services) -> None:
    services.update("two")
    rollout = services.back()
    assert (rollout.version, rollout.before) == ("web:1", services.two)
    assert services.revision() == "web:1"
    seed.task_definition(services.aws, "other", "app:one")
    seed.ecs_service(services.aws, "single", "other")
    with (
        running("rollback", {"service": "single"}, connect()) as run,
        pytest.raises(RefusedError, match="no older revision is active"),
    ):
        rollback_service(run, "default/single")


def test_undo(services: Services) -> None:
    run = services.update("two").run
    (looked,) = undo_making(run, connect(), only_look=True).outcomes
    assert looked.because == "undo would put it back on web:1 and make web:2 inactive"
    (outcome,) = undo_making(run, connect()).outcomes
    assert (outcome.status.value, outcome.because) == (
        "restored", "back on web:1; web:2 is inactive"
    )  # fmt: skip
    assert services.revision() == "web:1"
    listed = services.ecs.list_task_definitions(familyPrefix="web")["taskDefinitionArns"]
    assert [arn.rpartition("/")[2] for arn in listed] == ["web:1"]
    (again,) = undo_making(run, connect()).outcomes
    assert again.because == "it is as it was"


def test_undo_of_what_somebody_changed_since(services: Services) -> None:
    run = services.update("two").run
    services.update("one")
    (outcome,) = undo_making(run, connect()).outcomes
    assert outcome.status.value == "cannot"
    assert services.revision() == "web:3"


def test_undo_below_many_newer_revisions(services: Services) -> None:
    """More than a page of them are somebody else's, and the run registered two."""
    services.aws.faults.deny("ecs", "UpdateService")
    with pytest.raises(ApplyError):
        services.update("two")
    services.aws.faults.clear()
    services.image("two", revision="b")
    run = services.update("two").run
    for _ in range(101):
        seed.task_definition(services.aws, "web", "app:one")
    (outcome,) = undo_making(run, connect()).outcomes
    assert outcome.because == "back on web:1; web:3, web:2 are inactive"
    listed = services.ecs.get_paginator("list_task_definitions").paginate(familyPrefix="web")
    active = [arn.rpartition(":")[2] for page in listed for arn in page["taskDefinitionArns"]]
    assert sorted(map(int, active)) == [1, *range(4, 105)]


def test_a_service_that_others_changed_while_the_run_was_interrupted(services: Services) -> None:
    spoiled(services, rolloutState="IN_PROGRESS")
    with pytest.raises(ApplyError):
        services.update("two")
    services.image("three")
    seed.task_definition(services.aws, "web", "app:three")
    services.ecs.update_service(cluster="default", service="web", taskDefinition="web:3")
    with pytest.raises(RefusedError, match=r"service web was changed by somebody else .*web:3"):
        services.update("two")
    assert services.revision() == "web:3"


def test_what_a_service_had_before_a_run_that_went_on(services: Services) -> None:
    three = services.image("three")
    services.update("two")
    spoiled(services, rolloutState="IN_PROGRESS")
    with pytest.raises(ApplyError):
        services.update("three")
    complete(services)
    assert services.update("three").before == services.two
    spoiled(services, rolloutState="IN_PROGRESS")
    with pytest.raises(ApplyError):
        services.back()
    complete(services)
    assert services.back().before == three


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("call", ["RegisterTaskDefinition", "UpdateService", "DescribeServices"])
def test_a_call_that_is_lost(services: Services, call: str, done: bool) -> None:
    services.aws.faults.reset("ecs", call, done=done, times=1)
    with pytest.raises(ApplyError):
        services.update("two")
    rollout = services.update("two")
    assert (rollout.result, rollout.version) == (Made.CHANGED, "web:2")
    assert undo_making(rollout.run, connect()).whole
    assert services.revision() == "web:1"


SECRETS: dict[str, Any] = {
    "environment": [{"name": "TOKEN", "value": "hunter22"}],
    "command": ["serve", "--password=hunter22"],
    "logConfiguration": {"logDriver": "splunk", "options": {"splunk-token": "hunter22"}},
}


@pytest.mark.parametrize("refused", [False, True])
def test_no_value_of_a_container_is_written_down(services: Services, refused: bool) -> None:
    """Of a task definition the journal has the family, and of each container name and image."""
    services.ecs.register_task_definition(
        family="web", containerDefinitions=[{"name": "c1", "image": f"{HOST}/app:one", **SECRETS}]
    )
    services.ecs.update_service(cluster="default", service="web", taskDefinition="web:2")
    if refused:
        services.aws.faults.error(
            "ecs", "RegisterTaskDefinition", code="ClientException", status=400, times=1,
            message="Invalid value 'hunter22' for --password=hunter22",
        )  # fmt: skip
        with pytest.raises(ApplyError) as failed:
            services.update("two")
        assert "hunter22" not in str(failed.value)
    services.update("two")
    written = [path.read_bytes() for path in runs_folder().rglob("*") if path.is_file()]
    assert written
    assert not any(b"hunter22" in text for text in written)
    assert services.service()["taskDefinition"].endswith("web:3")


def test_services_under_exactly_their_policy(services: Services) -> None:
    acts: list[tuple[str, Callable[[], Rollout]]] = [
        ("deploy", lambda: services.update("two")),
        ("rollback", services.back),
    ]
    for command, act in acts:
        services.aws.calls.clear()
        services.aws.enforce(document(needs(command)))
        act()
        assert actions(services.aws) <= {need.action for need in needs(command)}
    services.aws.enforce(None)
    name = services.update("one").run
    services.aws.enforce(document(needs("undo", making=True)))
    assert undo_making(name, connect()).whole


def test_back_after_a_rollback_that_did_not_end(services: Services) -> None:
    services.update("two")
    spoiled(services, rolloutState="IN_PROGRESS")
    with pytest.raises(ApplyError, match="is not steady"):
        services.back()
    services.image("three")
    services.image("four")
    services.update("three")
    services.update("four")
    assert services.back().version == "web:3"


def test_a_tag_that_moved_while_the_run_was_interrupted(services: Services) -> None:
    services.aws.faults.deny("ecs", "UpdateService")
    with pytest.raises(ApplyError):
        services.update("two")
    services.aws.faults.clear()
    new = services.image("three")
    ecr: Any = services.aws.client("ecr")
    (image,) = ecr.batch_get_image(repositoryName="app", imageIds=[{"imageTag": "three"}])["images"]
    ecr.put_image(repositoryName="app", imageManifest=image["imageManifest"], imageTag="two")
    assert services.update("two").after == new
    assert services.runs() == [f"{HOST}/app@{new}"]


def test_undo_of_a_run_that_somebody_deployed_between(services: Services) -> None:
    spoiled(services, rolloutState="IN_PROGRESS")
    with pytest.raises(ApplyError):
        services.update("two")
    services.image("three")
    services.update("three")
    run = services.update("two").run
    (outcome,) = undo_making(run, connect()).outcomes
    assert (outcome.status.value, outcome.because) == ("cannot", CHANGED_BETWEEN.words)
    assert services.revision() == "web:2"
