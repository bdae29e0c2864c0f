"""What a quarantine relies on: throttled calls are counted, concurrency is bounded, images that are
being restored are not there yet."""

from __future__ import annotations

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox


def test_a_throttled_call_counts_as_one_and_not_as_an_invocation(aws: Sandbox) -> None:
    seed.function(aws, "one")
    client = aws.client("lambda", config=Config(retries={"total_max_attempts": 1}))
    client.invoke(FunctionName="one")
    client.put_function_concurrency(FunctionName="one", ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        client.invoke(FunctionName="one")
    counts = {
        name: [value for _, value in points]
        for (name, *_), points in aws.world.metrics[aws.account, aws.region].items()
    }
    assert counts == {"Invocations": [1.0], "Throttles": [1.0]}


def test_a_hundred_executions_stay_unreserved(aws: Sandbox) -> None:
    for name in ("one", "two"):
        seed.function(aws, name)
    client = aws.client("lambda")
    client.put_function_concurrency(FunctionName="one", ReservedConcurrentExecutions=900)
    with pytest.raises(ClientError, match="below its minimum value"):
        client.put_function_concurrency(FunctionName="two", ReservedConcurrentExecutions=1)
    client.put_function_concurrency(FunctionName="two", ReservedConcurrentExecutions=0)
    client.put_function_concurrency(FunctionName="one", ReservedConcurrentExecutions=899)
    client.put_function_concurrency(FunctionName="two", ReservedConcurrentExecutions=1)


def test_an_image_that_is_being_restored_cannot_be_pulled_yet(aws: Sandbox) -> None:
    seed.repository(aws, "app")
    digest = seed.image(aws, "app", "v1", config=b"{}", archived=True)
    aws.world.restore_seconds = 60
    seed.role(aws, "role")
    ecr, made = aws.client("ecr"), {"imageDigest": digest}
    asked = {"repositoryName": "app", "imageId": made, "targetStorageClass": "STANDARD"}
    assert ecr.update_image_storage_class(**asked)["imageStatus"] == "ACTIVATING"
    answer = ecr.batch_get_image(repositoryName="app", imageIds=[made])
    assert [failure["failureCode"] for failure in answer["failures"]] == ["ImageNotFound"]
    spec = {
        "FunctionName": "f",
        "Role": "arn:aws:iam::123456789012:role/role",
        "PackageType": "Image",
        "Code": {"ImageUri": f"123456789012.dkr.ecr.us-east-1.amazonaws.com/app@{digest}"},
    }
    with pytest.raises(ClientError, match="does not exist"):
        aws.client("lambda").create_function(**spec)
    aws.advance(61)
    aws.client("lambda").create_function(**spec)
