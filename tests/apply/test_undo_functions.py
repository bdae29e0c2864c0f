"""A function with all that Lambda keeps beside it: deleted, undone, the same but for its ids."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from jotgraph.apply.undo import undo
from jotgraph.apply.undo.access import permission
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.apply.estate import OLD
from tests.apply.runs import applied, connect, planned, statuses
from tests.apply.test_undo import undone
from tests.strength import some

QUEUE = "arn:aws:sqs:us-east-1:123456789012:q"
SIGNING = "arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-0123456789abcdef0"
RUNTIME = "arn:aws:lambda:us-east-1::runtime:0123"
DROPPED = ("RevisionId", "LastModified", "LastModifiedTime", "CreationTime", "FunctionUrl", "UUID",
           "EventSourceMappingArn", "LastProcessingResult", "ResponseMetadata")  # fmt: skip


def told(value: Any, numbers: dict[str, str]) -> Any:
    """An answer without what is given anew each time, version numbers by what they are now."""
    if isinstance(value, dict):
        return {
            numbers.get(key, key): told(item, numbers)
            for key, item in value.items()
            if key not in DROPPED
        }
    if isinstance(value, list):
        return [told(item, numbers) for item in value]
    if isinstance(value, str):
        start, colon, number = value.rpartition(":")  # the ARN of a version ends in its number
        return f"{start}{colon}{numbers.get(number, number)}"
    return value


def everything(aws: Sandbox, numbers: dict[str, str] | None = None) -> dict[str, Any]:
    """All that Lambda says of the function ``app``; a policy as its statements."""
    client: Any = aws.client("lambda")
    names = {"FunctionName": "app"}
    aliases = client.list_aliases(**names)["Aliases"]
    answers: dict[str, Any] = {
        "function": client.get_function(**names),
        "aliases": aliases,
        "urls": client.list_function_url_configs(**names)["FunctionUrlConfigs"],
        "invoke": client.list_function_event_invoke_configs(**names)["FunctionEventInvokeConfigs"],
        "triggers": client.list_event_source_mappings()["EventSourceMappings"],
    }
    answers["tags of triggers"] = [
        client.list_tags(Resource=trigger["EventSourceMappingArn"])["Tags"]
        for trigger in answers["triggers"]
    ]
    answers["signing"] = client.get_function_code_signing_config(**names)
    answers["recursion"] = client.get_function_recursion_config(**names)
    for alias in aliases:
        for number in (alias["FunctionVersion"], *_weights(alias)):
            version = client.get_function(**names, Qualifier=number)
            version["Configuration"].pop("FunctionArn")
            answers[f"{alias['Name']} on {(numbers or {}).get(number, number)}"] = version
    numbered = {
        number for alias in aliases for number in (alias["FunctionVersion"], *_weights(alias))
    }
    for qualifier in ("", *(alias["Name"] for alias in aliases), *sorted(numbered)):
        words = {**names, **({"Qualifier": qualifier} if qualifier else {})}
        with suppress(client.exceptions.ResourceNotFoundException):
            policy = json.loads(client.get_policy(**words)["Policy"])
            answers[f"policy {(numbers or {}).get(qualifier, qualifier)}"] = policy
    return dict(told(answers, numbers or {}))


def _weights(alias: dict[str, Any]) -> dict[str, float]:
    return dict((alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {})


def furnish(aws: Sandbox) -> None:
    """``app``: three versions of two images and other settings, of which two aliases name two and
    three; policies, URLs, retries, concurrency, tags, triggers."""
    aws.advance(-200 * 86400)
    seed.repository(aws, "app", created=OLD)
    digest = seed.image(aws, "app", "v1", config=b'{"n":1}', layers=(b"one",), pushed=OLD)
    seed.image(aws, "app", "v2", config=b'{"n":2}', layers=(b"two",), pushed=OLD)
    role = seed.role(aws, "app-role", created=OLD)
    client: Any = aws.client("lambda")
    names = {"FunctionName": "app"}
    seed.function(aws, "app", f"app@{digest}", role=role, tags={"team": "a"}, env={"A": "1"})
    seed.version(aws, "app")
    client.update_function_configuration(
        **names, Timeout=9, ImageConfig={"Command": ["app.main"]}, Environment={"Variables": {}}
    )
    client.publish_version(**names, Description="two")
    client.update_function_code(**names, ImageUri=seed.uri(aws, "app:v2"))
    client.update_function_configuration(
        **names, ImageConfig={}, Environment={"Variables": {"B": "2"}}, Description="the app"
    )
    client.publish_version(**names, Description="three")
    client.create_alias(
        **names, Name="live", FunctionVersion="3", Description="all of us",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.25}},
    )  # fmt: skip
    client.create_alias(**names, Name="old", FunctionVersion="2")
    for number, params in enumerate((
        {"Principal": "s3.amazonaws.com", "SourceArn": "arn:aws:s3:::b", "SourceAccount": "1" * 12},
        {"Principal": "210987654321"},
        {"Principal": "*", "FunctionUrlAuthType": "NONE", "Qualifier": "live"},
    )):  # fmt: skip
        action = "lambda:InvokeFunctionUrl" if "Qualifier" in params else "lambda:InvokeFunction"
        client.add_permission(**names, StatementId=f"s{number}", Action=action, **params)
    client.create_function_url_config(**names, AuthType="AWS_IAM", InvokeMode="RESPONSE_STREAM")
    client.create_function_url_config(
        **names, Qualifier="live", AuthType="NONE", Cors={"AllowOrigins": ["https://example.com"]}
    )
    client.put_function_event_invoke_config(
        **names, MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": QUEUE}}
    )
    client.put_function_event_invoke_config(**names, Qualifier="live", MaximumRetryAttempts=1)
    client.put_function_concurrency(**names, ReservedConcurrentExecutions=7)
    client.put_function_code_signing_config(**names, CodeSigningConfigArn=SIGNING)
    client.put_function_recursion_config(**names, RecursiveLoop="Allow")
    client.add_permission(
        **names, Qualifier="3", StatementId="v", Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
    )  # fmt: skip
    client.put_function_event_invoke_config(**names, Qualifier="3", MaximumRetryAttempts=1)
    client.create_event_source_mapping(
        FunctionName="app:live",
        EventSourceArn=QUEUE,
        BatchSize=3,
        Enabled=False,
        Tags={"team": "a"},
    )
    aws.advance(200 * 86400)


def hosts(aws: Sandbox) -> set[str]:
    client: Any = aws.client("lambda")
    urls = client.list_function_url_configs(FunctionName="app")["FunctionUrlConfigs"]
    return {url["FunctionUrl"] for url in urls}


class Deleted(NamedTuple):
    """A furnished function, and the run that deleted it."""

    before: dict[str, Any]
    urls: set[str]
    run: str


def furnished_and_deleted(aws: Sandbox) -> Deleted:
    furnish(aws)
    before, urls = everything(aws), hosts(aws)
    receipt = applied(planned("function:app"), backup=True)
    assert receipt.proven, statuses(receipt)
    return Deleted(before, urls, receipt.run)


@pytest.fixture
def deleted(once: Callable[[Callable[[Sandbox], Deleted]], Deleted]) -> Deleted:
    return once(furnished_and_deleted)


def test_all_of_a_function_comes_back(aws_environment: Sandbox, deleted: Deleted) -> None:
    before, urls, run = deleted
    result = undone(undo(run, connect()))
    assert everything(aws_environment, {"4": "2", "5": "3"}) == before
    assert not urls & hosts(aws_environment)
    assert {key: status for key, (status, _) in result.items() if status != "restored"} == {
        "version:app:1": "cannot", "version:app:2": "cannot", "version:app:3": "cannot",
    }  # fmt: skip
    assert "are now version 5" in result["version:app:3"][1]
    assert "deploy that and publish it" in result["version:app:1"][1]
    assert result["alias:app:old"][1] == "on version 4, which is what 2 was"
    assert all("its URL is https://" in result[name][1] for name in ("function:app",
                                                                     "alias:app:live"))  # fmt: skip


def test_a_version_alone_is_never_published_into_a_function_that_stayed(
    aws_environment: Sandbox,
) -> None:
    seed.repository(aws_environment, "app", created=OLD)
    seed.image(aws_environment, "app", "v1", pushed=OLD)
    role = seed.role(aws_environment, "app-role", created=OLD)
    seed.function(aws_environment, "app", "app:v1", role=role, modified=OLD)
    seed.version(aws_environment, "app", modified=OLD)
    receipt = applied(planned("version:123456789012/us-east-1/app:1"), backup=True)
    assert receipt.proven, statuses(receipt)
    aws_environment.calls.clear()
    ((status, because),) = undone(undo(receipt.run, connect())).values()
    assert (status, "deploy that and publish it" in because) == ("cannot", True)
    assert not {"lambda:PublishVersion"} & set(aws_environment.calls.tally())


def package() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("app.py"), "def handler(event, context): return 1\n")
    return buffer.getvalue()


@pytest.fixture
def zipped(aws_environment: Sandbox) -> Any:
    role = seed.role(aws_environment, "zip-role", created=OLD)
    aws_environment.advance(-200 * 86400)
    client: Any = aws_environment.client("lambda")
    client.create_function(
        FunctionName="zip", Runtime="python3.13", Handler="app.handler", Role=role,
        Code={"ZipFile": package()}, Layers=["arn:aws:lambda:us-east-1:123456789012:layer:l:1"],
    )  # fmt: skip
    aws_environment.advance(200 * 86400)
    return client


def test_a_zip_function_comes_back_from_the_package_itself(zipped: Any) -> None:
    pin = {"UpdateRuntimeOn": "Manual", "RuntimeVersionArn": RUNTIME}
    zipped.put_runtime_management_config(FunctionName="zip", **pin)
    before = zipped.get_function(FunctionName="zip")["Configuration"]
    receipt = applied(planned("function:zip"), backup=True)
    assert receipt.proven, statuses(receipt)
    folder = Path(receipt.journal).parent
    assert undo(receipt.run, connect()).whole
    after = zipped.get_function(FunctionName="zip")["Configuration"]
    assert told(after, {}) == told(before, {})
    assert pin.items() <= zipped.get_runtime_management_config(FunctionName="zip").items()
    assert package().hex() not in Path(receipt.journal).read_text()
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.rglob("*") if path.is_file())


def test_a_package_that_is_not_what_its_hash_says_stops_the_deletion(
    zipped: Any, aws_environment: Sandbox
) -> None:
    plan = planned("function:zip")
    packages = aws_environment.world.packages
    packages.update(dict.fromkeys(packages, b"something else"))
    outcome = statuses(applied(plan, backup=True))["function:zip"]
    assert (outcome[0], "not the function's package" in outcome[1]) == ("failed", True)
    assert zipped.get_function(FunctionName="zip")


@pytest.mark.parametrize(
    "action",
    some("actions that put a function back", [
        "AddPermission", "CreateFunctionUrlConfig", "PutFunctionEventInvokeConfig",
        "PutFunctionConcurrency", "PublishVersion",
    ], 4),
)  # fmt: skip
def test_what_fails_is_said_and_the_same_command_goes_on(
    aws_environment: Sandbox, deleted: Deleted, action: str
) -> None:
    aws_environment.faults.deny("lambda", action)
    first = undo(deleted.run, connect())
    failed = [outcome for outcome in first.outcomes if outcome.status == "failed"]
    assert [outcome for outcome in failed if f"lambda:{action}" in outcome.because]
    aws_environment.faults.clear()
    again = undone(undo(deleted.run, connect()))
    assert {status for status, _ in again.values()} <= {"restored", "there", "cannot"}
    assert everything(aws_environment, {"4": "2", "5": "3"}) == deleted.before


def test_lambda_may_not_believe_in_the_role_at_first(
    aws_environment: Sandbox, deleted: Deleted
) -> None:
    refusal = "The role defined for the function cannot be assumed by Lambda."
    aws_environment.faults.error(
        "lambda", "CreateFunction", code="InvalidParameterValueException", message=refusal, times=2
    )
    result = undone(undo(deleted.run, connect()))
    assert result["function:app"][0] == "restored"


def test_a_tag_that_was_given_to_another_image_stays_there(aws_environment: Sandbox) -> None:
    aws = aws_environment
    seed.repository(aws, "app", created=OLD)
    old = seed.image(aws, "app", "v1", config=b'{"n":1}', pushed=OLD)
    second = seed.image(aws, "app", "v2", config=b'{"n":3}')
    receipt = applied(planned("app:v1"), backup=True)
    new = seed.image(aws, "app", "v1", config=b'{"n":2}')
    (outcome,) = [e for e in undo(receipt.run, connect()).outcomes if e.id.endswith(old)]
    assert (outcome.status, outcome.because.partition("; ")[2]) == (
        "restored", "tag v1 now names another image and was not moved",
    )  # fmt: skip
    ecr: Any = aws.client("ecr")
    details = ecr.describe_images(repositoryName="app")["imageDetails"]
    assert {detail["imageDigest"]: detail.get("imageTags") for detail in details} == {
        old: None, new: ["v1"], second: ["v2"],
    }  # fmt: skip


STATEMENT = {
    "Sid": "s", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
    "Action": "lambda:InvokeFunction", "Resource": "arn",
}  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "made"),
    [
        ({}, {"Principal": "events.amazonaws.com"}),
        ({"Principal": {"AWS": "arn:aws:iam::1:root"}}, {"Principal": "arn:aws:iam::1:root"}),
        ({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}, {"PrincipalOrgID": "o-1"}),
        ({"Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}},
         {"InvokedViaFunctionUrl": True}),
        ({"Condition": {"StringLike": {"aws:SourceArn": "x"}}}, None),
        ({"Condition": {"ArnLike": {"aws:SourceArn": ["x", "y"]}}}, None),
        ({"Effect": "Deny"}, None),
        ({"Principal": {"AWS": ["1", "2"]}}, None),
        ({"NotAction": "x"}, None),
    ],
)  # fmt: skip
def test_statements_in_the_words_of_add_permission(
    fields: dict[str, Any], made: dict[str, Any] | None
) -> None:
    params = permission({**STATEMENT, **fields})
    assert (params is None) == (made is None)
    if params is not None and made is not None:
        plain = {
            "StatementId": "s", "Action": "lambda:InvokeFunction",
            "Principal": "events.amazonaws.com",
        }  # fmt: skip
        assert params == {**plain, **made}
