"""Whole runs against the sandbox: order, faults, races, and what is refused before anything."""

from __future__ import annotations

import errno
import fcntl
import os
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import pytest

import jotgraph
from jotgraph import sources
from jotgraph.apply import Status, apply
from jotgraph.errors import ApplyError, PlanError, StalePlanError
from jotgraph.plan import Limits, Plan, plan_delete, seal
from jotgraph.queries.find import find
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.options import ScanOptions
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal import Journal, run_name
from tests.apply.estate import MANAGED, OLD, Estate
from tests.apply.runs import IGNORED, applied, connect, planned, scan, statuses
from tests.strength import some

CHANGING = (
    "lambda:UpdateEventSourceMapping",
    "lambda:DeleteEventSourceMapping",
    "lambda:DeleteAlias",
    "lambda:DeleteFunction",
    "ecr:BatchDeleteImage",
    "ecr:DeleteRepository",
    "iam:DeleteRole",
    "iam:DetachRolePolicy",
    "iam:DeleteRolePolicy",
)


def world() -> list[str]:
    """Ids of everything there is."""
    return sorted(record.id for record in scan().records())


def calls(aws: Sandbox) -> list[str]:
    return [call.name for call in aws.calls]


def unanswered(plan: Plan) -> int:
    with Journal(runs_folder() / run_name(plan.digest)) as journal:
        return len(journal.unanswered())


def test_a_run_deletes_what_the_plan_says_and_nothing_else(
    aws_environment: Sandbox, plan: Plan
) -> None:
    before = world()
    aws_environment.calls.clear()
    receipt = applied(plan)
    assert receipt.proven
    assert [outcome.id for outcome in receipt.outcomes] == [step.id for step in plan.steps]
    assert world() == sorted(set(before) - {step.id for step in plan.steps})
    deletions = [call for call in aws_environment.calls if call.name == "lambda:DeleteFunction"]
    assert [deletion.params.get("Qualifier") for deletion in deletions] == ["1", None]
    assert unanswered(plan) == 0


def test_the_same_command_again_finds_all_of_it_done(aws_environment: Sandbox, plan: Plan) -> None:
    applied(plan)
    aws_environment.calls.clear()
    receipt = applied(plan)
    assert receipt.proven
    assert not [name for name in calls(aws_environment) if name in CHANGING]
    assert {outcome.because for outcome in receipt.outcomes} == {
        "done by an earlier run of this plan"
    }


def test_the_journal_is_the_owners_alone_and_survives_a_torn_line(
    aws_environment: Sandbox, plan: Plan
) -> None:
    path = Path(applied(plan).journal)
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(path.read_bytes() + b'{"what":"int')
    assert applied(plan).proven
    path.write_bytes(b"nonsense\n" + path.read_bytes())
    with pytest.raises(ApplyError, match="damaged"):
        applied(plan)


def test_two_runs_of_one_plan_do_not_meet(aws_environment: Sandbox, plan: Plan) -> None:
    with (
        Journal(runs_folder() / run_name(plan.digest)),
        pytest.raises(ApplyError, match=r"the same run.* is in progress"),
    ):
        applied(plan)


