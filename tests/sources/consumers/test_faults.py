"""What each failure leaves: a gap, the coverage, and everything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from jotgraph.clients import Clients
from jotgraph.records import (
    CONSUMERS,
    CoverageState,
    Kind,
    UsedImage,
    Workload,
)
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.world import REGION
from jotgraph.sources import ScanOptions, collect, consumers
from tests.rig.kept import keep
from tests.rig.wire import Wire
from tests.sources.conftest import KEY, Scan
from tests.sources.consumers.conftest import fill_image
from tests.sources.consumers.world import (
    by_name,
    fill_everything,
    states,
    uri,
)
from tests.strength import some

CALLS = sorted(
    {
        (entry.client or entry.service, call.action)
        for entry in consumers.CONSUMERS
        for call in entry.calls
    }
)


class Everything(NamedTuple):
    """An account with one of each workload."""

    clients: Clients
    found: dict[str, Workload]
    """What a scan finds that nothing disturbs."""
    put_back: Callable[[], None]


UNCACHED = ScanOptions(env_key=KEY, cache=None)
ENTRIES = {entry.client or entry.service: entry for entry in consumers.CONSUMERS}
FAULTS: dict[str, tuple[Callable[..., object], str, str]] = {
    "denied": (lambda aws, *call: aws.faults.deny(*call), "denied", "denied"),
    "throttled": (lambda aws, *call: aws.faults.throttle(*call), "throttled", "failed"),
    "500": (lambda aws, *call: aws.faults.error(*call), "error", "failed"),
    "cut": (lambda aws, *call: aws.faults.reset(*call), "unreachable", "failed"),
    "half": (lambda aws, *call: aws.faults.truncate(*call), "error", "failed"),
}


@pytest.fixture(scope="module")
def _everything(_sandbox: Sandbox) -> Everything:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _sandbox.environment().items():
            patch.setenv(name, value)
        _sandbox.reset()
        _sandbox.world.regions = frozenset({REGION})
        fill_image(_sandbox)
        fill_everything(_sandbox)
        clients = Wire(_sandbox).clients
        return Everything(clients, by_name(collect(UNCACHED, clients)), keep(_sandbox))


@pytest.fixture
def everything(aws: Sandbox, _everything: Everything) -> Everything:
    """One of each workload, put back for each test."""
    _everything.put_back()
    return _everything


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize(
    ("client", "action", "fault"),
    some(
        "faults of calls about workloads",
        [(client, action, fault) for client, action in CALLS for fault in FAULTS],
        7,  # no divisor of the faults: each is tried, and every service
    ),
)
def test_a_call_that_fails_is_a_gap_and_loses_nothing_else(
    aws: Sandbox, everything: Everything, client: str, action: str, fault: str
) -> None:
    spoil, reason, state = FAULTS[fault]
    spoil(aws, client, action)
    service = ENTRIES[client].service
    found = collect(UNCACHED, everything.clients)
    gaps = [gap for gap in found.gaps if gap.asked]
    assert {(gap.service, gap.action) for gap in gaps} == {(service, action)}
    assert {gap.reason for gap in gaps} <= {reason, "error"}
    assert all(gap.hides == (Kind.WORKLOAD,) or gap.facts for gap in gaps)
    assert states(found) == {
        **dict.fromkeys(CONSUMERS, "read"),
        "lambda": "empty",
        service: state,
    }
    lost = everything.found.keys() - by_name(found).keys()
    assert {name.partition("/")[0] for name in lost} <= {service}


@pytest.mark.usefixtures("no_waiting")
def test_half_a_listing_is_kept(aws: Sandbox, scan: Scan) -> None:
    for number in range(101):
        seed.job_definition(aws, f"j{number}", "docker.io/a:1")
    aws.faults.deny("batch", "DescribeJobDefinitions", nth=2)
    found = scan()
    assert len(found.workloads) == 100
    (coverage,) = [coverage for coverage in found.scope.coverage if coverage.service == "batch"]
    assert (coverage.state, coverage.whole) == (CoverageState.DENIED, False)
    assert "not authorized to perform: batch:DescribeJobDefinitions" in coverage.because


@pytest.mark.usefixtures("no_waiting")
def test_one_batch_of_services_that_fails_loses_only_itself(aws: Sandbox, scan: Scan) -> None:
    seed.task_definition(aws, "web", "docker.io/a:1")
    for number in range(12):
        seed.ecs_service(aws, f"s{number:02}", "web", count=0)
    aws.faults.error("ecs", "DescribeServices", nth=2)
    found = [workload.name for workload in scan().workloads if workload.type == "service"]
    assert len(found) in (10, 2), "both are asked at once: either may be the second"


@pytest.mark.parametrize(
    ("client", "action"),
    sorted({(client, entry.calls[0].action) for client, entry in ENTRIES.items()}),
)
def test_a_first_listing_that_is_not_found_has_told_nothing(
    aws: Sandbox, everything: Everything, client: str, action: str
) -> None:
    """Only what is within something else, such as the tasks of a cluster, can be gone with it."""
    aws.faults.error(client, action, code="ResourceNotFoundException", status=404)
    found = collect(UNCACHED, everything.clients)
    service = ENTRIES[client].service
    assert states(found)[service] == "failed"
    assert (service, action) in {(gap.service, gap.action) for gap in found.gaps if gap.asked}


def test_a_cluster_that_goes_while_it_is_read_is_no_gap(aws: Sandbox, scan: Scan) -> None:
    seed.task_definition(aws, "web", "docker.io/a:1")
    seed.ecs_service(aws, "web", "web", cluster="going")

    def delete(_: object) -> None:
        aws.client("ecs").delete_cluster(cluster="going")

    aws.faults.before("ecs", "ListTasks", call=delete, times=1)
    found = scan()
    assert states(found)["ecs"] == "read"
    assert [workload.type for workload in found.workloads] == ["task-definition"]


BATCHES = {
    call.action: (entry, call)
    for entry in consumers.CONSUMERS
    for call in entry.calls
    if call.batch > 1
}
KEPT = {
    "BatchGetProjects": "codebuild/project",
    "DescribeDaemonRevisions": "ecs/daemon-revision",
    "DescribeServiceRevisions": "ecs/service-revision",
    "DescribeServices": "ecs/service",
    "DescribeTasks": "ecs/task",
}
"""Where the embedded AWS keeps what a batch tells of."""


@pytest.mark.parametrize("action", sorted(BATCHES))
def test_what_a_batch_is_silent_about_is_unread(
    aws: Sandbox, everything: Everything, action: str
) -> None:
    entry, call = BATCHES[action]

    def forget(request: Any) -> None:
        request.params[call.member] = ["arn:aws:ecs:nowhere"]

    aws.faults.before(entry.service, action, call=forget)
    found = collect(UNCACHED, everything.clients)
    assert states(found)[entry.service] == "failed"
    gaps = [gap for gap in found.gaps if gap.asked]
    assert {gap.action for gap in gaps} == {action}
    assert all("the answer does not contain" in gap.detail for gap in gaps)


@pytest.mark.parametrize("action", sorted(BATCHES))
def test_what_a_batch_calls_missing_is_gone(
    aws: Sandbox, everything: Everything, action: str
) -> None:
    entry, call = BATCHES[action]
    shelf = aws.world.kept[aws.account, aws.region, KEPT[action]]
    assert shelf
    aws.faults.before(entry.service, action, call=lambda _: shelf.clear())
    found = collect(UNCACHED, everything.clients)
    details = [gap.detail for gap in found.gaps if gap.action == action]
    assert bool(details) == call.several, "a revision is needed by what names it"
    assert [detail for detail in details if "is not there any more" not in detail] == []


def test_a_region_without_daemons_is_read_all_the_same(aws: Sandbox, scan: Scan) -> None:
    seed.ecs_cluster(aws, "prod")
    aws.faults.error(
        "ecs", "ListDaemons", code="UnsupportedFeatureException", message="not here", status=400
    )
    assert states(scan())["ecs"] == "empty"


def test_a_revision_that_is_not_described_says_so(aws: Sandbox, scan: Scan, digest: str) -> None:
    """ "You can't describe a service revision that was created before October 25, 2024": which
    digest an idle service would start is then not known."""
    seed.task_definition(aws, "web", "app:live")
    seed.ecs_service(aws, "web", "web", count=0)
    revisions = aws.world.kept[aws.account, aws.region, "ecs/service-revision"]
    revisions.clear()
    found = scan()
    service = by_name(found)["ecs/service/default/web"]
    assert service.images == (UsedImage(uri(aws), ""),)
    (gap,) = [gap for gap in found.gaps if gap.asked]
    assert (gap.action, gap.facts, gap.hides) == (
        "DescribeServiceRevisions",
        ("resolved-digest",),
        (),
    )
    assert states(found)["ecs"] == "failed"


@pytest.mark.parametrize("odd", [None, 7, {"a": "b"}, ["a"]])
def test_an_answer_that_is_not_understood_loses_no_other(
    aws: Sandbox, scan: Scan, odd: object
) -> None:
    seed.task_definition(aws, "web", "docker.io/a:1")
    arn = seed.ecs_service(aws, "odd", "web", count=0)
    seed.ecs_service(aws, "even", "web", count=0)
    aws.world.kept[aws.account, aws.region, "ecs/service"][arn]["serviceName"] = odd
    found = scan()
    names = [workload.name for workload in found.workloads if workload.type == "service"]
    assert "default/even" in names
    if odd != 7:  # botocore takes a number for a text
        assert (names, states(found)["ecs"]) == (["default/even"], "failed")
    assert {gap.hides for gap in found.gaps if gap.asked} <= {(Kind.WORKLOAD,)}


@pytest.mark.parametrize("field", ["images", "revision", "tags"])
def test_odd_fields_of_a_job_are_no_crash(aws: Sandbox, scan: Scan, field: str) -> None:
    seed.job_definition(aws, "odd", "docker.io/a:1")
    seed.job_definition(aws, "even", "docker.io/a:1")
    job = aws.world.kept[aws.account, aws.region, "batch/job-definition"]["odd:1"]
    odd: dict[str, Any] = {
        "images": {"containerProperties": {"image": None}},
        "revision": {"revision": None},
        "tags": {"tags": {"a": None}},
    }
    job.update(odd[field])
    found = scan()
    assert "even:1" in {workload.name for workload in found.workloads}


def test_a_session_that_is_not_known_hides_workloads(aws: Sandbox, scan: Scan) -> None:
    aws.faults.error("sts", code="ExpiredToken", message="expired", status=403)
    found = scan()
    assert found.scope.coverage == ()
    assert Kind.WORKLOAD in {kind for gap in found.gaps for kind in gap.hides}


def test_denied_functions_are_denied_coverage(aws: Sandbox, scan: Scan) -> None:
    aws.faults.deny("lambda", "ListFunctions")
    assert states(scan())["lambda"] == "denied"
