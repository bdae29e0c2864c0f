"""The summary counts what the queries say, and names the command that comes next."""

from __future__ import annotations

from jotgraph.analysis.health import Code
from jotgraph.graph import build
from jotgraph.queries.answers.summary import Summary
from jotgraph.queries.costs import costs
from jotgraph.queries.orphans import orphans
from jotgraph.queries.summary import summary
from jotgraph.records import Kind
from tests.factories import (
    deployment,
    ecr_image,
    ecr_repository,
    estate,
    gap,
    inventory,
    layer,
    workload,
)
from tests.functional.estate import estate as ailing

SOUND = deployment()
UNUSED = (
    ecr_repository("old"),
    ecr_image(2, repository="old", layers=(layer("o", 4_000_000_000),)),
)


def asked(*records: object) -> Summary:
    return summary(build(inventory(*records)))


def test_it_counts_what_runs() -> None:
    graph = build(estate())
    counts = dict(summary(graph).counts)
    assert counts["deployments"] >= counts["functions"] >= 1
    twice = asked(*SOUND, *deployment("pay2"), workload())
    assert dict(twice.counts) == {
        "deployments": 2,
        "functions": 2,
        "workloads": 0,
        "images": 1,
        "commits": 0,
    }


def test_nothing_runs_in_nothing() -> None:
    assert not any(dict(asked().counts).values())
    assert not asked().next


def test_it_says_of_orphans_and_money_what_their_queries_say() -> None:
    graph = build(inventory(*SOUND, *UNUSED))
    answer, verdicts, stored = summary(graph), orphans(graph), costs(graph)
    assert dict(answer.orphans) == {Kind.ECR_IMAGE: 1}
    assert answer.unknown == len(verdicts.unknown)
    assert (answer.cost.stored, answer.cost.unused) == (stored.stored, stored.unused)


def test_what_is_wrong_comes_first() -> None:
    answer = summary(build(ailing()))
    assert answer.findings[0].code.value == "broken"
    assert str(answer.next) == "jotgraph rescue"


def test_a_finding_whose_next_step_changes_something_leads_to_the_list_instead() -> None:
    answer = asked(*deployment(tag="live"), ecr_image(2, "live"))
    (drift,) = [finding for finding in answer.findings if finding.code is Code.DRIFT]
    assert str(drift.next).startswith("aws lambda update-function-code")
    assert str(answer.next) == "jotgraph stale"


def test_what_was_not_read_comes_before_what_may_go() -> None:
    denied = gap("lambda:ListFunctions", Kind.FUNCTION)
    assert str(asked(*UNUSED, denied).next) == "jotgraph scan"
    left_out = gap("lambda:ListAliases", reason="left-out", option="--usage", facts=("aliases",))
    assert str(asked(*SOUND, *UNUSED, left_out).next) == "jotgraph plan cleanup"
