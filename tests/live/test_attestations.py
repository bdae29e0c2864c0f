"""An attestation index in BuildKit's layout, written by hand: stored by a real registry, read back
from it, copied to ECR by its API, and read by a scan."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

import jotgraph.clients
from jotgraph.analysis.provenance import commits_of
from jotgraph.graph import build
from jotgraph.links import Grade
from jotgraph.records import ecr_image_id
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources import ScanOptions, collect
from jotgraph.sources.documents.dsse import (
    BUNDLE,
    DSSE,
    IN_TOTO,
    SIMPLE_SIGNING,
    certified,
    open_payload,
)
from jotgraph.sources.documents.manifests import parse_manifest
from jotgraph.sources.documents.provenance import V02, V1, parse_statement
from jotgraph.sources.ecr.attestations import provenance_layers
from tests.rig.fixtures import NewRepository
from tests.rig.live import Rig
from tests.sources.documents.test_fulcio import certificate, utf8

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

SOURCE = "https://git.example.com/team/shop"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def part(content: bytes, media_type: str, **fields: Any) -> dict[str, Any]:
    descriptor = {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}
    return {**descriptor, **fields}


def text(**body: Any) -> bytes:
    return json.dumps({"schemaVersion": 2, **body}).encode()


def statement(predicate_type: str, subject: str, sha: str) -> bytes:
    vcs = {"source": f"{SOURCE}.git", "revision": sha, "localdir:context": "."}
    if predicate_type == V02:
        predicate: Any = {
            "metadata": {"https://mobyproject.org/buildkit@v1#metadata": {"vcs": vcs}}
        }
    else:
        predicate = {"runDetails": {"metadata": {"buildkit_metadata": {"vcs": vcs}}}}
    about = [{"name": "_", "digest": {"sha256": subject.removeprefix("sha256:")}}]
    return json.dumps(
        {"predicateType": predicate_type, "subject": about, "predicate": predicate}
    ).encode()


class Made:
    """Blobs and manifests of one index, children first."""

    def __init__(self, predicate_type: str, sha: str) -> None:
        config, layer = b'{"architecture":"amd64","os":"linux","config":{}}', b"layer"
        empty = b'{"architecture":"unknown","os":"unknown","config":{}}'
        image = text(mediaType=MANIFEST, config=part(config, CONFIG), layers=[part(layer, LAYER)])
        self.image = digest_of(image)
        provenance = statement(predicate_type, self.image, sha)
        packages = b'{"predicateType":"https://spdx.dev/Document"}'
        layers = [
            part(document, IN_TOTO, annotations={"in-toto.io/predicate-type": kind})
            for document, kind in (
                (provenance, predicate_type),
                (packages, "https://spdx.dev/Document"),
            )
        ]
        proof = text(mediaType=MANIFEST, config=part(empty, CONFIG), layers=layers)
        index = text(
            mediaType=INDEX,
            manifests=[
                part(image, MANIFEST, platform={"os": "linux", "architecture": "amd64"}),
                part(
                    proof,
                    MANIFEST,
                    platform={"os": "unknown", "architecture": "unknown"},
                    annotations={
                        "vnd.docker.reference.type": "attestation-manifest",
                        "vnd.docker.reference.digest": self.image,
                    },
                ),
            ],
        )
        self.proof = digest_of(proof)
        self.index = digest_of(index)
        self.blobs = (config, layer, empty, provenance, packages)
        self.manifests = ((image, MANIFEST), (proof, MANIFEST), (index, INDEX))


def put(rig: Rig, made: Made) -> None:
    for blob in made.blobs:
        rig.registry.put_blob("shop", blob, digest_of(blob))
    for content, media_type in made.manifests:
        rig.registry.put_manifest("shop", digest_of(content), content, media_type)
    rig.registry.put_manifest("shop", "1.0", made.manifests[-1][0], INDEX)


def copy(rig: Rig, ecr: ECRClient, made: Made) -> None:
    """From the registry to ECR, byte for byte, by ECR's API."""
    for blob in made.blobs:
        upload_blob(rig, ecr, digest_of(blob))
    for content, media_type in made.manifests:
        digest = digest_of(content)
        stored = rig.manifest("shop", digest)
        tag = {"imageTag": "1.0"} if digest == made.index else {}
        ecr.put_image(
            repositoryName="shop", imageManifest=stored.content.decode(),
            imageManifestMediaType=media_type, imageDigest=digest, **tag,
        )  # fmt: skip


