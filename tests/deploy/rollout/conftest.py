"""An account with images to deploy, and a run of each command on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jotgraph.deploy.rollout import DeployOptions, Rollout, deploy, promote, rollback
from jotgraph.deploy.run import identity_of, running
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.store.journal import Journal, find_run
from tests.apply.runs import connect

PLACE = ("123456789012", "us-east-1")
HERE = "/".join(PLACE)
HOST = "123456789012.dkr.ecr.us-east-1.amazonaws.com"


class Account:
    """The sandbox with the repository ``app`` and its images ``one`` and ``two``."""

    def __init__(self, aws: Sandbox) -> None:
        self.aws = aws
        seed.repository(aws, "app")
        self.one, self.two = self.image("one"), self.image("two")

    def image(self, tag: str, architecture: str = "amd64", **labels: str) -> str:
        """Push an image that has labels; returns its digest."""
        named = {key.replace("_", "."): value for key, value in labels.items()}
        layer = tag.encode()
        config = seed.image_config(
            {"tag": tag, **named}, diff_ids=[seed.sha256_of(layer)], architecture=architecture
        )
        return seed.image(self.aws, "app", tag, config=config, layers=[layer])

    @property
    def client(self) -> Any:
        return self.aws.client("lambda")

    def function(self, qualifier: str = "$LATEST") -> Any:
        return self.client.get_function(FunctionName="app", Qualifier=qualifier)

    def digest(self, qualifier: str = "$LATEST") -> str:
        """What a qualifier runs."""
        resolved: str = self.function(qualifier)["Code"]["ResolvedImageUri"]
        return resolved.partition("@")[2]

    def alias(self, name: str = "live") -> tuple[str, dict[str, float]]:
        answer = self.client.get_alias(FunctionName="app", Name=name)
        weights = (answer.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
        return answer["FunctionVersion"], weights

    def versions(self) -> list[str]:
        listed = self.client.list_versions_by_function(FunctionName="app")["Versions"]
        return [version["Version"] for version in listed[1:]]

    def deploy(self, image: str, patience: float = 0.4, **options: Any) -> Rollout:
        """``jotgraph deploy app:IMAGE --function app``."""
        asked = DeployOptions(**options)
        subject = {"function": "app", "image": image, **asked.subject}
        with running("deploy", subject, connect(), patience=patience) as run:
            return deploy(run, f"app:{image}", "app", asked)

    def rollback(self, alias: str = "live") -> Rollout:
        with running("rollback", {"alias": alias}, connect(), patience=0.4) as run:
            return rollback(run, "app", alias)

    def promote(self, alias: str = "live") -> Rollout:
        with running("promote", {"alias": alias}, connect(), patience=0.4) as run:
            return promote(run, "app", alias)


@pytest.fixture
def account(aws_environment: Sandbox) -> Account:
    return Account(aws_environment)


def made(run: str) -> list[tuple[str, str]]:
    """What a run says of each resource, by its short id."""
    with Journal(find_run(run)) as journal:
        return [
            (str(entry.steps[0]).replace(f"{HERE}/", "").replace("123456789012/", ""), entry.result)
            for entry in journal.entries
            if entry.what == "made"
        ]


def identity(run: str) -> str:
    """What a run marks with what it makes."""
    with Journal(find_run(run)) as journal:
        return identity_of(run, journal.entries)


def calls(run: str) -> Iterator[str]:
    """The calls that a run announced."""
    with Journal(find_run(run)) as journal:
        yield from [entry.call for entry in journal.entries if entry.what == "intent"]
