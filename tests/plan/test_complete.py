"""``complete: true`` is never said while a service that may use what is planned was not read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jotgraph import store
from jotgraph.analysis.usage import Options
from jotgraph.graph import ResourceGraph, build
from jotgraph.plan import Plan, plan_cleanup, plan_delete
from jotgraph.records import CoverageState, Inventory, Kind, ResourceId, kind_of
from jotgraph.records.kinds import SERVICES
from tests.factories import (
    NOW,
    coverage,
    ecr_image,
    ecr_repository,
    function,
    gap,
    inventory,
    role,
    trigger,
    trust,
    version,
)
from tests.functional.conftest import Run
from tests.functional.conftest import run as run
from tests.strength import some

USED = (Kind.ECR_IMAGE, Kind.ECR_REPO)
"""Kinds that any service may use; a role is used by those that its trust policy names."""
STATES = (CoverageState.DENIED, CoverageState.FAILED, CoverageState.LEFT_OUT, None)
"""Not read; None is a service of which the scan says nothing."""


def world() -> Inventory:
    """An image that nothing runs and one that a function runs, an empty repository, a role of ECS
    and one of Lambda."""
    return inventory(
        ecr_repository(),
        ecr_repository("empty"),
        ecr_image(1, "v1"),
        ecr_image(2, "old"),
        function(),
        version(),
        trigger(),
        role(),
        role("task", trust=trust("ecs-tasks")),
    )


def without(service: str, state: CoverageState | None) -> Inventory:
    """The world, in which one service was not read."""
    whole = world()
    kept = [entry for entry in whole.scope.coverage if entry.service != service]
    if state is not None:
        kept.append(coverage(service=service, state=state))
    scope = msgspec.structs.replace(whole.scope, coverage=tuple(sorted(kept)))
    return msgspec.structs.replace(whole, scope=scope)


def plans(graph: ResourceGraph) -> Iterator[Plan]:
    """A plan of every sort, and one to delete each resource."""
    for quarantine in (False, True):
        yield plan_cleanup(graph, now=NOW, quarantine=quarantine)
        for kind in (*USED, Kind.ROLE, Kind.FUNCTION):
            yield plan_cleanup(graph, now=NOW, kinds=(kind,), quarantine=quarantine)
        for resource in graph:
            yield plan_delete(graph, [resource], now=NOW, quarantine=quarantine)


def about(plan: Plan, *kinds: Kind) -> list[ResourceId]:
    """What a plan takes or would take, of some kinds."""
    ids = [*(step.id for step in plan.steps), *(block.id for block in plan.blocks)]
    return [resource for resource in ids if kind_of(resource) in kinds]


@pytest.mark.parametrize(
    ("service", "state"),
    some(
        "services that were not read, in other ways",
        [
            (service, state)
            for service in SERVICES
            for state in STATES
            if (service, state) != ("lambda", None)  # it is read in every place of the scope
        ],
        5,  # no divisor of the ways: each way is tried, and every other service
    ),
)
def test_no_plan_is_complete_with_a_service_unread(
    service: str, state: CoverageState | None
) -> None:
    seen = 0
    for plan in plans(build(without(service, state))):
        if about(plan, *USED):
            seen += 1
            assert (plan.complete, service in (*plan.undecided, *unread(plan))) == (False, True)
    assert seen


def unread(plan: Plan) -> set[str]:
    """The services of doubts that ``--accept-gaps`` sets aside."""
    return {name.removesuffix("-unread").replace("cluster", "eks") for name in plan.unread}


def test_plans_are_complete_where_all_was_read() -> None:
    whole = build(world())
    assert plan_cleanup(whole, now=NOW).steps
    assert all(plan.complete for plan in plans(whole))


@pytest.mark.parametrize("service", SERVICES[1:])
def test_a_plan_is_complete_where_the_user_vouches_and_says_so(service: str) -> None:
    options = Options(assume_no=(service,))
    plan = plan_cleanup(build(without(service, None)), now=NOW, options=options)
    assert (plan.complete, plan.assumed, bool(plan.steps)) == (True, (service,), True)


ANSWERS = (
    ("ls",),
    ("show", "app:old"),
    ("trace", "app:old"),
    ("why", "app:old"),
    ("orphans", "--all"),
    ("stale",),
    ("impact", "app:old"),
    ("rescue",),
    ("lifecycle", "ecr-repo:app"),
    ("plan", "cleanup"),
    ("plan", "delete", "app:old"),
    ("plan", "delete", "ecr-repo:app"),
    ("check",),
)


def said(answer: Any, name: str) -> Iterator[Any]:
    """Every value of a field, wherever it is in an answer."""
    if isinstance(answer, dict):
        yield from (value for key, value in answer.items() if key == name)
        answer = list(answer.values())
    if isinstance(answer, list):
        for part in answer:
            yield from said(part, name)


@pytest.mark.parametrize("service", some("services that an answer lacks", SERVICES, 3))
def test_no_answer_is_complete_with_a_service_unread(run: Run, service: str) -> None:
    Path("jotgraph.toml").write_text("max_orphans = 99\n")
    world = without(service, CoverageState.DENIED)
    if service == "lambda":
        hides = (Kind.FUNCTION, Kind.VERSION)
        world = msgspec.structs.replace(world, gaps=(gap("lambda:ListFunctions", *hides),))
    store.save(world, "unread.jsonl")
    complete: list[bool] = []
    for arguments in ANSWERS:
        result = run(*arguments, "--from", "unread.jsonl", "--format", "json")
        answer = json.loads(result.stdout)
        complete += said(answer, "complete")
        states = {(entry["service"], entry["state"]) for entry in answer["scope"]["coverage"]}
        assert (service, "denied") in states
        assert result.exit_code == (4 if arguments == ("check",) else 0)
        images = [
            orphan["id"] for orphan in answer.get("orphans", ()) if orphan["kind"] == "ecr-image"
        ]
        assert images == []
    assert complete == [False] * 3
