"""Races: the world changes before each call of a run in turn. What came into use survives, the
reason is said, and the run is not proven. Where a change cannot be seen any more is written down
here, call by call: AWS has no conditional delete.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

import pytest

from jotgraph.apply import Status
from jotgraph.apply.undo import undo
from jotgraph.errors import ApplyError
from jotgraph.records import ResourceId, kind_of
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.apply.bench import Bench, made_bench, move_in
from tests.apply.between import profile, pull, push, trust
from tests.apply.estate import LOGS, Estate
from tests.rig.kept import state
from tests.strength import EVERY_PLACE, MANY_PLACES, some
from tests.tally import RACES as RACED
from tests.tally import WINDOW, tried

Change = Callable[[Sandbox, Estate], object]


def _new_function(aws: Sandbox, of: Estate) -> None:
    seed.function(aws, "late", f"app@{of.old}", role="arn:aws:iam::123456789012:role/other-role")


def _new_function_on_child(aws: Sandbox, of: Estate) -> None:
    seed.function(aws, "late", f"app@{of.child}", role="arn:aws:iam::123456789012:role/other-role")


def _role_elsewhere(aws: Sandbox, of: Estate) -> None:
    seed.function(aws, "late", "common:v1", role="arn:aws:iam::123456789012:role/app-role")


def _tag(aws: Sandbox, of: Estate) -> None:
    ecr = aws.client("ecr")
    answer = ecr.batch_get_image(repositoryName="app", imageIds=[{"imageDigest": of.old}])
    text = answer["images"][0]["imageManifest"]
    ecr.put_image(repositoryName="app", imageManifest=text, imageTag="hotfix")


def _alias_moved(aws: Sandbox, of: Estate) -> None:
    aws.client("lambda").update_alias(FunctionName="app", Name="live", FunctionVersion="$LATEST")


def _new_alias(aws: Sandbox, of: Estate) -> None:
    seed.alias(aws, "app", "second", "1")


def _new_version(aws: Sandbox, of: Estate) -> None:
    seed.version(aws, "app")


def _policy(aws: Sandbox, of: Estate) -> None:
    aws.client("iam").attach_role_policy(
        RoleName="app-role", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"
    )


def _signature(aws: Sandbox, of: Estate) -> None:
    text = seed.manifest(b"{}", subject=of.old)
    seed.image(aws, "app", text=text, config=b"{}")


def _trigger(aws: Sandbox, of: Estate) -> None:
    seed.trigger(aws, "app", "arn:aws:sqs:us-east-1:123456789012:late")


def _code(aws: Sandbox, of: Estate) -> None:
    aws.client("lambda").update_function_configuration(FunctionName="app", Description="new")


def _rewritten(aws: Sandbox, of: Estate) -> None:
    aws.client("iam").put_role_policy(
        RoleName="app-role",
        PolicyName="logs",
        PolicyDocument=json.dumps(ALL),
    )


def _trigger_of_alias(aws: Sandbox, of: Estate) -> None:
    seed.trigger(aws, "app:live", "arn:aws:sqs:us-east-1:123456789012:late")


def _provisioned(qualifier: str, aws: Sandbox, of: Estate) -> None:
    aws.client("lambda").put_provisioned_concurrency_config(
        FunctionName="app", Qualifier=qualifier, ProvisionedConcurrentExecutions=1
    )


def _url(aws: Sandbox, of: Estate) -> None:
    aws.client("lambda").create_function_url_config(
        FunctionName="app", Qualifier="live", AuthType="NONE"
    )


def _caller(aws: Sandbox, of: Estate) -> None:
    aws.client("lambda").add_permission(
        FunctionName="app", StatementId="late", Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
    )  # fmt: skip


def _admit(aws: Sandbox, of: Estate) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": "999999999999"}, "Action": "ecr:*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": "late", **statement}]})
    aws.client("ecr").set_repository_policy(repositoryName="app", policyText=text)


def _expire(aws: Sandbox, of: Estate) -> None:
    chosen = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 9}
    rule = {"rulePriority": 1, "selection": chosen, "action": {"type": "expire"}}
    aws.client("ecr").put_lifecycle_policy(
        repositoryName="app", lifecyclePolicyText=json.dumps({"rules": [rule]})
    )


def _replicate(aws: Sandbox, of: Estate) -> None:
    target = {"region": "eu-west-1", "registryId": "123456789012"}
    aws.client("ecr").put_replication_configuration(
        replicationConfiguration={"rules": [{"destinations": [target]}]}
    )


def _task(aws: Sandbox, of: Estate) -> None:
    seed.task_definition(aws, "late", f"app@{of.old}")
    seed.ecs_task(aws, "late")


def _task_role(aws: Sandbox, of: Estate) -> None:
    role = "arn:aws:iam::123456789012:role/app-role"
    seed.task_definition(aws, "late", "common:v1", role=role)


def _protect(aws: Sandbox, of: Estate) -> None:
    aws.client("ecr").tag_resource(
        resourceArn="arn:aws:ecr:us-east-1:123456789012:repository/app",
        tags=[{"Key": "jotgraph:protect", "Value": "audit"}],
    )


def _stack(aws: Sandbox, of: Estate) -> None:
    tag = {"Key": "aws:cloudformation:stack-name", "Value": "late"}
    aws.client("iam").tag_role(RoleName="app-role", Tags=[tag])


def _caller_of_version(aws: Sandbox, of: Estate) -> None:
    aws.client("lambda").add_permission(
        FunctionName="app", Qualifier="1", StatementId="late", Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )  # fmt: skip


def _called(aws: Sandbox, of: Estate) -> None:
    aws.client("lambda").invoke(FunctionName="app")


def _index(aws: Sandbox, of: Estate) -> None:
    seed.index(aws, "app", {of.old: "linux/arm64"}, "late")


ALL = {**LOGS, "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
OLD_IMAGE, INDEX = "ecr-image:app@{old}", "ecr-image:app@{index}"
GONE: tuple[str, ...] = ()
LAST_LOOK = ("lambda:ListFunctions", "ecr:BatchDeleteImage")
RACES: dict[str, tuple[Change, str, str, tuple[str, ...] | None]] = {
    # what happens, what survives, with which words; before which calls it is seen no more
    "function": (_new_function, OLD_IMAGE, "runs it now", LAST_LOOK[1:]),
    "function-child": (_new_function_on_child, INDEX, "runs a part of it now", LAST_LOOK[1:]),
    "tag": (_tag, OLD_IMAGE, "tags was v1, is hotfix v1", LAST_LOOK),
    "signature": (_signature, OLD_IMAGE, "references it", LAST_LOOK),
    "index": (_index, OLD_IMAGE, "an index lists it", GONE),
    "pull": (pull, OLD_IMAGE, "a pull of it was recorded", None),
    "admit": (_admit, OLD_IMAGE, "admits account 999999999999", None),
    "replicate": (_replicate, OLD_IMAGE, "replicates its images to 123456789012/eu-west-1", None),
    "task": (_task, OLD_IMAGE, "late", None),
    "task-role": (_task_role, "role:app-role", "late", None),
    "protect": (_protect, "ecr-repo:app", "protects it", None),
    "stack": (_stack, "role:app-role", "CloudFormation stack", None),
    "version-caller": (_caller_of_version, "version:app:1", "who may call it changed", None),
    "called": (_called, "function:app", "it was called 1 time", None),
    "push": (push, "ecr-repo:app", "", GONE),
    "expire": (_expire, "ecr-repo:app", "the lifecycle policy of its repository", None),
    "role": (_role_elsewhere, "role:app-role", "assumes it now", ("iam:DeleteRole",)),
    "policy": (_policy, "role:app-role", "", GONE),
    "profile": (profile, "role:app-role", "", GONE),
    "trust": (trust, "role:app-role", "trust was", None),
    "rewritten": (_rewritten, "role:app-role", "", ("iam:DeleteRolePolicy",)),
    "alias-moved": (_alias_moved, "alias:app:live", "it changed", ("lambda:DeleteAlias",)),
    "alias-trigger": (_trigger_of_alias, "alias:app:live", "calls it now", None),
    "alias-ready": (partial(_provisioned, "live"), "alias:app:live", "provisioned", None),
    "alias-url": (_url, "alias:app:live", "URLs changed", None),
    "alias-new": (_new_alias, "version:app:1", "", GONE),
    "version-ready": (partial(_provisioned, "1"), "version:app:1", "provisioned", None),
    "version-new": (
        _new_version,
        "function:app",
        "version 2",
        ("lambda:GetFunction", "lambda:DeleteFunction"),
    ),
    "caller": (_caller, "function:app", "who may call it changed", None),
    "trigger": (_trigger, "function:app", "trigger", None),
    "code": (_code, "function:app", "changed", ("lambda:DeleteFunction",)),
}  # fmt: skip
"""None: more than the last two calls, see docs/deleting.md."""
SEEN_AFTER = frozenset({"function", "function-child"})
"""What is looked for once more when the image is gone."""
BY_SERVICES = frozenset({"task", "task-role"})
FIRST_OF_SERVICES = "ecs:ListClusters"


def target_of(bench: Bench, short: str) -> ResourceId:
    """The planned resource that a row of the table means."""
    wanted = short.format(old=bench.estate.old, index=bench.estate.index)
    return next(resource for resource in bench.planned if _short(resource) == wanted)


def telling(called: list[str], unseen: tuple[str, ...] | None) -> set[int]:
    """Places at which a race shows on every day what it is: before the last call, before those
    where it is seen no more, and before the call ahead of them; before the first call where it is
    not told which these are. ``test_again.py`` changes the world before any."""
    late = {place for name in unseen or () for place in (len(called) - called[::-1].index(name),)}
    first = {1} if unseen is None else set()
    return {*first, len(called), *late, *(place - 1 for place in late)}


@pytest.mark.parametrize("name", some("races", RACES, 7))
def test_races(bench: Bench, name: str) -> None:
    change, short, words, unseen = RACES[name]
    target = target_of(bench, short)
    end = bench.gone_after[target]
    places = range(1, end + 1)
    lost = []
    told_places = (
        {*places[::9], *places[-8:]} if MANY_PLACES else telling(bench.names[:end], unseen)
    )
    chosen = list(places) if EVERY_PLACE else sorted(told_places)
    for place in chosen:
        bench.start()
        tried(RACED)
        bench.wire.at = partial(_before, bench, place, partial(change, bench.aws, bench.estate))
        receipt = bench.apply()
        outcome = next(outcome for outcome in receipt.outcomes if outcome.id == target)
        if target not in state(bench.aws):
            lost.append(place)
            tried(WINDOW)
            if name in SEEN_AFTER:
                assert (outcome.status, receipt.proven) == (Status.FAILED, False)
                assert (
                    f"it was deleted, and function late {words}: jotgraph undo" in outcome.because
                )
            continue
        reasons = {
            outcome.because for outcome in receipt.outcomes if outcome.status is not Status.DONE
        }
        assert outcome.status is not Status.DONE
        assert not receipt.proven
        assert any(words in reason for reason in reasons), (bench.names[place - 1], reasons)
        assert bench.unanswered() == []
        if kind_of(target) == "role" and name != "rewritten":
            role = bench.aws.client("iam").list_role_policies(RoleName="app-role")
            assert role["PolicyNames"] == ["logs"]
    if unseen is not None:
        assert [bench.names[place - 1] for place in lost] == list(unseen)
    elif name in BY_SERVICES:  # one reading of the services serves 20 seconds of a run
        assert all(place > bench.names.index(FIRST_OF_SERVICES) for place in lost)
    else:
        assert 1 not in lost
        assert lost == chosen[len(chosen) - len(lost) :]


@pytest.mark.parametrize("pushed", [False, True])
def test_what_came_to_run_an_image_as_it_went_gets_it_back(bench: Bench, pushed: bool) -> None:
    """Its tag, too, where somebody pushed it again without."""
    target = target_of(bench, OLD_IMAGE)
    late = partial(_new_function, bench.aws, bench.estate)
    bench.start()
    bench.wire.at = partial(_before, bench, bench.gone_after[target], late)
    receipt = bench.apply()
    bench.wire.at = lambda *_: None
    if pushed:
        seed.image(bench.aws, "app", config=b'{"n":3}', layers=(b"three",))
    outcomes = {outcome.id: outcome for outcome in undo(receipt.run, bench.wire.clients).outcomes}
    assert state(bench.aws)[target] == bench.before[target], outcomes[target]


def test_a_function_that_changes_while_its_parts_are_copied_keeps_them(bench: Bench) -> None:
    copying = bench.names.index("lambda:GetAlias") + 1
    bench.start()
    bench.wire.at = partial(_before, bench, copying, partial(_code, bench.aws, bench.estate))
    receipt = bench.apply()
    assert state(bench.aws).keys() == bench.before.keys()
    because = {outcome.id: outcome.because for outcome in receipt.outcomes}
    assert "it changed since the plan was made" in because[target_of(bench, "alias:app:live")]


def _disabled_trigger(aws: Sandbox) -> str:
    """A trigger of nothing, which nobody has enabled."""
    queue = "arn:aws:sqs:us-east-1:123456789012:old"
    return seed.trigger(aws, "gone", queue, enabled=False)


def test_a_disabled_trigger_is_looked_at_until_it_goes(
    aws_environment: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with made_bench(aws_environment, more=_disabled_trigger) as bench:
        move_in(bench.home, monkeypatch)
        (trigger,) = (
            resource
            for resource in bench.planned
            if kind_of(resource) == "trigger" and bench.estate.trigger not in resource
        )
        end = bench.gone_after[trigger]
        last_look = end - bench.names[:end][::-1].index("lambda:GetEventSourceMapping")

        def used(aws: Sandbox, of: Estate) -> None:
            uuid = trigger.rpartition("/")[2]
            aws.client("lambda").update_event_source_mapping(UUID=uuid, FunctionName="app")

        for place in (last_look, last_look - 4):
            bench.start()
            bench.wire.at = partial(_before, bench, place, partial(used, bench.aws, bench.estate))
            receipt = bench.apply()
            because = {outcome.id: outcome.because for outcome in receipt.outcomes}
            assert "it changed since the plan was made" in because[trigger], bench.names[place - 1]
            assert trigger in state(bench.aws)


def _before(
    bench: Bench, place: int, change: Callable[[], object], number: int, name: str, after: bool
) -> None:
    if number == place and not after:
        change()


def _short(resource: str) -> str:
    return resource.replace("123456789012/us-east-1/", "").replace("123456789012/", "")


def test_a_second_run_of_the_plan_finds_the_first(bench: Bench) -> None:
    for place in (2, len(bench.names) // 2, len(bench.names)):
        bench.start()

        def at(number: int, name: str, after: bool, place: int = place) -> None:
            if number == place and not after:
                bench.wire.at = lambda *_: None
                with pytest.raises(ApplyError, match="the same run, or its release or undo"):
                    bench.apply()

        bench.wire.at = at
        assert bench.apply().proven
        assert state(bench.aws) == bench.after
