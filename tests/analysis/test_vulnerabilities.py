"""What is known of the vulnerabilities of images, and of what runs: unknown is never zero."""

from __future__ import annotations

from typing import Any

import pytest

from jotgraph.analysis.health import findings
from jotgraph.analysis.vulnerabilities import (
    CriticalRunning,
    Vulnerabilities,
    critical_running,
    vulnerabilities,
)
from jotgraph.graph import build
from jotgraph.records import (
    ImageScan,
    ImageType,
    ResourceId,
    WorkloadState,
    function_id,
)
from tests.factories import (
    ACCOUNT,
    OTHER_ACCOUNT,
    REGION,
    alias,
    attestation_child,
    child,
    days_ago,
    digest,
    ecr_image,
    ecr_repository,
    function,
    image_scan,
    inventory,
    role,
    uri,
    version,
    workload,
)

F = function_id(ACCOUNT, REGION, "pay")
BAD = (("CRITICAL", 3), ("HIGH", 12))
FINE = (("HIGH", 12), ("LOW", 1))


def scan(counts: Any = BAD, status: str = "COMPLETE", days: float = 2) -> ImageScan:
    return image_scan(status, completed_at=days_ago(days), counts=counts)


def known(*records: object, of: ResourceId | None = None) -> Vulnerabilities:
    return vulnerabilities(build(inventory(ecr_repository(), *records)), of or ecr_image(1).id)


@pytest.mark.parametrize(
    ("scanned", "words"),
    [
        pytest.param(scan(), "3 critical, 12 high", id="counted"),
        pytest.param(scan(FINE), "12 high", id="none critical"),
        pytest.param(scan((("LOW", 7),)), "none critical or high", id="none that matters"),
        pytest.param(scan(()), "none critical or high", id="none at all"),
        pytest.param(scan(status="ACTIVE"), "3 critical, 12 high", id="scanned again and again"),
        pytest.param(scan(status=""), "3 critical, 12 high", id="a summary without a status"),
        pytest.param(None, "no scan of it is known", id="never scanned"),
        pytest.param(scan(None), "its scan reports no counts", id="complete without counts"),
        pytest.param(scan(None, "FAILED"), "its scan failed", id="failed"),
        pytest.param(scan(None, "UNSUPPORTED_IMAGE"), "ECR cannot scan it", id="unsupported"),
        pytest.param(scan(None, "SOMETHING_NEW"), "its scan is SOMETHING_NEW", id="a new status"),
        pytest.param(
            scan(status="FAILED"), "3 critical, 12 high (its scan failed)", id="failed since"
        ),
        pytest.param(
            scan((), status="SCAN_ELIGIBILITY_EXPIRED"),
            "none critical or high (ECR no longer scans it)",
            id="no longer scanned",
        ),
    ],
)
def test_what_a_scan_says_in_words(scanned: ImageScan | None, words: str) -> None:
    found = known(ecr_image(1, scan=scanned))
    assert found.words() == words
    assert (found.unknown == "") == (scanned is not None and words in _HOLD)


_HOLD = ("3 critical, 12 high", "12 high", "none critical or high")


def test_a_copy_of_the_digest_speaks_for_it() -> None:
    here, there = ecr_image(1), ecr_image(1, repository="mirror", scan=scan())
    found = known(here, there, ecr_repository("mirror"))
    assert (found.counts, found.of, found.unknown) == (BAD, there.id, "")


def copies(*scans: ImageScan | None) -> list[object]:
    """An image of ``app``, then copies of it in repositories of other names, each so scanned."""
    repositories = ("app", "a", "z")
    images = [ecr_image(1, repository=n, scan=s) for n, s in zip(repositories, scans, strict=False)]
    return [*images, ecr_repository("a"), ecr_repository("z")]


@pytest.mark.parametrize(
    ("scans", "counts", "days", "of"),
    [
        pytest.param([scan(days=9), scan(FINE, days=1)], BAD, 9, "app", id="the worse is older"),
        pytest.param([scan(FINE, days=9), scan(days=1)], BAD, 1, "a", id="the worse is later"),
        pytest.param([scan(days=9), None, scan(days=1)], BAD, 1, "z", id="alike, the later"),
        pytest.param([scan(), scan()], BAD, 2, "app", id="alike, its own"),
        pytest.param(
            [scan(FINE), scan(BAD, "FAILED", days=0)], FINE, 2, "app", id="the worse does not hold"
        ),
        pytest.param([scan(None, "FAILED"), scan(FINE)], FINE, 2, "a", id="one was not counted"),
    ],
)
def test_of_scans_of_copies_that_hold_the_worst_counts(
    scans: list[ImageScan | None], counts: Any, days: float, of: str
) -> None:
    found, own = known(*copies(*scans)), ecr_image(1)
    told = ecr_image(1, repository=of).id
    assert (found.counts, found.scanned_at) == (counts, days_ago(days))
    assert found.of == (None if told == own.id else told)


