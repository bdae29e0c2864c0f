"""URLs of functions and aliases between the plan and the deletion."""

from __future__ import annotations

from typing import Any

import pytest

from jotgraph.plan import Plan
from jotgraph.sandbox.server import Sandbox
from tests.apply.estate import Estate
from tests.apply.runs import applied, planned, scan, statuses


def test_the_url_of_an_alias_goes_with_the_alias(aws_environment: Sandbox, estate: Estate) -> None:
    client: Any = aws_environment.client("lambda")
    client.create_function_url_config(FunctionName="app", Qualifier="live", AuthType="NONE")
    receipt = applied(planned("function:app"))
    assert receipt.proven, statuses(receipt)


@pytest.mark.parametrize("qualifier", [{}, {"Qualifier": "late"}], ids=["function", "alias"])
def test_a_url_made_since_keeps_the_function_and_all_its_parts(
    aws_environment: Sandbox, plan: Plan, qualifier: dict[str, str]
) -> None:
    client: Any = aws_environment.client("lambda")
    if qualifier:
        client.create_alias(FunctionName="app", Name="late", FunctionVersion="1")
    client.create_function_url_config(FunctionName="app", AuthType="NONE", **qualifier)
    outcomes = statuses(applied(plan))
    assert outcomes["function:app"][0] in ("refused", "skipped")
    assert outcomes["version:app:1"][0] == outcomes["alias:app:live"][0] == "skipped"
    assert "its URLs changed" in outcomes["alias:app:live"][1]
    assert {record.id for record in scan().records()} >= {
        step.id for step in plan.steps if ":123456789012/us-east-1/app" in step.id
        and not step.id.startswith("ecr")
    }  # fmt: skip
