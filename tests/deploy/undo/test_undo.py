"""Undo of what a run made: exactly that, as the run left it, and only where nothing uses it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from jotgraph.deploy.push import PushOptions, push
from jotgraph.deploy.run import RUN_TAG, running
from jotgraph.deploy.undo import undo_making
from jotgraph.plan.outcome import UndoReceipt
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.apply.runs import connect
from tests.deploy.push.small_engine import packed
from tests.deploy.rollout.conftest import HERE, PLACE, Account, account
from tests.rig.kept import state

__all__ = ["account"]

ROLE = "role:jotgraph-app-us-east-1"
CHANGED_SINCE = "it was changed since by somebody else, and is left as it is"
LIFECYCLE = json.dumps(
    {
        "rules": [
            {
                "rulePriority": 1,
                "selection": {
                    "tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 10,
                },
                "action": {"type": "expire"},
            }
        ]
    }
)  # fmt: skip
Told = dict[str, tuple[str, str]]


def undone(run: str, *, only_look: bool = False) -> Told:
    receipt: UndoReceipt = undo_making(run, connect(), patience=0.4, only_look=only_look)
    return {
        str(outcome.id).replace(f"{HERE}/", "").replace("123456789012/", ""): (
            outcome.status.value,
            outcome.because,
        )
        for outcome in receipt.outcomes
    }


def created(text: str = "removed: this run created it") -> tuple[str, str]:
    return ("removed", text)


def tags(aws: Sandbox) -> Any:
    function = aws.world.lambda_of(*PLACE).functions.get("app")
    return dict(function.tags) if function else None


def test_a_function_that_was_created(account: Account) -> None:
    before = state(account.aws)
    run = account.deploy("one", alias="live", environment={"A": "b"}).run
    outcomes = undone(run)
    assert outcomes == {
        "alias:app:live": created(),
        "version:app:1": created(),
        "function:app": created(),
        ROLE: created(),
    }
    assert state(account.aws) == before
    assert undone(run) == dict.fromkeys(outcomes, ("removed", "it is not there"))


def test_only_looking_does_nothing(account: Account) -> None:
    run = account.deploy("one", alias="live").run
    before = state(account.aws)
    would = ("there", "undo would remove it")
    names = ("alias:app:live", "version:app:1", "function:app", ROLE)
    assert undone(run, only_look=True) == dict.fromkeys(names, would)
    assert state(account.aws) == before
    account.deploy("one", alias="live")
    assert undone(run)["function:app"] == created(), "the run that found all there made nothing"


def test_a_function_that_was_changed(account: Account) -> None:
    account.deploy("one", alias="live", memory=128, environment={"A": "old"})
    account.client.tag_resource(
        Resource="arn:aws:lambda:us-east-1:123456789012:function:app", Tags={"team": "a"}
    )
    before = account.function(), account.alias(), tags(account.aws)
    run = account.deploy("two", alias="live", memory=512, environment={"A": "new"}).run
    assert undone(run) == {
        "alias:app:live": ("restored", "on version 1 again"),
        "version:app:2": created(),
        "function:app": ("restored", f"back: image ({account.one[:16]}), settings, tags"),
    }
    after = account.function(), account.alias(), tags(account.aws)
    for answer in (before[0], after[0]):
        del answer["Configuration"]["RevisionId"], answer["Configuration"]["LastModified"]
        del answer["ResponseMetadata"]
        answer["Code"].pop("ImageUri")
    assert after == before
    assert account.versions() == ["1"]
    assert undone(run)["function:app"] == ("restored", "it is as it was")


def test_a_share_of_calls_is_taken_back(account: Account) -> None:
    account.deploy("one", alias="live")
    run = account.deploy("two", alias="live", weight=0.1).run
    assert undone(run)["alias:app:live"] == ("restored", "on version 1 again")
    assert account.alias() == ("1", {})


def test_a_rollback_and_a_promotion(account: Account) -> None:
    account.deploy("one", alias="live")
    account.deploy("two", alias="live", weight=0.1)
    promoted = account.promote().run
    back = account.rollback().run
    assert account.alias() == ("1", {})
    since = f"run {back} changed it since: jotgraph undo {back} first"
    assert undone(promoted) == {"alias:app:live": ("cannot", since)}
    assert undone(back) == {"alias:app:live": ("restored", "on version 2 again")}


def test_what_somebody_changed_since_stays(account: Account) -> None:
    run = account.deploy("one", alias="live").run
    account.client.update_function_configuration(FunctionName="app", Timeout=77)
    account.client.update_alias(FunctionName="app", Name="live", Description="mine")
    outcomes = undone(run)
    assert outcomes["function:app"] == ("cannot", CHANGED_SINCE)
    assert outcomes["alias:app:live"] == ("cannot", "this run did not create it")
    assert outcomes["version:app:1"] == ("cannot", "alias live routes to it now")
    assert outcomes[ROLE] == ("cannot", "function app in us-east-1 assumes it now")


def test_a_later_deployment_stays(account: Account) -> None:
    first = account.deploy("one", alias="live").run
    later = account.deploy("two", alias="live").run
    before = state(account.aws)
    outcomes = undone(first)
    needed = f"undo of run {later} would put it back: jotgraph undo {later} first"
    assert outcomes["version:app:1"] == ("cannot", needed)
    since = f"run {later} changed it since: jotgraph undo {later} first"
    assert outcomes["function:app"] == ("cannot", since)
    assert outcomes["alias:app:live"] == ("cannot", since)
    assert state(account.aws) == before


def test_the_later_runs_first_then_the_earlier_ones(account: Account) -> None:
    """Undo gives a thing a new revision, by which an earlier run knows it all the same."""
    world = state(account.aws)
    account.image("three")
    runs = [
        account.deploy("one", alias="live").run,
        account.deploy("two", alias="live", memory=512).run,
        account.deploy("three", alias="live", weight=0.5).run,
        account.promote().run,
        account.rollback().run,
    ]
    since = f"run {runs[2]} changed it since: jotgraph undo {runs[2]} first"
    assert undone(runs[0], only_look=True)["function:app"] == ("cannot", since)
    for run in reversed(runs):
        outcomes = undone(run)
        assert {status for status, _ in outcomes.values()} <= {"removed", "restored"}, (
            run,
            outcomes,
        )
    ecr: Any = account.aws.client("ecr")
    three = ecr.describe_images(repositoryName="app", imageIds=[{"imageTag": "three"}])
    assert state(account.aws).keys() - world.keys() == {
        f"ecr-image:{HERE}/app@{three['imageDetails'][0]['imageDigest']}"
    }


def test_what_somebody_else_changed_after_an_undo_stays(account: Account) -> None:
    first = account.deploy("one", alias="live").run
    second = account.deploy("two", alias="live").run
    undone(second)
    account.client.update_function_configuration(FunctionName="app", Timeout=77)
    assert undone(first)["function:app"] == ("cannot", CHANGED_SINCE)


@pytest.mark.parametrize("user", ["trigger", "url", "policy"])
def test_a_function_that_something_uses_stays(account: Account, user: str) -> None:
    run = account.deploy("one").run
    if user == "trigger":
        seed.trigger(account.aws, "app", "arn:aws:sqs:us-east-1:123456789012:queue")
    elif user == "url":
        account.client.create_function_url_config(FunctionName="app", AuthType="AWS_IAM")
    else:
        account.client.add_permission(
            FunctionName="app", StatementId="s3", Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
        )  # fmt: skip
    status, because = undone(run)["function:app"]
    words = {"trigger": "the trigger ", "url": "a URL", "policy": "the permission s3"}
    assert (status, words[user] in because) == ("cannot", True), because
    assert undone(run, only_look=True)["function:app"] == (status, because)


def provisioned(client: Any) -> None:
    client.put_provisioned_concurrency_config(
        FunctionName="app", Qualifier="live", ProvisionedConcurrentExecutions=1
    )


def retries(client: Any, **qualifier: str) -> None:
    client.put_function_event_invoke_config(FunctionName="app", MaximumRetryAttempts=0, **qualifier)


ADDED: dict[str, tuple[str, str, Callable[[Any], object]]] = {
    "reserved": (
        "function:app", "reserved concurrency (5)",
        lambda client: client.put_function_concurrency(
            FunctionName="app", ReservedConcurrentExecutions=5
        ),
    ),
    "retries": (
        "function:app", "settings of asynchronous calls (retries, destinations)", retries,
    ),
    "retries-alias": (
        "alias:app:live", "settings of asynchronous calls (retries, destinations)",
        lambda client: retries(client, Qualifier="live"),
    ),
    "retries-version": (
        "version:app:1", "settings of asynchronous calls (retries, destinations)",
        lambda client: retries(client, Qualifier="1"),
    ),
    "provisioned": ("alias:app:live", "provisioned concurrency", provisioned),
    "permission": (
        "alias:app:live", "the permission s3",
        lambda client: client.add_permission(
            FunctionName="app", Qualifier="live", StatementId="s3",
            Action="lambda:InvokeFunction", Principal="s3.amazonaws.com",
        ),
    ),
    "url": (
        "alias:app:live", "a URL",
        lambda client: client.create_function_url_config(
            FunctionName="app", Qualifier="live", AuthType="AWS_IAM"
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("addition", ADDED)
def test_what_others_added_to_what_the_run_created(account: Account, addition: str) -> None:
    resource, words, add = ADDED[addition]
    run = account.deploy("one", alias="live").run
    add(account.client)
    before = state(account.aws)
    outcomes = undone(run)
    assert outcomes[resource] == ("cannot", f"somebody gave it {words} since")
    assert (
        state(account.aws)[resource.replace(":", f":{HERE}/", 1)]
        == before[resource.replace(":", f":{HERE}/", 1)]
    )


@pytest.mark.parametrize("addition", ["policy", "lifecycle"])
def test_what_others_added_to_a_repository(aws_environment: Sandbox, addition: str) -> None:
    run = pushed(PushOptions(lifecycle_policy=LIFECYCLE))
    ecr: Any = aws_environment.client("ecr")
    words = "a lifecycle policy" if addition == "lifecycle" else "a policy"
    if addition == "lifecycle":
        shorter = LIFECYCLE.replace("10", "20")
        ecr.put_lifecycle_policy(repositoryName="team/app", lifecyclePolicyText=shorter)
    else:
        policy = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}],
        }
        ecr.set_repository_policy(repositoryName="team/app", policyText=json.dumps(policy))
    assert undone(run)["ecr-repo:team/app"] == ("cannot", f"somebody gave it {words} since")


def test_an_own_lifecycle_policy_goes_with_the_repository(aws_environment: Sandbox) -> None:
    run = pushed(PushOptions(lifecycle_policy=LIFECYCLE))
    assert undone(run)["ecr-repo:team/app"] == created()


def test_a_role_that_others_may_assume_by_now(account: Account) -> None:
    run = account.deploy("one").run
    iam: Any = account.aws.client("iam")
    name = ROLE.partition(":")[2]
    trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    trust["Statement"][0]["Principal"]["Service"] = ["lambda.amazonaws.com", "ec2.amazonaws.com"]
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
    assert undone(run)[ROLE] == ("cannot", "somebody changed who may assume it since")


def test_a_role_whose_policy_others_changed(account: Account) -> None:
    run = account.deploy("one").run
    iam: Any = account.aws.client("iam")
    name = ROLE.partition(":")[2]
    policy = iam.get_role_policy(RoleName=name, PolicyName="logs")["PolicyDocument"]
    policy["Statement"][0]["Resource"] = "*"
    iam.put_role_policy(RoleName=name, PolicyName="logs", PolicyDocument=json.dumps(policy))
    assert undone(run)[ROLE] == ("cannot", "somebody gave it logs since")


def test_a_role_that_another_function_assumes_stays(account: Account) -> None:
    run = account.deploy("one").run
    arn = "arn:aws:iam::123456789012:role/jotgraph-app-us-east-1"
    seed.function(account.aws, "other", "app:two", role=arn)
    outcomes = undone(run)
    assert outcomes["function:app"] == created()
    assert outcomes[ROLE] == ("cannot", "function other in us-east-1 assumes it now")


def test_a_role_of_an_earlier_run_stays(account: Account) -> None:
    account.deploy("one")
    account.client.delete_function(FunctionName="app")
    outcomes = undone(account.deploy("two").run)
    assert ROLE not in outcomes
    assert outcomes["function:app"] == created()


def pushed(options: PushOptions | None = None, text: str = "hello") -> str:
    image = packed(text)
    with running(
        "push", {"image": image.digest, "tag": str(options)}, connect(), patience=0.3
    ) as run:
        push(run, None, image, "team/app", options)
        return run.name


def test_a_push_that_created_the_repository(aws_environment: Sandbox) -> None:
    before = state(aws_environment)
    run = pushed()
    digest = packed().digest
    assert undone(run) == {
        f"ecr-image:team/app@{digest}": created("removed: this run pushed it"),
        "ecr-repo:team/app": created(),
    }
    assert state(aws_environment) == before
    assert [because for _, because in undone(run).values()] == ["it is not there"] * 2


def test_an_image_that_a_function_runs_stays_with_its_repository(aws_environment: Sandbox) -> None:
    run = pushed(PushOptions(tag="v1"))
    seed.role(aws_environment, "mine")
    seed.function(aws_environment, "app", "team/app:v1", role="mine")
    outcomes = undone(run)
    digest = packed().digest
    assert outcomes[f"ecr-image:team/app@{digest}"] == ("cannot", "function app runs it now")
    assert outcomes["ecr-repo:team/app"] == (
        "cannot", "it holds 1 images that the plan does not delete"
    )  # fmt: skip


def test_a_tag_that_moved_goes_back(aws_environment: Sandbox) -> None:
    first = pushed(PushOptions(tag="v1"), "first")
    second = pushed(PushOptions(tag="v1"), "second")
    one, two = packed("first").digest, packed("second").digest
    assert undone(second) == {
        f"ecr-image:team/app@{two}": (
            "removed",
            f"tag v1 names {one[:16]} again; removed: this run pushed it",
        )
    }
    ecr: Any = aws_environment.client("ecr")
    (left,) = ecr.describe_images(repositoryName="team/app")["imageDetails"]
    assert (left["imageDigest"], left["imageTags"]) == (one, ["v1"])
    assert undone(first)["ecr-repo:team/app"] == created()


def test_a_tag_that_was_added_is_taken(aws_environment: Sandbox) -> None:
    pushed(PushOptions(tag="v1"))
    run = pushed(PushOptions(tag="v2"))
    digest = packed().digest
    assert undone(run) == {f"ecr-image:team/app@{digest}": ("restored", "its tag v2 was taken")}
    ecr: Any = aws_environment.client("ecr")
    (left,) = ecr.describe_images(repositoryName="team/app")["imageDetails"]
    assert left["imageTags"] == ["v1"]


@pytest.mark.parametrize(
    ("tags", "status", "ending"),
    [
        (("v2", "theirs"), "cannot", "it is theirs, and names that image again"),
        (("v2",), "failed", "which had no other: push that image again"),
    ],
)
def test_a_tag_that_somebody_moves_while_it_is_taken_is_theirs(
    aws_environment: Sandbox, tags: tuple[str, ...], status: str, ending: str
) -> None:
    """Between the last look and the call, which ECR takes by the tag alone."""
    pushed(PushOptions(tag="v1"))
    run = pushed(PushOptions(tag="v2"))
    theirs: list[str] = []

    def move(_request: object) -> None:
        theirs.append(seed.image(aws_environment, "team/app", *tags))

    aws_environment.faults.before("ecr", "BatchDeleteImage", call=move, times=1)
    ((ended, because),) = undone(run).values()
    assert (ended, because.endswith(ending)) == (status, True), because
    ecr: Any = aws_environment.client("ecr")
    asked = {"repositoryName": "team/app", "imageIds": [{"imageTag": "v2"}]}
    named = [image["imageId"]["imageDigest"] for image in ecr.batch_get_image(**asked)["images"]]
    assert named == (theirs if status == "cannot" else [])


def test_an_image_that_somebody_tagged_stays(aws_environment: Sandbox) -> None:
    run = pushed(PushOptions(tag="v1"))
    ecr: Any = aws_environment.client("ecr")
    image = packed()
    ecr.put_image(
        repositoryName="team/app", imageManifest=image.manifest.decode(), imageTag="theirs",
        imageManifestMediaType=image.media_type,
    )  # fmt: skip
    status, because = undone(run)[f"ecr-image:team/app@{image.digest}"]
    assert (status, because) == (
        "cannot", "it has the tag theirs by now, which this run did not give"
    )  # fmt: skip


def test_a_repository_that_lost_our_tag_stays(aws_environment: Sandbox) -> None:
    run = pushed()
    ecr: Any = aws_environment.client("ecr")
    arn = "arn:aws:ecr:us-east-1:123456789012:repository/team/app"
    ecr.untag_resource(resourceArn=arn, tagKeys=[RUN_TAG])
    outcomes = undone(run)
    assert outcomes["ecr-repo:team/app"] == (
        "cannot", "this run did not create it: it does not have its tag"
    )  # fmt: skip
