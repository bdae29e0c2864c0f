"""The example goes all the way and back: up, trace, change, where, rollback, undo, delete."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import jotgraph
from jotgraph import sources
from jotgraph.apply import apply
from jotgraph.content.inventory import with_content
from jotgraph.deploy.rollout import rollback
from jotgraph.deploy.run import running
from jotgraph.deploy.undo import undo_making
from jotgraph.graph import ResourceGraph
from jotgraph.links import Grade
from jotgraph.plan import Plan, plan_delete
from jotgraph.records import Kind, ResourceId, kind_of, name_of
from jotgraph.sources.options import ScanOptions
from tests.deploy.up.bench import Bench

HERE = "123456789012/us-east-1"
QUOTE, RECEIPT = ResourceId(f"function:{HERE}/quote"), ResourceId(f"function:{HERE}/receipt")


def scanned(bench: Bench) -> ResourceGraph:
    """The graph of the world and the project, with the files of images."""
    reached = replace(bench.wire.clients, git=(str(bench.project.path),))
    options = ScanOptions(cache=Path(bench.home) / "scan", env_key=b"k", usage_days=30)
    inventory = sources.collect(options, reached)
    return jotgraph.build(with_content(inventory, reached, cache=Path(bench.home) / "scan"))


def deletion(graph: ResourceGraph, *names: str) -> Plan:
    handles = [jotgraph.deployment(graph, name) for name in names]
    return plan_delete(graph, handles, now=datetime.now(UTC))


def undone(bench: Bench, run: str) -> dict[str, str]:
    """What an undo says of each resource; all of it went well."""
    receipt = undo_making(run, bench.wire.clients, patience=0.3)
    assert receipt.whole, [
        (outcome.id, outcome.status.value, outcome.because) for outcome in receipt.outcomes
    ]
    return {name_of(outcome.id): outcome.because for outcome in receipt.outcomes}


def test_every_step_of_the_lineage_is_proven(bench: Bench) -> None:
    bench.deployed()
    graph = scanned(bench)
    lineage = jotgraph.trace(graph, QUOTE)
    weak = {
        (link.rule, link.grade)
        for path in lineage.paths
        for link in path.links
        if link.grade is not Grade.PROOF and kind_of(link.source) is not Kind.FUNCTION
    }
    assert weak == set()
    (claim,) = {claim.grade for claim in jotgraph.commits_of(graph, QUOTE).records[:1]}
    assert claim is Grade.PROOF
    assert [finding.code.value for finding in lineage.findings if finding.resource == QUOTE] == [
        "tested"
    ]


def test_where_tells_the_two_apart(bench: Bench) -> None:
    bench.deployed()
    bench.up("receipt")
    sha = bench.change()
    bench.up()
    graph = scanned(bench)
    answer = jotgraph.where(graph, jotgraph.find(graph, sha))
    holding = {name_of(place.id) for place in answer.contains if "@" not in place.id}
    lacking = {name_of(place.id) for place in answer.lacks if "@" not in place.id}
    assert holding == {"quote", "quote:2", "quote:live"}
    assert lacking == {"quote:1", "receipt", "receipt:1", "receipt:live"}


def test_rollback_goes_back_to_the_version_before(bench: Bench) -> None:
    first = bench.deployed()
    bench.change()
    bench.up()
    with running("rollback", {"function": "quote"}, bench.wire.clients, patience=0.3) as run:
        rollout = rollback(run, "quote", "live")
    assert rollout.after == first.lineage.paths[0].ids[2].partition("@")[2]
    alias = bench.aws.client("lambda").get_alias(FunctionName="quote", Name="live")
    assert alias["FunctionVersion"] == "1"


def test_undo_of_the_first_run_leaves_nothing(bench: Bench) -> None:
    first = bench.deployed()
    undone(bench, first.run)
    assert bench.world() == {}


def test_undo_of_a_change_is_the_world_before_it(bench: Bench) -> None:
    bench.deployed()
    between = bench.world()
    bench.change()
    undone(bench, bench.up().run)
    assert bench.world() == between


def test_delete_takes_the_whole_and_nothing_else(bench: Bench) -> None:
    bench.deployed("receipt")
    quiet = bench.world()
    bench.up()
    bench.change()
    bench.up()
    plan = deletion(scanned(bench), "quote")
    assert plan.blocks == ()
    receipt = apply(plan, bench.wire.clients, now=datetime.now(UTC), patience=0.3, backup=False)
    assert receipt.proven, receipt.outcomes
    assert bench.world() == quiet


def test_a_role_that_both_use_survives_the_deletion_of_one(bench: Bench) -> None:
    bench.deployed("receipt")
    role = "jotgraph-receipt-us-east-1"
    bench.up(options=bench.options(role=role))
    plan = deletion(scanned(bench), "quote")
    assert f"role:123456789012/{role}" not in {step.id for step in plan.steps}
    assert [(name_of(kept.id), kept.by) for kept in plan.kept if kind_of(kept.id) is Kind.ROLE] == [
        (role, (RECEIPT,))
    ]
