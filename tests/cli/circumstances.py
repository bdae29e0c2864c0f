"""What is so where a wrong command line is run, by its name in the table of wrong inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from click.testing import CliRunner

from jotgraph.cli import cli
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.store.folders import runs_folder
from tests.deploy.push.small_engine import packed, small_engine

Circumstance = Callable[[Sandbox, pytest.MonkeyPatch], AbstractContextManager[str]]
"""What is so while a command line is run; gives the name of a run that the line is about."""


@contextmanager
def _engine(aws: Sandbox, patch: pytest.MonkeyPatch, *, index: bool = False) -> Iterator[str]:
    """A Docker engine with one image, which starts nothing."""
    with small_engine(aws, packed(), "shop:latest") as engine:
        engine.index = index
        patch.setenv("DOCKER_HOST", engine.address)
        yield ""


@contextmanager
def _index(aws: Sandbox, patch: pytest.MonkeyPatch) -> Iterator[str]:
    with _engine(aws, patch, index=True) as run:
        yield run


@contextmanager
def _unassumable(aws: Sandbox, patch: pytest.MonkeyPatch) -> Iterator[str]:
    patch.setattr(aws.world, "role_refusals", 10_000)
    yield ""


@contextmanager
def _services(aws: Sandbox, patch: pytest.MonkeyPatch) -> Iterator[str]:
    """Two services, one of them of two containers, and a role for tasks alone."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    seed.role(aws, "tasks", trust={"Version": "2012-10-17", "Statement": [statement]})
    seed.repository(aws, "other")
    seed.image(aws, "other", "1")
    seed.task_definition(aws, "web", "other:1")
    seed.ecs_service(aws, "web", "web")
    seed.task_definition(aws, "pair", "other:1", "other:1")
    seed.ecs_service(aws, "pair", "pair")
    yield ""


def _held(aws: Sandbox, name: str) -> dict[str, Any]:
    """A service as the sandbox holds it."""
    services = aws.world.kept[aws.account, aws.region, "ecs/service"]
    service: dict[str, Any] = next(
        service_entry for service_entry in services.values() if service_entry["serviceName"] == name
    )
    return service


@contextmanager
def _circuit_breaker(aws: Sandbox, patch: pytest.MonkeyPatch) -> Iterator[str]:
    """ECS rolls the next deployment of ``web`` back."""
    with _services(aws, patch):
        before = str(_held(aws, "web")["taskDefinition"])

        def roll_back(_request: object, _reply: object) -> None:
            service = _held(aws, "web")
            deployed = service["deployments"][0]
            failed = {
                **deployed,
                "status": "ACTIVE",
                "rolloutState": "FAILED",
                "rolloutStateReason": "ECS deployment circuit breaker: tasks failed to start.",
            }
            service["deployments"] = [{**deployed, "taskDefinition": before}, failed]

        aws.faults.after("ecs", "UpdateService", call=roll_back, times=1)
        yield ""


@contextmanager
def _code_deploy(aws: Sandbox, patch: pytest.MonkeyPatch) -> Iterator[str]:
    with _services(aws, patch):
        _held(aws, "web")["deploymentController"] = {"type": "CODE_DEPLOY"}
        yield ""


@contextmanager
def _first_version(aws: Sandbox, patch: pytest.MonkeyPatch) -> Iterator[str]:
    """A function with one version, and an alias on it."""
    aws.reset()
    _image(aws, "app", "1")
    seed.role(aws, "app")
    seed.function(aws, "first", "app:1")
    seed.alias(aws, "first", "live", seed.version(aws, "first"))
    yield ""


@contextmanager
def _image_gone(aws: Sandbox, patch: pytest.MonkeyPatch) -> Iterator[str]:
    """A function with two versions; the image of the first is gone from ECR."""
    aws.reset()
    digest = _image(aws, "app", "1")
    _image(aws, "app", "2")
    seed.role(aws, "app")
    seed.function(aws, "second", "app:1")
    seed.version(aws, "second")
    client: Any = aws.client("lambda")
    client.update_function_code(FunctionName="second", ImageUri=seed.uri(aws, "app:2"))
    seed.alias(aws, "second", "live", seed.version(aws, "second"))
    ecr: Any = aws.client("ecr")
    ecr.batch_delete_image(repositoryName="app", imageIds=[{"imageDigest": digest}])
    yield ""


def _image(aws: Sandbox, repository: str, tag: str) -> str:
    ecr: Any = aws.client("ecr")
    names = [
        repository["repositoryName"] for repository in ecr.describe_repositories()["repositories"]
    ]
    if repository not in names:
        seed.repository(aws, repository)
    return seed.image(aws, repository, tag, config=seed.image_config({"tag": tag}))


@contextmanager
def _changed_since(aws: Sandbox, patch: pytest.MonkeyPatch) -> Iterator[str]:
    """A run gave a function another timeout, and somebody changed it once more."""
    before = set(runs_folder().iterdir()) if runs_folder().is_dir() else set()
    words = ["deploy", "frozen:v1", "--function", "shared", "--timeout", "9"]
    made = CliRunner().invoke(cli, words, prog_name="jotgraph")
    assert made.exit_code == 0, made.output
    (run,) = set(runs_folder().iterdir()) - before
    client: Any = aws.client("lambda")
    client.update_function_configuration(FunctionName="shared", Timeout=11)
    yield run.name


CIRCUMSTANCES: Mapping[str, Circumstance] = {
    "engine": _engine,
    "index": _index,
    "unassumable": _unassumable,
    "services": _services,
    "circuit breaker": _circuit_breaker,
    "CodeDeploy": _code_deploy,
    "first version": _first_version,
    "image gone": _image_gone,
    "changed since": _changed_since,
}
