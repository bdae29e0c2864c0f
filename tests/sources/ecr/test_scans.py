"""Scans for vulnerabilities as a scan of the world reads them: with the listing, and on demand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from jotgraph import store
from jotgraph.records import EcrImage, ImageScan, Inventory
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.sources.conftest import Scan

WHEN = datetime(2026, 2, 1, tzinfo=UTC)
COUNTS = {"HIGH": 12, "NEW_ONE": 1, "CRITICAL": 3}
IN_ORDER = (("CRITICAL", 3), ("HIGH", 12), ("NEW_ONE", 1))
COUNTED = ImageScan(status="COMPLETE", completed_at=WHEN, counts=IN_ORDER)
CALL = "DescribeImageScanFindings"


@pytest.fixture
def images(aws: Sandbox) -> dict[str, str]:
    """By name: two images that run, an index that runs with its child, one that nothing runs."""
    seed.repository(aws, "app")
    made = {
        name: seed.image(aws, "app", name, config=seed.image_config({"n": name}))
        for name in ("runs", "task", "child", "idle")
    }
    made["index"] = seed.index(aws, "app", {made["child"]: "linux/amd64"}, "index")
    seed.role(aws, "r")
    seed.function(aws, "f", "app:runs", role="r")
    for name in ("task", "index"):
        seed.task_definition(aws, name, f"app:{name}")
        seed.ecs_service(aws, name, name)
    return made


def scans(inventory: Inventory, images: dict[str, str]) -> dict[str, ImageScan | None]:
    by_digest: dict[str, EcrImage] = {
        image.digest: image for image in inventory.ecr_images if image.repository == "app"
    }
    return {name: by_digest[digest].scan for name, digest in images.items()}


def test_the_listing_tells_of_scans_without_a_call_more(
    aws: Sandbox, scan: Scan, images: dict[str, str]
) -> None:
    scan()
    aws.calls.clear()
    scan()
    before = dict(aws.calls.tally())
    seed.scan(aws, "app", images["runs"], counts=COUNTS, completed=WHEN)
    seed.scan(aws, "app", images["task"], "FAILED")
    seed.scan(aws, "app", images["child"], "ACTIVE", {}, completed=WHEN)
    aws.calls.clear()
    found = scan()
    assert scans(found, images) == {
        "runs": COUNTED,
        "task": ImageScan(status="FAILED"),
        "child": ImageScan(status="ACTIVE", completed_at=WHEN, counts=()),
        "idle": None,
        "index": None,
    }
    assert dict(aws.calls.tally()) == before
    assert CALL not in {call.partition(":")[2] for call in before}


def test_scans_are_stored(aws: Sandbox, scan: Scan, images: dict[str, str], tmp_path: Path) -> None:
    seed.scan(aws, "app", images["runs"], counts=COUNTS, completed=WHEN)
    found = scan()
    store.save(found, tmp_path / "estate.jsonl.zst")
    assert store.load(tmp_path / "estate.jsonl.zst") == found
    assert scans(found, images)["runs"] == COUNTED


def test_what_runs_is_asked_about_on_demand_once_a_digest(
    aws: Sandbox, scan: Scan, images: dict[str, str]
) -> None:
    """Of what runs and of what a running index lists; not of what the listing counted."""
    seed.repository(aws, "mirror")
    same = seed.image(aws, "mirror", "runs", config=seed.image_config({"n": "runs"}))
    assert same == images["runs"]
    seed.scan(aws, "app", images["runs"], counts=COUNTS, completed=WHEN)
    for name in ("task", "child", "idle"):
        seed.scan(aws, "app", images[name], counts=COUNTS, completed=WHEN, described=False)
    found = scan(vulnerabilities=True)
    assert scans(found, images) == {
        "runs": COUNTED,
        "task": COUNTED,
        "child": COUNTED,
        "idle": None,
        "index": None,
    }
    assert aws.calls.count(CALL) == 2
    assert [gap for gap in found.gaps if gap.asked] == []


def test_an_image_without_a_scan_is_no_gap(
    aws: Sandbox, scan: Scan, images: dict[str, str]
) -> None:
    found = scan(vulnerabilities=True)
    assert set(scans(found, images).values()) == {None}
    assert aws.calls.count(CALL) == 3
    assert [gap for gap in found.gaps if gap.asked] == []


@pytest.mark.parametrize("how", ["denied", "throttled", "error"])
def test_a_scan_that_cannot_be_read_is_a_gap_that_decides_no_verdict(
    aws: Sandbox, scan: Scan, images: dict[str, str], how: str
) -> None:
    seed.scan(aws, "app", images["runs"], "FAILED")
    match how:
        case "denied":
            aws.faults.deny("ecr", CALL)
        case "throttled":
            aws.faults.throttle("ecr", CALL)
        case _:
            aws.faults.error("ecr", CALL, code="ServerException", status=500)
    found = scan(vulnerabilities=True)
    assert scans(found, images)["runs"] == ImageScan(status="FAILED")
    gaps = {(gap.action, gap.reason, gap.facts, gap.hides) for gap in found.gaps if gap.asked}
    assert gaps == {(CALL, how, ("vulnerabilities",), ())}
