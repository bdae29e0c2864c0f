"""Faults: every error in its service's own shape, and what real clients make of it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox

ONCE = Config(retries={"total_max_attempts": 1})

READS = [
    ("ecr", "DescribeRepositories", "describe_repositories"),
    ("lambda", "ListFunctions", "list_functions"),
    ("iam", "GetAccountAuthorizationDetails", "get_account_authorization_details"),
    ("sts", "GetCallerIdentity", "get_caller_identity"),
    ("resourcegroupstaggingapi", "GetResources", "get_resources"),
]


def call(aws: Sandbox, service: str, method: str, **options: Any) -> Any:
    return getattr(aws.client(service, **{"config": ONCE, **options}), method)()


@pytest.mark.parametrize(
    ("read", "code", "status"),
    [
        (READS[0], "ThrottlingException", 400),
        (READS[1], "TooManyRequestsException", 429),
        (READS[2], "Throttling", 400),
        (READS[3], "Throttling", 400),
        (READS[4], "ThrottlingException", 400),
    ],
)
def test_throttled(aws: Sandbox, read: tuple[str, str, str], code: str, status: int) -> None:
    service, action, method = read
    aws.faults.throttle(action=action, times=1)
    with pytest.raises(ClientError) as error:
        call(aws, service, method)
    response: Any = error.value.response
    assert response["Error"]["Code"] == code
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status
    if service == "lambda":
        assert response["Reason"] == "CallerRateLimitExceeded"
    call(aws, service, method)
    assert [c.status for c in aws.calls] == [status, 200]


@pytest.mark.parametrize(
    ("read", "code", "status"),
    [
        (READS[0], "AccessDeniedException", 400),
        (READS[1], "AccessDeniedException", 403),
        (READS[2], "AccessDenied", 403),
    ],
)
def test_denied(aws: Sandbox, read: tuple[str, str, str], code: str, status: int) -> None:
    service, action, method = read
    aws.faults.deny(service)
    with pytest.raises(
        ClientError, match=f"not authorized to perform: {service}:{action}"
    ) as error:
        call(aws, service, method)
    response: Any = error.value.response
    assert response["Error"]["Code"] == code
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status


@pytest.mark.parametrize("read", READS[:3])
def test_500(aws: Sandbox, read: tuple[str, str, str]) -> None:
    service, _, method = read
    aws.faults.error(service)
    with pytest.raises(ClientError) as error:
        call(aws, service, method)
    response: Any = error.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 500


@pytest.mark.parametrize("read", READS[:3])
@pytest.mark.parametrize("done", [False, True])
def test_reset_before_or_after_the_call(
    aws: Sandbox, read: tuple[str, str, str], done: bool
) -> None:
    service, action, method = read
    aws.faults.reset(service, done=done)
    with pytest.raises((ConnectionError, HTTPClientError)):
        call(aws, service, method)
    assert [(c.action, c.status) for c in aws.calls] == [(action, 0)]


def test_a_lost_reply_has_taken_effect(aws: Sandbox) -> None:
    seed.repository(aws, "app")
    aws.faults.reset("ecr", "DeleteRepository", done=True, times=1)
    with pytest.raises((ConnectionError, HTTPClientError)):
        aws.client("ecr", config=ONCE).delete_repository(repositoryName="app")
    assert aws.client("ecr").describe_repositories()["repositories"] == []


def test_truncated_body(aws: Sandbox) -> None:
    """botocore takes half of a JSON body for an answer without members: whoever reads must miss
    the member, not fill in an empty list."""
    seed.repository(aws, "app")
    aws.faults.truncate()
    assert "repositories" not in call(aws, "ecr", "describe_repositories")
    assert "Functions" not in call(aws, "lambda", "list_functions")
    with pytest.raises(ResponseParserError):
        call(aws, "iam", "get_account_authorization_details")


def test_delay_and_client_timeout(aws: Sandbox) -> None:
    """A call that is held back longer than the client waits is lost to it; the next is not."""
    aws.faults.delay(30, "lambda", times=1)
    client = aws.client("lambda", config=ONCE.merge(Config(read_timeout=0.1)))
    with pytest.raises(ReadTimeoutError):
        client.list_functions()
    assert call(aws, "lambda", "list_functions")["Functions"] == []


def test_nth_times_region_and_where(aws: Sandbox) -> None:
    aws.faults.throttle("lambda", nth=2, times=1, region="eu-west-1")
    aws.faults.error("ecr", where=lambda request: request.params.get("repositoryNames") == ["app"])
    statuses = []
    for region in ("us-east-1", "eu-west-1", "eu-west-1", "eu-west-1"):
        client = aws.client("lambda", region, config=ONCE)
        try:
            statuses.append(client.list_functions()["ResponseMetadata"]["HTTPStatusCode"])
        except ClientError as error:
            statuses.append(error.response["ResponseMetadata"]["HTTPStatusCode"])
    assert statuses == [200, 200, 429, 200]
    ecr = aws.client("ecr", config=ONCE)
    ecr.describe_repositories()
    with pytest.raises(ClientError, match="InternalFailure"):
        ecr.describe_repositories(repositoryNames=["app"])


def test_adaptive_retries_get_over_a_throttle_and_all_calls_are_logged(aws: Sandbox) -> None:
    aws.faults.throttle("lambda", times=2)
    client = aws.client("lambda", config=Config(retries={"mode": "adaptive"}))
    assert client.list_functions()["Functions"] == []
    assert [c.error for c in aws.calls.matching("ListFunctions")] == [
        "TooManyRequestsException", "TooManyRequestsException", "",
    ]  # fmt: skip


def test_items_of_a_batch_fail_with_200(aws: Sandbox) -> None:
    seed.repository(aws, "app")
    first, second = (seed.image(aws, "app", tag) for tag in ("a", "b"))
    aws.faults.fail_items("KmsError", digest=first, times=1)
    ids = [{"imageDigest": first}, {"imageDigest": second}]
    answer = aws.client("ecr").batch_delete_image(repositoryName="app", imageIds=ids)
    assert [f["failureCode"] for f in answer["failures"]] == ["KmsError"]
    assert answer["imageIds"] == [{"imageDigest": second, "imageTag": "b"}]


def test_hooks_race_with_a_call(aws: Sandbox) -> None:
    seed.repository(aws, "app")
    seen: list[Any] = []

    def push(request: Any) -> None:
        seed.image(aws, "app", "racing")

    aws.faults.before("ecr", "DeleteRepository", call=push, times=1)
    aws.faults.after("ecr", "DeleteRepository", call=lambda request, reply: seen.append(reply.code))
    ecr = aws.client("ecr")
    with pytest.raises(ecr.exceptions.RepositoryNotEmptyException):
        ecr.delete_repository(repositoryName="app")
    assert seen == ["RepositoryNotEmptyException"]
    aws.faults.clear()
    assert list(aws.faults) == []


def test_many_threads_lose_no_call(aws: Sandbox) -> None:
    client = aws.client("lambda")
    threads = [
        threading.Thread(target=lambda: [client.list_functions() for _ in range(10)])
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert aws.calls.tally() == {"lambda:ListFunctions": 80}


def test_calls_say_what_was_asked(aws: Sandbox) -> None:
    seed.function(aws, "fn", region="eu-west-1")
    aws.client("lambda", "eu-west-1").get_function(FunctionName="fn", Qualifier="$LATEST")
    call = next(iter(aws.calls))
    assert (call.name, call.region, call.account, call.status) == (
        "lambda:GetFunction", "eu-west-1", "123456789012", 200,
    )  # fmt: skip
    assert call.params == {"FunctionName": "fn", "Qualifier": "$LATEST"}
    assert aws.calls.count("GetFunction", region="us-east-1") == 0