def test_a_folder_without_locks_is_told_from_a_run_in_progress(
    aws_environment: Sandbox, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(ApplyError, match=r"cannot be locked \(No locks available\), so two"):
        applied(plan)


def test_plans_that_may_not_be_applied(aws_environment: Sandbox, plan: Plan) -> None:
    now = datetime.now(UTC)
    change = msgspec.structs.replace
    aws_environment.calls.clear()
    with pytest.raises(StalePlanError, match="expired"):
        apply(plan, connect(), now=now + timedelta(hours=1))
    with pytest.raises(PlanError, match="edited"):
        applied(change(plan, steps=plan.steps[1:]))
    with pytest.raises(PlanError, match="exceeds its limit"):
        applied(seal(change(plan, over="too many")))
    incomplete = seal(change(plan, complete=False, unread=("lambda:GetPolicy", "scope")))
    with pytest.raises(PlanError, match="--accept-gaps scope"):
        apply(incomplete, connect(), now=now, accept_gaps=["lambda:GetPolicy"])
    scope = change(plan.scope, places=(*plan.scope.places, ("999999999999", "us-east-1")))
    with pytest.raises(ApplyError, match="999999999999"):
        applied(seal(change(plan, scope=scope)))
    assert set(calls(aws_environment)) <= {"sts:GetCallerIdentity"}
    with pytest.raises(
        PlanError, match=r"takes names, and lambda:\* is a pattern: --accept-gaps l"
    ):
        apply(incomplete, connect(), now=now, accept_gaps=["lambda:*", "scope"])
    with pytest.raises(PlanError, match="incomplete"):
        applied(seal(change(plan, complete=True, unread=("scope",))))
    for place in ((), (("123456789012", "eu-west-1"),)):
        with pytest.raises(PlanError, match="which its scope does not hold"):
            applied(seal(change(plan, scope=change(plan.scope, places=place))))
    gaps = ["lambda:GetPolicy", "scope"]
    assert apply(incomplete, connect(), now=now, accept_gaps=gaps, patience=0.3).proven


@pytest.mark.parametrize(
    ("call", "fault"),
    some(
        "faults of deleting calls",
        product(
            ("ecr:BatchDeleteImage", "iam:DeleteRole", "lambda:DeleteFunction"),
            ("reset", "done", "truncate"),
        ),
        4,
    ),
)
def test_a_call_that_fails_once_and_the_same_command_again(
    aws_environment: Sandbox, plan: Plan, call: str, fault: str
) -> None:
    """Nothing outside the plan is touched, what failed is said, and the next run ends it: at any
    call in test_everywhere.py."""
    before = set(world())
    spoil(aws_environment, call, fault)
    first = applied(plan)
    assert before - set(world()) <= {step.id for step in plan.steps}
    whole_or_gone(aws_environment)
    aws_environment.faults.clear()
    assert first.proven or any(outcome.status is Status.FAILED for outcome in first.outcomes)
    assert applied(plan).proven
    assert set(world()) == before - {step.id for step in plan.steps}
    assert unanswered(plan) == 0


def whole_or_gone(aws: Sandbox) -> None:
    """A role is never left crippled."""
    iam = aws.client("iam")
    try:
        iam.get_role(RoleName="app-role")
    except iam.exceptions.NoSuchEntityException:
        return
    attached = iam.list_attached_role_policies(RoleName="app-role")["AttachedPolicies"]
    inline = iam.list_role_policies(RoleName="app-role")["PolicyNames"]
    assert ([policy["PolicyArn"] for policy in attached], inline) == ([MANAGED], ["logs"])


def spoil(aws: Sandbox, call: str, fault: str, nth: int = 1) -> None:
    service, _, action = call.partition(":")
    which: dict[str, Any] = {"times": 1, "nth": nth}
    if fault == "done":
        aws.faults.reset(service, action, done=True, **which)
    else:
        getattr(aws.faults, fault)(service, action, **which)


def test_images_that_fail_in_a_batch_are_said_and_stay(
    aws_environment: Sandbox, estate: Estate, plan: Plan
) -> None:
    aws_environment.faults.fail_items("KmsError", "no key", digest=estate.old)
    receipt = applied(plan)
    outcomes = statuses(receipt)
    assert outcomes[f"ecr-image:app@{estate.old}"] == ("failed", "KmsError: no key")
    assert outcomes[f"ecr-image:app@{estate.index}"][0] == "done"
    assert outcomes["ecr-repo:app"][0] == "skipped"
    assert outcomes["role:app-role"][0] == "done"
    aws_environment.faults.clear()
    assert applied(plan).proven


def test_nothing_is_torn_off_a_function_that_changed_before_the_run(
    aws_environment: Sandbox, estate: Estate, plan: Plan
) -> None:
    aws_environment.client("lambda").update_function_configuration(
        FunctionName="app", Description="new"
    )
    receipt = applied(plan)
    outcomes = statuses(receipt)
    assert outcomes["function:app"][0] == "skipped"
    assert outcomes["alias:app:live"][0] == outcomes[f"trigger:{estate.trigger}"][0] == "skipped"
    assert {step.id for step in plan.steps} <= set(world())


def test_a_function_that_changed_before_the_run_is_refused_and_not_copied(
    aws_environment: Sandbox,
) -> None:
    role = seed.role(aws_environment, "plain", created=OLD)
    seed.function(aws_environment, "plain", role=role, modified=OLD)
    plan = planned("function:plain")
    change = aws_environment.client("lambda").update_function_configuration
    change(FunctionName="plain", Description="new")
    receipt = applied(plan, backup=True)
    (status, because) = statuses(receipt)["function:plain"]
    assert (status, because.partition(": ")[0]) == ("refused", "it changed since the plan was made")


def test_nothing_is_torn_off_a_function_with_an_alias_that_was_not_read(
    aws_environment: Sandbox,
) -> None:
    """A quick reading leaves out aliases of functions without a published version."""
    role = seed.role(aws_environment, "plain", created=OLD)
    seed.function(aws_environment, "plain", role=role, modified=OLD)
    seed.alias(aws_environment, "plain", "live", "$LATEST")
    source = "arn:aws:sqs:us-east-1:123456789012:q"
    uuid = seed.trigger(aws_environment, "plain", source, modified=OLD)
    graph = jotgraph.build(
        sources.collect(ScanOptions(cache=None, env_key=b"k", usage_days=0), connect())
    )
    target = find(graph, "function:plain")
    plan = plan_delete(graph, [target], now=datetime.now(UTC), options=IGNORED)
    assert "alias:123456789012/us-east-1/plain:live" not in {step.id for step in plan.steps}
    receipt = apply(plan, connect(), now=plan.made_at, accept_gaps=plan.unread, backup=False)
    outcomes = statuses(receipt)
    status, because = outcomes[f"trigger:{uuid}"]
    assert (status, outcomes["function:plain"][0]) == ("skipped", "skipped")
    assert "alias live is not in the plan; plan again, from a scan" in because
    read_whole = planned("function:plain")
    assert applied(read_whole).proven


def test_an_orphaned_trigger_whose_function_came_back_stays(aws_environment: Sandbox) -> None:
    seed.repository(aws_environment, "app", created=OLD)
    uuid = seed.trigger(
        aws_environment, "ghost", "arn:aws:sqs:us-east-1:123456789012:q", modified=OLD
    )
    plan = planned(f"trigger:123456789012/us-east-1/{uuid}")
    assert len(plan.steps) == 1
    seed.function(aws_environment, "ghost")
    assert statuses(applied(plan))[f"trigger:{uuid}"][0] == "refused"
    mapping = aws_environment.client("lambda").get_event_source_mapping(UUID=uuid)
    assert mapping["State"] == "Enabled"


def test_a_hundred_images_a_call(aws_environment: Sandbox) -> None:
    seed.repository(aws_environment, "big", created=OLD)
    for number in range(205):
        seed.image(aws_environment, "big", config=b'{"n":%d}' % number, pushed=OLD)
    plan = planned("ecr-repo:123456789012/us-east-1/big")
    assert len(plan.steps) == 206
    with pytest.raises(PlanError, match=r"206 steps, 100 allowed .*; 205 of 205 registry images"):
        applied(plan)
    aws_environment.calls.clear()
    wide = Limits(max_count=206, max_percent=100)
    made = apply(plan, connect(), now=plan.made_at, limits=wide, backup=False, patience=0.3)
    assert made.proven
    sizes = [
        len(call.params["imageIds"])
        for call in aws_environment.calls
        if call.name == "ecr:BatchDeleteImage"
    ]
    assert sizes == [100, 100, 5]


def test_a_plan_of_what_is_left_is_empty(aws_environment: Sandbox, plan: Plan) -> None:
    assert applied(plan).proven
    assert "function:123456789012/us-east-1/app" not in world()
    left = planned("function:other")
    assert applied(left).proven
    assert world() == []