def upload_blob(rig: Rig, ecr: ECRClient, digest: str) -> None:
    content = rig.blob("shop", digest)
    upload = ecr.initiate_layer_upload(repositoryName="shop")["uploadId"]
    ecr.upload_layer_part(
        repositoryName="shop", uploadId=upload, partFirstByte=0, partLastByte=len(content) - 1,
        layerPartBlob=content,
    )  # fmt: skip
    ecr.complete_layer_upload(repositoryName="shop", uploadId=upload, layerDigests=[digest])


@pytest.mark.parametrize("predicate_type", [V02, V1], ids=["v0.2", "v1"])
def test_provenance_from_a_registry_and_from_ecr(
    engine: Rig,
    git_repository: NewRepository,
    aws_environment: Sandbox,
    tmp_path: Path,
    predicate_type: str,
) -> None:
    repository = git_repository("shop")
    sha = repository.commit({"app.py": "print('a shop')\n"})
    repository.remote(SOURCE)
    made = Made(predicate_type, sha)
    put(engine, made)

    listed = parse_manifest(engine.manifest("shop", "1.0").content)
    assert [child.describes for child in listed.children] == ["", made.image]
    proof = parse_manifest(engine.manifest("shop", listed.children[1].digest).content)
    (layer,) = provenance_layers(proof)
    read = parse_statement(engine.blob("shop", layer.digest))
    assert (read.subjects, read.revision, read.source) == ((made.image,), sha, f"{SOURCE}.git")

    seed.repository(aws_environment, "shop")
    copy(engine, aws_environment.client("ecr"), made)
    clients = jotgraph.clients.connect(git=[str(repository.path)], use_docker=False, rates={})
    inventory = collect(ScanOptions(env_key=b"k" * 32, cache=tmp_path / "cache"), clients)
    assert inventory.gaps == ()
    (stored,) = [image for image in inventory.ecr_images if image.digest == made.proof]
    assert stored.statements == (read,)
    image = ecr_image_id(aws_environment.account, aws_environment.region, "shop", made.image)
    believed = commits_of(build(inventory), image)
    assert (believed.commits, believed.grade, believed.rule) == (
        (sha,), Grade.STRONG, "provenance_revision",
    )  # fmt: skip
    again = collect(ScanOptions(env_key=b"k" * 32, cache=tmp_path / "cache", quick=True), clients)
    assert [e.statements for e in again.ecr_images if e.digest == made.proof] == [(read,)]


EMPTY = "application/vnd.oci.empty.v1+json"


class Signed:
    """What cosign and GitHub attach to an image, under what tag, and which commit it names."""

    def __init__(self, image: str, shas: tuple[str, str, str]) -> None:
        self.image = image
        config, empty = b"{}", b'{"architecture":"","os":"","config":{}}'
        enveloped = envelope(statement(V02, image, shas[0]))
        bundle = json.dumps({"dsseEnvelope": json.loads(envelope(statement(V1, image, shas[1])))})
        simple = {"critical": {"image": {"docker-manifest-digest": image}}}
        signature = json.dumps({**simple, "optional": {"git_sha": shas[2]}}).encode()
        keyless = json.dumps({**simple, "optional": None}).encode()
        pem = certificate({12: utf8(SOURCE), 13: utf8(shas[0])}).public_bytes(Encoding.PEM)
        issued = {"dev.sigstore.cosign/certificate": pem.decode()}
        self.keyless = certified(open_payload(keyless, SIMPLE_SIGNING).statement, (SOURCE, shas[0]))
        payloads = (enveloped, bundle.encode(), signature)
        kinds = (DSSE, f"{BUNDLE}.v0.3+json", SIMPLE_SIGNING)
        notes = {"dev.sigstore.bundle.predicateType": V1}
        subject = {"mediaType": MANIFEST, "digest": image, "size": 2}
        made = [
            text(
                mediaType=MANIFEST,
                config=part(empty, CONFIG),
                layers=[part(enveloped, DSSE, annotations={"predicateType": V02})],
            ),
            text(
                mediaType=MANIFEST,
                artifactType=kinds[1],
                config=part(config, EMPTY),
                layers=[part(payloads[1], kinds[1])],
                subject=subject,
                annotations=notes,
            ),
            text(
                mediaType=MANIFEST,
                config=part(empty, CONFIG),
                layers=[
                    part(signature, SIMPLE_SIGNING),
                    part(keyless, SIMPLE_SIGNING, annotations=issued),
                ],
            ),
        ]
        self.blobs = (config, empty, keyless, *payloads)
        self.payloads = dict(
            zip(map(digest_of, made), zip(payloads, kinds, strict=True), strict=True)
        )
        tag = image.replace(":", "-")
        self.manifests = list(zip(made, (f"{tag}.att", "", f"{tag}.sig"), strict=True))


