"""A real commit, build and push: what git, the engine and the registry say is linked with proof."""

from __future__ import annotations

import json

from jotgraph.graph import build, evidence
from jotgraph.links import Grade, Relation
from jotgraph.records import (
    ResourceId,
    commit_id,
    local_image_id,
)
from jotgraph.sources.docker import read_engine
from jotgraph.sources.git.repository import read_git
from tests.factories import ecr_image, function, inventory
from tests.rig.fixtures import NewRepository
from tests.rig.images import context, oci_labels
from tests.rig.live import ECR_HOST, Rig, labels_of
from tests.strength import MANY_PLACES

SOURCE = "https://git.example.com/team/app"


def test_function_image_and_commit_are_linked(
    ecr_named: Rig, git_repository: NewRepository
) -> None:
    repository = git_repository()
    repository.remote("git@git.example.com:team/app.git")
    sha = repository.commit({"app.py": "print('hello')\n"})
    context(repository.path, {})
    name = ecr_named.name("team/app", "v1")
    labels = oci_labels(repository, SOURCE)
    built = ecr_named.build(repository.path, name, labels=labels, buildkit=not MANY_PLACES)
    ecr_named.push("team/app", "v1")
    content, media_type, digest = ecr_named.manifest("team/app", "v1")
    config = json.loads(content)["config"]["digest"]
    account, region = ECR_HOST.split(".")[0], ECR_HOST.split(".")[3]
    image = ecr_image(
        digest,
        "v1",
        account=account,
        region=region,
        repository="team/app",
        media_type=media_type,
        config_digest=config,
        labels=labels_of(ecr_named.blob("team/app", config)),
    )
    runs = function("app", digest, tag=None, account=account, region=region)
    read, engine = read_git(repository.path), read_engine(ecr_named.docker)
    graph = build(
        inventory(
            read.repository,
            *read.commits,
            *engine.images,
            image,
            runs,
            places=((account, region),),
        )
    )
    local = local_image_id(built)

    def why(source: ResourceId, target: ResourceId) -> set[tuple[str, Relation, Grade]]:
        return {(e.rule, e.relation, e.grade) for e in evidence(graph, source, target)}

    assert why(runs.id, image.id) == {("code_sha256", Relation.RUNS, Grade.PROOF)}
    assert why(image.id, local) == {
        ("config_digest", Relation.COPY_OF, Grade.PROOF),
        ("repo_digest", Relation.COPY_OF, Grade.PROOF),
    }
    for resource in (image.id, local):
        assert ("revision_label", Relation.BUILT_FROM, Grade.STRONG) in why(
            resource, commit_id(sha)
        )
