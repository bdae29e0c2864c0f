"""The sandbox's ECR with the real registry as its store: what its API answers of manifests and
layers was read from the registry the moment before, and what it takes is in the registry after.

The sandbox itself keeps the books (tags, times, conflicts, policies), as no registry does.
"""

from __future__ import annotations

from dataclasses import replace

from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.wire import Reply, Request
from jotgraph.sandbox.world import Images, ecr_backend, images_of
from tests.rig.registry import RegistryClient

NOTHING = b""
"""What the sandbox holds of a blob: that there is one."""


def back(aws: Sandbox, registry: RegistryClient) -> None:
    """Let every repository of the sandbox's account and region live in the registry."""

    def images(request: Request) -> Images:
        repositories = ecr_backend(aws.account, aws.region).repositories
        return images_of(repositories[request.text("repositoryName")])

    def uploaded(request: Request, reply: Reply) -> None:
        if reply.status == 200:
            (digest,) = request.params["layerDigests"]
            held = images(request)
            registry.put_blob(request.text("repositoryName"), held.blobs[digest], digest)
            held.blobs[digest] = NOTHING

    def downloading(request: Request) -> None:
        digest, name = request.text("layerDigest"), request.text("repositoryName")
        images(request).blobs[digest] = registry.blob(name, digest)

    def pushed(request: Request, reply: Reply) -> None:
        if reply.status == 200:
            digest, name = request.text("imageDigest"), request.text("repositoryName")
            content, kind = request.text("imageManifest"), request.text("imageManifestMediaType")
            for reference in {digest, request.params.get("imageTag") or digest}:
                assert registry.put_manifest(name, reference, content.encode(), kind) == digest

    def reading(request: Request) -> None:
        held = images(request)
        for image_id in request.params["imageIds"]:
            digest = image_id.get("imageDigest") or held.tags[image_id["imageTag"]]
            served = registry.manifest(request.text("repositoryName"), digest)
            changed = replace(held.by_digest[digest], manifest=served.content.decode())
            held.by_digest[digest].__dict__.update(changed.__dict__)

    def deleting(request: Request) -> None:
        """What goes with the call is in the registry still; ``deleted`` compares."""
        before.update({(request.text("repositoryName"), blob) for blob in images(request).blobs})

    def deleted(request: Request, reply: Reply) -> None:
        name, held = request.text("repositoryName"), images(request)
        for image in request.params["imageIds"]:
            if image["imageDigest"] not in held.by_digest:
                registry.delete(name, "manifests", image["imageDigest"])
        for gone in [blob for blob in before if blob[0] == name and blob[1] not in held.blobs]:
            registry.delete(name, "blobs", gone[1])
            before.remove(gone)

    before: set[tuple[str, str]] = set()
    aws.faults.after("ecr", "CompleteLayerUpload", call=uploaded)
    aws.faults.after("ecr", "PutImage", call=pushed)
    aws.faults.before("ecr", "BatchGetImage", call=reading)
    aws.faults.before("ecr-layer", "GET", call=downloading)
    aws.faults.before("ecr", "BatchDeleteImage", call=deleting)
    aws.faults.after("ecr", "BatchDeleteImage", call=deleted)
