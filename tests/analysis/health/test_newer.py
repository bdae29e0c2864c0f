"""What is newer than what runs or was pushed, and what was built of sources that are gone."""

from __future__ import annotations

from typing import Any

import pytest

from jotgraph.analysis.health import Code, Finding, findings
from jotgraph.graph import build
from jotgraph.records import ImageType, Record, ResourceId
from tests.factories import (
    ACCOUNT,
    HOST,
    OTHER_REGION,
    REGION,
    child,
    commit,
    content_match,
    days_ago,
    digest,
    ecr_image,
    ecr_repository,
    function,
    gap,
    git_repository,
    inventory,
    local_image,
    role,
    sha,
    touched,
    uri,
    version,
    workload,
)

OLD = ecr_image(1, "v1", pushed_at=days_ago(30))
NEW = ecr_image(2, "v2", pushed_at=days_ago(2))
RUNS = function(runs=1, tag="v1", invocations=3)


def told(resource: ResourceId, code: Code, *records: Any, **fields: Any) -> list[Finding]:
    graph = build(inventory(ecr_repository(), role(), *records, **fields))
    return [finding for finding in findings(graph, resource) if finding.code is code]


def short(name: int) -> str:
    return digest(name).removeprefix("sha256:")[:9]


def test_a_newer_image_that_nothing_runs() -> None:
    (finding,) = told(RUNS.id, Code.UNDEPLOYED, OLD, NEW, RUNS)
    assert finding.word == "newer image"
    assert finding.severity == "remark"
    assert finding.about == NEW.id
    assert finding.statement == (
        f"image app:v2 @{short(2)} is newer (pushed {days_ago(2):%Y-%m-%d %H:%M} UTC) than the one "
        f"that runs, app:v1 @{short(1)}, and nothing runs it"
    )
    assert str(finding.next) == (
        f"aws lambda update-function-code --region {REGION} --function-name {ACCOUNT}:pay "
        f"--image-uri {uri('app:v2')}"
    )


def test_a_service_has_one_too() -> None:
    service = workload("web", (uri("app:v1"), digest(1)))
    (finding,) = told(service.id, Code.UNDEPLOYED, OLD, NEW, service)
    assert (finding.about, str(finding.next)) == (NEW.id, "")


@pytest.mark.parametrize(
    "records",
    [
        pytest.param((OLD, RUNS), id="the only image"),
        pytest.param((OLD, ecr_image(2, "v0", pushed_at=days_ago(40)), RUNS), id="an older one"),
        pytest.param((OLD, NEW, RUNS, function("other", 2, tag="v2")), id="another runs it"),
        pytest.param((OLD, ecr_image(2, pushed_at=days_ago(2)), RUNS), id="without a tag"),
        pytest.param(
            (OLD, ecr_image(2, "v2", pushed_at=days_ago(2), status="ARCHIVED"), RUNS), id="archived"
        ),
        pytest.param(
            (OLD, ecr_image(2, "v2", pushed_at=days_ago(2), type=ImageType.SIGNATURE), RUNS),
            id="a signature",
        ),
        pytest.param(
            (OLD, ecr_image(2, "v2", pushed_at=days_ago(2), subject=digest(1)), RUNS),
            id="about another image",
        ),
        pytest.param(
            (
                OLD,
                ecr_image(2, "v2", pushed_at=days_ago(2), architecture="arm64"),
                function(runs=1, tag="v1", architectures=("x86_64",)),
            ),
            id="for another platform",
        ),
        pytest.param(
            (
                OLD,
                ecr_image(
                    2, "v2", pushed_at=days_ago(2), type=ImageType.INDEX, children=(child(1),)
                ),
                RUNS,
            ),
            id="an index of what runs",
        ),
        pytest.param(
            (
                OLD,
                ecr_image(3, pushed_at=days_ago(2), type=ImageType.INDEX, children=(child(1),)),
                ecr_image(
                    2, "v2", pushed_at=days_ago(2), type=ImageType.INDEX, children=(child(3),)
                ),
                RUNS,
            ),
            id="an index of an index of what runs",
        ),
        pytest.param((OLD, ecr_image(2, "v2", pushed_at=None), RUNS), id="of an unknown time"),
        pytest.param(
            (OLD, ecr_image(2, "v2", repository="b", pushed_at=days_ago(2)), RUNS),
            id="of another repository",
        ),
    ],
)
def test_no_newer_image(records: tuple[Record, ...]) -> None:
    assert told(RUNS.id, Code.UNDEPLOYED, *records) == []


