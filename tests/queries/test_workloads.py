"""Workloads in the answers: an ECS service drifts, lags and is broken as a function is."""

from __future__ import annotations

import pytest

from jotgraph.analysis.health import Code, Fact
from jotgraph.graph import ResourceGraph, build
from jotgraph.queries.find import find
from jotgraph.queries.jots import jots
from jotgraph.queries.lineage import trace
from jotgraph.queries.staleness import staleness
from jotgraph.queries.where import where
from jotgraph.records import Kind, ResourceId, WorkloadState, commit_id, name_of
from jotgraph.records.workloads import ELSEWHERE
from tests.factories import (
    LONG_AGO,
    OTHER_ACCOUNT,
    commit,
    digest,
    ecr_image,
    ecr_repository,
    inventory,
    role,
    uri,
    workload,
)

OLD, NEW = "a" * 40, "b" * 40
WEB = f"{uri('app')}:live"


def estate(*records: object) -> ResourceGraph:
    """``live`` names image 2, of the newer commit; image 1 was built from the older one."""
    return build(
        inventory(
            ecr_repository(),
            ecr_image(
                1, OLD, labels=(("org.opencontainers.image.revision", OLD),), config_read=True
            ),
            ecr_image(
                2, "live", labels=(("org.opencontainers.image.revision", NEW),), config_read=True
            ),
            commit(OLD, committed_at=LONG_AGO),
            commit(NEW, OLD, committed_at=LONG_AGO),
            role(),
            *records,
        )
    )


def states(graph: ResourceGraph, resource: ResourceId) -> tuple[Code, ...]:
    (entry,) = (entry for entry in staleness(graph).functions if entry.id == resource)
    return entry.states


def test_a_workload_is_found_by_the_name_that_answers_print() -> None:
    service = workload("prod/web", (WEB, digest(1)))
    assert name_of(service.id) == "ecs/service/prod/web"
    graph = estate(service)
    for name in ("ecs/service/prod/web", "ecs/prod/web", "prod/web", service.id):
        assert find(graph, name) == service.id


def test_a_service_whose_tag_moved_drifts() -> None:
    service = workload("prod/web", (WEB, digest(1)))
    graph = estate(service)
    assert Code.DRIFT in states(graph, service.id)
    (row,) = jots(graph).jots
    assert (row.service, row.function, row.follows) == ("ecs", "prod/web", (digest(2),))
    assert row.image is not None
    assert row.image.digest == digest(1)


def test_a_service_that_runs_what_its_tag_names_does_not() -> None:
    service = workload("prod/web", (WEB, digest(2)))
    assert Code.DRIFT not in states(estate(service), service.id)


def test_one_of_two_images_drifts_alone() -> None:
    pair = workload("prod/web", (WEB, digest(1)), (f"{uri('app')}:{OLD}", digest(1)))
    graph = estate(pair)
    (entry,) = staleness(graph).functions
    assert [finding.statement for finding in entry.findings if finding.code is Code.DRIFT] == [
        f"tag app:live moved to @{digest(2)[7:16]}; runs app:{OLD[:9]} @{digest(1)[7:16]}"
    ]


def test_a_service_of_an_image_that_is_gone_is_broken() -> None:
    service = workload("prod/web", (f"{uri('app')}:gone", digest(9)))
    assert Code.BROKEN in states(estate(service), service.id)


def test_where_a_commit_runs() -> None:
    service = workload("prod/web", (WEB, digest(1)))
    newer = workload("prod/new", (WEB, digest(2)))
    graph = estate(service, newer)
    answer = where(graph, commit_id(NEW))
    assert [holder.id for holder in answer.contains if "workload" in holder.id] == [newer.id]
    assert [holder.id for holder in answer.lacks if "workload" in holder.id] == [service.id]


def test_an_older_revision_has_no_row() -> None:
    old = workload("web:1", WEB, type="task-definition", state=WorkloadState.ACTIVE)
    assert jots(estate(old)).jots == ()


def test_what_a_tag_names_now_is_not_what_was_started_by_it() -> None:
    """App Runner resolves a tag when it deploys, and tells no digest: the tag may have been moved
    since, so that nobody knows whether what runs has the commit."""
    service = workload("web", WEB, service="apprunner")
    graph = estate(service)
    (entry,) = staleness(graph).functions
    assert (entry.states, entry.lag.state.value) == ((), "unknown")
    assert [(finding.known, finding.statement) for finding in entry.findings] == [
        (False, "which image app:live named when it was started is not reported")
    ]
    (row,) = jots(graph).jots
    assert (row.id, row.image, row.deployed_tag, row.commit.commits) == (
        service.id,
        None,
        "live",
        (),
    )
    answer = where(graph, commit_id(NEW), kinds=(Kind.WORKLOAD,))
    assert [(holder.id, holder.because) for holder in answer.unknown] == [
        (
            service.id,
            "apprunner/service/web: which image app:live named when it was started is not reported",
        )
    ]


def test_what_may_be_started_from_an_image_is_in_its_lineage() -> None:
    """And says that what runs is not read."""
    service = workload("web", WEB, service="apprunner")
    graph = estate(service)
    lineages = trace(graph, ecr_image(2).id)
    assert {path.ids[-1] for path in lineages.paths} == {service.id}
    assert [finding.unread for finding in lineages.findings if finding.resource == service.id] == [
        Fact.IMAGE
    ]


def test_an_image_by_a_tag_beside_one_by_digest_is_run_too() -> None:
    pair = workload("prod/web", (f"{uri('app')}:{OLD}", digest(1)), WEB, state=WorkloadState.NEWEST)
    graph = estate(pair)
    assert [row.image.digest for row in jots(graph).jots if row.image] == [digest(1), digest(2)]
    answer = where(graph, commit_id(NEW), kinds=(Kind.WORKLOAD,))
    assert [holder.id for holder in answer.contains] == [pair.id]


@pytest.mark.parametrize("state", [WorkloadState.RUNNING, WorkloadState.NEWEST])
def test_a_tag_that_names_no_image_breaks_the_next_start(state: WorkloadState) -> None:
    job = workload("job:1", f"{uri('app')}:gone", service="batch", state=state)
    graph = estate(job)
    assert states(graph, job.id) == (Code.BROKEN,)
    (row,) = jots(graph).jots
    assert [finding.statement for finding in row.findings] == [
        "tag app:gone names no image: it fails on the next start"
    ]
    stored = ecr_image(3, "gone", status="ARCHIVED")
    archived = estate(job, stored)
    assert Code.BROKEN in states(archived, job.id)


def test_a_tag_of_a_place_that_was_not_read_breaks_nothing() -> None:
    far = workload("job:1", f"{uri('app', account=OTHER_ACCOUNT)}:v1", state=WorkloadState.NEWEST)
    assert states(estate(far), far.id) == (Code.IMAGE_UNREAD,)
    older = workload("job:1", f"{uri('app')}:gone", state=WorkloadState.ACTIVE)
    listed = workload("x", f"{uri('app')}:gone", account=ELSEWHERE, service="list", type="image")
    foreign = workload("job:1", "docker.io/library/redis:7", state=WorkloadState.NEWEST)
    for quiet in (older, listed, foreign):
        graph = estate(quiet)
        assert states(graph, quiet.id) == ()
        assert jots(graph).jots == ()
