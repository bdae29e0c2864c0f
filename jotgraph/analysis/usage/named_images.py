"""The images that configurations and workloads name, by digest and by tag, from their records."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from jotgraph.links.index import group
from jotgraph.records import (
    EcrImage,
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
    """The images of ECR by what they are called. Nothing here judges."""

    def __init__(
        self,
        images_in: Mapping[ResourceId, Mapping[ResourceId, EcrImage]],
        digests: Collection[str],
    ) -> None:
        self._images_in = images_in
        self._digests = digests
        """That configurations run."""

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
        return self._copies.get((configuration.region, digest), ())

    def follows(self, configuration: Function | Version) -> Sequence[ResourceId]:
        """ECR images that the tag a configuration was deployed from names now."""
        reference = ecr_reference(configuration.image_uri)
        if not reference or reference.digest:
            return []
        account, region, repository, tag, _ = reference
        return self.tagged(account, region, repository, tag)

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
                images += self.tagged(account, region, repository, tag)
        return images

    def tagged(self, account: str, region: str, repository: str, tag: str) -> Sequence[ResourceId]:
        """Images with a tag of a repository. A reference without a tag means latest (Docker, image
        references)."""
        return self._tagged.get((ecr_repo_id(account, region, repository), tag or "latest"), ())

    @cached_property
    def of_digest(self) -> Mapping[str, Sequence[ResourceId]]:
        """By digest, in whatever repository."""
        return group(
            (image.digest, resource)
            for held in self._images_in.values()
            for resource, image in held.items()
        )

    @cached_property
    def _copies(self) -> Mapping[tuple[str, str], Sequence[ResourceId]]:
        """Images by (region, digest): what a function of that region with that CodeSha256 may
        run."""
        digests = self._digests
        return group(
            ((image.region, image.digest), resource)
            for held in self._images_in.values()
            for resource, image in held.items()
            if image.digest in digests
        )

    @cached_property
    def _tagged(self) -> Mapping[tuple[ResourceId, str], Sequence[ResourceId]]:
        """Images by (repository, tag)."""
        return group(
            ((repository, tag), resource)
            for repository, held in self._images_in.items()
            for resource, image in held.items()
            for tag in image.tags
        )
