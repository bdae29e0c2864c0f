"""Whether an image was tested: by its digest and those that are proven to be the same."""

from __future__ import annotations

from typing import Any

import pytest

from jotgraph.analysis import testing
from jotgraph.analysis.health import Code, Severity, findings
from jotgraph.analysis.testing import Tested
from jotgraph.graph import build
from jotgraph.records import (
    ImageType,
    Inventory,
    ResourceId,
    ecr_image_id,
    function_id,
    local_image_id,
    version_id,
)
from tests.factories import (
    ACCOUNT,
    HERE,
    NOW,
    REGION,
    alias,
    child,
    days_ago,
    deployment,
    digest,
    ecr_image,
    ecr_repository,
    function,
    gap,
    image_test,
    inventory,
    local_image,
    role,
    scope,
    uri,
    used_image,
    version,
    workload,
)

F = function_id(ACCOUNT, REGION, "pay")
IMAGE = ecr_image_id(ACCOUNT, REGION, "app", digest(1))
LOCAL = local_image_id(digest(101))
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pay"
BUSY: dict[str, Any] = {"invocations": 5}
SAME = ecr_image(1, "v1", config_digest=digest(101))
DEPLOYED = (ecr_repository(), SAME, role(), function(**BUSY))


def of(whole: Inventory, resource: ResourceId = F) -> Tested:
    return testing.tested(build(whole), resource)


def names(answer: Tested) -> list[tuple[str, bool]]:
    return [(case.name, case.passed) for case in answer.cases]


def test_nothing_is_tested_where_no_test_is_known() -> None:
    assert of(inventory(*deployment())) == Tested()


def test_a_test_of_the_config_is_of_the_image_in_ecr_and_of_what_runs_it() -> None:
    whole = inventory(*DEPLOYED, image_test(101, config_digest=digest(101)))
    assert names(of(whole)) == names(of(whole, IMAGE)) == [("smoke", True)]


def test_a_test_by_invocation_is_of_the_manifest_and_of_its_local_copy() -> None:
    local = local_image(101, config_digest=digest(101))
    whole = inventory(*DEPLOYED, local, image_test(1, function=F, where=ARN))
    assert names(of(whole)) == names(of(whole, LOCAL)) == [("smoke", True)]


@pytest.mark.parametrize(
    "test",
    [
        pytest.param(image_test(2, config_digest=digest(2)), id="another digest"),
        pytest.param(image_test(2, function=F, where=ARN), id="what the function ran before"),
    ],
)
def test_a_test_of_another_digest_never_counts(test: Any) -> None:
    assert of(inventory(*DEPLOYED, ecr_image(2, "v1"), test)) == Tested()


def test_equal_layers_under_another_config_are_not_the_same_image() -> None:
    layers = (digest(200),)
    local = local_image(102, config_digest=digest(102), diff_ids=layers)
    whole = inventory(
        ecr_repository(),
        ecr_image(1, "v1", config_digest=digest(101), diff_ids=layers, config_read=True),
        role(),
        function(**BUSY),
        local,
        image_test(102, config_digest=digest(102)),
    )
    assert (of(whole), names(of(whole, local.id))) == (Tested(), [("smoke", True)])


def test_the_empty_config_of_artifacts_names_no_image() -> None:
    empty = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    image = ecr_image(1, "v1", config_digest=empty)
    whole = inventory(image, image_test(9, config_digest=empty))
    assert of(whole, image.id).cases == ()


def test_an_index_is_as_tested_as_its_own_digest() -> None:
    """It was pulled by the digest of the index: the image that was run is one of several."""
    index = ecr_image(5, "v1", type=ImageType.INDEX, children=(child(1),))
    local = local_image(101, repo_digests=(f"app@{digest(5)}",), config_digest=digest(101))
    whole = inventory(
        ecr_repository(), index, SAME, local, image_test(101, config_digest=digest(101))
    )
    assert of(whole, index.id) == Tested()
    assert names(of(whole, IMAGE)) == [("smoke", True)]


def test_the_newest_result_of_a_case_counts_in_each_place() -> None:
    invoked: dict[str, Any] = {"function": F, "where": ARN}
    whole = inventory(
        *DEPLOYED,
        image_test(1, "a", "b", passed=False, at=days_ago(3), **invoked),
        image_test(1, "a", at=days_ago(2), **invoked),
        image_test(101, "a", "b", config_digest=digest(101), at=days_ago(1)),
    )
    answer = of(whole)
    assert [(case.name, case.where, case.passed) for case in answer.cases] == [
        ("a", ARN, True), ("a", "engine", True), ("b", ARN, False), ("b", "engine", True),
    ]  # fmt: skip
    assert (answer.passed, answer.at) == (False, days_ago(1))


