"""A small estate in the sandbox with something to delete of every kind, and what stays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import msgspec
import pytest

import jotgraph
from jotgraph import sources
from jotgraph.analysis.usage import Options
from jotgraph.apply import Receipt, apply
from jotgraph.clients import Clients
from jotgraph.permissions.reading import WORKLOADS
from jotgraph.plan import Plan, plan_delete
from jotgraph.queries.find import find
from jotgraph.records import Inventory
from jotgraph.sandbox import seed
from jotgraph.sandbox.iam.policy import PREFIXES
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.consumers import CONSUMERS
from jotgraph.sources.options import ScanOptions
from tests.apply.wire import Wire

OLD = datetime.now(UTC) - timedelta(days=200)
MANAGED = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


LOGS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}],
}


class Estate(msgspec.Struct, frozen=True):
    """Digests of the images, and the trigger."""

    index: str
    child: str
    proof: str
    old: str
    shared: str
    trigger: str


def fill(aws: Sandbox) -> Estate:
    """``app``: a function with a version behind an alias, a trigger, an index with an attestation,
    a role with policies of both sorts. ``other`` shares one image and has a role of its own."""
    seed.repository(aws, "app", created=OLD)
    seed.repository(aws, "common", created=OLD)
    child = seed.image(aws, "app", config=b'{"n":1}', layers=(b"one",), pushed=OLD)
    proof = seed.image(aws, "app", config=b'{"n":2}', layers=(b"two",), pushed=OLD)
    index = seed.index(aws, "app", {child: "linux/amd64"}, "v2", attests={proof: child}, pushed=OLD)
    old = seed.image(aws, "app", "v1", config=b'{"n":3}', layers=(b"three",), pushed=OLD)
    shared = seed.image(aws, "common", "v1", config=b'{"n":4}', pushed=OLD)
    role = seed.role(
        aws,
        "app-role",
        created=OLD,
        attached=(MANAGED,),
        inline={"logs": LOGS},
    )
    other = seed.role(aws, "other-role", created=OLD)
    seed.function(aws, "app", "app:v1", role=role, modified=OLD)
    seed.version(aws, "app", modified=OLD)
    seed.alias(aws, "app", "live", "1")
    seed.function(aws, "app", f"app@{child}", role=role, modified=OLD)
    seed.function(aws, "other", "common:v1", role=other, modified=OLD)
    trigger = seed.trigger(aws, "app:live", "arn:aws:sqs:us-east-1:123456789012:q", modified=OLD)
    return Estate(index=index, child=child, proof=proof, old=old, shared=shared, trigger=trigger)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory of the test's own, and a cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def estate(aws_environment: Sandbox) -> Estate:
    return fill(aws_environment)


@pytest.fixture(scope="package")
def _sandbox() -> Iterator[Sandbox]:
    """One for all tests of this directory: making clients is what takes time."""
    with Sandbox() as sandbox:
        _SANDBOXES[sandbox.environment()["AWS_ENDPOINT_URL"]] = sandbox
        yield sandbox


@pytest.fixture
def aws(_sandbox: Sandbox) -> Sandbox:
    _sandbox.reset()
    return _sandbox


_SANDBOXES: dict[str, Sandbox] = {}
"""By address. Clients reach them without sockets."""


@cache
def _connected(endpoint: str, attempts: int, rounds: int) -> Clients:
    return Wire(_SANDBOXES[endpoint], attempts, rounds).clients


def connect(attempts: int = 1, rounds: int = 1) -> Clients:
    """Clients of the sandbox that do not try again."""
    return _connected(os.environ["AWS_ENDPOINT_URL"], attempts, rounds)


def scan(made: Clients | None = None) -> Inventory:
    return sources.collect(ScanOptions(cache=None, env_key=b"k", usage_days=30), made or connect())


IGNORED = Options(assume_no=("lambda",), ignore=("role-used",))


def planned(*names: str, options: Options = IGNORED) -> Plan:
    """The plan to delete what the names mean in the sandbox as it is."""
    graph = jotgraph.build(scan())
    targets = [find(graph, each) for each in names]
    return plan_delete(graph, targets, now=datetime.now(UTC), options=options)


def applied(plan: Plan, patience: float = 0.3, *, backup: bool = False) -> Receipt:
    return apply(plan, connect(), now=datetime.now(UTC), patience=patience, backup=backup)


NO_WORKLOADS = frozenset(need.action for need in WORKLOADS) - {
    f"{entry.service}:{entry.calls[0].action}" for entry in CONSUMERS
}
"""What a run has no occasion for where the services that run images have none: all but the first
call of each listing."""
FREE = {"sts:GetCallerIdentity", "ecr-layer:GET"}
"""What the log holds that no policy allows."""


def actions(aws: Sandbox) -> set[str]:
    """What was called since the log was cleared, by the names that policies use."""
    called = (name.partition(":") for name in aws.calls.tally())
    return {f"{PREFIXES.get(service, service)}:{call}" for service, _, call in called} - FREE


Statuses = dict[str, tuple[str, str]]


def statuses(receipt: Receipt) -> Statuses:
    return {
        each.id.replace("123456789012/us-east-1/", "").replace("123456789012/", ""): (
            each.status.value,
            each.because,
        )
        for each in receipt.outcomes
    }


__all__ = ["Estate", "applied", "connect", "fill", "planned", "scan", "statuses"]
