"""Who may call a function and what pulls for it: policies, URLs, triggers, settings, tags."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox

ARN = "arn:aws:lambda:us-east-1:123456789012:function:fn"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:jobs"


@pytest.fixture
def functions(aws: Sandbox) -> Any:
    seed.function(aws, "fn")
    seed.alias(aws, "fn", "live", seed.version(aws, "fn"))
    return aws.client("lambda")


def test_a_policy_for_each_qualifier(functions: Any) -> None:
    for qualifier in ({}, {"Qualifier": "live"}, {"Qualifier": "1"}):
        with pytest.raises(functions.exceptions.ResourceNotFoundException):
            functions.get_policy(FunctionName="fn", **qualifier)
    functions.add_permission(
        FunctionName="fn",
        Qualifier="live",
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn="arn:aws:execute-api:us-east-1:123456789012:x/*",
    )
    policy = json.loads(functions.get_policy(FunctionName="fn", Qualifier="live")["Policy"])
    assert policy["Statement"] == [
        {
            "Sid": "api",
            "Effect": "Allow",
            "Principal": {"Service": "apigateway.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": f"{ARN}:live",
            "Condition": {
                "ArnLike": {"AWS:SourceArn": "arn:aws:execute-api:us-east-1:123456789012:x/*"}
            },
        }
    ]
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_policy(FunctionName="fn")
    functions.remove_permission(FunctionName="fn", Qualifier="live", StatementId="api")
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_policy(FunctionName="fn", Qualifier="live")


def test_urls_of_a_function_and_its_aliases(functions: Any) -> None:
    assert functions.list_function_url_configs(FunctionName="fn")["FunctionUrlConfigs"] == []
    for qualifier in ({}, {"Qualifier": "live"}):
        functions.create_function_url_config(FunctionName="fn", AuthType="AWS_IAM", **qualifier)
    listed = functions.list_function_url_configs(FunctionName="fn")["FunctionUrlConfigs"]
    assert [url["FunctionArn"] for url in listed] == [ARN, f"{ARN}:live"]
    assert len({url["FunctionUrl"] for url in listed}) == 2
    functions.delete_function_url_config(FunctionName="fn", Qualifier="live")
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_function_url_config(FunctionName="fn", Qualifier="live")


def test_triggers_pass_through_states(functions: Any) -> None:
    made = functions.create_event_source_mapping(FunctionName="fn:live", EventSourceArn=QUEUE)
    uuid = made["UUID"]
    assert (made["State"], made["FunctionArn"]) == ("Creating", f"{ARN}:live")
    assert functions.get_event_source_mapping(UUID=uuid)["State"] == "Enabled"
    with pytest.raises(functions.exceptions.ResourceConflictException):
        functions.create_event_source_mapping(FunctionName="fn:live", EventSourceArn=QUEUE)
    off = functions.update_event_source_mapping(UUID=uuid, Enabled=False)
    assert off["State"] == "Disabling"
    assert functions.get_event_source_mapping(UUID=uuid)["State"] == "Disabled"
    assert functions.delete_event_source_mapping(UUID=uuid)["State"] == "Deleting"
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_event_source_mapping(UUID=uuid)


def test_pages_of_100_triggers_and_their_filter(aws: Sandbox, functions: Any) -> None:
    for n in range(130):
        seed.trigger(aws, "gone" if n else "fn:live", f"{QUEUE}{n}")
    pages = list(functions.get_paginator("list_event_source_mappings").paginate())
    assert [len(page["EventSourceMappings"]) for page in pages] == [100, 30]
    mine = functions.list_event_source_mappings(FunctionName=f"{ARN}:live")
    assert [m["EventSourceArn"] for m in mine["EventSourceMappings"]] == [f"{QUEUE}0"]


def test_tags(functions: Any) -> None:
    functions.tag_resource(Resource=ARN, Tags={"a": "1", "b": "2"})
    functions.untag_resource(Resource=ARN, TagKeys=["a"])
    assert functions.list_tags(Resource=ARN)["Tags"] == {"b": "2"}


def test_settings_beside_a_function(functions: Any) -> None:
    functions.put_function_event_invoke_config(
        FunctionName="fn", Qualifier="live", MaximumRetryAttempts=1
    )
    functions.put_provisioned_concurrency_config(
        FunctionName="fn", Qualifier="live", ProvisionedConcurrentExecutions=2
    )
    configs = functions.list_function_event_invoke_configs(FunctionName="fn")
    assert [c["FunctionArn"] for c in configs["FunctionEventInvokeConfigs"]] == [f"{ARN}:live"]
    provisioned = functions.list_provisioned_concurrency_configs(FunctionName="fn")
    assert len(provisioned["ProvisionedConcurrencyConfigs"]) == 1
    functions.delete_alias(FunctionName="fn", Name="live")
    assert (
        functions.list_provisioned_concurrency_configs(FunctionName="fn")[
            "ProvisionedConcurrencyConfigs"
        ]
        == []
    )
    assert functions.get_function_recursion_config(FunctionName="fn")["RecursiveLoop"]
    assert functions.get_account_settings()["AccountUsage"]["FunctionCount"] == 1
