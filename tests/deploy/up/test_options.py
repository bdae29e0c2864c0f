"""``up`` has each option of its stages, by their own declaration, or says why it has not."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from jotgraph.cli import cli
from jotgraph.cli.build import BUILD
from jotgraph.cli.declared import Declared
from jotgraph.cli.deploy import DEPLOY
from jotgraph.cli.push import PUSH
from jotgraph.cli.testing import CASES, INVOKE, TEST
from jotgraph.cli.up import SKIP
from jotgraph.cli.validate import VALIDATE
from jotgraph.deploy.build import BuildOptions
from jotgraph.deploy.build.options import Builder
from jotgraph.deploy.push import PushOptions
from jotgraph.deploy.rollout import DeployOptions
from jotgraph.deploy.testing import RunOptions
from jotgraph.deploy.up import UpOptions

STAGES = {
    "validate": VALIDATE,
    "build": BUILD,
    "test": (*CASES, *TEST),
    "push": PUSH,
    "deploy": DEPLOY,
    "invoke": (*CASES, *INVOKE),
}
SHARED = frozenset(
    {"--help", "--debug", "--format", "--color", "--profile", "--region", "--wait"}
    | {"--audit", "--on-event", "--reason", "--role-arn", "--external-id"}
)
"""What every command that makes things has, or every command."""
LEFT_OUT = {
    "validate": {"--strict"},
    "build": {"--print-dockerfile"},
    "test": set(),
    "push": {"--index"},
    "deploy": {"--service", "--container"},
    "invoke": {"--keep"},
}


def typed(name: str) -> set[str]:
    """The long options that a command takes, but those of every command."""
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    options = [param for param in command.params if isinstance(param, click.Option)]
    return {flag for option in options for flag in option.opts if flag.startswith("--")} - SHARED


def long(flags: tuple[str, ...]) -> set[str]:
    return {flag.partition("/")[0] for flag in flags if flag.startswith("--")}


def flags_of(options: tuple[Declared, ...]) -> set[str]:
    return {flag for option in options for flag in long(option.flags)}


@pytest.mark.parametrize("stage", STAGES)
def test_the_command_of_a_stage_has_the_declared_options_and_no_other(stage: str) -> None:
    assert typed(stage) == flags_of(STAGES[stage])


@pytest.mark.parametrize("stage", STAGES)
def test_up_has_each_option_of_a_stage_or_a_reason(stage: str) -> None:
    offered = typed("up")
    left_out = [option for option in STAGES[stage] if option.left_out]
    assert flags_of(tuple(left_out)) == LEFT_OUT[stage]
    assert all(len(option.left_out.split()) > 4 for option in left_out)
    had = [option for option in STAGES[stage] if not option.left_out]
    assert {flag for option in had for flag in long(option.up_flags)} <= offered


def test_up_has_no_option_of_its_own_but_two_kinds() -> None:
    stages = {
        flag
        for options in STAGES.values()
        for option in options
        if not option.left_out
        for flag in long(option.up_flags)
    }
    assert typed("up") - stages == flags_of(SKIP) | {"--dry-run"}


def test_no_name_means_two_things() -> None:
    up = cli.get_command(click.Context(cli), "up")
    assert up is not None
    names = [name for param in up.params for name in (*param.opts, *param.secondary_opts)]
    assert len(names) == len(set(names))


LIFECYCLE = json.dumps(
    {
        "rules": [
            {
                "rulePriority": 1,
                "selection": {
                    "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10,
                },
                "action": {"type": "expire"},
            }
        ]
    }
)  # fmt: skip


def parsed(*words: str) -> UpOptions:
    """What ``up`` is asked by these words."""
    from jotgraph.cli.up import up, up_options  # noqa: PLC0415 -- the function of that name

    context = up.make_context("up", ["folder", "--function", "app", *words])
    stages: dict[str, dict[str, object]] = {}
    for name, value in context.params.items():
        stage, _, option = name.partition("_")
        stages.setdefault(stage, {})[option] = value
    return up_options(stages)


def test_nothing_typed_is_every_default() -> None:
    assert parsed() == UpOptions()


def test_every_word_reaches_its_stage(tmp_path: Path) -> None:
    for name, text in (("tested.env", "A=1"), ("live.env", "SHOP=2"), ("life.json", LIFECYCLE)):
        (tmp_path / name).write_text(text)
    wanted = parsed(
        *("--base", "slim", "--python", "3.12", "--build-tag", "a:1", "--build-tag", "b"),
        *("--label", "owner=shop", "--build-arg", "X=1", "--platform", "linux/arm64"),
        *("--builder", "classic", "--network", "none", "--pull", "--no-cache", "--allow-dirty"),
        *("--no-validate", "--test-env-file", str(tmp_path / "tested.env"), "--test-timeout", "9"),
        *("--no-test-network", "--repository", "shop/app", "--tag", "v1", "--immutable"),
        *("--scan-on-push", "--lifecycle-policy", str(tmp_path / "life.json")),
        *("--role", "r", "--alias", "live", "--weight", "0.1", "--memory", "256"),
        *("--timeout", "7", "--env-file", str(tmp_path / "live.env"), "--architecture", "arm64"),
    )
    build = BuildOptions(
        base="slim",
        python="3.12",
        tags=("a:1", "b"),
        labels={"owner": "shop"},
        arguments={"X": "1"},
        platform="linux/arm64",
        builder=Builder.CLASSIC,
        network="none",
        pull=True,
        cache=False,
        allow_dirty=True,
        validate=False,
    )
    assert wanted.build == build
    assert wanted.test == RunOptions(timeout=9, environment={"A": "1"}, network=False)
    assert wanted.push == PushOptions(
        tag="v1", immutable=True, scan_on_push=True, lifecycle_policy=LIFECYCLE
    )
    assert wanted.deploy == DeployOptions(
        role="r",
        alias="live",
        weight=0.1,
        memory=256,
        timeout=7,
        environment={"SHOP": "2"},
        architecture="arm64",
    )
    assert wanted.repository == "shop/app"