def test_why_no_copy_was_counted_does_not_depend_on_their_names() -> None:
    failed, pending = scan(None, "FAILED"), scan(None, "PENDING")
    assert known(*copies(failed, pending)).unknown == known(*copies(pending, failed)).unknown


def index(*children: int, **fields: Any) -> Any:
    listed = tuple(child(n, f"linux/{n}") for n in children)
    return ecr_image(9, "multi", type=ImageType.INDEX, children=listed, **fields)


UNSUPPORTED = image_scan("UNSUPPORTED_IMAGE")


@pytest.mark.parametrize(
    ("second", "counts", "unknown"),
    [
        (scan(FINE), BAD, ""),
        (scan((("CRITICAL", 4),)), (("CRITICAL", 4),), ""),
        (scan(None, "FAILED"), BAD, "its scan failed"),
        (None, BAD, "no scan of it is known"),
    ],
)
def test_an_index_is_as_vulnerable_as_the_worst_it_lists(
    second: ImageScan | None, counts: Any, unknown: str
) -> None:
    found = known(
        index(1, 2, scan=UNSUPPORTED),
        ecr_image(1, scan=scan()),
        ecr_image(2, scan=second),
        of=index().id,
    )
    assert (found.counts, found.unknown) == (counts, unknown)
    assert found.of == (ecr_image(2).id if counts == (("CRITICAL", 4),) else ecr_image(1).id)


@pytest.mark.parametrize(("read", "counts"), [(True, BAD), (False, None)])
def test_an_index_of_an_index_is_as_vulnerable_as_the_worst_within(read: bool, counts: Any) -> None:
    inner = ecr_image(8, type=ImageType.INDEX, children=(child(1),), manifest_read=read)
    outer = ecr_image(9, "multi", type=ImageType.INDEX, children=(child(8), child(2)))
    images = (ecr_image(1, scan=scan()), ecr_image(2, scan=scan(FINE)))
    found = known(outer, inner, *images, of=outer.id)
    assert (found.counts, bool(found.unknown)) == (counts, not read)


def test_an_attestation_in_an_index_needs_no_scan() -> None:
    listed = (child(1), attestation_child(2, 1))
    of = ecr_image(9, type=ImageType.INDEX, children=listed)
    proof = ecr_image(2, type=ImageType.ATTESTATION)
    assert known(of, ecr_image(1, scan=scan()), proof, of=of.id).unknown == ""


def test_an_index_that_was_not_read_is_not_known() -> None:
    found = known(index(manifest_read=False, scan=UNSUPPORTED), of=index().id)
    assert found == Vulnerabilities(unknown="which images the index lists was not read")


def running(*records: object, **fields: Any) -> CriticalRunning:
    return critical_running(build(inventory(ecr_repository(), role(), *records, **fields)))


def test_what_runs_is_counted_once_a_digest() -> None:
    found = running(
        ecr_image(1, "v1", scan=scan()),
        ecr_image(2, scan=scan((("CRITICAL", 5),))),
        ecr_image(3, scan=scan((("CRITICAL", 100),))),
        ecr_image(1, repository="mirror", scan=scan()),
        ecr_repository("mirror"),
        function(runs=1),
        version(1, runs=1, tag="v1"),
        function("g", runs=1, repository="mirror"),
        workload("web", (uri("app:x"), digest(2))),
        alias("live", 1),
    )
    assert found == CriticalRunning(8, ((ecr_image(2).id, 5), (ecr_image(1).id, 3)), ())


def test_of_an_index_the_worst_child_is_counted_once_beside_itself() -> None:
    found = running(
        index(1, 2, scan=UNSUPPORTED),
        ecr_image(1, scan=scan()),
        ecr_image(2, scan=scan(FINE)),
        workload("pods", f"{uri('app')}@{digest(9)}"),
        workload("task", f"{uri('app')}@{digest(1)}"),
    )
    assert (found.count, found.unknown) == (3, ())


