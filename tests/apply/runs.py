"""Plans and runs of tests: what is read, planned and applied in the sandbox of the environment."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cache

import jotgraph
from jotgraph import sources
from jotgraph.analysis.usage import Options
from jotgraph.apply import Receipt, apply
from jotgraph.clients import Clients
from jotgraph.permissions.reading import WORKLOADS
from jotgraph.plan import Plan, plan_delete
from jotgraph.queries.find import find
from jotgraph.records import Inventory
from jotgraph.sandbox.iam.policy import PREFIXES
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.consumers import CONSUMERS
from jotgraph.sources.options import ScanOptions
from tests.rig.wire import Wire

_SANDBOXES: dict[str, Sandbox] = {}
"""By address. Clients reach them without sockets."""


def reachable(aws: Sandbox) -> None:
    """Let ``connect`` find the sandbox by the address in the environment."""
    _SANDBOXES[aws.endpoint] = aws


@cache
def _connected(aws: Sandbox, attempts: int, rounds: int) -> Clients:
    """By the sandbox, not its address: a later one may have the port of one that is gone."""
    return Wire(aws, attempts, rounds).clients


def connect(attempts: int = 1, rounds: int = 1) -> Clients:
    """Clients of the sandbox that do not try again."""
    return _connected(_SANDBOXES[os.environ["AWS_ENDPOINT_URL"]], attempts, rounds)


def scan(made: Clients | None = None) -> Inventory:
    return sources.collect(ScanOptions(cache=None, env_key=b"k", usage_days=30), made or connect())


IGNORED = Options(assume_no=("lambda",), ignore=("role-used",))


def planned(*names: str, options: Options = IGNORED) -> Plan:
    """The plan to delete what the names mean in the sandbox as it is."""
    graph = jotgraph.build(scan())
    targets = [find(graph, name) for name in names]
    return plan_delete(graph, targets, now=datetime.now(UTC), options=options)


def applied(plan: Plan, patience: float = 0.3, *, backup: bool = False) -> Receipt:
    return apply(plan, connect(), now=plan.made_at, patience=patience, backup=backup)


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
        outcome.id.replace("123456789012/us-east-1/", "").replace("123456789012/", ""): (
            outcome.status.value,
            outcome.because,
        )
        for outcome in receipt.outcomes
    }
