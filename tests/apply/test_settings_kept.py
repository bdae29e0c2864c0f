"""Every setting of a function in Lambda's service model is kept by a copy, or stated as not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from jotgraph.records import function_id
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.connections import connected
from jotgraph.sources.describe import describe
from tests.apply.estate import OLD
from tests.apply.runs import connect

KEPT = frozenset(
    {
        "GetFunction", "GetFunctionCodeSigningConfig", "GetFunctionEventInvokeConfig",
        "GetFunctionRecursionConfig", "GetFunctionUrlConfig", "GetPolicy",
    }
)  # fmt: skip
OF_ZIPS = frozenset({"GetRuntimeManagementConfig"})
NOT: Mapping[str, str] = {
    "GetAlias": "an alias is a resource of its own",
    "GetFunctionConcurrency": "GetFunction answers it",
    "GetFunctionConfiguration": "GetFunction answers it",
    "GetFunctionScalingConfig": "of a version on a capacity provider, which does not go",
    "GetProvisionedConcurrencyConfig": "what has it does not go",
    "ListAliases": "an alias is a resource of its own",
    "ListDurableExecutionsByFunction": "no setting: what ran",
    "ListFunctionEventInvokeConfigs": "each is asked for by its qualifier",
    "ListFunctionUrlConfigs": "each is asked for by its qualifier",
    "ListProvisionedConcurrencyConfigs": "what has it does not go",
    "ListVersionsByFunction": "a version is a resource of its own",
}


def readers() -> set[str]:
    """The calls of Lambda that read something of one function, by botocore's service model."""
    model: Any = boto3.client("lambda", "us-east-1").meta.service_model
    shapes = {name: model.operation_model(name).input_shape for name in model.operation_names}
    return {
        name
        for name, shape in shapes.items()
        if name.startswith(("Get", "List")) and shape and "FunctionName" in shape.required_members
    }


def test_each_is_kept_or_stated() -> None:
    assert readers() == KEPT | OF_ZIPS | NOT.keys()


@pytest.mark.parametrize("zipped", [False, True])
def test_a_copy_holds_what_is_kept(aws_environment: Sandbox, zipped: bool) -> None:
    image: str | None = None
    if not zipped:
        seed.repository(aws_environment, "app", created=OLD)
        image = f"app@{seed.image(aws_environment, 'app', 'v1', pushed=OLD)}"
    seed.function(aws_environment, "app", image)
    with connected(connect()) as connections:
        answers = describe(connections, function_id("123456789012", "us-east-1", "app"))
    assert set(answers) == KEPT | (OF_ZIPS if zipped else set())
