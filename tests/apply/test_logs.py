"""Log groups: taken only where that is said, kept while a function writes to them, and restored
empty."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from msgspec.structs import replace

import jotgraph
from jotgraph import sources
from jotgraph.analysis.usage import Options
from jotgraph.apply import Receipt, Status, apply
from jotgraph.apply.undo import undo
from jotgraph.permissions import document, needs
from jotgraph.plan import CascadeOptions, Plan, plan_cleanup, plan_delete
from jotgraph.plan.outcome import UndoReceipt
from jotgraph.records import Inventory, Kind, ResourceId, kind_of, log_group_id
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.options import ScanOptions
from tests.apply.estate import Estate
from tests.apply.runs import connect, statuses
from tests.apply.test_apply import spoil
from tests.strength import some

ACCOUNT, REGION = "123456789012", "us-east-1"
OWN, GONE, SHARED = "/aws/lambda/app", "/aws/lambda/gone", "/aws/lambda/other"
LATER = Options(assume_no=("lambda",), ignore=("role-used", "age-young"))


def id_of(name: str) -> ResourceId:
    return log_group_id(ACCOUNT, REGION, name)


def fill(aws: Sandbox) -> None:
    """The groups of the functions of the estate, and one of a function that is gone."""
    logs = aws.client("logs")
    for name in (OWN, GONE, SHARED):
        logs.create_log_group(logGroupName=name, tags={"team": "a"})
    logs.put_retention_policy(logGroupName=OWN, retentionInDays=14)
    logs.put_metric_filter(
        logGroupName=OWN,
        filterName="errors",
        filterPattern="ERROR",
        metricTransformations=[
            {"metricName": "errors", "metricNamespace": "app", "metricValue": "1"}
        ],
    )


def scan(*, logs: bool = True) -> Inventory:
    options = ScanOptions(cache=None, env_key=b"k", usage_days=30, logs=logs)
    return sources.collect(options, connect())


def deleting(*names: str, logs: bool = True, options: Options = LATER) -> Plan:
    graph, now = jotgraph.build(scan()), datetime.now(UTC)
    how, targets = CascadeOptions(logs=logs), [ResourceId(name) for name in names]
    return plan_delete(graph, targets, now=now, how=how, options=options)


def cleaning(*, logs: bool = True, inventory: Inventory | None = None) -> Plan:
    graph, now = jotgraph.build(inventory or scan()), datetime.now(UTC)
    kinds = (Kind.LOG_GROUP,)
    return plan_cleanup(graph, now=now, kinds=kinds, logs=logs, options=LATER)


def taken(plan: Plan) -> list[ResourceId]:
    return [step.id for step in plan.steps if kind_of(step.id) is Kind.LOG_GROUP]


def carried_out(plan: Plan, *, backup: bool = True) -> Receipt:
    return apply(plan, connect(), now=plan.made_at, patience=0.3, backup=backup)


def groups(aws: Sandbox) -> dict[str, Any]:
    """Every group with what is kept of it."""
    logs = aws.client("logs")
    return {
        group["logGroupName"]: (
            group.get("retentionInDays"),
            logs.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"],
            {  # moto keeps the filters of a group that is deleted
                metric_filter["filterName"]: (
                    metric_filter["filterPattern"],
                    metric_filter["metricTransformations"],
                )
                for metric_filter in logs.describe_metric_filters(
                    logGroupName=group["logGroupName"]
                )["metricFilters"]
            },
        )
        for group in logs.describe_log_groups()["logGroups"]
    }


FUNCTION = f"function:{ACCOUNT}/{REGION}/app"


def test_a_group_stays_unless_its_logs_are_asked_for(
    aws_environment: Sandbox, estate: Estate
) -> None:
    fill(aws_environment)
    plan = deleting(FUNCTION, logs=False)
    assert taken(plan) == []
    because = {kept.id: kept.because for kept in plan.kept}
    assert because[id_of(OWN)] == "its events could not be restored; --logs deletes it, too"
    assert taken(cleaning(logs=False)) == []
    assert taken(deleting(id_of(GONE), logs=False)) == []
    assert carried_out(plan, backup=False).proven
    assert groups(aws_environment).keys() == {OWN, GONE, SHARED}


def test_it_goes_with_its_function_and_comes_back_empty(
    aws_environment: Sandbox, estate: Estate
) -> None:
    fill(aws_environment)
    before = groups(aws_environment)
    plan = deleting(FUNCTION)
    assert taken(plan) == [id_of(OWN)]
    order = [step.id for step in plan.steps]
    assert order.index(id_of(OWN)) > order.index(ResourceId(FUNCTION))
    receipt = carried_out(plan)
    assert receipt.proven, receipt
    assert groups(aws_environment).keys() == {GONE, SHARED}
    assert said(undo(receipt.run, connect(), patience=0.3)) == ("restored", EMPTY)
    assert groups(aws_environment) == before


EMPTY = "empty: its events are gone"


def said(receipt: UndoReceipt) -> tuple[str, str]:
    outcome = next(item for item in receipt.outcomes if kind_of(item.id) is Kind.LOG_GROUP)
    return outcome.status.value, outcome.because


def test_a_group_that_lambda_made_meanwhile_is_another_one(
    aws_environment: Sandbox, estate: Estate
) -> None:
    fill(aws_environment)
    receipt = carried_out(cleaning())
    aws_environment.client("logs").create_log_group(logGroupName=GONE)
    because = "another one with its name was created since, and is left as it is"
    assert said(undo(receipt.run, connect(), patience=0.3)) == ("cannot", because)


def test_it_stays_when_its_function_does(aws_environment: Sandbox, estate: Estate) -> None:
    fill(aws_environment)
    plan = deleting(FUNCTION)
    aws_environment.client("lambda").update_function_configuration(
        FunctionName="app", Description="changed since"
    )
    outcomes = {outcome.id: outcome for outcome in carried_out(plan).outcomes}
    assert outcomes[id_of(OWN)].status is Status.SKIPPED
    assert OWN in groups(aws_environment)


def test_a_cleanup_takes_the_groups_of_functions_that_are_gone(
    aws_environment: Sandbox, estate: Estate
) -> None:
    fill(aws_environment)
    plan = cleaning()
    assert taken(plan) == [id_of(GONE)]
    assert carried_out(plan).proven
    assert groups(aws_environment).keys() == {OWN, SHARED}


def test_a_group_that_another_function_names_stays(
    aws_environment: Sandbox, estate: Estate
) -> None:
    fill(aws_environment)
    aws_environment.client("lambda").update_function_configuration(
        FunctionName="other", LoggingConfig={"LogGroup": OWN}
    )
    plan = deleting(FUNCTION)
    assert taken(plan) == []
    assert taken(deleting(id_of(OWN))) == []


def _named_in_environment(aws: Sandbox) -> None:
    aws.client("lambda").update_function_configuration(
        FunctionName="other", Environment={"Variables": {"EXPORT": GONE}}
    )


def _read_by_subscription(aws: Sandbox) -> None:
    """A subscription sends the events of the group to a function, whose policy names it."""
    aws.client("lambda").add_permission(
        FunctionName="other",
        StatementId="logs",
        Action="lambda:InvokeFunction",
        Principal="logs.amazonaws.com",
        SourceArn=f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GONE}:*",
    )


@pytest.mark.parametrize("name_it", [_named_in_environment, _read_by_subscription])
def test_a_group_that_a_function_reads_stays(
    aws_environment: Sandbox, estate: Estate, name_it: Callable[[Sandbox], None]
) -> None:
    fill(aws_environment)
    name_it(aws_environment)
    assert taken(cleaning()) == []
    assert taken(deleting(id_of(GONE))) == []


@pytest.mark.parametrize("hidden", ["functions", "place", "tags"])
def test_what_was_not_read_condemns_no_group(
    aws_environment: Sandbox, estate: Estate, hidden: str
) -> None:
    fill(aws_environment)
    if hidden == "functions":
        aws_environment.faults.deny("lambda", "ListFunctions")
    if hidden == "tags":
        aws_environment.faults.deny("tagging", "GetResources")
    inventory = scan()
    if hidden == "place":
        inventory = replace(inventory, scope=replace(inventory.scope, places=(), coverage=()))
    assert inventory.log_groups
    assert taken(cleaning(inventory=inventory)) == []


@pytest.mark.parametrize("name", ["/aws/lambda/us-east-1.edge", "/aws/lambda/a/b"])
def test_a_name_that_lambda_does_not_give_is_left_alone(
    aws_environment: Sandbox, estate: Estate, name: str
) -> None:
    aws_environment.client("logs").create_log_group(logGroupName=name)
    assert taken(cleaning()) == []
    assert taken(deleting(id_of(name))) == []


def _writer(aws: Sandbox) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/other-role"
    seed.function(aws, "gone", "common:v1", role=role)


def _named(aws: Sandbox) -> None:
    aws.client("lambda").update_function_configuration(
        FunctionName="other", LoggingConfig={"LogGroup": GONE}
    )


def _tag(key: str) -> Callable[[Sandbox], None]:
    def change(aws: Sandbox) -> None:
        logs = aws.client("logs")
        (group,) = logs.describe_log_groups(logGroupNamePrefix=GONE)["logGroups"]
        logs.tag_resource(resourceArn=group["logGroupArn"], tags={key: "why"})

    return change


def _retention(aws: Sandbox) -> None:
    aws.client("logs").put_retention_policy(logGroupName=GONE, retentionInDays=30)


def _again(aws: Sandbox) -> None:
    logs = aws.client("logs")
    logs.delete_log_group(logGroupName=GONE)
    aws.world.ahead += 60
    logs.create_log_group(logGroupName=GONE, tags={"team": "a"})


def _half_updated(aws: Sandbox) -> None:
    """It was set to the group, and what it was set to then failed."""
    aws.client("lambda").update_function_configuration(FunctionName="other", Timeout=9)
    aws.world.lambda_of(ACCOUNT, REGION).functions["other"].latest["LastUpdateStatus"] = "Failed"


def _unread(aws: Sandbox) -> None:
    aws.faults.deny("lambda", "ListFunctions")


def _untold(aws: Sandbox) -> None:
    aws.faults.deny("logs", "ListTagsForResource")


@pytest.mark.parametrize(
    ("change", "words"),
    some(
        "changes before log groups go",
        [
            (_writer, "function gone writes to it now"),
            (_half_updated, "an update of function other in us-east-1 failed or is in progress"),
            (_named, "function other writes to it now"),
            (_named_in_environment, "the environment of function other names it now"),
            (_tag("jotgraph:protect"), "protects it"),
            (_tag("aws:cloudformation:stack-name"), "the CloudFormation stack why"),
            (_retention, "retention was"),
            (_unread, "ListFunctions"),
            (_untold, "ListTagsForResource"),
        ],
        3,
    ),
)
def test_what_changes_between_plan_and_apply_keeps_it(
    aws_environment: Sandbox, estate: Estate, change: Callable[[Sandbox], None], words: str
) -> None:
    fill(aws_environment)
    plan = cleaning()
    change(aws_environment)
    (outcome,) = carried_out(plan).outcomes
    aws_environment.faults.clear()
    assert outcome.status is not Status.DONE
    assert words in outcome.because
    assert GONE in groups(aws_environment)


def test_nothing_is_deleted_under_less_than_its_policy(
    aws_environment: Sandbox, estate: Estate
) -> None:
    fill(aws_environment)
    plan = cleaning()
    aws_environment.enforce(document(needs("apply")))
    assert not carried_out(plan).proven
    aws_environment.enforce(document(needs("apply", logs=True)))
    receipt = carried_out(plan)
    assert receipt.proven, statuses(receipt)
    aws_environment.enforce(document(needs("undo", logs=True)))
    assert said(undo(receipt.run, connect(), patience=0.3)) == ("restored", EMPTY)
    aws_environment.enforce(None)


def test_what_is_gone_already_is_done(aws_environment: Sandbox, estate: Estate) -> None:
    fill(aws_environment)
    plan = cleaning()
    aws_environment.client("logs").delete_log_group(logGroupName=GONE)
    (outcome,) = carried_out(plan).outcomes
    assert (outcome.status, outcome.because) == (Status.DONE, "already gone")


CALLS = (
    "logs:DescribeLogGroups",
    "logs:ListTagsForResource",
    "logs:DescribeMetricFilters",
    "logs:DeleteLogGroup",
    "lambda:ListFunctions",
)


@pytest.mark.parametrize(
    ("call", "fault"),
    some("faults of calls about log groups", product(CALLS, ("reset", "done", "truncate")), 4),
)
def test_a_call_that_fails_once_and_the_same_command_again(
    aws_environment: Sandbox, estate: Estate, call: str, fault: str
) -> None:
    """Nothing else goes, what failed is said, the next run ends it, and an undo restores it."""
    fill(aws_environment)
    before, plan = groups(aws_environment), cleaning()
    spoil(aws_environment, call, fault)
    first = carried_out(plan)
    aws_environment.faults.clear()
    assert before.keys() - groups(aws_environment).keys() <= {GONE}
    assert first.proven or first.outcomes[0].status in (Status.FAILED, Status.REFUSED)
    receipt = carried_out(plan)
    assert receipt.proven
    assert groups(aws_environment).keys() == {OWN, SHARED}
    undo(receipt.run, connect(), patience=0.3)
    assert groups(aws_environment) == before


@pytest.mark.parametrize(
    ("call", "fault"),
    some(
        "faults while log groups are put back",
        [
            ("logs:CreateLogGroup", "reset"),
            ("logs:PutRetentionPolicy", "done"),
            ("logs:PutMetricFilter", "done"),
        ],
        2,
    ),
)
def test_an_undo_that_is_cut_off_goes_on(
    aws_environment: Sandbox, estate: Estate, call: str, fault: str
) -> None:
    fill(aws_environment)
    before = groups(aws_environment)
    receipt = carried_out(deleting(FUNCTION))
    spoil(aws_environment, call, fault)
    undo(receipt.run, connect(), patience=0.3)
    aws_environment.faults.clear()
    undo(receipt.run, connect(), patience=0.3)
    assert groups(aws_environment) == before
