"""Quarantine and release against the sandbox: what is set aside, what is put back, and when not."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jotgraph.apply import Receipt
from jotgraph.apply.quarantine import restore
from jotgraph.apply.release import release
from jotgraph.plan import Plan
from jotgraph.plan.outcome import ReleaseReceipt
from jotgraph.records import Kind
from jotgraph.records.quarantine import DENY_ALL, QUARANTINED
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.world import iam_backend
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal import Journal, run_name
from tests.apply.aside import (
    ODD_TRUST,
    Aside,
    odd,
    planned,
    planned_of_estate,
    role,
    set_aside,
)
from tests.apply.estate import OLD, Estate
from tests.apply.runs import connect, statuses
from tests.strength import MANY_PLACES, one_in, some

CHANGING = (
    "lambda:UpdateEventSourceMapping",
    "lambda:TagResource",
    "lambda:PutFunctionConcurrency",
    "ecr:UpdateImageStorageClass",
    "iam:TagRole",
    "iam:UpdateAssumeRolePolicy",
)


@pytest.fixture
def estate(aws_environment: Sandbox, _aside: Aside) -> Estate:
    """The sandbox holds the estate, with a trust policy to be put back to the letter."""
    _aside.fill()
    return _aside.estate


def released(plan: Plan, patience: float = 0.3) -> ReleaseReceipt:
    return release(run_name(plan.digest), connect(), patience=patience)


def world(aws: Sandbox) -> dict[str, Any]:
    """Everything a quarantine may touch, to the letter."""
    lambdas = aws.world.lambda_of(aws.account, aws.region)
    images = aws.client("ecr").describe_images(repositoryName="app", filter={"imageStatus": "ANY"})[
        "imageDetails"
    ]
    return {
        "functions": {
            name: (
                dict(function.latest),
                function.concurrency,
                dict(function.tags),
                sorted(function.aliases),
            )
            for name, function in lambdas.functions.items()
        },
        "triggers": {
            key: (mapping["State"], mapping["FunctionArn"])
            for key, mapping in lambdas.triggers.items()
        },
        "images": {
            image["imageDigest"]: (image["imageStatus"], sorted(image.get("imageTags") or ()))
            for image in images
        },
        "roles": {
            role.name: (
                role.id,
                role.assume_role_policy_document,
                sorted(role.managed_policies),
                sorted((t["Key"], t["Value"]) for t in _tags(role)),
            )
            for role in iam_backend(aws.account).roles.values()
        },
    }


def _tags(role: Any) -> list[dict[str, str]]:
    return list(role.tags.values()) if isinstance(role.tags, dict) else list(role.tags or ())


def calls(aws: Sandbox) -> list[str]:
    return [call.name for call in aws.calls]


def unanswered(plan: Plan) -> int:
    with Journal(runs_folder() / run_name(plan.digest)) as journal:
        return len(journal.unanswered())


def test_a_plan_says_what_is_set_aside_and_what_is_left(estate: Estate) -> None:
    plan = planned_of_estate()
    assert plan.quarantine, plan
    assert plan.steps, (plan.blocks, plan.gaps)
    assert [step.action.value for step in plan.steps] == [
        "disable-trigger",
        "throttle-function",
        *["archive-image"] * 4,
        "deny-role",
    ]
    assert [resource.id.partition(":")[0] for resource in plan.left] == [
        "alias",
        "version",
        "ecr-repo",
    ]
    assert plan.blocks == ()


def test_everything_is_set_aside_and_comes_back_to_the_letter(
    aws_environment: Sandbox, estate: Estate
) -> None:
    aws = aws_environment
    before = world(aws)
    plan = planned_of_estate()
    receipt = set_aside(plan)
    assert receipt.proven, statuses(receipt)
    during = world(aws)
    _, reserved, tags, aliases = during["functions"]["app"]
    assert (reserved, aliases) == (0, ["live"])
    assert tags[QUARANTINED].startswith(receipt.run)
    assert during["triggers"][estate.trigger][0] == "Disabled"
    assert {status for status, _ in during["images"].values()} == {"ARCHIVED"}
    assert during["roles"]["app-role"][1] == DENY_ALL
    assert during["functions"]["other"] == before["functions"]["other"]
    assert Path(receipt.journal).stat().st_mode & 0o777 == 0o600
    back = released(plan)
    assert back.whole, back.outcomes
    assert {outcome.status for outcome in back.outcomes} == {"released"}
    assert world(aws) == before
    assert {outcome.status for outcome in released(plan).outcomes} == {"there"}
    assert world(aws) == before
    assert unanswered(plan) == 0


def spoil(aws: Sandbox, call: str | None, fault: str, nth: int = 1) -> None:
    service, _, action = (call or "").partition(":")
    which: dict[str, Any] = {"times": 1, "nth": nth}
    if fault == "done":
        aws.faults.reset(service or None, action or None, done=True, **which)
    else:
        getattr(aws.faults, fault)(service or None, action or None, **which)


SPOILT = [
    (call, fault)
    for first, call in enumerate(CHANGING)
    for second, fault in enumerate(("throttle", "error", "deny", "reset", "done", "truncate"))
    if MANY_PLACES or first == second
]


@pytest.mark.parametrize(("call", "fault"), SPOILT)
def test_a_call_that_fails_once_is_said_and_the_same_command_again_ends_it(
    aws_environment: Sandbox, estate: Estate, call: str, fault: str
) -> None:
    aws = aws_environment
    before = world(aws)
    plan = planned_of_estate()
    spoil(aws, call, fault)
    first = set_aside(plan)
    aws.faults.clear()
    consistent(aws, before, first)
    again = set_aside(plan)
    assert again.proven, statuses(again)
    assert released(plan).whole
    assert world(aws) == before
    assert unanswered(plan) == 0


def consistent(aws: Sandbox, before: dict[str, Any], receipt: Receipt) -> None:
    """What is not done is as it was, unless it is said that it could not be put back."""
    now = world(aws)
    done = statuses(receipt)
    shelves = {"function": "functions", "trigger": "triggers", "role": "roles"}
    for name, (status, because) in done.items():
        kind, _, key = name.partition(":")
        shelf = shelves.get(kind, "images")
        key = key.rpartition("@")[2]
        if "could not be put back" not in because:
            assert (now[shelf][key] == before[shelf][key]) == (status != "done"), (name, because)


@pytest.mark.parametrize(
    "fault", ["throttle", "error", "deny", "reset", "truncate"] if MANY_PLACES else ["reset"]
)
def test_any_call_that_fails_once(aws_environment: Sandbox, estate: Estate, fault: str) -> None:
    """Of setting aside and of putting back, one after the other, reads too."""
    aws = aws_environment
    plan = planned_of_estate()
    aws.calls.clear()
    set_aside(plan)
    there = len(aws.calls)
    aws.calls.clear()
    released(plan)
    back = len(aws.calls)
    step = one_in(167, 7)
    for number in range(2, there + 1, step):
        plan = planned_of_estate()
        before = world(aws)
        spoil(aws, None, fault, number)
        first = set_aside(plan)
        aws.faults.clear()
        consistent(aws, before, first)
        assert set_aside(plan).proven
        spoil(aws, None, fault, 2 + number % (back - 1))
        released(plan)
        aws.faults.clear()
        assert released(plan).whole
        assert world(aws) == before
        assert unanswered(plan) == 0


@pytest.mark.parametrize("skew", some("clocks while a function is watched", (-240, 0, 240), 2))
def test_a_function_whose_caller_is_throttled_is_put_back(
    aws_environment: Sandbox, estate: Estate, skew: int
) -> None:
    """Whether this machine's clock is right, or four minutes ahead or behind, which AWS takes."""
    aws = aws_environment
    before = world(aws)
    plan = planned_of_estate()
    aws.advance(skew)

    def call(*_: object) -> None:
        client = aws.client("lambda")
        with pytest.raises(client.exceptions.TooManyRequestsException):
            client.invoke(FunctionName="app", Qualifier="live")

    aws.faults.after("lambda", "PutFunctionConcurrency", call=call, times=1)
    receipt = set_aside(plan)
    outcomes = statuses(receipt)
    status, because = outcomes["function:app"]
    assert status == "refused"
    assert "since it was put in quarantine" in because
    assert "restored: " in because
    assert outcomes[f"trigger:{estate.trigger}"][0] == "refused"
    assert {status for name, (status, _) in outcomes.items() if "image" in name} == {"skipped"}
    assert outcomes["role:app-role"][0] == "skipped"
    assert world(aws) == before


