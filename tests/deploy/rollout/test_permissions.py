"""Each command under exactly its policy, and with one action less of those that it calls."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jotgraph.deploy.push import PushOptions, push
from jotgraph.deploy.run import running
from jotgraph.deploy.undo import undo_making
from jotgraph.errors import JotgraphError
from jotgraph.permissions import Need, document, needs
from jotgraph.sandbox.server import Sandbox
from tests.apply.runs import actions, connect
from tests.deploy.push.small_engine import packed, small_engine
from tests.deploy.rollout.conftest import Account
from tests.strength import some

TAGGED = {"iam:TagRole", "ecr:TagResource"}
PASSED = {"iam:PassRole", "lambda:ListTags"}
"""Permissions that a call needs beside its own (service authorization reference)."""
LAMBDAS = {"ecr:GetRepositoryPolicy", "ecr:SetRepositoryPolicy"}
"""What Lambda does in the name of whoever deploys (Lambda guide, "Amazon ECR permissions")."""


def deployments(account: Account) -> None:
    """Every call of deploy: a new function, then another image, settings and tags."""
    account.image("old", org_opencontainers_image_revision="a" * 40)
    account.deploy("old", alias="live")
    account.deploy("two", alias="live", timeout=9)


def pushes(aws: Sandbox) -> None:
    """Every call of push: bytes by ECR's API, and an image of an engine."""
    text = '{"rules": [{"rulePriority": 1, "selection": {"tagStatus": "any", "countType": ' + (
        '"imageCountMoreThan", "countNumber": 9}, "action": {"type": "expire"}}]}'
    )
    image = packed()
    for _ in range(2):
        with running("push", {"image": image.digest}, connect(), patience=0.3) as run:
            push(run, None, image, "team/app", PushOptions(lifecycle_policy=text))
    allowed = aws.app.allowed
    with small_engine(aws, packed("engine"), "app:1") as engine:
        engine.pushing = lambda on: aws.app.__dict__.update(allowed=None if on else allowed)
        with running("push", {"image": "app:1"}, connect(), patience=0.3) as run:
            push(run, engine.client, "app:1", "team/app")


def test_deploying_under_exactly_its_policy(account: Account) -> None:
    needed = needs("deploy")
    account.aws.calls.clear()
    account.aws.enforce(document(needed))
    deployments(account)
    called = actions(account.aws)
    allowed = {need.action for need in needed}
    assert called - allowed == set()
    uncalled = {action for action in allowed - called if not action.startswith("ecs:")}
    assert uncalled == {*PASSED, *LAMBDAS, "iam:TagRole"}


def test_pushing_under_exactly_its_policy(aws_environment: Sandbox) -> None:
    needed = needs("push")
    aws_environment.calls.clear()
    aws_environment.enforce(document(needed))
    pushes(aws_environment)
    called, allowed = actions(aws_environment), {need.action for need in needed}
    assert (called - allowed, allowed - called) == (set(), {"ecr:TagResource"})


@pytest.mark.parametrize("command", ["promote", "rollback"])
def test_moving_under_exactly_its_policy(account: Account, command: str) -> None:
    account.deploy("one", alias="live")
    weight = {"weight": 0.5} if command == "promote" else {}
    account.deploy("two", alias="live", **weight)
    needed = needs(command)
    account.aws.calls.clear()
    account.aws.enforce(document(needed))
    account.promote() if command == "promote" else account.rollback()
    called, allowed = actions(account.aws), {need.action for need in needed}
    uncalled = {action for action in allowed - called if not action.startswith("ecs:")}
    assert (called - allowed, uncalled - {"iam:PassRole"}) == (set(), {"lambda:ListTags"})


DEPLOY = [need for need in needs("deploy") if not need.action.startswith("ecs:")]


@pytest.mark.parametrize(
    "missing",
    some(
        "actions that deploy goes without",
        [need for need in DEPLOY if need.action not in LAMBDAS | {"lambda:ListTags"}],
        4,
    ),
    ids=lambda need: need.action,
)
def test_deploying_with_one_action_less_says_which(account: Account, missing: Need) -> None:
    account.aws.enforce(document(need for need in needs("deploy") if need != missing))
    _says(missing, lambda: deployments(account))
    account.aws.enforce(None)
    deployments(account)


def _says(missing: Need, act: Callable[[], None]) -> None:
    with pytest.raises(JotgraphError) as refused:
        act()
    assert missing.action in str(refused.value)


def test_undoing_under_exactly_its_policy(account: Account) -> None:
    deployments(account)
    needed = needs("undo", making=True)
    runs = [account.deploy("one", alias="live", environment={"A": "b"}).run]
    image = packed()
    with running("push", {"image": image.digest}, connect(), patience=0.3) as run:
        runs.append(push(run, None, image, "team/app").run)
    account.aws.calls.clear()
    account.aws.enforce(document(needed))
    for name in runs:
        receipt = undo_making(name, connect(), patience=0.3)
        assert receipt.whole, receipt.outcomes
    assert actions(account.aws) - {need.action for need in needed} == set()
