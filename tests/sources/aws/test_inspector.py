"""What Inspector counts protects, and what it does not say condemns nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from jotgraph.analysis.usage import Options
from jotgraph.graph import build
from jotgraph.queries.orphans import orphans
from jotgraph.records import EcrImage, Inventory, Kind, WorkloadState
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.sources.conftest import Scan

LONG_AGO = datetime.now(UTC) - timedelta(days=200)
STATUS, LISTING = "BatchGetAccountStatus", "ListCoverage"
CALLS = {f"inspector2:{STATUS}": 1, f"inspector2:{LISTING}": 1}


@pytest.fixture
def images(aws: Sandbox) -> dict[str, str]:
    """By name: an image that pods use, one that they used, one that nobody ever did."""
    seed.repository(aws, "app", created=LONG_AGO)
    made = {
        name: seed.image(aws, "app", name, config=seed.image_config({"n": name}), pushed=LONG_AGO)
        for name in ("used", "before", "never")
    }
    seed.pods(aws, made["used"], 3)
    seed.pods(aws, made["before"], 0, last=datetime.now(UTC) - timedelta(days=2))
    seed.inspector(aws)
    return made


def verdicts(inventory: Inventory) -> dict[str, str]:
    """Tag -> verdict and, where it is not known, the codes of the doubts."""
    by_id: dict[str, EcrImage] = {image.id: image for image in inventory.ecr_images}
    judged = orphans(build(inventory), kinds=(Kind.ECR_IMAGE,)).all()
    return {
        by_id[judgement.id].tags[0]: " ".join(
            (judgement.verdict, *sorted({d.code for d in judgement.doubts}))
        )
        for judgement in judged
    }


def asked(inventory: Inventory) -> set[tuple[str, ...]]:
    return {(gap.action, gap.reason, *gap.facts) for gap in inventory.gaps if gap.asked}


def test_what_inspector_counts_is_in_use(aws: Sandbox, scan: Scan, images: dict[str, str]) -> None:
    assert verdicts(scan()) == dict.fromkeys(images, "orphan")
    assert not any("inspector2" in call for call in aws.calls.tally())
    aws.calls.clear()
    found = scan(inspector=True)
    assert verdicts(found) == {
        "used": "in-use",
        "before": "unknown used-lately",
        "never": "orphan",
    }
    (workload,) = found.workloads
    assert (workload.service, workload.type, workload.state, workload.tasks) == (
        "inspector",
        "image-use",
        WorkloadState.RUNNING,
        3,
    )
    assert workload.name == f"app@{images['used'][7:19]}"
    tally = aws.calls.tally()
    assert {call: count for call, count in tally.items() if "inspector2" in call} == CALLS
    assert asked(found) == set()


def test_an_image_that_a_workload_is_known_to_run_is_told_once(
    aws: Sandbox, scan: Scan, images: dict[str, str]
) -> None:
    seed.task_definition(aws, "web", "app:used")
    seed.ecs_service(aws, "web", "web")
    names = {workload.name for workload in scan(inspector=True).workloads}
    assert names == {"default/web", "web:1"}


def test_where_inspector_knows_nothing_nothing_changes(aws: Sandbox, scan: Scan) -> None:
    seed.repository(aws, "app", created=LONG_AGO)
    seed.image(aws, "app", "never", pushed=LONG_AGO)
    seed.inspector(aws)
    found = scan(inspector=True)
    assert (verdicts(found), found.workloads, asked(found)) == ({"never": "orphan"}, (), set())


def test_an_account_without_inspector_says_so_and_is_as_if_not_asked(
    aws: Sandbox, scan: Scan, images: dict[str, str]
) -> None:
    aws.world.kept.clear()
    found = scan(inspector=True)
    assert verdicts(found) == dict.fromkeys(images, "orphan")
    (gap,) = [gap for gap in found.gaps if gap.asked]
    assert (gap.name, gap.reason) == (f"inspector2:{STATUS}", "unsupported")
    assert gap.detail == (
        "Inspector does not scan ECR here (DISABLED): it does not say what is in use"
    )
    assert aws.calls.count(LISTING) == 0


@pytest.mark.parametrize("how", ["deny", "throttle", "error"])
def test_what_inspector_was_asked_and_did_not_say_is_a_doubt(
    aws: Sandbox, scan: Scan, images: dict[str, str], how: str
) -> None:
    """Of an image that it would have saved, too: reading less makes no orphan."""
    getattr(aws.faults, how)("inspector2", LISTING)
    found = scan(inspector=True)
    reason = {"deny": "denied", "throttle": "throttled", "error": "error"}[how]
    assert asked(found) == {(LISTING, reason, "in-use")}
    assert verdicts(found) == dict.fromkeys(images, "unknown gap")
    every = Options(ignore=("pulled", "kept-tag", "age-young", "used-lately"))
    assert orphans(build(found), kinds=(Kind.ECR_IMAGE,), options=every).orphans == ()


def test_half_a_page_keeps_what_it_told_and_doubts_the_rest(aws: Sandbox, scan: Scan) -> None:
    seed.repository(aws, "app", created=LONG_AGO)
    made = [
        seed.image(aws, "app", f"t{n:03}", config=seed.image_config({"n": str(n)}), pushed=LONG_AGO)
        for n in range(201)
    ]
    seed.pods(aws, made[0], 1)
    seed.pods(aws, made[200], 1)
    seed.inspector(aws)
    assert [w.name for w in scan(inspector=True).workloads] == sorted(
        f"app@{made[n][7:19]}" for n in (0, 200)
    )
    aws.faults.deny("inspector2", LISTING, nth=2)
    found = scan(inspector=True)
    judged = verdicts(found)
    assert judged["t000"] == "in-use"
    assert judged["t200"] == judged["t001"] == "unknown gap"


def test_a_status_that_is_denied_loses_nothing_of_the_listing(
    aws: Sandbox, scan: Scan, images: dict[str, str]
) -> None:
    aws.faults.deny("inspector2", STATUS)
    found = scan(inspector=True)
    assert verdicts(found)["used"] == "in-use"
    assert asked(found) == {(STATUS, "denied", "inspector")}
    assert verdicts(found)["never"] == "orphan"


def test_an_image_that_is_not_listed_is_nobodys(
    aws: Sandbox, scan: Scan, images: dict[str, str]
) -> None:
    """Inspector is late: an image that was deleted since runs nothing that is broken."""
    aws.client("ecr").batch_delete_image(
        repositoryName="app", imageIds=[{"imageDigest": images["used"]}]
    )
    assert scan(inspector=True).workloads == ()