def test_drift_says_it_alone() -> None:
    moved = (ecr_image(1, pushed_at=days_ago(30)), ecr_image(2, "v1", pushed_at=days_ago(2)), RUNS)
    assert told(RUNS.id, Code.UNDEPLOYED, *moved) == []
    assert len(told(RUNS.id, Code.DRIFT, *moved)) == 1


def test_published_versions_stay_as_they_are() -> None:
    published = version(1, runs=1, tag="v1")
    assert told(published.id, Code.UNDEPLOYED, OLD, NEW, RUNS, published) == []


BUILT = local_image("built", "app:dev", created_at=days_ago(1))


def test_a_local_image_that_is_newer_than_the_last_push() -> None:
    (finding,) = told(BUILT.id, Code.UNPUSHED, OLD, NEW, BUILT)
    assert finding.word == "not pushed"
    assert finding.statement == (
        f"built {days_ago(1):%Y-%m-%d %H:%M} UTC, after the last push to app "
        f"({days_ago(2):%Y-%m-%d %H:%M} UTC): it is not in ECR"
    )
    name = f"{HOST}/app:dev"
    assert str(finding.next) == f"docker tag app:dev {name} && docker push {name}"


def test_one_that_has_the_name_of_its_registry() -> None:
    named = local_image("built", f"{HOST}/app:dev", created_at=days_ago(1))
    (finding,) = told(named.id, Code.UNPUSHED, named)
    assert finding.statement.endswith("and nothing was pushed to app: it is not in ECR")
    assert str(finding.next) == f"docker push {HOST}/app:dev"


@pytest.mark.parametrize(
    "records",
    [
        pytest.param((local_image("built", "app:dev", created_at=days_ago(3)), NEW), id="older"),
        pytest.param((local_image("built", created_at=days_ago(1)), NEW), id="without a tag"),
        pytest.param(
            (local_image("built", "other:dev", created_at=days_ago(1)), NEW),
            id="of no repository that was read",
        ),
        pytest.param((local_image("built", "app:dev", created_at=None), NEW), id="without a time"),
        pytest.param((BUILT, ecr_image(2, "v2", pushed_at=None)), id="after an unknown push"),
        pytest.param((BUILT, NEW, gap("ecr:DescribeImages")), id="after pushes not read"),
        pytest.param(
            (
                local_image(
                    "built", "app:dev", created_at=days_ago(1), config_digest=digest("config")
                ),
                ecr_image(2, "v2", pushed_at=days_ago(2), config_digest=digest("config")),
            ),
            id="a copy is there",
        ),
        pytest.param(
            (
                local_image(
                    "built", HOST.replace(REGION, OTHER_REGION) + "/app:dev", created_at=days_ago(1)
                ),
                NEW,
            ),
            id="of another region",
        ),
    ],
)
def test_nothing_is_said_to_be_unpushed(records: tuple[Record, ...]) -> None:
    assert told(BUILT.id, Code.UNPUSHED, *records) == []


def test_a_source_that_is_gone() -> None:
    match = content_match(
        OLD.id, sha("a"), repository="git", maps=(("srv", "old"),), touched=touched(gone=("old",))
    )
    records = (git_repository(key="git"), commit("a", repositories=("git",)), OLD, RUNS)
    (finding,) = told(RUNS.id, Code.SOURCE_GONE, *records, match)
    assert finding.statement == "its source old is no longer in git"
    assert (finding.about, str(finding.next)) == (OLD.id, "jotgraph why pay")
    still = content_match(
        OLD.id, sha("a"), repository="git", maps=(("srv", "old"),), touched=touched()
    )
    assert told(RUNS.id, Code.SOURCE_GONE, *records, still) == []
