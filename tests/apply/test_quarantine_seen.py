"""What is set aside is seen as such by those who ask, and not as broken by accident."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import jotgraph
from jotgraph import views
from jotgraph.analysis.health import Code, states
from jotgraph.analysis.usage import Options
from jotgraph.apply import Receipt
from jotgraph.cli.plan_options import Cleaning, Deciding
from jotgraph.cli.planning import plan_of_cleaning
from jotgraph.queries.jots import jots
from jotgraph.queries.orphans import orphans
from jotgraph.queries.staleness import staleness
from jotgraph.records import Kind
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.apply.aside import estate_set_aside, planned, set_aside
from tests.apply.estate import OLD, Estate
from tests.apply.runs import scan
from tests.apply.test_quarantine import estate

__all__ = ["estate"]

FUNCTION = "function:123456789012/us-east-1/app"
ROLE = "role:123456789012/app-role"


@pytest.fixture
def asleep(aws_environment: Sandbox, estate: Estate) -> Receipt:
    receipt = estate_set_aside()
    assert receipt.proven
    return receipt


def test_ls_and_stale_call_it_quarantined_and_not_broken(asleep: Receipt) -> None:
    graph = jotgraph.build(scan())
    rows = {jot.function: jot.states for jot in jots(graph, all_versions=True).jots}
    assert Code.QUARANTINED in rows["app"]
    assert Code.BROKEN not in rows["app"]
    assert Code.QUARANTINED not in rows["other"]
    entries = {function.id: function.states for function in staleness(graph).functions}
    assert all(Code.BROKEN not in codes for codes in entries.values())
    drawn = views.options(graph).findings or {}
    assert Code.QUARANTINED in states(drawn[graph_id(FUNCTION)])


def test_a_zip_function_that_is_set_aside_is_seen_as_such(
    aws_environment: Sandbox, estate: Estate
) -> None:
    """GetFunction is not asked about it; the tag is read with those of all."""
    aws = aws_environment
    role = aws.client("iam").get_role(RoleName="app-role")["Role"]["Arn"]
    seed.function(aws, "zipped", role=role, modified=OLD)
    receipt = set_aside(planned("function:zipped"))
    assert receipt.proven
    graph = jotgraph.build(scan())
    rows = {jot.function: jot.states for jot in jots(graph).jots}
    assert (Code.QUARANTINED in rows["zipped"], Code.QUARANTINED in rows["app"]) == (True, False)
    used = {verdict.id: verdict.because for verdict in orphans(graph).all()}
    zipped = graph_id(FUNCTION.replace("app", "zipped"))
    assert f"in quarantine by run {receipt.run}" in used[zipped]


def graph_id(text: str) -> jotgraph.ResourceId:
    return jotgraph.ResourceId(text)


def test_one_that_is_archived_by_accident_is_broken_still(
    aws_environment: Sandbox, estate: Estate
) -> None:
    ecr = aws_environment.client("ecr")
    ecr.update_image_storage_class(
        repositoryName="app", imageId={"imageDigest": estate.child}, targetStorageClass="ARCHIVE"
    )
    graph = jotgraph.build(scan())
    rows = [jot.states for jot in jots(graph, all_versions=True).jots if jot.function == "app"]
    assert any(Code.BROKEN in codes for codes in rows)
    entries = {function.id: function.states for function in staleness(graph).functions}
    assert Code.BROKEN in entries[graph_id(FUNCTION)]


def test_verdicts_name_the_run(asleep: Receipt) -> None:
    graph = jotgraph.build(scan())
    used = {verdict.id: verdict.because for verdict in orphans(graph).in_use}
    assert f"in quarantine by run {asleep.run}" in used[graph_id(FUNCTION)]
    options = Options(idle_functions=True, assume_no=("lambda",))
    doubts = {
        verdict.id: {doubt.statement for doubt in verdict.doubts if doubt.code == "quarantined"}
        for verdict in orphans(graph, options=options, kinds=[Kind.FUNCTION, Kind.ROLE]).unknown
    }
    assert [
        statement for statement in doubts.get(graph_id(FUNCTION), ()) if asleep.run in statement
    ] or any(verdict.id == FUNCTION for verdict in orphans(graph, options=options).in_use)


def test_a_cleanup_leaves_it_to_the_sweep(asleep: Receipt) -> None:
    graph = jotgraph.build(scan())
    wanted = Cleaning(orphans=True, stale=("idle",), keep_last=0)
    ignore = Deciding(ignore=("edge",))
    made = plan_of_cleaning(graph, wanted, ignore, datetime.now(UTC), "cleanup")
    gone = {step.id for step in made.steps}
    assert not gone & {outcome.id for outcome in asleep.outcomes}
    assert ROLE not in gone
