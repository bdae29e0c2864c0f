"""The images that records of functions and workloads name, by digest and by tag."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jotgraph.links.ecr_images import EcrImages
from jotgraph.records import (
    Function,
    ResourceId,
    Version,
    Workload,
    WorkloadState,
    ecr_image_id,
    ecr_repo_id,
)
from jotgraph.records.references import ecr_reference


class NamedImages:
    """ECR images that records name, without judgement."""

    def __init__(self, ecr: EcrImages) -> None:
        self._ecr = ecr

    def runs(self, configuration: Function | Version) -> Sequence[ResourceId]:
        """Return the ECR images that a configuration runs or may run, by its own record."""
        digest = configuration.image_digest
        if digest is None:
            return []
        reference = ecr_reference(configuration.resolved_image_uri)
        if reference and reference.digest:
            return [
                ecr_image_id(
                    reference.account, reference.region, reference.repository, reference.digest
                )
            ]
        return self._ecr.copies(digest, configuration.region)

    def follows(self, configuration: Function | Version) -> Sequence[ResourceId]:
        """Return the ECR images that a configuration's deployed tag names now."""
        reference = ecr_reference(configuration.image_uri)
        if not reference or reference.digest:
            return []
        account, region, repository, tag, _ = reference
        return self._ecr.tagged(account, region, repository, tag)

    def repositories_of(self, workload: Workload) -> Iterator[ResourceId]:
        """Return the ECR repositories that a workload takes images from, existing or not."""
        for used in workload.images:
            if named := ecr_reference(used.image):
                yield ecr_repo_id(named.account, named.region, named.repository)

    def images_of(self, workload: Workload) -> list[ResourceId]:
        """Return the ECR images that a workload names by digest, or by what a tag names now."""
        images: list[ResourceId] = []
        for used in workload.images:
            named = ecr_reference(used.image)
            if named is None:
                continue
            account, region, repository, tag, pinned = named
            if digest := used.digest or pinned:
                images.append(ecr_image_id(account, region, repository, digest))
            resolved = used.digest and workload.state is WorkloadState.ACTIVE
            if not pinned and not resolved:
                images += self._ecr.tagged(account, region, repository, tag)
        return images
