"""What ``up`` did, stage by stage, and the deployment that it made; or what it would do."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from jotgraph.queries.answers.deployment import Deployment
from jotgraph.queries.answers.lineage import Trace
from jotgraph.queries.answers.testing import TestReport
from jotgraph.records import ResourceId


class Stage(StrEnum):
    """The stages from a folder to a function, in their order."""

    VALIDATE = "validate"
    BUILD = "build"
    TEST = "test"
    PUSH = "push"
    DEPLOY = "deploy"
    INVOKE = "invoke"


class Result(StrEnum):
    """What came of a stage, or would."""

    CREATED = "created"
    CHANGED = "changed"
    THERE = "there"
    """It was as it is wanted."""
    PASSED = "passed"
    """It was looked at, and is right; or the stage only looks."""
    SKIPPED = "skipped"
    RUN = "run"
    """It would be run: what comes of it is not known before."""
    REFUSED = "refused"
    """It would be refused, and nothing after it would be done."""


class StageDone(msgspec.Struct, frozen=True):
    """What came of one stage."""

    stage: Stage
    result: Result
    statement: str
    resources: tuple[ResourceId, ...] = ()


class Up(msgspec.Struct, frozen=True, kw_only=True):
    """One run from a folder to a function."""

    run: str
    """The name that ``undo`` takes."""
    resumed: tuple[Stage, ...] = ()
    """Of a run that was interrupted: the stages that were done before."""
    stages: tuple[StageDone, ...]
    deployment: Deployment
    lineage: Trace
    """From the commit to the role, as it was read back."""
    test: TestReport | None = None
    """What the image answered before it was pushed; None where nothing was tested."""
    invocation: TestReport | None = None
    """What the function answered; None where it was not invoked."""


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """What the commands of a shell are made of that would do the same."""

    account: str
    region: str
    folder: str
    """What is sent to the build."""
    dockerfile: str
    """Its path in the folder; of a generated one the name it is written to."""
    generated: str = ""
    """The text of a Dockerfile that the folder lacks."""
    platform: str
    builder: str = "auto"
    network: str = ""
    """Of RUN."""
    pull: bool = False
    cache: bool = True
    names: tuple[str, ...] = ()
    """Of the image in the engine, beside the one that is pushed."""
    labels: Mapping[str, str] = {}
    arguments: tuple[str, ...] = ()
    """Names of build arguments: their values may be secret, and are nowhere in it."""
    test_variables: tuple[str, ...] = ()
    """Names of the variables of the container that is tested; a script has no values."""
    test_network: bool = True
    repository: str
    """``host/name``."""
    tag: str
    new_repository: bool
    scan_on_push: bool = False
    immutable: bool = False
    lifecycle_policy: str = ""
    function: str
    new_function: bool
    settings: tuple[tuple[str, str], ...] = ()
    """Options of the aws command for what is set beside the image."""
    variables: tuple[str, ...] | None = None
    """Names of the function's variables; None leaves those it has. A script has no values."""
    tags: Mapping[str, str] = {}
    """Of the function."""
    role: str = ""
    """ARN of a role that is there, or the name of one; of ``new_role`` the name."""
    new_role: bool = False
    role_tag: str = ""
    """By which a new role is known as the function's own, as the command takes it."""
    trust: str = ""
    policy: str = ""
    """Of a new role, as JSON."""
    alias: str = ""
    new_alias: bool = False
    alias_version: str = ""
    """What the alias leads to now."""
    weight: float | None = None
    events: tuple[tuple[str, str], ...] = ()
    """(name, JSON) of each case."""
    tested: bool = False
    invoked: bool = False


class UpPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What ``up`` would do, by what was read. Nothing was made."""

    function: ResourceId
    stages: tuple[StageDone, ...]
    recipe: Recipe