def test_a_caller_that_comes_late_is_seen_while_it_is_watched(
    aws_environment: Sandbox, estate: Estate
) -> None:
    aws = aws_environment
    before = world(aws)
    plan = planned_of_estate()

    def late(*_: object) -> None:
        seed.metric(aws, "app", [(datetime.now(UTC), 1)], metric="Throttles")

    aws.faults.before("cloudwatch", "GetMetricData", call=late, nth=6, times=1)
    receipt = set_aside(plan, watch=0.3)
    assert statuses(receipt)["function:app"][0] == "refused"
    assert world(aws) == before


@pytest.mark.parametrize("fault", ["deny", "throttle"])
def test_what_cannot_be_watched_is_put_back(
    aws_environment: Sandbox, estate: Estate, fault: str
) -> None:
    aws = aws_environment
    before = world(aws)
    plan = planned_of_estate()
    getattr(aws.faults, fault)("cloudwatch", "GetMetricData", nth=3)
    outcomes = statuses(set_aside(plan))
    assert outcomes["function:app"][0] == "failed"
    assert "GetMetricData" in outcomes["function:app"][1] or fault == "throttle"
    assert world(aws) == before


def test_what_goes_wrong_with_one_resource_leaves_no_other_asleep(
    aws_environment: Sandbox, estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws = aws_environment
    plan = planned_of_estate()
    before = world(aws)
    assert set_aside(plan).proven

    def break_off(*_: object) -> str:
        raise KeyError("trust")

    with monkeypatch.context() as patch:
        patch.setitem(restore._BACK, Kind.ROLE, break_off)
        result = {outcome.id: outcome for outcome in released(plan).outcomes}
    (role_outcome,) = (
        outcome for resource, outcome in result.items() if resource.startswith("role:")
    )
    assert role_outcome.because == "internal error (KeyError: 'trust'); report it"
    now = world(aws)
    assert (now["images"], now["roles"]) == (before["images"], now["roles"])
    assert released(plan).whole
    assert world(aws) == before


def test_what_was_called_within_a_day_is_not_set_aside(
    aws_environment: Sandbox, estate: Estate
) -> None:
    aws = aws_environment
    plan = planned_of_estate()
    aws.client("lambda").invoke(FunctionName="app")
    before = world(aws)
    status, because = statuses(set_aside(plan))["function:app"]
    assert (status, "called 1 time since the plan was made" in because) == ("refused", True)
    assert world(aws) == before
    blocked = {
        block.id.rpartition("/")[2]: block.because for block in planned("function:app").blocks
    }
    assert "called 1 time in the window" in blocked["app"]


Change = Callable[[Sandbox, Estate], object]


def _function(aws: Sandbox, of: Estate) -> None:
    seed.function(aws, "late", f"app@{of.old}", role="arn:aws:iam::123456789012:role/other-role")


def _assumes(aws: Sandbox, of: Estate) -> None:
    seed.function(aws, "late", "common:v1", role="arn:aws:iam::123456789012:role/app-role")


def _tag(aws: Sandbox, of: Estate) -> None:
    ecr = aws.client("ecr")
    answer = ecr.batch_get_image(repositoryName="app", imageIds=[{"imageDigest": of.old}])
    text = answer["images"][0]["imageManifest"]
    ecr.put_image(repositoryName="app", imageManifest=text, imageTag="hotfix")


def _signature(aws: Sandbox, of: Estate) -> None:
    seed.image(aws, "app", text=seed.manifest(b"{}", subject=of.old), config=b"{}")


def _code(aws: Sandbox, of: Estate) -> None:
    aws.client("lambda").update_function_configuration(FunctionName="app", Description="new")


def _version(aws: Sandbox, of: Estate) -> None:
    seed.version(aws, "app")


def _alias(aws: Sandbox, of: Estate) -> None:
    seed.alias(aws, "app", "second", "1")


def _trigger(aws: Sandbox, of: Estate) -> None:
    seed.trigger(aws, "app", "arn:aws:sqs:us-east-1:123456789012:late")


def _trust(aws: Sandbox, of: Estate) -> None:
    role(aws).assume_role_policy_document = seed.TRUST.replace("sts:AssumeRole", "sts:*")


def _run(change: Change, aws: Sandbox, of: Estate, _request: object) -> None:
    change(aws, of)


def _somebody(aws: Sandbox, of: Estate) -> None:
    client = aws.client("lambda")
    client.put_function_concurrency(FunctionName="app", ReservedConcurrentExecutions=0)


RACES: dict[str, tuple[Change, str, str, tuple[str, ...]]] = {
    # what happens: before which calls (each in turn), and what stays awake with which words
    "function": (
        _function,
        "ecr-image:app@old",
        "runs it now",
        ("ecr:UpdateImageStorageClass",),
    ),
    "assumes": (
        _assumes,
        "role:app-role",
        "assumes it now",
        ("iam:TagRole", "iam:UpdateAssumeRolePolicy"),
    ),
    "tag": (_tag, "ecr-image:app@old", "tags was v1", ("lambda:TagResource",)),
    "signature": (_signature, "ecr-image:app@old", "references it", ("lambda:TagResource",)),
    "code": (_code, "function:app", "revision was", ("lambda:UpdateEventSourceMapping",)),
    "version": (_version, "function:app", "app:2", ("lambda:UpdateEventSourceMapping",)),
    "alias": (_alias, "function:app", "app:second", ("lambda:UpdateEventSourceMapping",)),
    "trigger": (_trigger, "function:app", "calls it now", ("lambda:UpdateEventSourceMapping",)),
    "trust": (_trust, "role:app-role", "trust was", ("lambda:TagResource",)),
    "somebody": (_somebody, "function:app", "already", ("lambda:ListVersionsByFunction",)),
}


@pytest.mark.parametrize("name", some("races of a quarantine", RACES, 3))
def test_races(aws_environment: Sandbox, estate: Estate, name: str) -> None:
    """The world changes just before a call: the resource stays awake, with the reason, and what
    the run had done to it by then is put back."""
    aws = aws_environment
    change, target, words, points = RACES[name]
    for point in points:
        plan, fresh = planned_of_estate(), estate
        service, _, action = point.partition(":")
        aws.faults.before(service, action, call=partial(_run, change, aws, fresh), times=1)
        receipt = set_aside(plan)
        short = target.replace("old", fresh.old)
        status, because = statuses(receipt)[short]
        assert (status, words in because) == ("refused", True), (point, because)
        now = world(aws)
        if target.startswith("function") and name != "somebody":
            assert now["functions"]["app"][1:3] == (None, {})
            assert now["triggers"][fresh.trigger][0] == "Enabled"
        elif target.startswith("ecr-image"):
            assert now["images"][fresh.old][0] == "ACTIVE"
        elif target.startswith("role"):
            assert now["roles"]["app-role"][1] != DENY_ALL
            assert now["roles"]["app-role"][3] == []
        assert unanswered(plan) == 0


def test_an_image_that_ecr_does_not_archive_stays(aws_environment: Sandbox, estate: Estate) -> None:
    code = "ImageStorageClassUpdateNotSupportedException"
    aws_environment.faults.error(
        "ecr",
        "UpdateImageStorageClass",
        code=code,
        status=400,
        where=lambda request: request.params["imageId"]["imageDigest"] == estate.index,
    )
    plan = planned("function:app")
    outcomes = statuses(set_aside(plan))
    assert outcomes[f"ecr-image:app@{estate.index}"][0] == "refused"
    assert outcomes[f"ecr-image:app@{estate.child}"][0] == "skipped"
    assert outcomes[f"ecr-image:app@{estate.old}"][0] == "done"
    assert outcomes["role:app-role"][0] == "done"


def test_an_image_that_somebody_else_restored_since_the_plan_stays(
    aws_environment: Sandbox, estate: Estate
) -> None:
    plan = planned_of_estate()
    for storage in ("ARCHIVE", "STANDARD"):
        aws_environment.client("ecr").update_image_storage_class(
            repositoryName="app",
            imageId={"imageDigest": estate.old},
            targetStorageClass=storage,
        )
    status, because = statuses(set_aside(plan))[f"ecr-image:app@{estate.old}"]
    assert status == "refused"
    assert because.endswith("[restored]")


def test_what_was_reserved_before_is_reserved_again(
    aws_environment: Sandbox, estate: Estate
) -> None:
    aws = aws_environment
    aws.client("lambda").put_function_concurrency(
        FunctionName="app", ReservedConcurrentExecutions=7
    )
    before, plan = world(aws), planned("function:app")
    assert set_aside(plan).proven
    assert released(plan).whole
    assert world(aws) == before
    assert world(aws)["functions"]["app"][1] == 7


def test_what_cannot_be_reserved_any_more_is_said(aws_environment: Sandbox, estate: Estate) -> None:
    """Others took the account's concurrency meanwhile."""
    aws = aws_environment
    client = aws.client("lambda")
    client.put_function_concurrency(FunctionName="app", ReservedConcurrentExecutions=500)
    before, plan = world(aws), planned("function:app")
    assert set_aside(plan).proven
    client.put_function_concurrency(FunctionName="other", ReservedConcurrentExecutions=600)
    outcomes = {outcome.id.rpartition("/")[2]: outcome for outcome in released(plan).outcomes}
    assert outcomes["app"].status == "failed"
    assert "below its minimum value" in outcomes["app"].because
    trigger = outcomes[estate.trigger]
    assert (trigger.status, "which is not restored" in trigger.because) == ("failed", True)
    client.delete_function_concurrency(FunctionName="other")
    assert released(plan).whole
    assert world(aws) == before


def test_a_trigger_that_was_disabled_stays_disabled(aws_environment: Sandbox) -> None:
    aws = aws_environment
    odd(aws)
    seed.trigger(aws, "app", "arn:aws:sqs:us-east-1:123456789012:off", enabled=False, modified=OLD)
    before, plan = world(aws), planned("function:app")
    assert [survivor.because for survivor in plan.kept if survivor.id.startswith("trigger")] == [
        "disabled already"
    ]
    assert set_aside(plan).proven
    assert released(plan).whole
    assert world(aws) == before


def test_release_overrules_nobody(aws_environment: Sandbox, estate: Estate) -> None:
    aws = aws_environment
    plan = planned_of_estate()
    assert set_aside(plan).proven
    aws.client("lambda").put_function_concurrency(
        FunctionName="app", ReservedConcurrentExecutions=3
    )
    _trust(aws, estate)
    aws.client("ecr").batch_delete_image(
        repositoryName="app", imageIds=[{"imageDigest": estate.old}]
    )
    outcomes = {
        outcome.id.rpartition("/")[2]: (outcome.status, outcome.because)
        for outcome in released(plan).outcomes
    }
    assert outcomes["app"] == (
        "failed",
        "it needs role:123456789012/app-role, which is not restored",
    )
    assert outcomes["app-role"][0] == "changed"
    assert "its trust policy was changed since" in outcomes["app-role"][1]
    assert outcomes[f"app@{estate.old}"] == ("changed", "deleted since")
    assert outcomes[f"app@{estate.child}"][0] == "released"
    role(aws).assume_role_policy_document = ODD_TRUST
    outcomes = {
        outcome.id.rpartition("/")[2]: (outcome.status, outcome.because)
        for outcome in released(plan).outcomes
    }
    assert outcomes["app"][0] == "changed"
    assert "its reserved concurrency was changed to 3" in outcomes["app"][1]
    assert world(aws)["functions"]["app"][1] == 3


def test_restoring_takes_time_and_all_images_are_waited_for_together(
    aws_environment: Sandbox, estate: Estate
) -> None:
    aws = aws_environment
    before, plan = world(aws), planned_of_estate()
    stopped = set_aside(plan)
    assert stopped.proven
    assert statuses(stopped)["function:app"] == ("done", "concurrency set to 0")
    aws.world.restore_seconds = 1200
    outcomes = {
        outcome.id.rpartition("/")[2]: outcome for outcome in released(plan, patience=0).outcomes
    }
    assert outcomes["app-role"].status == "released"
    assert "still restoring" in outcomes[f"app@{estate.old}"].because
    assert outcomes["app"].status == "failed"  # it would fail without its image
    assert aws.calls.tally()["ecr:UpdateImageStorageClass"] == 8
    aws.advance(1300)
    receipt = released(plan)
    assert receipt.whole
    because = {outcome.id.rpartition("/")[2]: outcome.because for outcome in receipt.outcomes}
    assert because[f"app@{estate.old}"] == "restored from archive"
    assert because["app"] == "reserved concurrency removed"
    assert aws.calls.tally()["ecr:UpdateImageStorageClass"] == 8
    assert world(aws) == before


def test_a_quarantine_keeps_images_before_they_cannot_be_read(
    aws_environment: Sandbox, estate: Estate
) -> None:
    plan = planned_of_estate()
    receipt = set_aside(plan, backup=True)
    assert receipt.proven
    kept = Path(receipt.journal).parent / "backup"
    index = json.loads(next(kept.rglob("index.json")).read_text())
    assert len({manifest["digest"] for manifest in index["manifests"]}) == 4


def test_what_is_in_quarantine_is_not_set_aside_again(
    aws_environment: Sandbox, estate: Estate
) -> None:
    first = planned_of_estate()
    assert set_aside(first).proven
    again = planned("function:app")
    assert again.steps == ()
    words = {survivor.id.partition(":")[0]: survivor.because for survivor in again.kept}
    assert words["ecr-image"].startswith("put in quarantine ")
    assert words["trigger"].startswith("already in quarantine")
    assert words["function"].startswith("already in quarantine")
    assert words["role"].startswith("put in quarantine ")
