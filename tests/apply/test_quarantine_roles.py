"""What comes up between the plan of a quarantine and the second look at its role: a function that
names the role keeps it, one that has nothing to do with it does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jotgraph.apply import Status
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.apply.aside import planned_of_estate, set_aside
from tests.apply.estate import Estate
from tests.apply.runs import statuses
from tests.apply.test_quarantine import estate, world

__all__ = ["estate"]

ROLE = "arn:aws:iam::123456789012:role/app-role"
OTHER = "arn:aws:iam::123456789012:role/other-role"
DENIED = (Status.DONE, "trust policy denies everyone")


def naming(text: str) -> Callable[[Sandbox], None]:
    def change(aws: Sandbox) -> None:
        variables = {"Variables": {"IT": text}}
        aws.client("lambda").update_function_configuration(
            FunctionName="other", Environment=variables
        )

    return change


def lacking(field: str) -> Callable[[Sandbox], None]:
    """A new function, of which the listing does not tell a field."""

    def change(aws: Sandbox) -> None:
        seed.function(aws, "late", "common:v1", role=OTHER)
        late = aws.world.lambda_of(aws.account, "us-east-1").functions["late"]
        late.latest[field] = ""

    return change


def nothing(_: Sandbox) -> None:
    """Everything is as it was planned."""


@pytest.mark.parametrize(
    ("change", "result"),
    [
        pytest.param(
            naming(ROLE),
            ("refused", "function 123456789012/us-east-1/other uses it now"),
            id="named",
        ),
        pytest.param(naming(f"{ROLE}-2"), DENIED, id="a longer name"),
        pytest.param(lacking("CodeSha256"), DENIED, id="a function without a digest"),
        pytest.param(lacking("Role"), DENIED, id="a function without a role"),
        pytest.param(nothing, DENIED, id="nothing"),
    ],
)
def test_only_a_function_that_names_a_role_keeps_it_from_quarantine(
    aws_environment: Sandbox,
    estate: Estate,
    change: Callable[[Sandbox], None],
    result: tuple[str, str],
) -> None:
    plan = planned_of_estate()
    trust = world(aws_environment)["roles"]["app-role"][1]
    change(aws_environment)
    found = statuses(set_aside(plan))
    assert found["role:app-role"] == result
    assert (world(aws_environment)["roles"]["app-role"][1] == trust) == (result != DENIED)
