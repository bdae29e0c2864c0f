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


OWN_ARN = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:*"
ANY_ARN = f"arn:aws:lambda:eu-west-1:*:function:pay-{ACCOUNT}"


@pytest.mark.parametrize(
    ("conditions", "accounts", "others"),
    [
        ({"StringLike": {"aws:sourceArn": OWN_ARN}}, {ACCOUNT}, False),
        ({"StringLike": {"aws:sourceArn": ANY_ARN}}, set(), True),
        ({"StringLike": {"aws:sourceArn": [OWN_ARN, ANY_ARN]}}, {ACCOUNT}, True),
        ({"StringEquals": {"aws:SourceOrgID": "o-1"}}, set(), True),
        ({"ForAnyValue:StringLike": {"aws:SourceOrgPaths": ["o-1/*"]}}, set(), True),
        ({"StringNotEquals": {"aws:SourceAccount": OTHER_ACCOUNT}}, {OTHER_ACCOUNT}, True),
        (
            {
                "StringEquals": {"aws:SourceAccount": ACCOUNT, "aws:SourceOrgID": "o-1"},
                "ArnLike": {"aws:SourceArn": ANY_ARN},
            },
            {ACCOUNT},
            False,
        ),
        ({"Bool": {"aws:SecureTransport": "true"}}, set(), False),
    ],
)
def test_which_functions_a_condition_lets_in(
    conditions: dict[str, object], accounts: set[str], others: bool
) -> None:
    """Each condition has to be met, so that one that names accounts is limit enough."""
    service = {"Principal": {"Service": "lambda.amazonaws.com"}, "Condition": conditions}
    words = ("functions of every account that a condition allows",) if others else ()
    assert admitted(policy(service)) == Admitted(frozenset(accounts), (), words, lambdas=True)


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
