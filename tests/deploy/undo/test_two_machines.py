"""Two machines that run the same command: their runs have the same name, and each undo takes back
what its own run made, whoever was first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from jotgraph.deploy.push import PushOptions, push
from jotgraph.deploy.rollout import DeployOptions, deploy
from jotgraph.deploy.run import RUN_TAG, running
from jotgraph.deploy.undo import undo_making
from jotgraph.errors import ApplyError
from jotgraph.sandbox.server import Sandbox
from tests.apply.runs import connect
from tests.deploy.push.small_engine import packed
from tests.deploy.rollout.conftest import HERE, Account, account, identity
from tests.rig.kept import state
from tests.strength import some

__all__ = ["account"]

MADE = ("ecr-repo", "function", "role", "version", "alias")


@pytest.fixture
def on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Act on a machine of this name: it has a state folder of its own."""

    @contextmanager
    def here(name: str) -> Iterator[None]:
        with monkeypatch.context() as patch:
            patch.setenv("XDG_STATE_HOME", str(tmp_path / name))
            patch.setenv("XDG_CACHE_HOME", str(tmp_path / name))
            yield

    return here


def whole() -> str:
    """A repository, an image, a role, a function, a version and an alias; returns the run."""
    with running("up", {"function": "app"}, connect(), patience=0.3) as run:
        pushed = push(run, None, packed("one"), "app", PushOptions(tag="v1"))
        deploy(run, pushed.reference, "app", DeployOptions(alias="live"))
        return run.name


def owners(aws: Sandbox) -> dict[str, str]:
    """By which run each resource is marked."""
    marks: dict[str, str] = {}
    ecr: Any = aws.client("ecr")
    iam: Any = aws.client("iam")
    functions: Any = aws.client("lambda")
    for repository in ecr.describe_repositories()["repositories"]:
        tags = ecr.list_tags_for_resource(resourceArn=repository["repositoryArn"])["tags"]
        marks["ecr-repo"] = {tag["Key"]: tag["Value"] for tag in tags}.get(RUN_TAG, "")
    for role in iam.list_roles()["Roles"]:
        tags = iam.list_role_tags(RoleName=role["RoleName"])["Tags"]
        marks["role"] = {tag["Key"]: tag["Value"] for tag in tags}.get(RUN_TAG, "")
    for function in functions.list_functions()["Functions"]:
        name = function["FunctionName"]
        tags = functions.list_tags(Resource=function["FunctionArn"])["Tags"]
        marks["function"] = tags.get(RUN_TAG, "")
        for version in functions.list_versions_by_function(FunctionName=name)["Versions"][1:]:
            marks["version"] = version["Description"].removeprefix("jotgraph ")
        for alias in functions.list_aliases(FunctionName=name)["Aliases"]:
            marks["alias"] = alias["Description"].removeprefix("jotgraph ")
    return marks


ACTIONS = (
    ("ecr", "CreateRepository"),
    ("ecr", "PutImage"),
    ("iam", "CreateRole"),
    ("lambda", "CreateFunction"),
    ("lambda", "PublishVersion"),
    ("lambda", "CreateAlias"),
)
ORDERS = (("first", "second"), ("second", "first"))
MOMENTS = [
    (action, order)
    for number, action in enumerate(ACTIONS)
    for order in (ORDERS if number % 2 else ORDERS[::-1])
]
"""Each action, and who undoes first; of every other action the one before the other."""


@pytest.mark.parametrize(
    ("action", "order"),
    some("orders in which two machines undo", MOMENTS, 2),
    ids=lambda words: words[-1],
)
def test_at_the_same_moment(
    aws_environment: Sandbox, on: Any, action: tuple[str, str], order: tuple[str, str]
) -> None:
    aws, runs = aws_environment, {}
    before = state(aws)

    def second(_request: object) -> None:
        aws.faults.clear()
        with on("second"):
            runs["second"] = whole()

    aws.faults.before(*action, call=second, times=1)
    with on("first"), suppress(ApplyError):
        runs["first"] = whole()
    with on("first"):
        runs["first"] = runs.get("first") or whole()
    assert runs["first"].partition("-")[0] == runs["second"], "the same name"
    marks = {}
    for machine, run in runs.items():
        with on(machine):
            marks[machine] = identity(run)
    assert marks["first"] != marks["second"]
    assert set(owners(aws)) == set(MADE)
    assert set(owners(aws).values()) <= set(marks.values()), "each thing is one run's"
    for machine in (*order, order[0]):
        marked = owners(aws)
        with on(machine):
            undo_making(runs[machine], connect(), patience=0.3)
        gone = {mark for kind, mark in marked.items() if kind not in owners(aws)}
        assert gone <= {marks[machine]}
    assert state(aws) == before


def test_a_change_that_another_machine_made_first(account: Account, on: Any) -> None:
    with on("first"):
        account.deploy("one", alias="live")

    def second(_request: object) -> None:
        account.aws.faults.clear()
        with on("second"):
            account.deploy("two", alias="live")

    account.aws.faults.before("lambda", "UpdateFunctionCode", call=second, times=1)
    with on("first"):
        run = account.deploy("two", alias="live").run
        reasons = {
            str(outcome.id).replace(f"{HERE}/", ""): outcome.because
            for outcome in undo_making(run, connect()).outcomes
        }
    assert reasons == {}
    assert (account.digest(), account.alias()) == (account.two, ("2", {}))
