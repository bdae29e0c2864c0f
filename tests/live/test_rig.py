"""The rig itself: what is pushed under a true ECR name is what the registry serves, byte for
byte."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from tests.rig.fixtures import NewRepository
from tests.rig.images import compiled, layer_of, oci_labels, recipe
from tests.rig.live import ECR_HOST, HOSTS, Rig, labels_of

SOURCE = "https://git.example.com/team/app"


def _sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.mark.parametrize("buildkit", [False, True], ids=["classic", "buildkit"])
def test_digests_are_equal_byte_for_byte(
    ecr_named: Rig, git_repository: NewRepository, buildkit: bool
) -> None:
    repository = git_repository()
    sha = repository.commit({"app.py": "print('hello')\n", **recipe()})
    labels = oci_labels(repository, SOURCE, "1.0")
    name = ecr_named.name("team/app", "v1")

    image = ecr_named.build(repository.path, name, labels=labels, buildkit=buildkit)
    pushed = ecr_named.push("team/app", "v1")
    content, media_type, digest = ecr_named.manifest("team/app", "v1")
    manifest = json.loads(content)
    config = ecr_named.blob("team/app", manifest["config"]["digest"])

    assert name == f"{ECR_HOST}/team/app:v1"
    assert pushed == digest == _sha256(content)
    assert ecr_named.manifest("team/app", digest).content == content
    assert ecr_named.docker.images.get(name).attrs["RepoDigests"] == [
        f"{ECR_HOST}/team/app@{digest}"
    ]
    assert media_type == manifest["mediaType"]
    assert manifest["config"]["digest"] == image == _sha256(config)
    assert labels_of(config) == labels
    assert labels["org.opencontainers.image.revision"] == sha
    for layer in manifest["layers"]:
        assert _sha256(ecr_named.blob("team/app", layer["digest"])) == layer["digest"]


def test_an_index_made_by_hand_can_be_put_and_pulled(ecr_named: Rig) -> None:
    ecr_named.put(ecr_named.name("team/app", "v1"), layer_of({}, {"a": b"a"}))
    ecr_named.push("team/app", "v1")
    content, media_type, digest = ecr_named.manifest("team/app", "v1")
    kind = "application/vnd.oci.image.index.v1+json"
    child = {
        "mediaType": media_type,
        "digest": digest,
        "size": len(content),
        "platform": {"os": "linux", "architecture": "amd64"},
    }
    index = json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": [child]}).encode()

    put = ecr_named.registry.put_manifest("team/app", "multi", index, kind)

    assert put == _sha256(index)
    assert ecr_named.manifest("team/app", "multi") == (index, kind, put)
    pulled = ecr_named.docker.images.pull(f"{ECR_HOST}/team/app", tag="multi")
    assert f"{ECR_HOST}/team/app@{put}" in pulled.attrs["RepoDigests"]


def test_every_test_begins_with_an_empty_world(ecr_named: Rig) -> None:
    assert ecr_named.docker.api.images(all=True) == []
    with pytest.raises(LookupError, match="404"):
        ecr_named.registry.tags("team/app")


def test_a_container_runs_and_holds_its_image(engine: Rig) -> None:
    image = engine.put(engine.name("app", "v1"), layer_of({"hello": compiled()}), 'CMD ["/hello"]')
    container = engine.docker.containers.create(image, network_mode="none")
    container.start()
    assert container.wait()["StatusCode"] == 0
    assert container.logs() == b"hello\n"
    assert container.attrs["Image"] == image


def test_every_name_reaches_the_same_registry(ecr_named: Rig) -> None:
    names = [f"{host}/app" for host in (*HOSTS, "localhost")]
    image = ecr_named.put(f"{names[0]}:v1", layer_of({}, {"a": b"a"}))
    for name in names[1:]:
        ecr_named.docker.api.tag(image, f"{name}:v1")
    digests = {replace(ecr_named, host=name.partition("/")[0]).push("app", "v1") for name in names}
    assert digests == {ecr_named.manifest("app", "v1").digest}
    repo_digests = ecr_named.docker.images.get(f"{names[0]}:v1").attrs["RepoDigests"]
    assert sorted(repo_digests) == sorted(f"{name}@{digests.copy().pop()}" for name in names)


def test_a_refused_push_says_why(ecr_named: Rig) -> None:
    with pytest.raises(RuntimeError, match=r"push .*/app:v9: .*does not exist"):
        ecr_named.push("app", "v9")
