"""Every view says of a resource what ``health`` finds, and nothing of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotgraph import store, views
from jotgraph.analysis import health
from jotgraph.analysis.health import (
    FAILING,
    Code,
    Finding,
    Severity,
    findings,
    of_each,
    states,
)
from jotgraph.analysis.health.images import SOON
from jotgraph.analysis.health.subject import Subject
from jotgraph.analysis.lag.origin import origin
from jotgraph.analysis.provenance.carriers import images_run
from jotgraph.cli.plan_options import Cleaning, Deciding
from jotgraph.cli.planning import plan_of_cleaning
from jotgraph.graph import ResourceGraph, about, build, is_missing, of_kind, record
from jotgraph.policy_check import Policy, check
from jotgraph.queries.answers.lifecycle import Expiry
from jotgraph.queries.explain import show
from jotgraph.queries.jots import jots
from jotgraph.queries.lifecycle import lifecycle
from jotgraph.queries.lineage import trace
from jotgraph.queries.orphans import orphans
from jotgraph.queries.rescue import rescue
from jotgraph.queries.staleness import staleness
from jotgraph.queries.summary import summary
from jotgraph.queries.where import where
from jotgraph.records import EcrRepository, Kind, ResourceId, Workload, WorkloadState, kind_of
from jotgraph.records.resolved import unresolved
from jotgraph.render.answers.envelope import Json
from jotgraph.render.html.data import payload
from jotgraph.render.picture.drawing.view import view
from tests.functional.estate import estate
from tests.links.world import world as linked
from tests.oracle.reductions import ALL, Reduction
from tests.oracle.worlds import world
from tests.render.estate import shop_graph
from tests.render.goldens import DEMO
from tests.render.worlds import world as drawn
from tests.strength import DICE, examples, some
from tests.views.ailing import LITERAL, ailing

RUNNING = (Kind.FUNCTION, Kind.VERSION, Kind.ALIAS, Kind.WORKLOAD)
EVERY = Policy(no_broken=True, no_drift=("*",), no_recreated_roles=True, max_lag=0)
_BY_RULE = {Code.DRIFT: "no_drift", Code.ROLE_RECREATED: "no_recreated_roles"}


def agree(graph: ResourceGraph) -> None:
    """Hold every view to the findings of the graph."""
    found = {resource: findings(graph, resource) for resource in graph}
    for view_of in (
        in_tables,
        in_lineages,
        in_check,
        in_rescue,
        in_plans,
        in_verdicts,
        in_pictures,
    ):
        view_of(graph, found)
    one_commit(graph)


Found = dict[ResourceId, tuple[Finding, ...]]


def in_tables(graph: ResourceGraph, expected: Found) -> None:
    """``ls``, ``stale`` and ``summary``."""
    listed = jots(graph, all_versions=True, undeployed=True).jots
    assert {jot.id: jot.findings for jot in listed} == {jot.id: expected[jot.id] for jot in listed}
    assert all(jot.states == states(expected[jot.id]) for jot in listed)
    assert {jot.id for jot in listed if jot.function and not jot.service} == set(
        of_kind(graph, Kind.FUNCTION, Kind.VERSION)
    )
    starting = (record(graph, resource) for resource in of_kind(graph, Kind.WORKLOAD))
    assert {jot.id for jot in listed if jot.service} == {
        node.id
        for node in starting
        if isinstance(node, Workload)
        and node.state is not WorkloadState.ACTIVE
        and (images_run(graph, node.id) or any(unresolved(node)))
    }
    told = summary(graph)
    assert set(told.findings) == {
        finding for jot in jots(graph).jots if jot.function for finding in jot.findings
    }
    for jot in jots(graph).jots:
        whose = {finding.resource for finding in jot.findings}
        assert set(jot.findings) == {
            finding for resource in whose for finding in expected[resource]
        }
    entries = {entry.id: entry for entry in staleness(graph).functions}
    assert {resource: entry.findings for resource, entry in entries.items()} == {
        resource: expected[resource] for resource in of_kind(graph, *RUNNING)
    }
    assert all(entry.states == states(entry.findings) for entry in entries.values())


def in_lineages(graph: ResourceGraph, expected: Found) -> None:
    """``show`` and ``trace``."""
    for resource in graph:
        assert show(graph, resource).findings == expected[resource]
        told = trace(graph, resource).findings
        assert told[: len(expected[resource])] == expected[resource]
        assert all(finding in expected[finding.resource] for finding in told)


def in_check(graph: ResourceGraph, expected: Found) -> None:
    """``check``: a violation for each finding of its rules, a note for each that is not known."""
    wrong, unread = set(), set()
    for resource in of_kind(graph, *RUNNING):
        for finding in expected[resource]:
            rule = "no_broken" if finding.code in FAILING else _BY_RULE.get(finding.code, "")
            if rule and finding.known:
                wrong.add((rule, resource, finding.statement))
            if finding.unread and finding.code is Code.IMAGE_UNREAD:
                unread.add(("no_broken", resource, finding.statement))
            elif finding.unread and (rule or finding.code is Code.LAG):
                unread.add((rule or "max_lag", resource, finding.statement))
    answer = check(graph, EVERY)
    assert {
        (violation.rule, violation.resource, violation.because)
        for violation in answer.violations
        if violation.rule != "max_lag"
    } == wrong
    behind = {violation.resource for violation in answer.violations if violation.rule == "max_lag"}
    assert behind <= {resource for resource in graph if Code.LAG in states(expected[resource])}
    assert {
        (violation.rule, violation.resource, violation.because)
        for violation in answer.unknown
        if violation.resource and not violation.because.startswith("its commit is not on")
    } == unread


def in_rescue(graph: ResourceGraph, expected: Found) -> None:
    """``rescue`` lists what makes something broken, and a copy where something is rescuable."""
    broken = {
        (finding.about, runner)
        for runner in of_kind(graph, Kind.FUNCTION, Kind.VERSION, Kind.WORKLOAD)
        for finding in expected[runner]
        if finding.code is Code.BROKEN and finding.known and finding.about != runner
    }
    lost = rescue(graph).lost
    assert {(image.id, runner) for image in lost for runner in image.runners} == broken
    rescuable = {
        (finding.about, runner)
        for runner in of_kind(graph, Kind.FUNCTION, Kind.VERSION, Kind.WORKLOAD)
        for finding in expected[runner]
        if finding.code is Code.RESCUABLE
    }
    assert {
        (image.id, runner) for image in lost if image.saved for runner in image.runners
    } == rescuable


def in_plans(graph: ResourceGraph, expected: Found) -> None:
    """``cleanup --stale`` speaks of what ``stale`` prints; nothing that is called goes."""
    now = about(graph).taken_at
    for code in sorted(FAILING):
        cleaning = Cleaning(stale=(code.value,))
        made = plan_of_cleaning(graph, cleaning, Deciding(), now, "cleanup")
        meant = {
            resource
            for resource in of_kind(graph, Kind.FUNCTION, Kind.VERSION)
            if any(finding.code is code and finding.known for finding in expected[resource])
        }
        spoken = {step.id for step in made.steps} | {block.id for block in made.blocks}
        assert meant <= spoken
        going = {step.id for step in made.steps}
        owners = {getattr(record(graph, resource), "function", None) for resource in spoken}
        others = {resource for resource in going - meant if kind_of(resource) is Kind.FUNCTION}
        assert not others - owners
        assert not [
            resource for resource in going if getattr(record(graph, resource), "invocations", 0)
        ]


def in_verdicts(graph: ResourceGraph, expected: Found) -> None:
    """``orphans``, ``summary`` and ``lifecycle``."""
    verdicts = {orphan.id for orphan in orphans(graph).orphans}
    assert verdicts == {
        resource for resource, listed in expected.items() if Code.ORPHAN in states(listed)
    }
    assert dict(summary(graph).orphans) == Counter(map(kind_of, verdicts))
    for resource in of_kind(graph, Kind.ECR_REPO):
        repository = record(graph, resource)
        assert isinstance(repository, EcrRepository)
        if repository.lifecycle:
            now = about(graph).taken_at
            answer = lifecycle(graph, resource, now=now)
            soon = {expiry.id for expiry in answer.in_use if _soon(expiry, now)}
            images = {image for image in expected if image.startswith(f"{_images(resource)}@")}
            told = {image for image in images if Code.EXPIRING in states(expected[image])}
            unread = {
                image
                for image in images
                for f in expected[image]
                if f.code is Code.EXPIRING and f.unread
            }
            assert told == soon - unread


def _images(repository: ResourceId) -> str:
    return repository.replace("ecr-repo:", "ecr-image:")


def _soon(expiry: Expiry, now: object) -> bool:
    return expiry.at is None or expiry.at <= now + SOON  # type: ignore[operator]


def in_pictures(graph: ResourceGraph, expected: Found) -> None:
    """Cards and the page."""
    ranks = {Severity.WRONG: 0, Severity.LOOK: 1, Severity.REMARK: 2, Severity.GOOD: 2}
    asked = views.options(graph, page=True, budget=0)
    drawing = view(graph, asked)
    for node in drawing.nodes:
        labels = {
            (ranks[finding.severity], finding.word, finding.code)
            for finding in expected[node.id]
            if finding.known
        }
        assert {(state.rank, state.word, state.code) for state in node.states} == labels
    # laid out without Graphviz, of which nothing is asked here
    shown, details = payload(graph, drawing, msgspec.structs.replace(asked, budget=1))
    ids = [ResourceId(str(node["i"])) for node in _objects(shown["nodes"])]
    said = _lists(details["findings"])
    for resource, lines in zip(ids, said, strict=True):
        known = [
            [ranks[finding.severity], finding.word]
            for finding in expected[resource]
            if finding.known
        ]
        assert [line[:2] for line in _lists(lines)][: len(known)] == known
        assert (len(lines) > len(known)) == any(finding.unread for finding in expected[resource])


def _objects(value: Json) -> list[dict[str, Json]]:
    assert isinstance(value, list)
    return [item for item in value if isinstance(item, dict)]


def _lists(value: Json) -> list[list[Json]]:
    assert isinstance(value, list)
    return [item for item in value if isinstance(item, list)]


def one_commit(graph: ResourceGraph) -> None:
    """A resource has one commit that stands for all, and one lag, in every view."""
    rows = {jot.id: jot.commit for jot in jots(graph, all_versions=True).jots}
    entries = {entry.id: entry.lag for entry in staleness(graph).functions}
    for resource in of_kind(graph, *RUNNING, Kind.ECR_IMAGE, Kind.LOCAL_IMAGE):
        lag = origin(graph, resource).lag
        assert show(graph, resource).standing == lag
        assert entries.get(resource, lag) == lag
        assert resource not in rows or (rows[resource].commit, rows[resource].standing) == (
            lag.commit,
            lag,
        )
        for path in trace(graph, resource).paths if kind_of(resource) is Kind.VERSION else ():
            assert path.standing == lag
            first = path.ids[0]
            assert kind_of(first) is not Kind.COMMIT or first == f"commit:{lag.commit}"
    for commit in of_kind(graph, Kind.COMMIT)[:1]:
        answer = where(graph, commit)
        for holder in (*answer.contains, *answer.lacks, *answer.unknown):
            assert holder.commits == origin(graph, holder.id).claims.commits


# The worlds


@pytest.mark.parametrize("name", LITERAL)
def test_the_worlds_of_the_review(name: str) -> None:
    agree(build(LITERAL[name]))


@pytest.mark.parametrize("seed", some("estates of every kind that views are asked of", range(6), 3))
def test_estates_of_every_kind(seed: int) -> None:
    agree(build(ailing(Random(seed))))


@examples(5, many=20, shrink=False)
@given(rng=DICE)
def test_estates_in_which_anything_may_be_wrong(rng: Random) -> None:
    agree(build(ailing(rng)))


@pytest.mark.parametrize(
    "reduce",
    some("ailing estates that views are asked of", ALL, 5),
    ids=lambda reduction: reduction.__name__,
)
def test_ailing_estates_read_less_and_less(reduce: Reduction) -> None:
    rng = Random(reduce.__name__)
    agree(build(reduce(rng, ailing(rng))))


@pytest.mark.parametrize(
    "reduce",
    some("oracle worlds that views are asked of", ALL, 7),
    ids=lambda reduction: reduction.__name__,
)
def test_worlds_of_the_oracle_read_less_and_less(reduce: Reduction) -> None:
    rng = Random(reduce.__name__)
    agree(build(reduce(rng, world(rng))))


def _generated() -> Iterator[tuple[str, Callable[[], ResourceGraph]]]:
    yield "small", lambda: build(estate())
    yield "links", lambda: build(linked())
    yield "shop", lambda: shop_graph()[0]
    yield "demo", lambda: build(store.load(DEMO))
    for seed in some("drawn estates that views are asked of", range(4), 4):
        yield f"drawn-{seed}", lambda seed=seed: drawn(seed, 60)[0]  # type: ignore[misc]


@pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in _generated()])
def test_other_estates(make: Callable[[], ResourceGraph]) -> None:
    agree(make())


def test_the_estates_show_every_code() -> None:
    """To agree that nothing is wrong would show nothing."""
    graphs_ = [build(ailing(Random(seed))) for seed in range(12)]
    graphs_ += [build(whole) for whole in LITERAL.values()]
    graphs_.append(build(store.load(DEMO)))
    known = {
        code
        for graph in graphs_
        for listed in of_each(graph, graph).values()
        for code in states(listed)
    }
    assert set(Code) - known == set()


# Nothing of their own


def _made_up(on: Subject) -> Iterator[Finding]:
    yield on.finding(Code.REFUSED, "somebody made this up", fault=on.id)


@pytest.mark.parametrize("seed", range(3))
def test_a_view_shows_a_rule_that_was_made_up_and_none_that_was_taken_away(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A view that judged by itself would know nothing of the one and go on with the others."""
    monkeypatch.setattr(
        health, "RULES", dict.fromkeys(set(Kind) - {Kind.COMMIT}, (_made_up,)) | {Kind.COMMIT: ()}
    )
    graph = build(ailing(Random(seed)))
    found = {resource: findings(graph, resource) for resource in graph}
    there = [
        resource
        for resource in graph
        if kind_of(resource) is not Kind.COMMIT and not is_missing(graph, resource)
    ]
    assert all(states(found[resource]) == (Code.REFUSED,) for resource in there)
    in_tables(graph, found)
    in_lineages(graph, found)
    in_check(graph, found)
    in_pictures(graph, found)
    assert rescue(graph).lost == ()
    none = Cleaning(stale=("broken",))
    made = plan_of_cleaning(graph, none, Deciding(), about(graph).taken_at, "cleanup")
    assert (made.steps, made.blocks) == ((), ())


# Reading less


@examples(5, many=20, shrink=False)
@given(rng=DICE, reduce=st.sampled_from(ALL))
def test_reading_less_breaks_nothing(rng: Random, reduce: Reduction) -> None:
    """What was not read is not known to be gone: nothing fails that did not before."""
    whole = ailing(rng)
    less = reduce(rng, whole)
    before, after = build(whole), build(less)
    for resource in of_kind(after, Kind.FUNCTION, Kind.VERSION):
        now = FAILING.intersection(states(findings(after, resource)))
        then = FAILING.intersection(states(findings(before, resource)))
        assert then or not now, (resource, reduce.__name__)