def test_what_is_started_next_runs_by_its_tag_and_an_older_revision_does_not() -> None:
    estate = (ecr_image(1, "v1", scan=scan()), ecr_image(2, "v2", scan=scan()))
    newest = workload("job:2", uri("app:v2"), service="batch", state=WorkloadState.NEWEST)
    older = workload("job:1", uri("app:v1"), service="batch", state=WorkloadState.ACTIVE)
    assert running(*estate, newest, older).images == ((ecr_image(2).id, 3),)


def test_unknown_is_named_and_never_zero() -> None:
    found = running(
        ecr_image(1, "v1"),
        ecr_image(2, scan=scan(None, "FAILED")),
        function(runs=1),
        function("g", runs=None, package_type="Image", code_sha256=""),
        function("elsewhere", runs=7, account=OTHER_ACCOUNT),
        workload("web", f"{uri('app')}@{digest(2)}"),
        workload("public", "docker.io/library/redis:7"),
    )
    assert (found.count, found.images) == (0, ())
    assert dict(found.unknown) == {
        ecr_image(1).id: "no scan of it is known",
        ecr_image(2).id: "its scan failed",
        function_id(ACCOUNT, REGION, "g"): "which image it runs was not read",
        ecr_image(7, account=OTHER_ACCOUNT).id: "it was not read",
    }


# The finding

SAID = "has 3 critical and 12 high vulnerabilities (scanned 2026-02-27)"
COMMAND = (
    f"aws ecr describe-image-scan-findings --region {REGION} --registry-id {ACCOUNT} "
    f"--repository-name app --image-id imageDigest={digest(1)}"
)


def told(*records: object, of: ResourceId) -> list[tuple[str, str, str, str]]:
    graph = build(inventory(ecr_repository(), role(), *records))
    return [
        (finding.severity.value, finding.word, finding.statement, str(finding.next))
        for finding in findings(graph, of)
        if finding.code == "vulnerable"
    ]


def test_what_runs_critical_vulnerabilities_says_so() -> None:
    estate = (
        ecr_image(1, "v1", scan=scan()),
        function(runs=1),
        version(1, runs=1),
        alias("live", 1),
    )
    named = f"image app:v1 @{digest(1)[7:16]} {SAID}"
    assert told(*estate, of=F) == [("look", "3 critical", named, COMMAND)]
    assert told(*estate, of=ecr_image(1).id) == [("look", "3 critical", f"it {SAID}", COMMAND)]
    (inherited,) = told(*estate, of=ResourceId(f"alias:{ACCOUNT}/{REGION}/pay:live"))
    assert inherited[2] == f"version 1: {named}"
    web = workload("web", (uri("app:v1"), digest(1)))
    assert told(*estate, web, of=web.id) == [("look", "3 critical", named, COMMAND)]


def test_what_runs_one_of_several_copies_is_told_of_the_worst() -> None:
    """Of one of them it was not read what it lists, and its name is the first."""
    pod = workload("pod", digest(9), service="kubernetes", type="pod")
    unread = ecr_image(9, repository="a", type=ImageType.INDEX, manifest_read=False)
    estate = (unread, ecr_repository("a"), index(1), ecr_image(1, scan=scan()), pod)
    (found,) = told(*estate, of=pod.id)
    assert found[:2] == ("look", "3 critical")
    assert told(unread, ecr_repository("a"), ecr_image(1, scan=scan()), pod, of=pod.id) == []


def test_high_ones_alone_and_images_that_nothing_runs_are_no_finding() -> None:
    estate = (ecr_image(1, scan=scan(FINE)), function(runs=1), ecr_image(2, scan=scan()))
    for resource in (F, ecr_image(1).id, ecr_image(2).id):
        assert told(*estate, of=resource) == []


def test_a_scan_that_is_not_known_is_said_of_the_image_that_runs() -> None:
    estate = (ecr_image(1), function(runs=1), ecr_image(2))
    said = "how many vulnerabilities it has is not known: no scan of it is known"
    command = "jotgraph scan --vulnerabilities"
    assert told(*estate, of=ecr_image(1).id) == [
        ("unknown", "vulnerabilities not read", said, command)
    ]
    assert told(*estate, of=ecr_image(2).id) == []
    assert told(*estate, of=F) == []


def test_an_image_in_an_index_that_runs_is_looked_at() -> None:
    pods = workload("pods", f"{uri('app')}@{digest(9)}")
    estate = (index(1), ecr_image(1, scan=scan()), pods)
    assert [finding[1] for finding in told(*estate, of=ecr_image(1).id)] == ["3 critical"]
    assert [finding[1] for finding in told(*estate, of=pods.id)] == ["3 critical"]
