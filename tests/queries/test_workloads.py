"""Workloads in the answers: an ECS service drifts, lags and is broken as a function is."""

from __future__ import annotations

from jotgraph.analysis.health import Code
from jotgraph.graph import ResourceGraph, build
from jotgraph.queries.find import find
from jotgraph.queries.jots import jots
from jotgraph.queries.staleness import staleness
from jotgraph.queries.where import where
from jotgraph.records import ResourceId, WorkloadState, commit_id, name_of
from tests.factories import (
    LONG_AGO,
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
    assert [one.statement for one in entry.findings if one.code is Code.DRIFT] == [
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
