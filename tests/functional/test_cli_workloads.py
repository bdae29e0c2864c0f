"""Workloads in the answers about one resource: a service that drifts, a job that names a tag, and a
task definition that only may run its image. Whole outputs compared."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from jotgraph import store
from jotgraph.records import Inventory, WorkloadState
from tests.factories import (
    days_ago,
    digest,
    ecr_image,
    ecr_repository,
    inventory,
    role,
    role_arn,
    uri,
    used_image,
    workload,
)
from tests.functional.conftest import Run, expected
from tests.functional.test_cli_json import problems

LIVE, OLD, JOB = f"{uri('web')}:live", f"{uri('web')}:old", f"{uri('jobs')}:v1"
TASK = (role_arn("task-role"),)


def estate() -> Inventory:
    """The service runs what ``live`` named when it was deployed; the newest revision names
    ``live``, an older one ``old``; the job names ``v1``."""
    return inventory(
        ecr_repository("web"),
        ecr_repository("jobs"),
        ecr_image("first", repository="web"),
        ecr_image("second", "live", repository="web", pushed_at=days_ago(5)),
        ecr_image("third", "old", repository="web"),
        ecr_image("job", "v1", repository="jobs"),
        role("task-role"),
        workload("prod/web", (LIVE, digest("first")), roles=TASK, tasks=2),
        workload("web:41", LIVE, type="task-definition", state=WorkloadState.NEWEST, roles=TASK),
        workload("web:7", OLD, type="task-definition", state=WorkloadState.ACTIVE, roles=TASK),
        workload(
            "nightly:3",
            JOB,
            service="batch",
            type="job-definition",
            state=WorkloadState.NEWEST,
        ),
    )


def deployed() -> Inventory:
    """The same after the service was deployed anew, and scaled up."""
    whole = estate()
    workloads = tuple(
        msgspec.structs.replace(workload, images=(used_image(LIVE, digest("second")),), tasks=3)
        if workload.name == "prod/web"
        else workload
        for workload in whole.workloads
    )
    return msgspec.structs.replace(whole, workloads=workloads)


@pytest.fixture
def mixed(tmp_path: Path) -> str:
    path = tmp_path / "mixed.jsonl"
    store.save(estate(), path)
    return str(path)


WHOLE = {
    "workloads_impact_of_what_a_service_runs": ("impact", f"web@{digest('first')}"),
    "workloads_impact_of_what_is_started_next": ("impact", "web:live"),
    "workloads_impact_of_what_may_be_started": ("impact", "web:old"),
    "workloads_impact_of_the_image_of_a_job": ("impact", "jobs:v1"),
    "workloads_why_of_a_service_that_drifts": ("why", "prod/web"),
    "workloads_trace_of_a_service_that_drifts": ("trace", "prod/web"),
    "workloads_trace_of_a_job": ("trace", "nightly:3"),
    "workloads_trace_of_their_role": ("trace", "task-role"),
    "workloads_ls": ("ls",),
    "workloads_stale": ("stale",),
}


@pytest.mark.parametrize("name", WHOLE)
def test_whole_answers(run: Run, mixed: str, name: str) -> None:
    result = run(*WHOLE[name], "--from", mixed)
    assert result.exit_code == 0
    assert result.stdout == expected(name)


@pytest.mark.parametrize("name", ["trace", "impact", "why"])
def test_json_is_as_documented(run: Run, mixed: str, name: str) -> None:
    for resource in ("web:live", "web:old", "jobs:v1"):
        answer = json.loads(run(name, resource, "--format", "json", "--from", mixed).stdout)
        assert problems(answer) == []


def test_a_service_that_was_deployed_anew_says_what_it_runs_now(
    run: Run, mixed: str, tmp_path: Path
) -> None:
    """That it was scaled up is use, and no difference."""
    later = tmp_path / "later.jsonl"
    store.save(deployed(), later)
    result = run("diff", mixed, str(later))
    first, second = (digest(name)[7:16] for name in ("first", "second"))
    said = f"changed workload ecs/service/prod/web images; web:live: @{first} → @{second}"
    assert said in " ".join(result.stdout.split())
    answer = json.loads(run("diff", mixed, str(later), "--format", "json").stdout)
    assert problems(answer) == []
    (changed,) = answer["changed"]
    assert (changed["fields"], changed["says"]) == (
        ["images"],
        [f"web:live: @{first} → @{second}"],
    )


def test_a_picture_tells_what_runs_from_what_may(run: Run, mixed: str, tmp_path: Path) -> None:
    result = run("render", "--from", mixed, "-o", str(tmp_path / "mixed.json"))
    assert result.exit_code == 0
    drawn = json.loads((tmp_path / "mixed.json").read_text())
    assert "may-run" in json.dumps(drawn)
    text = run("render", "--from", mixed, "-o", str(tmp_path / "mixed.mmd"))
    assert text.exit_code == 0
    lines = (tmp_path / "mixed.mmd").read_text()
    for words in ("web:41", "web:7", "prod/web", "nightly:3", "drift"):
        assert words in lines
