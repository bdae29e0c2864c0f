"""Who a policy lets in: nobody who may be is left out."""

from __future__ import annotations

import json

import pytest

from jotgraph.analysis.usage.principals import (
    Admitted,
    admitted,
    trusted_beside_lambda,
    trusts_lambda,
)
from tests.factories import ACCOUNT, LAMBDA_ONLY, OTHER_ACCOUNT


def policy(*statements: dict[str, object]) -> str:
    return json.dumps({"Statement": list(statements)})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Admitted()),
        ("[]", Admitted(others=("a policy that cannot be read",))),
        (policy({"Effect": "Deny", "Principal": "*"}), Admitted()),
        (policy({"Principal": "*"}), Admitted(others=("*",))),
        (
            policy(
                {"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}
            ),
            Admitted(others=("everyone that a condition allows",)),
        ),
        (policy({"NotPrincipal": {"AWS": ACCOUNT}}), Admitted(others=("*",))),
        (
            policy(
                {"Principal": {"AWS": [ACCOUNT, f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/x/y"]}}
            ),
            Admitted(
                accounts=frozenset({ACCOUNT, OTHER_ACCOUNT}),
                principals=(f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/x/y",),
            ),
        ),
        (
            policy({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}),
            Admitted(frozenset({ACCOUNT})),
        ),
        (
            policy({"Principal": "*", "Action": ["ecr:PutImage", "ecr:InitiateLayerUpload"]}),
            Admitted(),
        ),
        (policy({"Principal": "*", "Action": "ecr:Batch*"}), Admitted(others=("*",))),
        (policy({"Principal": "*", "NotAction": "ecr:*"}), Admitted(others=("*",))),
        (policy({"Principal": "*", "Action": []}), Admitted(others=("*",))),
        (policy({"Principal": {"AWS": "AROAEXAMPLE"}}), Admitted(others=("AROAEXAMPLE",))),
        (
            policy({"Principal": {"Service": "lambda.amazonaws.com"}}),
            Admitted(lambdas=True),
        ),
        (
            policy(
                {
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Condition": {"StringEquals": {"AWS:SourceAccount": [OTHER_ACCOUNT]}},
                }
            ),
            Admitted(accounts=frozenset({OTHER_ACCOUNT}), lambdas=True),
        ),
        (policy({"Principal": {"Federated": "x"}}), Admitted(others=("x",))),
    ],
)
def test_repository_policies(text: str, expected: Admitted) -> None:
    assert admitted(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LAMBDA_ONLY, ()),
        ("", ("a trust policy without a statement",)),
        ("{", ("a trust policy that cannot be read",)),
        (policy({"Principal": {}}), ("nobody, in a trust policy that is not understood",)),
        (policy({"Principal": {"AWS": ACCOUNT}}), (ACCOUNT,)),
        (policy({"Principal": {"Service": ["lambda.amazonaws.com", "x"]}}), ("x",)),
    ],
)
def test_trust_policies(text: str, expected: tuple[str, ...]) -> None:
    assert trusted_beside_lambda(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LAMBDA_ONLY, True),
        (policy({"Principal": {"Service": ["x", "lambda.amazonaws.com"]}}), True),
        (policy({"Principal": "*"}), True),
        (policy({"Principal": {"Service": "ecs-tasks.amazonaws.com"}}), False),
        (policy({"Effect": "Deny", "Principal": {"Service": "lambda.amazonaws.com"}}), False),
        ("", False),
    ],
)
def test_whether_lambda_may_assume_a_role(text: str, expected: bool) -> None:
    assert trusts_lambda(text) is expected
