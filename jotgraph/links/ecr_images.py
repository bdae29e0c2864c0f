"""Images of ECR, indexed in one pass over their records.

A million records exceed the processor's cache, so that a pass for each index takes longer than the
indexing itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, groupby
from operator import attrgetter

from jotgraph.records import (
    EcrImage,
    Function,
    ResourceId,
    Version,
    ecr_image_id,
    ecr_repo_id,
)
from jotgraph.records.references import referrer_tag

Ids = tuple[ResourceId, ...]
_REPOSITORY = attrgetter("account", "region", "repository")


class EcrImages:
    """Images of ECR by repository, by tag, and by digest where a function runs the digest."""

    def __init__(self, images: Iterable[EcrImage], digests: Collection[str | None]) -> None:
        self.in_repositories: dict[ResourceId, dict[ResourceId, EcrImage]] = {}
        """By repository, then by id."""
        self.referring: dict[ResourceId, EcrImage] = {}
        """Images whose manifest or tag refers to others: a small share."""
        self.tags: dict[ResourceId, dict[str, Ids]] = {}
        """By repository and tag. Two images only when a tag moved during the scan."""
        self._run: dict[tuple[str, str], list[ResourceId]] = {}
        """By region and digest, for digests that functions run."""
        for (account, region, name), several in groupby(images, _REPOSITORY):
            self._add(account, region, name, several, digests)

    def _add(
        self,
        account: str,
        region: str,
        name: str,
        images: Iterable[EcrImage],
        digests: Collection[str | None],
    ) -> None:
        """Index the images of one repository, whose ids share a prefix."""
        repository = ecr_repo_id(account, region, name)
        beginning = ecr_image_id(account, region, name, "")
        records = self.in_repositories.setdefault(repository, {})
        tags = self.tags.setdefault(repository, {})
        resource: ResourceId
        for image in images:
            digest = image.digest
            resource = beginning + digest  # type: ignore[assignment]  # the type is a call, a million times
            records[resource] = image
            if digest in digests:
                self._run.setdefault((region, digest), []).append(resource)
            for tag in image.tags:
                tags[tag] = (*tags.get(tag, ()), resource)
                if referrer_tag(tag):
                    self.referring[resource] = image
            if image.children or image.subject or image.statements:
                self.referring[resource] = image

    def __iter__(self) -> Iterator[EcrImage]:
        return chain.from_iterable(images.values() for images in self.in_repositories.values())

    def items(self) -> Iterator[tuple[ResourceId, EcrImage]]:
        """Every image with its id."""
        return chain.from_iterable(images.items() for images in self.in_repositories.values())

    def tagged(self, account: str, region: str, repository: str, tag: str) -> Ids:
        """The images with a tag in a repository. A reference without a tag means ``latest``
        (Docker, image references)."""
        return self.tags.get(ecr_repo_id(account, region, repository), {}).get(tag or "latest", ())

    def copies(self, digest: str, region: str) -> Sequence[ResourceId]:
        """The images of a region with a digest that a function or version runs. Other digests are
        not indexed."""
        return self._run.get((region, digest), ())

    @cached_property
    def by_digest(self) -> Mapping[str, Sequence[ResourceId]]:
        """The images by digest, in any repository."""
        by_digest: dict[str, list[ResourceId]] = {}
        for resource, image in self.items():
            by_digest.setdefault(image.digest, []).append(resource)
        return by_digest


def indexed(images: Iterable[EcrImage], configurations: Iterable[Function | Version]) -> EcrImages:
    """Index images by repository and by the digests that these configurations run. A scan already
    yields images repository by repository in this order."""
    digests = {configuration.image_digest for configuration in configurations}
    made = EcrImages(images, digests)
    if any(list(listed) != sorted(listed) for listed in made.in_repositories.values()):
        made = EcrImages(sorted(made, key=lambda image: image.id), digests)
    by_first_image = sorted(made.in_repositories.items(), key=lambda pair: next(iter(pair[1])))
    made.in_repositories = dict(by_first_image)
    return made
