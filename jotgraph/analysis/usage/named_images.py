"""The images that configurations and workloads name, by digest and by tag, from their records."""

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
    """The images of ECR that records name. Nothing here judges."""

    def __init__(self, ecr: EcrImages) -> None:
        self._ecr = ecr

    def runs(self, configuration: Function | Version) -> Sequence[ResourceId]:
        """ECR images that a configuration runs or may run, by its own record alone."""
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
        """ECR images that the tag a configuration was deployed from names now."""
        reference = ecr_reference(configuration.image_uri)
        if not reference or reference.digest:
            return []
        account, region, repository, tag, _ = reference
        return self._ecr.tagged(account, region, repository, tag)

    def repositories_of(self, workload: Workload) -> Iterator[ResourceId]:
        """The repositories of ECR from which a workload takes its images, there or not."""
        for used in workload.images:
            if named := ecr_reference(used.image):
                yield ecr_repo_id(named.account, named.region, named.repository)

    def images_of(self, workload: Workload) -> list[ResourceId]:
        """ECR images that a workload names by digest, or by a tag as it is now."""
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
