"""Lambda's functions, versions and aliases as documented: pages, revisions, conflicts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox

ARN = "arn:aws:lambda:us-east-1:123456789012:function"


@pytest.fixture
def functions(aws: Sandbox) -> Any:
    return aws.client("lambda")


def fail(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    response: Any = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_pages_of_50_whatever_is_asked(aws: Sandbox, functions: Any) -> None:
    for n in range(120):
        seed.function(aws, f"fn{n:03}")
    for page_size in (None, 1000):
        config = {"PageSize": page_size} if page_size else {}
        pages = list(functions.get_paginator("list_functions").paginate(PaginationConfig=config))
        assert [len(page["Functions"]) for page in pages] == [50, 50, 20]
    names = [f["FunctionName"] for page in pages for f in page["Functions"]]
    assert names == [f"fn{n:03}" for n in range(120)]


def test_every_version_has_its_row_and_its_arn(aws: Sandbox, functions: Any) -> None:
    seed.function(aws, "fn")
    for _ in range(60):
        seed.version(aws, "fn")
    every = functions.get_paginator("list_functions").paginate(FunctionVersion="ALL")
    by_one = functions.get_paginator("list_versions_by_function").paginate(FunctionName="fn")
    for pages, key in ((list(every), "Functions"), (list(by_one), "Versions")):
        assert [len(page[key]) for page in pages] == [50, 11]
        rows = [row for page in pages for row in page[key]]
        assert [row["Version"] for row in rows] == ["$LATEST", *map(str, range(1, 61))]
        assert [row["FunctionArn"] for row in rows[:2]] == [f"{ARN}:fn:$LATEST", f"{ARN}:fn:1"]
    assert functions.list_functions()["Functions"][0]["FunctionArn"] == f"{ARN}:fn"


def test_listings_leave_state_out_and_get_has_it(aws: Sandbox, functions: Any) -> None:
    seed.function(aws, "fn", tags={"team": "a"})
    row = functions.list_functions()["Functions"][0]
    assert not {"State", "LastUpdateStatus", "Tags"} & set(row)
    got = functions.get_function(FunctionName="fn")
    assert got["Configuration"]["State"] == "Active"
    assert got["Configuration"]["LastUpdateStatus"] == "Successful"
    assert got["Tags"] == {"team": "a"}
    assert "Concurrency" not in got


def test_times_as_aws_writes_them_and_revisions_that_change(aws: Sandbox, functions: Any) -> None:
    seed.function(aws, "fn")
    row = functions.list_functions()["Functions"][0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", row["LastModified"])
    changed = functions.update_function_configuration(FunctionName="fn", Timeout=9)
    assert changed["RevisionId"] != row["RevisionId"]
    assert changed["LastUpdateStatus"] == "InProgress"
    with pytest.raises(ClientError) as error:
        functions.update_function_configuration(
            FunctionName="fn", Timeout=8, RevisionId=row["RevisionId"]
        )
    assert fail(error) == ("PreconditionFailedException", 412)


def test_publishing_the_same_again_gives_the_same_version(aws: Sandbox, functions: Any) -> None:
    seed.function(aws, "fn")
    assert functions.publish_version(FunctionName="fn")["Version"] == "1"
    assert functions.publish_version(FunctionName="fn")["Version"] == "1"
    functions.update_function_configuration(FunctionName="fn", Timeout=9)
    assert functions.publish_version(FunctionName="fn")["Version"] == "2"
    functions.delete_function(FunctionName="fn", Qualifier="2")
    functions.update_function_configuration(FunctionName="fn", Timeout=10)
    assert functions.publish_version(FunctionName="fn")["Version"] == "3"


def test_qualifiers_in_every_form(aws: Sandbox, functions: Any) -> None:
    seed.function(aws, "fn")
    seed.version(aws, "fn")
    seed.alias(aws, "fn", "live", "1")
    for name, params, version in (
        ("fn", {}, "$LATEST"),
        ("fn", {"Qualifier": "live"}, "1"),
        ("fn:1", {}, "1"),
        (f"{ARN}:fn", {"Qualifier": "$LATEST"}, "$LATEST"),
        (f"{ARN}:fn:live", {}, "1"),
        ("123456789012:function:fn", {}, "$LATEST"),
    ):
        got = functions.get_function(FunctionName=name, **params)
        assert got["Configuration"]["Version"] == version
    with pytest.raises(ClientError, match="does not match"):
        functions.get_function(FunctionName="fn:1", Qualifier="live")
    for name in ("none", "fn:9"):
        with pytest.raises(ClientError) as error:
            functions.get_function(FunctionName=name)
        assert fail(error) == ("ResourceNotFoundException", 404)


@pytest.mark.parametrize("weighted", [False, True])
def test_a_version_that_an_alias_names_stays(aws: Sandbox, functions: Any, weighted: bool) -> None:
    seed.function(aws, "fn")
    first, second = seed.version(aws, "fn"), seed.version(aws, "fn")
    seed.alias(aws, "fn", "live", second, weights={first: 0.1} if weighted else None)
    with pytest.raises(
        ClientError,
        match=r"Unable to delete version because the following aliases reference it: \[live\]",
    ) as error:
        functions.delete_function(FunctionName="fn", Qualifier=first if weighted else second)
    assert fail(error) == ("ResourceConflictException", 409)


def test_deleting_versions(aws: Sandbox, functions: Any) -> None:
    seed.function(aws, "fn")
    seed.version(aws, "fn")
    seed.alias(aws, "fn", "tip", "$LATEST")
    for qualifier in ("1", "1", "77"):
        answer = functions.delete_function(FunctionName="fn", Qualifier=qualifier)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    for qualifier in ("$LATEST", "tip"):
        with pytest.raises(ClientError) as error:
            functions.delete_function(FunctionName="fn", Qualifier=qualifier)
        assert fail(error) == ("InvalidParameterValueException", 400)
    rows = functions.list_versions_by_function(FunctionName="fn")["Versions"]
    assert [row["Version"] for row in rows] == ["$LATEST"]


def test_deleting_a_function_takes_versions_and_aliases_and_leaves_triggers(
    aws: Sandbox, functions: Any
) -> None:
    seed.function(aws, "fn")
    seed.alias(aws, "fn", "live", seed.version(aws, "fn"))
    uuid = seed.trigger(aws, "fn:live", "arn:aws:sqs:us-east-1:123456789012:jobs")
    functions.delete_function(FunctionName="fn")
    for call in (functions.get_function, functions.list_aliases, functions.delete_function):
        with pytest.raises(ClientError) as error:
            call(FunctionName="fn")
        assert fail(error) == ("ResourceNotFoundException", 404)
    left = functions.get_event_source_mapping(UUID=uuid)
    assert left["FunctionArn"] == f"{ARN}:fn:live"
    assert left["LastProcessingResult"] == "PROBLEM: Function not found"


def test_aliases(aws: Sandbox, functions: Any) -> None:
    seed.function(aws, "fn")
    seed.version(aws, "fn")
    seed.version(aws, "fn")
    made = functions.create_alias(
        FunctionName="fn",
        Name="live",
        FunctionVersion="2",
        RoutingConfig={"AdditionalVersionWeights": {"1": 0.25}},
    )
    assert made["AliasArn"] == f"{ARN}:fn:live"
    listed = functions.list_aliases(FunctionName="fn")["Aliases"]
    assert [alias["RoutingConfig"] for alias in listed] == [
        {"AdditionalVersionWeights": {"1": 0.25}}
    ]
    moved = functions.update_alias(
        FunctionName="fn", Name="live", FunctionVersion="1", RoutingConfig={}
    )
    assert moved["RevisionId"] != made["RevisionId"]
    assert "RoutingConfig" not in moved
    for name, version, code in (
        ("new", "9", "ResourceNotFoundException"),
        ("live", "1", "ResourceConflictException"),
    ):
        with pytest.raises(ClientError) as error:
            functions.create_alias(FunctionName="fn", Name=name, FunctionVersion=version)
        assert fail(error)[0] == code
    for _ in range(2):
        functions.delete_alias(FunctionName="fn", Name="live")
    assert functions.list_aliases(FunctionName="fn")["Aliases"] == []


def test_pages_of_aliases(aws: Sandbox, functions: Any) -> None:
    seed.function(aws, "fn")
    version = seed.version(aws, "fn")
    for n in range(60):
        seed.alias(aws, "fn", f"a{n:02}", version)
    pages = list(functions.get_paginator("list_aliases").paginate(FunctionName="fn"))
    assert [len(page["Aliases"]) for page in pages] == [50, 10]


def test_invocations_are_counted_and_concurrency_0_throttles(aws: Sandbox, functions: Any) -> None:
    seed.function(aws, "fn")
    assert functions.invoke(FunctionName="fn", Payload=b"{}")["Payload"].read() == b"null"
    functions.put_function_concurrency(FunctionName="fn", ReservedConcurrentExecutions=0)
    got = functions.get_function(FunctionName="fn")
    assert got["Concurrency"] == {"ReservedConcurrentExecutions": 0}
    from botocore.config import Config  # noqa: PLC0415 -- one test must not wait for retries

    once = aws.client("lambda", config=Config(retries={"total_max_attempts": 1}))
    with pytest.raises(ClientError) as error:
        once.invoke(FunctionName="fn")
    assert fail(error) == ("TooManyRequestsException", 429)
    functions.delete_function_concurrency(FunctionName="fn")
    assert "Concurrency" not in functions.get_function(FunctionName="fn")
