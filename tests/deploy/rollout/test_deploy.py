"""Deploying an image to a function: created, updated, published, its alias moved; and refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from jotgraph.deploy.rollout import Rollout
from jotgraph.deploy.run import RUN_TAG, Made
from jotgraph.errors import ApplyError, NotThereError, OptionError, RefusedError
from jotgraph.records import function_id
from jotgraph.records.quarantine import QUARANTINED
from jotgraph.sandbox import seed
from jotgraph.sandbox.wire import Request
from jotgraph.store.journal import find_run, journal_path
from tests.deploy.rollout.conftest import HERE, PLACE, Account, calls, identity, made

ROLE = "jotgraph-app-us-east-1"
ROLE_ARN = f"arn:aws:iam::123456789012:role/{ROLE}"
LOGS = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/app"


def test_a_new_function(account: Account) -> None:
    rollout = account.deploy("one", alias="live", memory=256, timeout=9, environment={"A": "b"})
    assert rollout == Rollout(
        run=rollout.run,
        function=function_id(*PLACE, "app"),
        version="1",
        alias="live",
        before="",
        after=account.one,
        result=Made.CREATED,
        role=ROLE_ARN,
        role_created=True,
    )
    assert made(rollout.run) == [
        (f"role:{ROLE}", "created"),
        ("function:app", "created"),
        ("version:app:1", "created"),
        ("alias:app:live", "created"),
    ]
    answer = account.function()
    config = answer["Configuration"]
    assert answer["Tags"] == {RUN_TAG: identity(rollout.run), "tag": "one"}
    assert (config["MemorySize"], config["Timeout"]) == (256, 9)
    assert config["Environment"]["Variables"] == {"A": "b"}
    assert account.alias() == ("1", {})


def test_the_role_of_a_new_function_can_write_its_log_and_nothing_else(account: Account) -> None:
    account.deploy("one")
    iam: Any = account.aws.client("iam")
    role = iam.get_role(RoleName=ROLE)["Role"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"] == []
    assert iam.list_role_policies(RoleName=ROLE)["PolicyNames"] == ["logs"]
    document = iam.get_role_policy(RoleName=ROLE, PolicyName="logs")["PolicyDocument"]
    assert document["Statement"] == [
        {"Effect": "Allow", "Action": "logs:CreateLogGroup", "Resource": LOGS},
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"{LOGS}:*",
        },
    ]


def test_another_image_for_a_function_that_is_there(account: Account) -> None:
    account.deploy("one", alias="live")
    rollout = account.deploy("two", alias="live")
    assert (rollout.result, rollout.version) == (Made.CHANGED, "2")
    assert (rollout.before, rollout.after, rollout.role_created) == (
        account.one,
        account.two,
        False,
    )
    assert made(rollout.run) == [
        ("version:app:2", "created"),
        ("function:app", "changed"),
        ("alias:app:live", "changed"),
    ]
    assert (account.digest(), account.digest("live")) == (account.two, account.two)
    assert account.function()["Tags"]["tag"] == "two"


def test_the_same_again_changes_nothing(account: Account) -> None:
    account.deploy("one", alias="live", memory=256)
    rollout = account.deploy("one", alias="live", memory=256)
    assert (rollout.result, rollout.version, rollout.before) == (Made.THERE, "1", account.one)
    assert list(calls(rollout.run)) == ["lambda:PublishVersion"]
    assert {result for _, result in made(rollout.run)} == {"there"}
    assert account.versions() == ["1"]


def test_settings_alone_are_a_change(account: Account) -> None:
    account.deploy("one")
    rollout = account.deploy("one", timeout=30, environment={"KEY": "secret-value"})
    assert (rollout.result, rollout.version) == (Made.CHANGED, "2")
    assert account.function()["Configuration"]["Timeout"] == 30
    journal = journal_path(find_run(rollout.run)).read_text()
    assert "secret-value" not in journal
    assert '"Variables":["KEY"]' in journal


def test_a_role_that_is_given_by_name(account: Account) -> None:
    seed.role(account.aws, "mine")
    rollout = account.deploy("one", role="mine")
    assert (rollout.role, rollout.role_created) == ("arn:aws:iam::123456789012:role/mine", False)
    assert "role" not in {name.partition(":")[0] for name, _ in made(rollout.run)}


def test_a_role_that_cannot_be_assumed_yet_is_tried_again(account: Account) -> None:
    account.aws.world.role_refusals = 2
    rollout = account.deploy("one")
    assert rollout.result is Made.CREATED
    assert list(calls(rollout.run)).count("lambda:CreateFunction") == 3


def test_a_role_that_is_never_assumed_is_said(account: Account) -> None:
    account.aws.world.role_refusals = 1000
    with pytest.raises(ApplyError) as failed:
        account.deploy("one")
    assert str(failed.value) == (
        "Lambda cannot assume the role arn:aws:iam::123456789012:role/jotgraph-app-us-east-1 "
        "after 0.4 s: its trust policy allows Lambda, but the role is not known to Lambda yet; run "
        "the same command again, or with a longer --wait"
    )
    account.aws.world.role_refusals = 0
    assert account.deploy("one").role_created


def test_a_role_that_does_not_trust_lambda_is_not_waited_for(account: Account) -> None:
    principal = {"Service": "ecs-tasks.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    seed.role(account.aws, "tasks", trust={"Version": "2012-10-17", "Statement": [statement]})
    with pytest.raises(RefusedError) as refused:
        account.deploy("one", role="tasks")
    assert str(refused.value) == (
        "Lambda may not assume the role arn:aws:iam::123456789012:role/tasks: its trust policy "
        "does not name lambda.amazonaws.com (aws iam update-assume-role-policy --role-name tasks)"
    )
    assert account.aws.calls.tally()["lambda:CreateFunction"] == 1


def test_a_role_that_is_gone(account: Account) -> None:
    with pytest.raises(NotThereError, match="there is no role arn:aws:iam::123456789012:role/gone"):
        account.deploy("one", role="arn:aws:iam::123456789012:role/gone")


def test_another_role_is_waited_for_too(account: Account) -> None:
    account.deploy("one")
    seed.role(account.aws, "other")
    account.aws.world.role_refusals = 2
    assert account.deploy("one", role="other").result is Made.CHANGED
    assert account.function()["Configuration"]["Role"].endswith(":role/other")


def test_a_function_that_takes_its_time(account: Account) -> None:
    account.aws.world.settle_looks = 2
    assert account.deploy("one", alias="live").result is Made.CREATED
    assert account.deploy("two", alias="live", memory=512).result is Made.CHANGED


def test_a_function_that_never_settles_is_gone_on_with(account: Account) -> None:
    account.aws.world.settle_looks = 1000
    with pytest.raises(ApplyError, match=r"app is still Pending after 0.4 s \(The function is"):
        account.deploy("one")
    function = account.aws.world.lambda_of(*PLACE).functions["app"]
    account.aws.world.settle_looks = function.looks = 0
    assert account.deploy("one").result is Made.CREATED


def test_an_update_that_fails_is_explained(account: Account) -> None:
    account.deploy("one")

    def fails(_request: Request, _reply: object) -> None:
        account.aws.world.lambda_of(*PLACE).functions["app"].latest.update(
            LastUpdateStatus="Failed",
            LastUpdateStatusReasonCode="ImageAccessDenied",
            LastUpdateStatusReason="Lambda does not have permission to access the ECR image.",
        )

    account.aws.faults.after("lambda", "UpdateFunctionCode", call=fails, times=1)
    with pytest.raises(ApplyError) as failed:
        account.deploy("two")
    assert str(failed.value) == (
        "app: the update failed, and calls get what ran before: Lambda may not pull the image: its "
        "repository needs a policy that lets lambda.amazonaws.com call ecr:BatchGetImage and "
        "ecr:GetDownloadUrlForLayer; Lambda does not have permission to access the ECR image.; "
        "ImageAccessDenied"
    )
    rollout = account.deploy("two")
    assert (rollout.result, rollout.before) == (Made.CHANGED, account.one)


def test_a_share_of_calls(account: Account) -> None:
    account.deploy("one", alias="live")
    rollout = account.deploy("two", alias="live", weight=0.1)
    assert (rollout.version, rollout.weight) == ("2", 0.1)
    assert account.alias() == ("1", {"2": 0.1})
    account.deploy("two", alias="live", weight=0.5)
    assert account.alias() == ("1", {"2": 0.5})
    account.deploy("two", alias="live")
    assert account.alias() == ("2", {})


def test_a_share_where_there_is_nothing_to_share_with(account: Account) -> None:
    with pytest.raises(RefusedError, match="there is no alias live yet"):
        account.deploy("one", alias="live", weight=0.1)
    account.deploy("one", alias="live")
    rollout = account.deploy("one", alias="live", weight=0.1)
    assert rollout.notes == ("alias live is on version 1 already, so it shares no calls",)


def test_an_alias_on_latest_shares_nothing(account: Account) -> None:
    account.deploy("one")
    account.client.create_alias(FunctionName="app", Name="live", FunctionVersion="$LATEST")
    with pytest.raises(RefusedError, match=r"alias live is on \$LATEST"):
        account.deploy("two", alias="live", weight=0.1)
    assert account.digest() == account.one, "refused before anything was changed"
    assert account.deploy("two", alias="live").version == "2"


def test_an_alias_that_somebody_else_weighs(account: Account) -> None:
    account.deploy("one", alias="live")
    account.deploy("two")
    account.client.update_alias(
        FunctionName="app",
        Name="live",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.25}},
    )
    account.image("three")
    with pytest.raises(RefusedError) as refused:
        account.deploy("three", alias="live")
    assert str(refused.value) == (
        "somebody else already splits the calls of alias live (25% for version 2): jotgraph "
        "promote app --alias live finishes that, jotgraph rollback undoes it"
    )
    assert account.digest() == account.two


def test_a_function_in_quarantine(account: Account) -> None:
    """It answers nobody, whatever it runs."""
    account.deploy("one", alias="live")
    account.deploy("two", alias="live")
    arn = account.function()["Configuration"]["FunctionArn"]
    mark = {QUARANTINED: "4da33c78f0ee 2026-11-27T10:00:00+00:00"}
    account.client.tag_resource(Resource=arn, Tags=mark)
    before = account.digest(), account.alias(), account.versions()
    attempts: tuple[Callable[[], Rollout], ...] = (
        lambda: account.deploy("one", alias="live"), account.rollback, account.promote,
    )  # fmt: skip
    for attempt in attempts:
        with pytest.raises(RefusedError, match="jotgraph release 4da33c78f0ee restores it"):
            attempt()
    assert (account.digest(), account.alias(), account.versions()) == before


def test_a_function_that_somebody_stopped_is_told_of(account: Account) -> None:
    told = "its reserved concurrency is 0: every call of it is throttled"
    assert told not in account.deploy("one", alias="live").notes
    account.client.put_function_concurrency(FunctionName="app", ReservedConcurrentExecutions=0)
    assert told in account.deploy("two", alias="live").notes
    assert told in account.rollback().notes


def test_a_zip_function(account: Account) -> None:
    seed.role(account.aws, "zips")
    seed.function(account.aws, "app", role="zips")
    with pytest.raises(RefusedError, match="app is a function of package type Zip"):
        account.deploy("one")


def test_an_index(account: Account) -> None:
    seed.index(account.aws, "app", {account.one: "linux/amd64"}, "many")
    with pytest.raises(RefusedError, match="Lambda refuses an index: build one platform"):
        account.deploy("many")


def test_another_architecture(account: Account) -> None:
    account.deploy("one")
    arm = account.image("arm", "arm64")
    with pytest.raises(RefusedError, match="the image is for arm64 and app runs on x86_64"):
        account.deploy("arm")
    with pytest.raises(RefusedError, match="--architecture says x86_64"):
        account.deploy("arm", architecture="x86_64")
    account.deploy("arm", architecture="arm64")
    assert account.function()["Configuration"]["Architectures"] == ["arm64"]
    assert account.digest() == arm


def test_a_new_function_has_the_architecture_of_the_image(account: Account) -> None:
    account.image("arm", "arm64")
    account.deploy("arm")
    assert account.function()["Configuration"]["Architectures"] == ["arm64"]


def test_an_image_that_is_not_there(account: Account) -> None:
    with pytest.raises(RefusedError, match=r"there is no image app:nope in ECR \(123456789012/us"):
        account.deploy("nope")


def test_a_function_changed_in_the_meantime(account: Account) -> None:
    account.deploy("one")

    def interferes(_request: Request) -> None:
        account.aws.faults.clear()
        account.client.update_function_configuration(FunctionName="app", Timeout=77)

    account.aws.faults.before("lambda", "UpdateFunctionCode", call=interferes, times=1)
    with pytest.raises(RefusedError) as refused:
        account.deploy("two")
    assert str(refused.value) == (
        f"function:{HERE}/app was changed by somebody else in the meantime, and is left as it is "
        "now; look at it and run the same command again"
    )
    assert account.digest() == account.one


def test_a_role_of_that_name_that_is_somebody_elses(account: Account) -> None:
    seed.role(account.aws, ROLE)
    with pytest.raises(RefusedError, match="was not created for this function; pass --role"):
        account.deploy("one")


def test_a_role_that_an_earlier_run_made_is_used_again(account: Account) -> None:
    account.deploy("one")
    account.client.delete_function(FunctionName="app")
    rollout = account.deploy("two")
    assert (rollout.role, rollout.role_created) == (ROLE_ARN, False)


def test_labels_that_are_no_tags_are_said(account: Account) -> None:
    account.image("odd", **{"bad_key!": "x", "long": "y" * 257, "revision": "abc"})
    rollout = account.deploy("odd")
    assert rollout.notes == (
        "label bad.key! is no tag: it has characters that no tag may have",
        "label long is no tag: its value has more than 256 characters",
    )
    assert account.function()["Tags"]["revision"] == "abc"


def test_tags_of_an_older_image_go(account: Account) -> None:
    account.image("old", org_opencontainers_image_revision="a" * 40, jotgraph_tree="b" * 40)
    account.deploy("old")
    assert account.function()["Tags"]["jotgraph.tree"] == "b" * 40
    account.deploy("two")
    assert "org.opencontainers.image.revision" not in account.function()["Tags"]
    assert "jotgraph.tree" not in account.function()["Tags"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"weight": 0.5}, "name it with --alias"),
        ({"alias": "a", "weight": 1.0}, "above 0 and below 1"),
        ({"alias": "1"}, "cannot be the name of an alias"),
        ({"memory": 1}, "from 128 to 10,240"),
        ({"timeout": 901}, "from 1 to 900"),
    ],
)
def test_options_that_do_not_fit(account: Account, options: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        account.deploy("one", **options)
    assert json.dumps(account.client.list_functions()["Functions"]) == "[]"
