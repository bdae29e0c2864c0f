"""Rules on workloads: which images and roles ECS, Batch, SageMaker and others use.

These services pull from any region and account that allows it, so a reference is followed wherever
it points.
"""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.links.index import InventoryIndex
from jotgraph.links.model import Grade, Match, Relation, rule
from jotgraph.records import (
    ResourceId,
    UsedImage,
    Workload,
    WorkloadState,
    digest_of,
    ecr_image_id,
)
from jotgraph.records.references import DIGEST, ecr_reference, role_of


def _pinned(index: InventoryIndex, used: UsedImage) -> Iterator[tuple[ResourceId, str]]:
    """Yield the images that a workload names by digest, and who resolved the digest. Tags alone and
    other registries are left out. A digest without a repository, as some nodes of Kubernetes report
    it, may be of a configuration or of a manifest, in any repository."""
    if DIGEST.fullmatch(used.image):
        known = {
            *index.ecr_by_config.get(used.image, ()),
            *index.ecr_by_digest.get(used.image, ()),
        }
        for image in known:
            yield image.id, f"its image id is {used.image}"
        return
    reference = ecr_reference(used.image)
    digest = used.digest or (reference.digest if reference else "")
    if not reference or not DIGEST.fullmatch(digest):
        return
    statement = (
        f"{used.image} was resolved to {digest}" if used.digest else f"it names {used.image}"
    )
    yield ecr_image_id(reference.account, reference.region, reference.repository, digest), statement


def _tagged(index: InventoryIndex, used: UsedImage) -> Iterator[tuple[ResourceId, str]]:
    """The images that the tag of a reference names now; ``latest`` when it has none."""
    reference = ecr_reference(used.image)
    if not reference or reference.digest:
        return
    account, region, repository, tag, _ = reference
    for image in index.ecr.tagged(account, region, repository, tag):
        named = f"{repository}:{tag or 'latest'}, a tag that now points to {digest_of(image)}"
        yield image, named


def _source(workload: Workload) -> str:
    return f"{workload.service} {workload.type}"


@rule(Relation.RUNS, Grade.PROOF)
def workload_digest(index: InventoryIndex) -> Iterator[Match]:
    """The service says which digest it resolved the workload's image to (ECS: ``imageDigest`` of a
    task or service revision; SageMaker: ``ResolvedImage``; EMR and GameLift likewise; Kubernetes:
    ``imageID``), or the workload names its image by digest. The image may be gone: the link then
    leads to a missing one."""
    for workload in index.inventory.workloads:
        if workload.state is WorkloadState.ACTIVE:
            continue
        for used in workload.images:
            for image, statement in _pinned(index, used):
                yield Match(workload.id, image, statement, _source(workload))


@rule(Relation.FOLLOWS, Grade.PROOF)
def workload_tag(index: InventoryIndex) -> Iterator[Match]:
    """The workload names its image by a tag (``latest`` if its reference has none), and this image
    has that tag now: the next deployment or start takes it. When it is not what runs, that is
    drift."""
    for workload in index.inventory.workloads:
        if workload.state is WorkloadState.ACTIVE:
            continue
        for used in workload.images:
            for image, statement in _tagged(index, used):
                yield Match(workload.id, image, f"it was made with {statement}", _source(workload))


@rule(Relation.MAY_RUN, Grade.PROOF)
def workload_revision(index: InventoryIndex) -> Iterator[Match]:
    """An older active revision, or a model of no endpoint, names this image by digest or by a tag
    that it has now. Nothing is known to run it, and whoever names the revision starts it."""
    for workload in index.inventory.workloads:
        if workload.state is not WorkloadState.ACTIVE:
            continue
        for used in workload.images:
            pinned = list(_pinned(index, used))
            for image, statement in pinned or _tagged(index, used):
                yield Match(
                    workload.id, image, f"when started it runs {statement}", _source(workload)
                )


@rule(Relation.ASSUMES, Grade.PROOF)
def workload_role(index: InventoryIndex) -> Iterator[Match]:
    """The workload, or the service for it, assumes the role of that ARN: a task's role and the one
    it is started with, a job's, a build's, a model's."""
    for workload in index.inventory.workloads:
        for arn in workload.roles:
            if target := role_of(arn):
                yield Match(workload.id, target, f"it runs with {arn}", _source(workload))
