"""From the call to the verdict: what each service runs is never unused, whatever goes wrong on the
way; and where nothing runs anything, what is unused still is."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from jotgraph.analysis.usage import DOUBTS, NEVER_IGNORED, Options
from jotgraph.graph import build
from jotgraph.queries.orphans import orphans
from jotgraph.records import EcrImage, Inventory, Kind
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources import consumers
from tests.sources.conftest import Scan
from tests.strength import MANY_PLACES, some

NOW = datetime.now(UTC)
HERE, THERE = "us-east-1", "eu-west-1"
ROLE = "arn:aws:iam::123456789012:role/r"
Run = Callable[[Sandbox, str, str], object]
"""Makes one user of an image (a whole reference) in a region."""


def _service(aws: Sandbox, image: str, region: str) -> None:
    seed.task_definition(aws, "web", image, region=region)
    seed.ecs_service(aws, "web", "web", region=region)


def _express(aws: Sandbox, image: str, region: str) -> None:
    seed.express_service(aws, "shop", image, infrastructure_role=ROLE, region=region)


def _endpoint(aws: Sandbox, image: str, region: str) -> None:
    seed.model(aws, "m", image, role=ROLE, region=region)
    seed.endpoint(aws, "e", "m", region=region)


def _component(aws: Sandbox, image: str, region: str) -> None:
    seed.endpoint(aws, "host", region=region)
    seed.inference_component(aws, "c", "host", image, region=region)


RUNS: Mapping[str, tuple[str, Run]] = {
    "service": ("ecs", _service),
    "daemon": ("ecs", lambda aws, image, region: seed.daemon(aws, "d", image, region=region)),
    "express": ("ecs", _express),
    "definition": (
        "ecs",
        lambda aws, image, region: seed.task_definition(aws, "web", image, region=region),
    ),
    "job": (
        "batch",
        lambda aws, image, region: seed.job_definition(aws, "j", image, region=region),
    ),
    "runner": (
        "apprunner",
        lambda aws, image, region: seed.runner_service(aws, "s", image, region=region),
    ),
    "endpoint": ("sagemaker", _endpoint),
    "component": ("sagemaker", _component),
    "studio": (
        "sagemaker",
        lambda aws, image, region: seed.studio_image(aws, "lab", image, region=region),
    ),
    "build": (
        "codebuild",
        lambda aws, image, region: seed.build_project(aws, "ci", image, role=ROLE, region=region),
    ),
    "agent": (
        "bedrock-agentcore",
        lambda aws, image, region: seed.agent_runtime(aws, "a", image, role=ROLE, region=region),
    ),
    "spark": (
        "emr-serverless",
        lambda aws, image, region: seed.emr_application(aws, "spark", image, region=region),
    ),
    "game": (
        "gamelift",
        lambda aws, image, region: seed.container_group(aws, "g", image, region=region),
    ),
}
"""What runs an image, of each service of the table; of EKS see below."""
FAULTS: Mapping[str, Callable[[Sandbox, str, str], object]] = {
    "denied": lambda aws, *call: aws.faults.deny(*call),
    "half": lambda aws, *call: aws.faults.truncate(*call),
    "throttled": lambda aws, *call: aws.faults.throttle(*call),
    "500": lambda aws, *call: aws.faults.error(*call),
}
EVERY = FAULTS if MANY_PLACES else ("denied", "half")
ASIDE = Options(ignore=tuple(sorted(set(DOUBTS) - NEVER_IGNORED)))
"""Every doubt that an option may set aside."""


@pytest.fixture
def images(aws: Sandbox) -> dict[str, str]:
    """Two images of one repository, ``live`` and the older ``idle``."""
    aws.world.regions = frozenset({HERE, THERE})
    old = NOW - timedelta(days=400)
    seed.repository(aws, "app", created=old)
    return {
        name: seed.image(
            aws,
            "app",
            name,
            config=seed.image_config({"n": name}),
            pushed=old + timedelta(days=days),
        )
        for name, days in (("idle", 0), ("live", 9))
    }


def verdicts(inventory: Inventory, options: Options | None = None) -> dict[str, str]:
    """Tag of each image -> its verdict."""
    by_id: dict[str, EcrImage] = {image.id: image for image in inventory.ecr_images}
    judged = orphans(build(inventory), kinds=(Kind.ECR_IMAGE,), options=options).all()
    return {by_id[judgement.id].tags[0]: judgement.verdict.value for judgement in judged}


def test_a_version_that_an_endpoint_is_at_runs_though_it_is_not_the_newest(
    aws: Sandbox, scan: Scan, images: dict[str, str]
) -> None:
    """Not even with the doubt about older revisions set aside is it unused."""
    pinned = [f"app@{images[name]}" for name in ("idle", "live")]
    identity = seed.agent_runtime(aws, "a", *pinned, role=ROLE)
    options = Options(ignore=("may-run", "kept-newest"))
    assert verdicts(scan(regions=(HERE,)), options) == {"idle": "orphan", "live": "in-use"}
    aws.client("bedrock-agentcore-control").create_agent_runtime_endpoint(
        agentRuntimeId=identity, name="prod", agentRuntimeVersion="1"
    )
    assert verdicts(scan(regions=(HERE,)), options) == {"idle": "in-use", "live": "in-use"}


def test_every_service_of_the_table_is_tried() -> None:
    named = {service for service, _ in RUNS.values()} | {"eks"}
    assert named == {entry.service for entry in consumers.CONSUMERS}


def test_where_nothing_runs_anything_both_are_unused(
    aws: Sandbox, scan: Scan, images: dict[str, str]
) -> None:
    assert verdicts(scan(regions=(HERE, THERE))) == {"idle": "orphan", "live": "orphan"}


@pytest.mark.parametrize(
    ("name", "region", "by"),
    some(
        "places and references by which a service runs an image",
        list(itertools.product(RUNS, (HERE, THERE), ("tag", "digest"))),
        3,  # no divisor of the four: each is tried, and every service
    ),
)
def test_what_a_service_runs_is_in_use(
    aws: Sandbox, scan: Scan, images: dict[str, str], name: str, region: str, by: str
) -> None:
    """By its tag and by its digest, from its own region and from another. Who runs by a tag and
    does not tell what it named then may run any image of the repository."""
    reference = "app:live" if by == "tag" else f"app@{images['live']}"
    _, run = RUNS[name]
    run(aws, seed.uri(aws, reference), region)
    found = verdicts(scan(regions=(HERE, THERE)))
    untold = by == "tag" and name in ("runner", "agent")
    assert found == {"idle": "unknown" if untold else "orphan", "live": "in-use"}


CALLS = [
    (name, entry.client or entry.service, call.action)
    for name, (service, _) in RUNS.items()
    for entry in consumers.CONSUMERS
    if entry.service == service
    for call in entry.calls
]


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize(
    ("name", "client", "action", "fault"),
    some(
        "faults of calls about a workload that runs the image",
        [(*call, fault) for call in sorted(set(CALLS)) for fault in EVERY],
        7,  # no divisor of the faults: each is tried, and every service
    ),
)
def test_no_call_that_fails_makes_it_unused(
    aws: Sandbox,
    scan: Scan,
    images: dict[str, str],
    name: str,
    client: str,
    action: str,
    fault: str,
) -> None:
    """Not even with every doubt set aside that an option may set aside."""
    RUNS[name][1](aws, seed.uri(aws, "app:live"), HERE)
    FAULTS[fault](aws, client, action)
    found = scan()
    assert verdicts(found)["live"] != "orphan"
    assert verdicts(found, ASIDE)["live"] != "orphan"


def test_the_pods_of_a_cluster_are_in_doubt_until_they_are_told(
    aws: Sandbox, scan: Scan, images: dict[str, str]
) -> None:
    seed.kubernetes_cluster(aws, "prod", role=ROLE)
    assert verdicts(scan()) == {"idle": "unknown", "live": "unknown"}
    for fault, action in itertools.product(EVERY, ("ListClusters", "DescribeCluster")):
        aws.faults.clear()
        FAULTS[fault](aws, "eks", action)
        assert verdicts(scan(), ASIDE) == {"idle": "unknown", "live": "unknown"}


def test_a_page_that_is_lost_hides_whoever_was_on_it(
    aws: Sandbox, scan: Scan, images: dict[str, str]
) -> None:
    for number in range(100):
        seed.job_definition(aws, f"a{number:03}", "docker.io/library/busybox:1")
    seed.job_definition(aws, "z", seed.uri(aws, "app:live"))
    assert verdicts(scan()) == {"idle": "orphan", "live": "in-use"}
    aws.faults.deny("batch", "DescribeJobDefinitions", nth=2)
    assert verdicts(scan(), ASIDE) == {"idle": "unknown", "live": "unknown"}


@pytest.mark.parametrize(
    "image",
    [
        "docker.io/library/live:1",
        "public.ecr.aws/acme/app:live",
        "210987654321.dkr.ecr.us-east-1.amazonaws.com/app:live",
        "app:live",
        "${REGISTRY}/app:live",
    ],
)
def test_an_image_of_another_registry_keeps_none_here(
    aws: Sandbox, scan: Scan, images: dict[str, str], image: str
) -> None:
    """Public, foreign, of no registry, and no reference at all: what they name is not here."""
    definition = {"family": "web", "containerDefinitions": [{"name": "c", "image": image}]}
    aws.client("ecs").register_task_definition(**definition)
    assert verdicts(scan()) == {"idle": "orphan", "live": "orphan"}
