"""The newest images of a repository, which are kept for a rollback or a coming deployment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from functools import partial
from heapq import nlargest
from operator import attrgetter

from jotgraph.analysis.usage.index import GraphIndex
from jotgraph.analysis.usage.model import Options
from jotgraph.analysis.usage.words import named
from jotgraph.records import (
    EcrImage,
    ImageType,
    ResourceId,
    WorkloadState,
    digest_of,
    ecr_repo_id,
    repository_of,
)
from jotgraph.records.phrases import counted
from jotgraph.records.references import ecr_reference

_pushed_at: Callable[[EcrImage], datetime] = attrgetter("pushed_at")
_ATTACHED = frozenset({ImageType.ATTESTATION, ImageType.SIGNATURE, ImageType.ARTIFACT})


class Newest:
    """The images of each repository that are kept for being the newest."""

    def __init__(self, index: GraphIndex, options: Options) -> None:
        self.count = options.keep_images
        self.users: dict[ResourceId, set[ResourceId]] = defaultdict(set)
        """Functions, versions and workloads that run an image, by repository."""
        self.unplaced: dict[str, ResourceId] = {}
        """By region, the first one whose repository is unknown, though its digest may be known."""
        self.parts: dict[ResourceId, set[str]] = defaultdict(set)
        """Digests that indexes list, by repository."""
        for index_image in index.ecr.referring.values():
            listed = (child.digest for child in index_image.children)
            self.parts[index_image.repository_id].update(listed)
        self.named: set[tuple[ResourceId, str]] = set()
        """(repository, digest) of what runs."""
        for resource, configuration in index.configurations_by_id():
            deployed = ecr_reference(configuration.image_uri)
            resolved = ecr_reference(configuration.resolved_image_uri)
            for reference in (deployed, resolved):
                if reference:
                    account, region, name, _, _ = reference
                    self.users[ecr_repo_id(account, region, name)].add(resource)
            if not deployed and not resolved and configuration.may_run_image:
                first = self.unplaced.get(configuration.region, resource)
                self.unplaced[configuration.region] = min(first, resource)
            if resolved and resolved.digest:
                account, region, name, _, digest = resolved
                self.named.add((ecr_repo_id(account, region, name), digest))
        for workload in index.workloads:
            may_run = workload.state is WorkloadState.ACTIVE  # an older revision, that may start
            for image in () if may_run else index.named.images_of(workload):
                self.users[repository_of(image)].add(workload.id)
                self.named.add((repository_of(image), digest_of(image)))

    def kept(self, repository: ResourceId, images: list[EcrImage]) -> dict[ResourceId, str]:
        """Return the kept images, each with the reason.

        As many are kept as the options say, else the newest one of a repository that something runs
        from. At equal push times what runs comes first. Images that an index lists, and what is
        attached to an image, are kept along and not counted, nor is anything that may be either of
        these.
        """
        count, because = self.count, "the newest image of its repository"
        if count is None:
            user = self._user(repository, images[0].region)
            count = 1 if user else 0
            because += f", from which {user}"
        elif count > 1:
            because = f"among the newest {counted(count, 'image')} of its repository"
        if not count:
            return {}
        whole = _whole_images(images, self.parts.get(repository, ()))
        unclear = [image for image in whole if image.type is ImageType.UNKNOWN]
        known = (
            [image for image in whole if image.type is not ImageType.UNKNOWN] if unclear else whole
        )
        pushes = nlargest(count, map(_pushed_at, known))
        last = min(pushes) if len(pushes) == count else datetime.min.replace(tzinfo=UTC)
        newest = [image for image in known if _pushed_at(image) >= last]
        if len(newest) > count:
            newest.sort(key=partial(self._age, repository), reverse=True)
        perhaps = [image for image in unclear if _pushed_at(image) >= last]
        return {image.id: because for image in (*newest[:count], *perhaps)}

    def _user(self, repository: ResourceId, region: str) -> str:
        """What runs or may run from a repository, in words; empty for nothing."""
        if users := self.users.get(repository):
            more = f" (and {len(users) - 1} more)" if len(users) > 1 else ""
            return f"{named(min(users))}{more} runs"
        if region in self.unplaced:
            return f"{named(self.unplaced[region])} may run (its image URI was not read)"
        return ""

    def _age(self, repository: ResourceId, image: EcrImage) -> tuple[datetime, bool, str]:
        """A sort key by push time, then by whether the image itself is known to run. Who runs a
        copy may be unread, and another image would then be kept in its place."""
        assert image.pushed_at is not None
        digests = [image.digest, *[child.digest for child in image.children]]
        runs = any((repository, digest) in self.named for digest in digests)
        return image.pushed_at, runs, image.digest


def _whole_images(images: list[EcrImage], parts: Collection[str]) -> list[EcrImage]:
    """Images and indexes that are not part of another and whose push time is known."""
    return [
        image
        for image in images
        if image.pushed_at is not None
        and not (parts and image.digest in parts)
        and not image.subject
        and image.type not in _ATTACHED
    ]