def envelope(payload: bytes) -> bytes:
    envelope = {"payloadType": IN_TOTO, "payload": base64.b64encode(payload).decode()}
    return json.dumps({**envelope, "signatures": [{"sig": "MEUCIQ=="}]}).encode()


def attach(rig: Rig, ecr: ECRClient, signed: Signed) -> None:
    """Into the registry, and from there into ECR."""
    for blob in signed.blobs:
        rig.registry.put_blob("shop", blob, digest_of(blob))
        upload_blob(rig, ecr, digest_of(blob))
    for content, tag in signed.manifests:
        digest = digest_of(content)
        rig.registry.put_manifest("shop", tag or digest, content, MANIFEST)
        stored = rig.manifest("shop", tag or digest)
        named = {"imageTag": tag} if tag else {}
        ecr.put_image(
            repositoryName="shop", imageManifest=stored.content.decode(),
            imageManifestMediaType=MANIFEST, imageDigest=stored.digest, **named,
        )  # fmt: skip


def test_signed_statements_from_a_registry_and_from_ecr(
    engine: Rig, git_repository: NewRepository, aws_environment: Sandbox, tmp_path: Path
) -> None:
    repository = git_repository("shop")
    shas = tuple(repository.commit({"app.py": f"print({number})\n"}) for number in range(3))
    repository.remote(SOURCE)
    made = Made(V1, "0" * 40)  # its own provenance names a commit that is nowhere
    put(engine, made)
    seed.repository(aws_environment, "shop")
    ecr = aws_environment.client("ecr")
    copy(engine, ecr, made)
    signed = Signed(made.image, (shas[0], shas[1], shas[2]))
    attach(engine, ecr, signed)
    seed.function(aws_environment, "pay", f"shop@{made.image}")

    cache = tmp_path / "cache"
    clients = jotgraph.clients.connect(git=[str(repository.path)], use_docker=False, rates={})
    inventory = collect(ScanOptions(env_key=b"k" * 32, cache=cache), clients)
    assert [gap for gap in inventory.gaps if "provenance" in gap.facts] == []
    by_digest = {
        image.digest: image.statements for image in inventory.ecr_images if image.statements
    }
    read = {
        digest: (open_payload(*payload).statement,) for digest, payload in signed.payloads.items()
    }
    *plain, signature = read
    assert {digest: by_digest.get(digest) for digest in plain} == {e: read[e] for e in plain}
    assert by_digest[signature] == (*read[signature], signed.keyless)
    assert [statement.revision for (statement,) in read.values()] == list(shas)
    assert all(
        statement.signed and statement.subjects == (made.image,) for (statement,) in read.values()
    )

    image = ecr_image_id(aws_environment.account, aws_environment.region, "shop", made.image)
    believed = commits_of(build(inventory), image)
    says = [e.commits for e in believed.records if e.evidence.rule == "signature_revision"]
    assert sorted(says) == sorted([(shas[0],), (shas[2],)])
    strong = [
        record for record in believed.records if record.evidence.rule == "provenance_revision"
    ]
    assert sorted((record.commits, record.grade) for record in strong) == sorted(
        ((sha,), Grade.STRONG) for sha in shas[:2]
    )
    assert all("signed, not verified" in record.evidence.statement for record in strong)
    assert believed.conflict
    again = collect(ScanOptions(env_key=b"k" * 32, cache=cache, quick=True), clients)
    assert {e.digest: e.statements for e in again.ecr_images if e.statements} == by_digest

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "cryptography", None)  # what an import finds without the extra
        options = ScanOptions(env_key=b"k" * 32, cache=tmp_path / "fresh")
        without = collect(options, clients)
    (gap,) = (gap for gap in without.gaps if "provenance" in gap.facts)
    assert (gap.reason, gap.detail, gap.option) == (
        "left-out",
        "commits in the certificates of signers",
        "pip install 'jotgraph[attestations]'",
    )
    statements = {
        image.digest: image.statements for image in without.ecr_images if image.statements
    }
    assert statements[signature][1].revision == ""
    later = collect(options, clients)
    assert {e.digest: e.statements for e in later.ecr_images if e.statements} == by_digest
