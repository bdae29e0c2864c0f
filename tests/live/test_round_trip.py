"""Back up, delete, undo, with a real registry as the store of ECR: an index with an image that was
really built, pushed and run, and its attestation, are the same bytes as before."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import jotgraph.clients
from jotgraph import sources
from jotgraph.analysis.usage import Options
from jotgraph.apply import Receipt, apply
from jotgraph.apply.backup.paths import layout_path
from jotgraph.apply.undo import undo
from jotgraph.clients import Clients
from jotgraph.plan import Plan, plan_delete
from jotgraph.queries.find import find
from jotgraph.records import ecr_repo_id
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.wire import Request
from jotgraph.sources.documents.dsse import IN_TOTO
from jotgraph.sources.documents.provenance import V1
from jotgraph.sources.options import ScanOptions
from tests.live.chain import TRUST
from tests.live.test_attestations import (
    CONFIG,
    INDEX,
    MANIFEST,
    digest_of,
    part,
    statement,
    text,
)
from tests.rig.backed import back
from tests.rig.images import context, static_program
from tests.rig.live import ACCOUNT, ECR_HOST, REGION, Rig

REPOSITORY = "team/app"
PROGRAM = 'FROM scratch\nCOPY hello /hello\nCMD ["/hello"]\n'
EMPTY = b'{"architecture":"unknown","os":"unknown","config":{}}'
AGE = 200 * 86400
"""Seconds since everything was made, so that nothing is too young to be judged."""


class World:
    """What was built and pushed: references by role, bytes by digest as the registry has them."""

    def __init__(self, rig: Rig, aws: Sandbox, folder: Path) -> None:
        self.rig, self.aws = rig, aws
        static_program(context(folder, {}, PROGRAM) / "hello")
        self.id = rig.build(folder, rig.name(REPOSITORY, "blue"), buildkit=True)
        self.image = rig.push(REPOSITORY, "blue")
        built = rig.manifest(REPOSITORY, self.image)
        provenance = statement(V1, self.image, "0" * 40)
        proof = text(
            mediaType=MANIFEST, config=part(EMPTY, CONFIG),
            layers=[part(provenance, IN_TOTO, annotations={"in-toto.io/predicate-type": V1})],
        )  # fmt: skip
        index = text(
            mediaType=INDEX,
            manifests=[
                part(built.content, built.media_type,
                     platform={"os": "linux", "architecture": "amd64"}),
                part(proof, MANIFEST, platform={"os": "unknown", "architecture": "unknown"},
                     annotations={"vnd.docker.reference.type": "attestation-manifest",
                                  "vnd.docker.reference.digest": self.image}),
            ],
        )  # fmt: skip
        self.proof, self.index = digest_of(proof), digest_of(index)
        ecr: Any = aws.client("ecr")
        seed.repository(aws, REPOSITORY, created=datetime.fromtimestamp(aws.world.now(), UTC))
        for blob in (*map(self.blob, parts_of(built.content)), EMPTY, provenance):
            upload = ecr.initiate_layer_upload(repositoryName=REPOSITORY)["uploadId"]
            words = {"repositoryName": REPOSITORY, "uploadId": upload}
            ecr.upload_layer_part(
                **words, partFirstByte=0, partLastByte=len(blob) - 1, layerPartBlob=blob
            )
            ecr.complete_layer_upload(**words, layerDigests=[digest_of(blob)])
        for content, kind, tag in (
            (built.content, built.media_type, "blue"), (proof, MANIFEST, ""), (index, INDEX, "1.0"),
        ):  # fmt: skip
            ecr.put_image(
                repositoryName=REPOSITORY, imageManifest=content.decode(),
                imageManifestMediaType=kind, imageDigest=digest_of(content),
                **({"imageTag": tag} if tag else {}),
            )  # fmt: skip
        self.parts = {*parts_of(built.content), digest_of(EMPTY), digest_of(provenance)}
        self.manifests = (self.image, self.proof, self.index)

    def blob(self, digest: str) -> bytes:
        return self.rig.blob(REPOSITORY, digest)

    def stored(self) -> dict[str, bytes]:
        """Everything that the registry has of it, by digest and by tag."""
        contents: dict[str, bytes] = {}
        for get, names in (
            (lambda name: self.rig.manifest(REPOSITORY, name).content,
             (*self.manifests, "1.0", "blue")),
            (self.blob, self.parts),
        ):  # fmt: skip
            for name in names:
                try:
                    contents[name] = get(name)
                except LookupError:
                    continue
        return contents

    def runs(self, reference: str) -> bytes:
        """What the image says when the engine pulls and runs it. The engine forgets it first."""
        for image in self.rig.docker.images.list():
            self.rig.docker.images.remove(str(image.id), force=True)
        pulled = self.rig.docker.images.pull(f"{ECR_HOST}/{REPOSITORY}@{reference}")
        assert pulled.id == self.id
        return bytes(self.rig.docker.containers.run(pulled, network_mode="none", remove=True))


def parts_of(manifest: bytes) -> list[str]:
    """Digests of the configuration and the layers."""
    read = json.loads(manifest)
    return [part["digest"] for part in (read["config"], *read["layers"])]


@pytest.fixture
def world(ecr_named: Rig, aws_environment: Sandbox, tmp_path: Path) -> Iterator[World]:
    """The estate: index, image and attestation, and a function that runs the image by its tag."""
    back(aws_environment, ecr_named.registry)
    aws_environment.advance(-AGE)
    made = World(ecr_named, aws_environment, tmp_path / "app")
    role = aws_environment.client("iam").create_role(
        RoleName="app-role", AssumeRolePolicyDocument=TRUST
    )
    aws_environment.client("lambda").create_function(
        FunctionName="app", PackageType="Image", Role=role["Role"]["Arn"],
        Code={"ImageUri": ecr_named.name(REPOSITORY, "blue")},
    )  # fmt: skip
    aws_environment.advance(AGE)
    yield made
    aws_environment.faults.clear()


def clients() -> Clients:
    return jotgraph.clients.connect(use_docker=False, rates={}, regions=[REGION])


def planned(target: str) -> Plan:
    inventory = sources.collect(ScanOptions(cache=None, env_key=b"k", usage_days=30), clients())
    assert inventory.gaps == ()
    graph = jotgraph.build(inventory)
    options = Options(assume_no=("lambda",), ignore=("role-young",))
    return plan_delete(graph, [find(graph, target)], now=datetime.now(UTC), options=options)


def applied(plan: Plan) -> Receipt:
    return apply(plan, clients(), now=datetime.now(UTC), patience=5)


def told(aws: Sandbox) -> dict[str, Any]:
    """What Lambda says of the function, but for what is given anew each time."""
    client: Any = aws.client("lambda")
    answer = client.get_function(FunctionName="app")
    fresh = ("LastModified", "RevisionId")
    config = {k: v for k, v in answer["Configuration"].items() if k not in fresh}
    return {"Configuration": config, "Code": answer["Code"]}


def test_the_same_bytes_and_a_function_that_runs(
    world: World, skopeo: Callable[..., bytes], tmp_path: Path
) -> None:
    aws: Sandbox = world.aws
    before, function = world.stored(), told(aws)
    assert world.runs(world.image) == b"hello\n"
    plan = planned("function:app")
    assert sorted(step.id.partition(":")[0] for step in plan.steps) == [
        "ecr-image", "ecr-image", "ecr-image", "ecr-repo", "function", "role",
    ]  # fmt: skip

    receipt = applied(plan)

    assert receipt.proven, [
        (e.id[-9:], e.because[:60]) for e in receipt.outcomes if e.status != "done"
    ]
    assert world.stored() == {}
    root = layout_path(Path(receipt.journal).parent, ecr_repo_id(ACCOUNT, REGION, REPOSITORY))
    kept = {path.name: path.read_bytes() for path in (root / "blobs" / "sha256").iterdir()}
    assert {f"sha256:{name}": kept[name] for name in kept} == {
        key: content for key, content in before.items() if key.startswith("sha256:")
    }
    assert skopeo("inspect", "--raw", f"oci:{root}:1.0") == before["1.0"]
    copy = tmp_path / "copy"  # every blob is read and its digest checked
    words = ("copy", "--quiet", "--all", "--preserve-digests", f"oci:{root}:1.0", f"dir:{copy}")
    skopeo(*words)
    assert (copy / "manifest.json").read_bytes() == before["1.0"]

    undoing = undo(receipt.run, clients(), patience=5)

    assert undoing.whole, undoing
    assert world.stored() == before
    assert told(aws) == function
    assert world.runs(world.image) == b"hello\n"
    lambdas: Any = aws.client("lambda")
    assert lambdas.invoke(FunctionName="app")["StatusCode"] == 200
    assert (aws.age_functions(), told(aws)["Configuration"]["State"]) == (0, "Active")
    ecr: Any = aws.client("ecr")
    images = ecr.describe_images(repositoryName=REPOSITORY)["imageDetails"]
    assert {image["imageDigest"]: image.get("imageTags") for image in images} == {
        world.index: ["1.0"], world.image: ["blue"], world.proof: None,
    }  # fmt: skip


def test_a_function_made_on_the_image_within_the_last_call_is_healed(world: World) -> None:
    """The one moment that nothing closes: between the last look and the call."""
    aws, lambdas = world.aws, world.aws.client("lambda")
    lambdas.delete_function(FunctionName="app")
    plan = planned(f"ecr-repo:{ACCOUNT}/{REGION}/{REPOSITORY}")
    before = world.stored()

    def late(request: Request) -> None:
        if {"imageDigest": world.image} not in request.params["imageIds"]:
            return
        role = aws.client("iam").get_role(RoleName="app-role")["Role"]["Arn"]
        uri = f"{ECR_HOST}/{REPOSITORY}@{world.image}"
        code: Any = {"ImageUri": uri}
        lambdas.create_function(FunctionName="late", PackageType="Image", Role=role, Code=code)

    aws.faults.before("ecr", "BatchDeleteImage", call=late)
    receipt = applied(plan)
    not_done = {
        outcome.id.partition(":")[0]: (outcome.status.value, outcome.because)
        for outcome in receipt.outcomes
        if outcome.status.value != "done"
    }
    assert not_done == {
        "ecr-image": (
            "failed",
            "it was deleted, and function late runs it now: "
            f"jotgraph undo {receipt.run} brings it back",
        ),
        "ecr-repo": (
            "skipped",
            f"ecr-image:{ACCOUNT}/{REGION}/{REPOSITORY}@{world.image} must be deleted first, "
            "and is failed",
        ),
    }
    assert world.stored() == {}
    assert undo(receipt.run, clients(), patience=5).whole
    assert world.stored() == before
    assert aws.age_functions() == 0  # Lambda finds its image
    assert world.runs(world.image) == b"hello\n"
