"""Our own reading of a manifest is no pull, whoever scans next; another's is."""

from __future__ import annotations

from jotgraph.records import Inventory
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.sources.conftest import Scan


def index_of(aws: Sandbox) -> str:
    seed.repository(aws, "app")
    child = seed.image(aws, "app")
    return seed.index(aws, "app", {child: "linux/amd64"}, "v1")


def pulls(inventory: Inventory) -> dict[str, object]:
    return {image.digest: image.pulled_at for image in inventory.ecr_images}


def test_a_second_scan_sees_no_pull_in_the_first(aws: Sandbox, scan: Scan) -> None:
    index = index_of(aws)
    first = pulls(scan())
    listed = aws.client("ecr").describe_images(repositoryName="app")["imageDetails"]
    assert {image["imageDigest"] for image in listed if "lastRecordedPullTime" in image} >= {index}
    assert pulls(scan()) == first == dict.fromkeys(first)


def test_the_pull_of_another_is_seen(aws: Sandbox, scan: Scan) -> None:
    index = index_of(aws)
    scan()
    aws.advance(25 * 3600)
    aws.client("ecr").batch_get_image(repositoryName="app", imageIds=[{"imageDigest": index}])
    found = pulls(scan())
    assert [digest for digest, when in found.items() if when is not None] == [index]
    assert pulls(scan()) == found
