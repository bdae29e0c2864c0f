"""Images and roles that are made while a scan is reading, after they would have been listed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jotgraph.analysis.health import findings
from jotgraph.graph import build
from jotgraph.records import Function, Inventory, Kind, Workload
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.aws import stages, workload_stage
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.roles import read_roles
from jotgraph.sources.aws.workloads import WorkloadRead, read_workloads
from jotgraph.sources.consumers import Consumer
from jotgraph.sources.ecr.listing import read_ecr
from jotgraph.sources.functions.listing import FunctionRead, read_functions
from tests.sources.conftest import Scan

LONG_AGO = datetime.now(UTC) - timedelta(days=200)
Change = Callable[[], object]


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Callable[[Change], None]:
    """Let something happen when repositories and roles are listed, and nothing else is."""

    def arrange(change: Change) -> None:
        first: dict[str, Any] = {}
        changed = threading.Event()

        def functions(place: RegionClient, key: bytes, **words: bool) -> FunctionRead:
            first.update(ecr=read_ecr(place), roles=read_roles(place))
            change()
            changed.set()
            return read_functions(place, key, **words)

        def listed(name: str) -> Any:
            assert changed.wait(30)
            return first[name]

        def workloads(
            place: RegionClient, entries: Sequence[Consumer], *args: Any, **words: Any
        ) -> WorkloadRead:
            assert entries[0].service != "ecs" or changed.wait(30)
            return read_workloads(place, entries, *args, **words)

        monkeypatch.setattr(stages, "read_functions", functions)
        monkeypatch.setattr(stages, "read_ecr", lambda *_, **__: listed("ecr"))
        monkeypatch.setattr(stages, "read_roles", lambda *_: listed("roles"))
        monkeypatch.setattr(workload_stage, "read_workloads", workloads)

    return arrange


def old(aws: Sandbox) -> None:
    """A function of long ago whose image is gone, and its role too."""
    seed.repository(aws, "app")
    gone = seed.image(aws, "app", "v1", config=b"1", pushed=LONG_AGO)
    seed.role(aws, "there", created=LONG_AGO)
    seed.function(aws, "old", f"app@{gone}", role=arn(aws, "nowhere"), modified=LONG_AGO)
    aws.client("ecr").batch_delete_image(repositoryName="app", imageIds=[{"imageDigest": gone}])


def arn(aws: Sandbox, role: str) -> str:
    return f"arn:aws:iam::{aws.account}:role/{role}"


def wrong(inventory: Inventory) -> dict[str, set[str]]:
    """What is known to be wrong with each function and workload."""
    graph = build(inventory)
    users: tuple[Function | Workload, ...] = (*inventory.functions, *inventory.workloads)
    return {
        user.name: {finding.code.value for finding in findings(graph, user.id) if finding.known}
        & {"broken", "role-missing"}
        for user in users
    }


def deploy(aws: Sandbox) -> None:
    """An image, a repository with an image, and a role are made, and functions that use them."""
    image = seed.image(aws, "app", "v2", config=b"2")
    seed.repository(aws, "second")
    seed.image(aws, "second", "v1", config=b"3")
    role = seed.role(aws, "young")
    seed.function(aws, "new", f"app@{image}", role=role)
    seed.function(aws, "newer", "second:v1", role=role)
    seed.task_definition(aws, "web", f"app@{seed.image(aws, 'app', 'v3', config=b'4')}", role=role)
    seed.ecs_service(aws, "web", "web")


def test_what_was_deployed_meanwhile_is_not_broken(
    aws: Sandbox, scan: Scan, between: Callable[[Change], None]
) -> None:
    old(aws)
    between(lambda: deploy(aws))
    inventory = scan()
    young = {name: set[str]() for name in ("new", "newer", "web:1", "default/web")}
    assert wrong(inventory) == {"old": {"broken", "role-missing"}, **young}
    assert [repository.name for repository in inventory.ecr_repositories] == ["app", "second"]
    assert sorted(tag for image in inventory.ecr_images for tag in image.tags) == ["v1", "v2", "v3"]
    assert [role.name for role in inventory.roles] == ["there", "young"]
    assert not any(gap.asked for gap in inventory.gaps)


def test_what_is_gone_is_broken_however_young_its_user(aws: Sandbox, scan: Scan) -> None:
    old(aws)
    image = seed.image(aws, "app", "v2", config=b"2")
    seed.function(aws, "new", f"app@{image}", role=arn(aws, "nowhere"))
    aws.client("ecr").batch_delete_image(repositoryName="app", imageIds=[{"imageDigest": image}])
    aws.calls.clear()
    assert wrong(scan())["new"] == {"broken", "role-missing"}
    asked = [call.params["imageIds"] for call in aws.calls if "imageIds" in call.params]
    assert asked == [[{"imageDigest": image}]]  # not for what was deployed long ago
    assert aws.calls.count("GetAccountAuthorizationDetails") == 2


def test_what_cannot_be_asked_again_is_unread(
    aws: Sandbox, scan: Scan, between: Callable[[Change], None]
) -> None:
    old(aws)

    def change() -> None:
        deploy(aws)
        aws.faults.deny("ecr", "DescribeImages")
        aws.faults.deny("iam")

    between(change)
    inventory = scan()
    assert wrong(inventory)["new"] == wrong(inventory)["newer"] == set()
    asked = {(gap.name, gap.resource, gap.hides) for gap in inventory.gaps if gap.asked}
    assert asked == {
        ("ecr:DescribeImages", "app", (Kind.ECR_IMAGE,)),
        ("ecr:DescribeImages", "second", (Kind.ECR_IMAGE,)),
        ("iam:GetAccountAuthorizationDetails", "", (Kind.ROLE,)),
    }