def test_what_runs_two_images_is_tested_where_both_are() -> None:
    images = (used_image(f"{uri()}@{digest(1)}"), used_image(f"{uri()}@{digest(2)}"))
    world = (
        ecr_repository(), SAME, ecr_image(2, "v2", config_digest=digest(102)),
        workload(images=images),
    )  # fmt: skip
    one = image_test(1, "one", function=F, where=ARN)
    other = image_test(2, "two", function=F, where=ARN)
    wrong = image_test(2, "two", function=F, where=ARN, passed=False)
    of_it = workload(images=images).id
    assert names(of(inventory(*world, one), of_it)) == []
    assert names(of(inventory(*world, one, other), of_it)) == [("one", True), ("two", True)]
    assert names(of(inventory(*world, wrong), of_it)) == [("two", False)]


def test_what_was_not_read_is_unknown() -> None:
    unread = ecr_image(1, "v1", manifest_read=False)
    local = image_test(101, config_digest=digest(101))
    answer = of(inventory(ecr_repository(), unread, role(), function(**BUSY), local))
    assert (answer.cases, answer.unknown) == (
        (), "its manifest was not read: a tested local image may be the same",
    )  # fmt: skip
    invoked = image_test(2, function=F, where=ARN)
    whole = inventory(ecr_repository(), unread, role(), function(**BUSY), invoked)
    assert of(whole) == Tested()


@pytest.mark.parametrize(
    ("resource", "unknown"),
    [
        (f"/state/tests/{digest(1).partition(':')[2]}/x.json", True),
        (f"/state/tests/{digest(101).partition(':')[2]}/x.json", True),
        (f"/state/tests/{digest(2).partition(':')[2]}/x.json", False),
        ("/state/tests", True),
        ("", True),
    ],
)
def test_a_damaged_file_leaves_its_digest_unknown(resource: str, unknown: bool) -> None:
    lost = gap("tests:read", resource=resource, facts=("tests",))
    answer = of(inventory(*DEPLOYED, lost))
    assert answer.unknown == ("what a test of it found was not read" if unknown else "")


def told(whole: Inventory, resource: ResourceId = F) -> list[tuple[Code, Severity, str]]:
    rules = {Code.TESTED, Code.TEST_FAILED}
    return [
        (finding.code, finding.severity, finding.statement)
        for finding in findings(build(whole), resource)
        if finding.code in rules
    ]


def test_findings_say_when_where_and_by_which_cases() -> None:
    passed = image_test(1, "a", "b", function=F, where=ARN)
    day = f"{NOW:%Y-%m-%d}"
    assert told(inventory(*DEPLOYED, passed)) == [
        (Code.TESTED, Severity.GOOD, f"passed 2 cases on {day} by {ARN}")
    ]
    failed = image_test(101, "b", config_digest=digest(101), passed=False)
    assert told(inventory(*DEPLOYED, passed, failed), IMAGE) == [
        (
            Code.TEST_FAILED,
            Severity.LOOK,
            f"failed 1 of 3 cases (b) on {day} by {ARN}, engine engine",
        )
    ]
    assert told(inventory(*DEPLOYED)) == []


def test_an_alias_is_as_tested_as_what_it_leads_to() -> None:
    world = (*DEPLOYED, version(1, **BUSY), alias("live", 1))
    whole = inventory(*world, image_test(1, function=F, where=ARN))
    day = f"{NOW:%Y-%m-%d}"
    assert told(whole, version_id(ACCOUNT, REGION, "pay", "1")) == [
        (Code.TESTED, Severity.GOOD, f"passed 1 case on {day} by {ARN}")
    ]
    assert told(whole, alias("live", 1).id) == [
        (Code.TESTED, Severity.GOOD, f"version 1: passed 1 case on {day} by {ARN}")
    ]


def test_an_unread_manifest_is_said_of_what_runs() -> None:
    unread = ecr_image(1, "v1", manifest_read=False)
    world = (ecr_repository(), unread, role(), function(**BUSY))
    whole = inventory(*world, image_test(101, config_digest=digest(101)))
    ((code, severity, _),) = told(whole)
    assert (code, severity) == (Code.TESTED, Severity.UNKNOWN)


def test_an_older_inventory_says_nothing_of_tests() -> None:
    whole = inventory(*deployment(), scope=scope(HERE, tests=False))
    assert told(whole) == []
