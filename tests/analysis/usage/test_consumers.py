"""Services beside Lambda: what they run is in use, and their silence counts only where asked."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from jotgraph.analysis.usage import Options
from jotgraph.errors import OptionError
from jotgraph.graph import build
from jotgraph.queries.orphans import orphans
from jotgraph.records import CoverageState, Inventory, UsedByFile, WorkloadState
from jotgraph.records.kinds import CONSUMERS
from tests.factories import (
    ACCOUNT,
    HERE,
    NOW,
    OTHER_ACCOUNT,
    OTHER_REGION,
    REGION,
    asked,
    days_ago,
    digest,
    ecr_image,
    ecr_repository,
    function,
    inventory,
    role,
    uri,
    used_by_file,
    workload,
)

WEB = uri("app")
ECS_TASKS = json.dumps(
    {"Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}]}
)


def said(whole: Inventory, options: Options | None = None) -> dict[str, str]:
    """Id without place -> verdict, with the codes of its doubts."""
    found = orphans(build(whole), options=options)
    return {
        judged.id.replace(f"{ACCOUNT}/{REGION}/", "")
        .replace(f"{ACCOUNT}/", "")
        .replace(f"sha256:{'0' * 60}", ""): (
            " ".join([judged.verdict.value, *sorted({doubt.code for doubt in judged.doubts})])
        )
        for judged in found.all()
    }


def scoped(whole: Inventory, **fields: Any) -> Inventory:
    return msgspec.structs.replace(whole, scope=msgspec.structs.replace(whole.scope, **fields))


def app(*records: object, **fields: Any) -> Inventory:
    return inventory(ecr_repository(), ecr_image(1, "v1"), ecr_image(2), *records, **fields)


@pytest.mark.parametrize("service", CONSUMERS)
def test_each_service_keeps_what_it_runs(service: str) -> None:
    by_tag = workload("one", f"{WEB}:v1", service=service)
    by_digest = workload("two", (f"{WEB}:moved", digest(2)), service=service)
    found = said(app(by_tag, by_digest))
    assert (found["ecr-image:app@0001"], found["ecr-image:app@0002"]) == ("in-use", "in-use")
    assert found["ecr-repo:app"] == "in-use"
    idle = said(app())
    assert (idle["ecr-image:app@0001"], idle["ecr-repo:app"]) == ("orphan", "unknown not-empty")


@pytest.mark.parametrize("service", CONSUMERS)
def test_a_workload_of_another_region_and_account_keeps_an_image(service: str) -> None:
    far = workload(
        "web", (f"{WEB}:v1", digest(1)), account=OTHER_ACCOUNT, region=OTHER_REGION, service=service
    )
    found = said(app(far, places=(HERE, (OTHER_ACCOUNT, OTHER_REGION))))
    assert (found["ecr-image:app@0001"], found["ecr-image:app@0002"]) == ("in-use", "orphan")


@pytest.mark.parametrize("service", CONSUMERS)
@pytest.mark.parametrize("state", [state for state in CoverageState if state not in ("read", "empty", "absent")])  # fmt: skip  # noqa: E501 -- one list
def test_a_service_that_was_not_read_is_a_doubt(service: str, state: CoverageState) -> None:
    code = "cluster-unread" if service == "eks" else f"{service}-unread"
    coverage = asked(HERE, **{service.replace("-", "_"): state})
    found = said(scoped(app(), coverage=coverage))
    assert found["ecr-image:app@0001"] == f"unknown {code}"
    assert set(found["ecr-repo:app"].split()) == {"unknown", "not-empty", code}


def test_a_service_never_asked_is_unread_and_an_empty_one_is_as_good_as_read() -> None:
    whole = app()
    without = tuple(coverage for coverage in whole.scope.coverage if coverage.service != "batch")
    assert said(scoped(whole, coverage=without))["ecr-image:app@0001"] == "unknown batch-unread"
    absent = asked(HERE, batch=CoverageState.ABSENT)
    assert said(scoped(whole, coverage=absent))["ecr-image:app@0001"] == "orphan"


def test_a_region_that_is_enabled_and_was_not_asked_is_a_doubt() -> None:
    places = (HERE, (ACCOUNT, OTHER_REGION))
    whole = scoped(app(), enabled=places)
    assert said(whole)["ecr-image:app@0001"].startswith("unknown apprunner-unread batch-unread")
    assert said(scoped(whole, coverage=asked(*places)))["ecr-image:app@0001"] == "orphan"


def test_who_knows_that_a_service_is_not_there_says_so_by_name() -> None:
    coverage = asked(HERE, ecs=CoverageState.DENIED, batch=CoverageState.FAILED)
    whole = scoped(app(), coverage=coverage)
    assert said(whole, Options(assume_no=("ecs",)))["ecr-image:app@0001"] == "unknown batch-unread"
    assert said(whole, Options(assume_no=("ecs", "batch")))["ecr-image:app@0001"] == "orphan"
    for code in ("ecs-unread", "cluster-unread"):
        with pytest.raises(OptionError, match="cannot be ignored"):
            said(whole, Options(ignore=(code,)))
    with pytest.raises(OptionError, match="unknown service 'esc'"):
        said(whole, Options(assume_no=("esc",)))


def test_an_owner_names_the_services_that_run_a_repository() -> None:
    """A tag of the repository vouches for it; every other repository stays in doubt."""
    coverage = asked(HERE, ecs=CoverageState.DENIED)
    tagged = ecr_repository("web", tags=(("jotgraph:consumers", "lambda, batch"),))
    whole = app(tagged, ecr_image(3, repository="web"))
    found = said(scoped(whole, coverage=coverage))
    assert found["ecr-image:web@0003"] == "orphan"
    assert found["ecr-image:app@0001"] == "unknown ecs-unread"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("lambda batch", "orphan"),
        ("Lambda/Batch", "orphan"),
        ("lambda ECS", "unknown ecs-unread"),
        ("lambda:ecs", "unknown ecs-unread"),
        ("lambda esc", "unknown ecs-unread"),
        (" ", "unknown ecs-unread"),
    ],
)
def test_an_owner_who_names_no_service_vouches_for_nothing(text: str, verdict: str) -> None:
    """AWS takes no comma in tags of ECR, and a service that is mistyped may be the one."""
    tagged = ecr_repository("web", tags=(("jotgraph:consumers", text),))
    whole = inventory(tagged, ecr_image(3, repository="web"))
    denied = scoped(whole, coverage=asked(HERE, ecs=CoverageState.DENIED))
    assert said(denied)["ecr-image:web@0003"] == verdict


def test_an_older_revision_may_run_its_image_and_the_newest_does() -> None:
    old = workload(
        "web:1", f"{WEB}@{digest(2)}", type="task-definition", state=WorkloadState.ACTIVE
    )
    newest = workload("web:2", f"{WEB}:v1", type="task-definition", state=WorkloadState.NEWEST)
    found = said(app(old, newest))
    assert found["ecr-image:app@0001"] == "in-use"
    assert found["ecr-image:app@0002"] == "unknown may-run"
    judged = orphans(build(app(old)))
    doubts = {doubt.statement for judgement in judged.unknown for doubt in judgement.doubts}
    assert "ecs/task-definition/web:1 would run it if started" in doubts


@pytest.mark.parametrize(
    ("used", "fields", "verdict"),
    [
        (f"{WEB}:v1", {"service": "apprunner"}, "unknown digest-unread"),
        (f"{WEB}:v1", {"service": "ecs", "type": "task"}, "unknown digest-unread"),
        (f"{WEB}:gone", {"service": "emr-serverless"}, "unknown digest-unread"),
        (
            f"{WEB}:v1",
            {"service": "bedrock-agentcore", "state": WorkloadState.ACTIVE},
            "unknown digest-unread",
        ),
        ((f"{WEB}:v1", digest(1)), {"service": "ecs"}, "orphan"),
        (f"{WEB}@{digest(1)}", {"service": "apprunner"}, "orphan"),
        (f"{uri('web')}:v1", {"service": "apprunner"}, "orphan"),
        (f"{WEB}:v1", {"service": "codebuild", "state": WorkloadState.NEWEST}, "orphan"),
        (f"{WEB}:v1", {"service": "kubernetes", "account": "elsewhere"}, "orphan"),
    ],
)
def test_what_runs_by_a_tag_may_be_any_image_of_the_repository(
    used: str | tuple[str, str], fields: dict[str, Any], verdict: str
) -> None:
    """The tag was moved since, and the service does not say what it named before."""
    older = ecr_image(2, pushed_at=days_ago(300))
    whole = inventory(ecr_repository(), ecr_image(1, "v1"), older, workload("web", used, **fields))
    assert said(whole)["ecr-image:app@0002"] == verdict


@pytest.mark.parametrize(
    ("used", "fields", "verdict"),
    [
        (f"{WEB}:v1", {"state": WorkloadState.NEWEST}, "in-use"),
        (f"{WEB}@{digest(1)}", {"state": WorkloadState.NEWEST}, "in-use"),
        ((f"{WEB}:v1", digest(1)), {}, "in-use"),
        (f"{WEB}:v1", {"state": WorkloadState.ACTIVE}, "unknown may-run"),
        (f"{uri('web')}:v1", {"state": WorkloadState.NEWEST}, "orphan"),
        ("docker.io/library/app:v1", {"state": WorkloadState.NEWEST}, "orphan"),
    ],
)
def test_a_repository_from_which_a_workload_takes_its_image_is_needed_without_one(
    used: str | tuple[str, str], fields: dict[str, Any], verdict: str
) -> None:
    """The image is pushed again before the next start, or rescued."""
    job = workload("job:1", used, service="ecs", **fields)
    assert said(inventory(ecr_repository(), job))["ecr-repo:app"] == verdict


CLUSTER = workload("prod", service="eks", type="cluster")


def pods(**fields: Any) -> UsedByFile:
    base: dict[str, Any] = {"name": "pods.json", "read_at": NOW, "pods": True}
    return used_by_file(**(base | fields))


@pytest.mark.parametrize(
    ("files", "verdict"),
    [
        ((), "unknown cluster-unread"),
        ((pods(),), "orphan"),
        ((pods(cluster="prod"),), "orphan"),
        ((pods(cluster="staging"),), "unknown cluster-unread"),
        ((pods(pods=False),), "unknown cluster-unread"),
        ((pods(read_at=days_ago(2)),), "unknown used-by-old"),
        ((pods(namespace="web"),), "unknown used-by-namespace"),
        ((pods(cluster="prod", namespace="web"),), "unknown used-by-namespace"),
        (
            (
                pods(cluster="prod", namespace="web"),
                pods(name="b", cluster="prod", namespace="kube-system"),
            ),
            "orphan",
        ),
        ((pods(cluster="prod"), pods(name="b", cluster="prod", namespace="web")), "orphan"),
        (
            (pods(cluster="prod"), pods(name="b", cluster="other", namespace="web")),
            "unknown used-by-namespace",
        ),
        ((pods(cluster="prod"), pods(name="b", pods=False, namespace="web")), "orphan"),
    ],
)
def test_the_pods_of_a_cluster_come_from_a_file(
    files: tuple[UsedByFile, ...], verdict: str
) -> None:
    assert said(scoped(app(CLUSTER), used_by=files))["ecr-image:app@0001"] == verdict


def test_a_file_without_a_name_is_of_no_cluster_where_there_are_several() -> None:
    other = workload("data", service="eks", type="cluster")
    whole = app(CLUSTER, other)
    one = scoped(whole, used_by=(pods(),))
    assert said(one)["ecr-image:app@0001"] == "unknown cluster-unread"
    both = scoped(whole, used_by=(pods(cluster="prod"), pods(name="b.json", cluster="data")))
    assert said(both)["ecr-image:app@0001"] == "orphan"


def test_a_name_that_two_clusters_have_is_of_neither() -> None:
    """Regions and accounts have clusters of one name; each is told by its ARN."""
    here, there = (f"arn:aws:eks:{region}:{ACCOUNT}:cluster/prod" for region in ("a", "b"))
    other = workload("prod", service="eks", type="cluster", region=OTHER_REGION, arn=there)
    whole = app(msgspec.structs.replace(CLUSTER, arn=here), other)
    for files, verdict in [
        ((pods(cluster="prod"),), "unknown cluster-unread"),
        ((pods(cluster=here),), "unknown cluster-unread"),
        ((pods(cluster=here), pods(name="b", cluster=there)), "orphan"),
    ]:
        assert said(scoped(whole, used_by=files))["ecr-image:app@0001"] == verdict
    judged = orphans(build(scoped(whole, used_by=(pods(cluster="prod"),)))).unknown
    assert {doubt.statement.partition(" (")[2] for doubt in judged[0].doubts} == {
        f"several clusters are named prod: --used-by {arn}=FILE)" for arn in (here, there)
    }


def test_a_pull_counts_for_longer_where_a_service_was_not_read() -> None:
    whole = inventory(ecr_repository(), ecr_image(1, pulled_at=days_ago(30)))
    assert said(whole)["ecr-image:app@0001"] == "orphan"
    blind = scoped(whole, coverage=asked(HERE, ecs=CoverageState.DENIED))
    assume = Options(assume_no=("ecs",))
    assert said(blind, assume)["ecr-image:app@0001"] == "unknown pulled"


def test_roles_of_services_that_were_read_are_judged() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/task"
    task, spare = role("task", trust=ECS_TASKS), role("spare", trust=ECS_TASKS)
    found = said(inventory(task, spare, workload("web", roles=(arn,)), function(runs=None), role()))
    assert (found["role:task"], found["role:spare"]) == ("in-use", "orphan")
    blind = scoped(inventory(spare), coverage=asked(HERE, batch=CoverageState.DENIED))
    assert said(blind)["role:spare"] == "unknown batch-unread"
    trust = ECS_TASKS.replace("ecs-tasks", "sagemaker")
    assert said(inventory(role("spare", trust=trust)))["role:spare"] == "unknown role-trust"


@pytest.mark.parametrize(
    ("principal", "verdict"),
    [
        ("sagemaker.amazonaws.com", "unknown apprunner-unread"),
        ("ecs-tasks.amazonaws.com", "orphan"),
        ("lambda.amazonaws.com", "orphan"),
    ],
)
def test_a_service_that_was_not_read_may_assume_what_trusts_a_stranger(
    principal: str, verdict: str
) -> None:
    """Also with the doubt about the stranger set aside; who is in the table assumes for its own."""
    trust = json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"Service": principal}}]})
    whole = inventory(role("pay-role", trust=trust))
    denied = scoped(whole, coverage=asked(HERE, apprunner=CoverageState.DENIED))
    aside = Options(ignore=("role-trust",))
    assert said(denied, aside) == {"role:pay-role": verdict}
    assert said(whole, aside) == {"role:pay-role": "orphan"}
