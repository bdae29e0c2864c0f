"""The chain, end to end, on real parts: a real commit, a real build with labels, a real push under
a true ECR name, the same manifest in ECR, a function made from the tag, its role."""

from __future__ import annotations

import hashlib
import json

import pytest

import jotgraph.clients
from jotgraph.analysis.health import Code
from jotgraph.graph import ResourceGraph, build, gaps, record, relations
from jotgraph.links import Grade, Relation
from jotgraph.queries.explain import why
from jotgraph.queries.jots import jots
from jotgraph.queries.lineage import trace
from jotgraph.records import EcrImage, ResourceId
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources import ScanOptions, collect
from tests.live.chain import (
    FUNCTION_ID,
    REPOSITORY,
    SOURCE,
    TAG,
    Aws,
    chain_of,
    deploy,
    open_registry,
    release,
)
from tests.rig.fixtures import NewRepository
from tests.rig.git import Repository
from tests.rig.live import ECR_HOST, REGION, Rig
from tests.strength import MANY_PLACES, some


@pytest.fixture
def clients(aws: Sandbox) -> Aws:
    return open_registry(aws)


@pytest.fixture
def everything(ecr_named: Rig, aws_environment: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the code under test find the engine and AWS by the environment."""
    monkeypatch.setenv("DOCKER_HOST", ecr_named.docker_host)


@pytest.mark.parametrize(
    "buildkit",
    some("chains of the classic builder", [True, False], 2),
    ids=["buildkit", "classic"][: 1 + MANY_PLACES],
)
def test_digests_are_equal_from_the_engine_to_the_function(
    ecr_named: Rig, git_repository: NewRepository, clients: Aws, buildkit: bool
) -> None:
    made = release(git_repository(), ecr_named, clients, "print(1)\n", buildkit=buildkit)
    function = deploy(ecr_named, clients)
    stored = clients.ecr.batch_get_image(repositoryName=REPOSITORY, imageIds=[{"imageTag": TAG}])[
        "images"
    ]

    digest = f"sha256:{hashlib.sha256(made.manifest).hexdigest()}"
    assert [made.pushed, made.served, made.stored] == [digest] * 3
    assert made.repo_digests == (f"{ECR_HOST}/{REPOSITORY}@{digest}",)
    assert [image.get("imageManifest", "").encode() for image in stored] == [made.manifest]
    assert json.loads(made.manifest)["config"]["digest"] == made.image
    assert function["Configuration"]["CodeSha256"] == digest.removeprefix("sha256:")
    assert function["Code"]["ResolvedImageUri"] == f"{ECR_HOST}/{REPOSITORY}@{digest}"
    assert function["Code"]["ImageUri"] == f"{ECR_HOST}/{REPOSITORY}:{TAG}"


def _read(repository: Repository) -> ResourceGraph:
    clients = jotgraph.clients.connect(git=(str(repository.path),), regions=(REGION,))
    return build(collect(ScanOptions(usage_days=1), clients))


def _grade(graph: ResourceGraph, start: ResourceId, end: ResourceId) -> list[Grade]:
    """The best grade of each link on the way from one to the other."""
    return [link.evidence[0].grade for link in why(graph, start, end).links]


@pytest.mark.usefixtures("everything")
def test_each_of_the_six_traces_the_whole_chain(
    ecr_named: Rig, git_repository: NewRepository, clients: Aws
) -> None:
    repository = git_repository()
    repository.remote(f"{SOURCE}.git")
    only = release(repository, ecr_named, clients, "print(1)\n", buildkit=not MANY_PLACES)
    deploy(ecr_named, clients)

    graph = _read(repository)

    assert gaps(graph) == ()
    for resource in chain_of(only):
        assert [path.ids for path in trace(graph, resource).paths] == [chain_of(only)], resource
    assert _grade(graph, FUNCTION_ID, only.ecr_id) == [Grade.PROOF]
    assert _grade(graph, only.local_id, only.ecr_id) == [Grade.PROOF]
    assert _grade(graph, only.local_id, FUNCTION_ID) == [Grade.PROOF, Grade.PROOF]
    assert _grade(graph, only.local_id, only.commit_id) == [Grade.STRONG]
    assert [jot.states for jot in jots(graph).jots] == [(Code.IDLE,)], "nobody called it"


@pytest.mark.usefixtures("everything")
def test_the_tag_moves_and_the_function_keeps_what_it_runs(
    ecr_named: Rig, git_repository: NewRepository, clients: Aws
) -> None:
    repository = git_repository()
    repository.remote(f"{SOURCE}.git")
    old = release(repository, ecr_named, clients, "print(1)\n", buildkit=True)
    deploy(ecr_named, clients)
    new = release(repository, ecr_named, clients, "print(2)\n", buildkit=True)

    graph = _read(repository)

    runs, follows = record(graph, old.ecr_id), record(graph, new.ecr_id)
    assert isinstance(runs, EcrImage)
    assert isinstance(follows, EcrImage)
    assert (runs.tags, follows.tags) == ((), (TAG,))
    assert relations(graph, FUNCTION_ID, old.ecr_id) == (Relation.RUNS,)
    assert relations(graph, FUNCTION_ID, new.ecr_id) == (Relation.FOLLOWS,)
    assert _grade(graph, FUNCTION_ID, old.ecr_id) == [Grade.PROOF]
    for resource in chain_of(old):
        assert chain_of(old) in [path.ids for path in trace(graph, resource).paths], resource
    (jot,) = jots(graph).jots
    assert Code.DRIFT in jot.states
    assert jot.commit.commits == (old.sha,)
    assert jot.commit.standing.words() == "1 behind main"
