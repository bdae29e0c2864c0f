"""The answer of ``up``: each stage and the resulting deployment, or the plan of a dry run."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from jotgraph.queries.answers.deployment import Deployment
from jotgraph.queries.answers.lineage import Trace
from jotgraph.queries.answers.testing import TestReport
from jotgraph.records import ResourceId


class Stage(StrEnum):
    """The stages from a folder to a function, in order."""

    VALIDATE = "validate"
    BUILD = "build"
    TEST = "test"
    PUSH = "push"
    DEPLOY = "deploy"
    INVOKE = "invoke"


class Result(StrEnum):
    """How a stage ended, or would end."""

    CREATED = "created"
    CHANGED = "changed"
    THERE = "there"
    """It already was as required."""
    PASSED = "passed"
    """It was checked and is fine, or the stage only checks."""
    SKIPPED = "skipped"
    RUN = "run"
    """It would run; the outcome is not known in advance."""
    REFUSED = "refused"
    """It would be refused, and the following stages would not run."""


class StageDone(msgspec.Struct, frozen=True):
    """The result of one stage."""

    stage: Stage
    result: Result
    statement: str
    resources: tuple[ResourceId, ...] = ()


class Up(msgspec.Struct, frozen=True, kw_only=True):
    """One run from a folder to a function."""

    run: str
    """The run's name, for ``undo``."""
    resumed: tuple[Stage, ...] = ()
    """Stages that an interrupted run had completed before."""
    stages: tuple[StageDone, ...]
    deployment: Deployment
    lineage: Trace
    """From the commit to the role, as read back."""
    test: TestReport | None = None
    """The test of the image before the push; None when nothing was tested."""
    invocation: TestReport | None = None
    """The test of the function; None when it was not invoked."""


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of equivalent shell commands."""

    account: str
    region: str
    folder: str
    """The build context."""
    dockerfile: str
    """Path of the Dockerfile in the folder; for a generated one the name it is written to."""
    generated: str = ""
    """The text of a generated Dockerfile; empty when the folder has one."""
    platform: str
    builder: str = "auto"
    network: str = ""
    """The network of RUN steps."""
    pull: bool = False
    cache: bool = True
    names: tuple[str, ...] = ()
    """Tags in the engine beside the pushed one."""
    labels: Mapping[str, str] = {}
    arguments: tuple[str, ...] = ()
    """Names of build arguments; values may be secret and are not stored here."""
    test_variables: tuple[str, ...] = ()
    """Names of variables for the test container; a script does not contain values."""
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
    """Options of the aws command for settings beside the image."""
    variables: tuple[str, ...] | None = None
    """Names of the function's variables; None keeps the existing ones. A script does not contain
    values."""
    tags: Mapping[str, str] = {}
    """Tags of the function."""
    role: str = ""
    """ARN of an existing role or the name of one; for ``new_role`` the name."""
    new_role: bool = False
    role_tag: str = ""
    """The tag that marks a new role as belonging to the function, as the command takes it."""
    trust: str = ""
    policy: str = ""
    """The trust policy of a new role, as JSON."""
    alias: str = ""
    new_alias: bool = False
    alias_version: str = ""
    """What the alias routes to now."""
    weight: float | None = None
    events: tuple[tuple[str, str], ...] = ()
    """(name, JSON) of each case."""
    tested: bool = False
    invoked: bool = False


class UpPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What ``up`` would do, according to what was read. Nothing was changed."""

    function: ResourceId
    stages: tuple[StageDone, ...]
    recipe: Recipe
