"""What each thing in the example estate is judged as: the table of docs/example-estate.md."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from jotgraph import clients, sources
from jotgraph.graph import build, record
from jotgraph.queries.orphans import orphans
from jotgraph.queries.staleness import staleness
from jotgraph.records import EcrImage, Inventory, Kind, ResourceId, key_of, kind_of
from jotgraph.records.workloads import ELSEWHERE
from jotgraph.sandbox.estate import Estate, fill, write_history
from jotgraph.sandbox.estate.workloads import CLUSTER
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.options import ScanOptions
from jotgraph.sources.used_by import read_all
from tests.rig.wire import Wire, without_sockets

NOW = datetime.now(UTC).replace(microsecond=0)
PAGE = Path(__file__).parents[2] / "docs" / "example-estate.md"

VERDICTS = {
    "alias refunds:prod": "in-use",
    "alias refunds:staging": "in-use",
    "ecr-image attestation of search": "in-use",
    "ecr-image attestation of search in eu-west-1": "in-use",
    "ecr-image attestation of search-old": "orphan",
    "ecr-image checkout-1.1": "orphan",
    "ecr-image checkout-live": "in-use",
    "ecr-image checkout-next": "in-use",
    "ecr-image checkout-old": "orphan",
    "ecr-image gateway-1.0": "orphan",
    "ecr-image gateway-1.1": "in-use",
    "ecr-image importer-1": "orphan",
    "ecr-image importer-2": "unknown: kept-newest",
    "ecr-image importer-archived": "orphan",
    "ecr-image invoices-1": "orphan",
    "ecr-image invoices-2": "in-use",
    "ecr-image migrate": "in-use",
    "ecr-image refunds-1": "in-use",
    "ecr-image refunds-2": "in-use",
    "ecr-image refunds-3": "in-use",
    "ecr-image reports-dirty": "in-use",
    "ecr-image reports-unlabelled": "in-use",
    "ecr-image search": "in-use",
    "ecr-image search in eu-west-1": "in-use",
    "ecr-image search-amd64": "in-use",
    "ecr-image search-amd64 in eu-west-1": "in-use",
    "ecr-image search-arm64": "in-use",
    "ecr-image search-arm64 in eu-west-1": "in-use",
    "ecr-image search-old": "orphan",
    "ecr-image search-old-amd64": "orphan",
    "ecr-image search-old-arm64": "orphan",
    "ecr-image storefront-1.0": "unknown: may-run",
    "ecr-image storefront-live": "in-use",
    "ecr-image storefront-next": "in-use",
    "ecr-image thumbs-1": "unknown: kept-newest",
    "ecr-image tools": "unknown: kept-newest, outside-account",
    "ecr-repo media/thumbs": "in-use",
    "ecr-repo media/transcode": "orphan",
    "ecr-repo payments/checkout": "in-use",
    "ecr-repo payments/invoices": "in-use",
    "ecr-repo payments/refunds": "in-use",
    "ecr-repo platform/gateway": "in-use",
    "ecr-repo platform/legacy": "unknown: not-empty",
    "ecr-repo platform/reports": "in-use",
    "ecr-repo platform/shared-tools": "unknown: not-empty, outside-account",
    "ecr-repo search/api": "in-use",
    "ecr-repo search/api in eu-west-1": "in-use",
    "ecr-repo web/migrate": "in-use",
    "ecr-repo web/storefront": "in-use",
    "function checkout": "in-use",
    "function housekeeping": "in-use",
    "function refunds": "in-use",
    "function reports": "in-use",
    "function reports-preview": "in-use",
    "function search": "in-use",
    "function search in eu-west-1": "in-use",
    "function search-arm": "in-use",
    "function thumbs": "in-use",
    "role build-runner": "unknown: role-instance-profile, role-trust, role-used",
    "role service/analytics-export": "unknown: role-used, role-used-elsewhere",
    "role service/checkout": "in-use",
    "role service/cluster": "in-use",
    "role service/importer": "orphan",
    "role service/invoices": "in-use",
    "role service/lambda-basic": "in-use",
    "role service/newsletter": "orphan",
    "role service/refunds": "in-use",
    "role service/refunds-2025": "in-use",
    "role service/search": "in-use",
    "role service/storefront": "in-use",
    "role service/task-execution": "in-use",
    "trigger old-imports": "orphan",
    "trigger refund-requests": "in-use",
    "trigger uploads": "in-use",
    "version refunds:1": "unknown: no-caller-known",
    "version refunds:2": "in-use",
    "version refunds:3": "in-use",
}
STATES = {
    "alias refunds:prod": "lag",
    "alias refunds:staging": "lag idle",
    "function checkout": "drift lag",
    "function housekeeping": "idle",
    "function refunds": "lag",
    "function reports": "lag",
    "function reports-preview": "lag idle",
    "function search": "lag",
    "function search in eu-west-1": "lag",
    "function search-arm": "lag idle",
    "function thumbs": "broken idle",
    "version refunds:1": "lag idle",
    "version refunds:2": "lag",
    "version refunds:3": "lag",
    "workload batch/job-definition/invoices:1": "lag",
    "workload ecs/service/web/storefront": "drift lag",
    "workload ecs/task-definition/invoices:1": "lag",
    "workload ecs/task-definition/migrate:1": "lag",
    "workload ecs/task-definition/storefront:1": "",
    "workload ecs/task-definition/storefront:2": "",
    "workload ecs/task/AWSBatch/invoices:1": "lag",
    "workload eks/cluster/shop": "",
    "workload kubernetes/deployment/edge/gateway": "lag",
    "workload kubernetes/pod/edge/gateway-7d9f6c5b48-rm2vz": "lag",
    "workload kubernetes/pod/kube-system/coredns-5d78c9869d-x2x7k": "",
}


class World:
    """The estate, scanned."""

    def __init__(self, inventory: Inventory, estate: Estate) -> None:
        self.inventory, self.graph, self.estate = inventory, build(inventory), estate
        self.named: dict[tuple[str, str], str] = {}
        for name, digest in estate.digests.items():
            region = "eu-west-1" if "-eu" in name else "us-east-1"
            self.named[region, digest] = name.replace("-eu", "")

    def name(self, resource: ResourceId) -> str:
        """A stable name: what is random or a digest is left out."""
        node, kind = record(self.graph, resource), kind_of(resource)
        parts = key_of(resource).split("/")
        where = " in eu-west-1" if parts[1] == "eu-west-1" else ""
        if isinstance(node, EcrImage):
            named = self.named.get((node.region, node.digest))
            return f"{kind} {named or self._attestation(node)}{where}"
        last = "/".join(parts[1 if kind == "role" else 2 :])
        if kind == "trigger":
            last = str(getattr(node, "source_arn", "")).rpartition(":")[2]
        return f"{kind} {last}{where}"

    def _attestation(self, node: EcrImage) -> str:
        (subject,) = (
            name.removesuffix("-amd64")
            for (region, digest), name in self.named.items()
            if region == node.region
            and any(digest in successor for successor in self.graph.successors(node.id))
        )
        return f"attestation of {subject}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("estate")
    with Sandbox() as aws, pytest.MonkeyPatch.context() as patch:
        without_sockets(aws)
        estate = fill(aws, write_history(folder / "shop", NOW), NOW)
        for key, value in aws.environment().items():
            patch.setenv(key, value)
        made = clients.connect(
            git=[str(folder / "shop")],
            use_docker=False,
            regions=["us-east-1", "eu-west-1"],
            rates={},
        )
        (folder / "pods.json").write_text(estate.pods, encoding="utf-8")
        pods = read_all([f"{CLUSTER}={folder / 'pods.json'}"], datetime.now(UTC))
        options = ScanOptions(usage_days=30, cache=folder / "cache", env_key=b"test", used_by=pods)
        inventory = sources.collect(options, Wire(aws).carry(made))
        assert inventory.gaps == ()
        return World(inventory, estate)


def test_every_verdict(world: World) -> None:
    answer = orphans(world.graph)
    verdicts = {}
    for verdict in (*answer.in_use, *answer.orphans, *answer.unknown):
        codes = ", ".join(sorted({doubt.code for doubt in verdict.doubts}))
        verdicts[world.name(verdict.id)] = (
            f"{verdict.verdict}: {codes}" if codes else str(verdict.verdict)
        )
    assert verdicts == VERDICTS


def test_without_the_list_of_its_pods_the_cluster_may_run_any_image(world: World) -> None:
    asked = tuple(
        workload for workload in world.inventory.workloads if workload.account != ELSEWHERE
    )
    scope = msgspec.structs.replace(world.inventory.scope, used_by=())
    answer = orphans(build(msgspec.structs.replace(world.inventory, workloads=asked, scope=scope)))
    (gateway,) = (
        verdict for verdict in answer.unknown if world.name(verdict.id).endswith("gateway-1.1")
    )
    assert {doubt.code for doubt in gateway.doubts} >= {"cluster-unread"}
    assert [orphan.id for orphan in answer.orphans if orphan.kind is Kind.ECR_IMAGE] == []


def test_every_state(world: World) -> None:
    states = {
        world.name(function.id): " ".join(function.states)
        for function in staleness(world.graph).functions
    }
    assert states == STATES


def test_the_page_tells_of_everything_that_is_not_in_order() -> None:
    page = PAGE.read_text(encoding="utf-8")
    wrong = [name for name, verdict in VERDICTS.items() if verdict != "in-use"]
    wrong += [name for name, states in STATES.items() if {"drift", "broken"} & set(states.split())]
    names = {name.split(" ", 1)[1].removeprefix("attestation of ") for name in wrong}
    assert sorted(name for name in names if f"`{name}`" not in page) == []


def test_the_same_estate_has_the_same_triggers_and_digests(world: World, tmp_path: Path) -> None:
    with Sandbox() as aws:
        without_sockets(aws)
        again = fill(aws, write_history(tmp_path / "shop", NOW), NOW)
        listed = aws.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    known = {trigger.uuid for trigger in world.inventory.triggers if trigger.region == "us-east-1"}
    assert {mapping["UUID"] for mapping in listed} == known
    assert again.digests == world.estate.digests
