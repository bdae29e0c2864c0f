"""Labels of the images in an index are read where something runs the index."""

from __future__ import annotations

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.sources.conftest import Scan

REVISION = "org.opencontainers.image.revision"


def test_an_index_that_a_workload_runs_is_read_down_to_its_images(
    aws: Sandbox, scan: Scan, one_commit: str
) -> None:
    seed.repository(aws, "app")
    children = {}
    for name in ("amd64", "arm64", "proof", "unused"):
        config = seed.image_config({REVISION: "a" * 40, "n": name})
        children[name] = seed.image(aws, "app", config=config)
    platforms = {children[name]: f"linux/{name}" for name in ("amd64", "arm64")}
    attests = {children["proof"]: children["amd64"]}
    live = seed.index(aws, "app", platforms, "live", attests=attests)
    seed.index(aws, "app", {children["unused"]: "linux/amd64"}, "other")
    seed.task_definition(aws, "web", "app:live")
    seed.ecs_service(aws, "web", "web")
    found = scan(git=(one_commit,))
    labelled = {image.digest for image in found.ecr_images if image.config_read}
    assert labelled - {live} == {children["amd64"], children["arm64"]}
    aws.calls.clear()
    assert scan(found, git=(one_commit,)).ecr_images == found.ecr_images
    assert aws.calls.count("GetDownloadUrlForLayer") == 0


def test_without_a_repository_nothing_is_read_of_them(aws: Sandbox, scan: Scan) -> None:
    seed.repository(aws, "app")
    child = seed.image(aws, "app", config=seed.image_config({REVISION: "a" * 40}))
    seed.index(aws, "app", {child: "linux/amd64"}, "live")
    seed.task_definition(aws, "web", "app:live")
    seed.ecs_service(aws, "web", "web")
    assert not any(image.config_read for image in scan().ecr_images)
