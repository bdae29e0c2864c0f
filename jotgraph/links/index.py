"""Indexes over an inventory, each built when a rule first uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar, cast

from jotgraph.links.ecr_images import EcrImages, indexed
from jotgraph.records import (
    Alias,
    Commit,
    EcrImage,
    Function,
    GitRepository,
    ImageType,
    Inventory,
    Kind,
    LocalImage,
    Record,
    ResourceId,
    Version,
)
from jotgraph.records.gaps import hidden_kinds

K = TypeVar("K")
T = TypeVar("T")


def group(items: Iterable[tuple[K, T]]) -> Mapping[K, tuple[T, ...]]:
    """Collect values by key, in the order of the items."""
    grouped: dict[K, tuple[T, ...]] = {}
    several: dict[K, list[T]] = {}  # few, as a rule: most keys are digests, revisions, tags
    for key, value in items:
        if key in grouped:
            several.setdefault(key, [*grouped[key]]).append(value)
        else:
            grouped[key] = (value,)
    grouped.update((key, tuple(values)) for key, values in several.items())
    return grouped


class InventoryIndex:
    """Read-only indexes over one inventory, without judgement."""

    def __init__(
        self,
        inventory: Inventory,
        by_id: Mapping[ResourceId, Record] | None = None,
        ecr: EcrImages | None = None,
    ) -> None:
        self.inventory = inventory
        self._by_id = by_id
        self._ecr = ecr
        self._computed: dict[Callable[[InventoryIndex], Any], Any] = {}

    def once(self, compute: Callable[[InventoryIndex], T]) -> T:
        """Return ``compute(self)``, cached, for what several rules derive alike."""
        if compute not in self._computed:
            self._computed[compute] = compute(self)
        return cast(T, self._computed[compute])

    def unread(self, kind: Kind, region: str) -> bool:
        """Whether unread resources of a kind may exist in a region, in any account."""
        return any(
            gap.region in ("", region) and kind in hidden_kinds(gap) for gap in self.inventory.gaps
        )

    def configurations(self) -> Iterator[Function | Version]:
        """Every function's ``$LATEST`` and every published version."""
        yield from self.inventory.functions
        yield from self.inventory.versions

    def images(self) -> Iterator[LocalImage | EcrImage]:
        """Every image, local and in ECR."""
        yield from self.inventory.local_images
        yield from self.inventory.ecr_images

    def filesystems(self) -> Iterator[LocalImage | EcrImage]:
        """Every image that holds files. Indexes, attestations, signatures and other artifacts are
        left out: their configs list things that are not layers."""
        yield from self.inventory.local_images
        for image in self.inventory.ecr_images:
            if image.type in (ImageType.IMAGE, ImageType.UNKNOWN):
                yield image

    @cached_property
    def ecr(self) -> EcrImages:
        """The images in ECR by repository, tag and digest."""
        if self._ecr is not None:
            return self._ecr
        return indexed(self.inventory.ecr_images, self.configurations())

    @cached_property
    def by_id(self) -> Mapping[ResourceId, Record]:
        if self._by_id is not None:
            return self._by_id
        return {record.id: record for record in self.inventory.records()}

    @cached_property
    def commits(self) -> Mapping[str, Commit]:
        return {commit.sha: commit for commit in self.inventory.commits}

    @cached_property
    def peeled(self) -> Mapping[str, str]:
        """The commit of each annotated tag, by the SHA of the tag's own object."""
        return {
            tag: sha
            for repository in self.inventory.git
            for tag, sha in repository.tag_objects
            if tag not in self.commits
        }

    @cached_property
    def git(self) -> Mapping[str, GitRepository]:
        return {repository.key: repository for repository in self.inventory.git}

    @cached_property
    def commits_by_prefix(self) -> Mapping[str, tuple[str, ...]]:
        """SHAs by their first seven digits."""
        return group((sha[:7], sha) for sha in self.commits)

    def commits_starting(self, prefix: str) -> tuple[str, ...]:
        """The SHAs that begin with ``prefix`` (seven digits or more)."""
        candidates = self.commits_by_prefix.get(prefix[:7], ())
        return tuple([sha for sha in candidates if sha.startswith(prefix)]) if candidates else ()

    @cached_property
    def ecr_by_digest(self) -> Mapping[str, tuple[EcrImage, ...]]:
        return group((image.digest, image) for image in self.inventory.ecr_images)

    @cached_property
    def ecr_by_config(self) -> Mapping[str, tuple[EcrImage, ...]]:
        return group(
            (image.config_digest, image)
            for image in self.inventory.ecr_images
            if image.config_digest
        )

    @cached_property
    def images_by_layers(self) -> Mapping[tuple[str, ...], tuple[LocalImage | EcrImage, ...]]:
        """Images by their ordered diff_ids; those whose layers are unknown are left out."""
        return group((image.diff_ids, image) for image in self.filesystems() if image.diff_ids)

    @cached_property
    def _depths(self) -> tuple[int, ...]:
        """The layer counts that occur, highest first."""
        return tuple(sorted({len(layers) for layers in self.images_by_layers}, reverse=True))

    def bases(self, image: LocalImage | EcrImage) -> Iterator[tuple[LocalImage | EcrImage, ...]]:
        """Yield images whose layers are a proper prefix of the image's, longest first. Images with
        equal layers come together."""
        layers = image.diff_ids
        for depth in self._depths if layers in self.images_by_layers else ():
            if depth < len(layers) and (images := self.images_by_layers.get(layers[:depth])):
                yield images

    @cached_property
    def aliases(self) -> Mapping[ResourceId, Alias]:
        return {alias.id: alias for alias in self.inventory.aliases}

    @cached_property
    def versions(self) -> Mapping[ResourceId, Version]:
        return {version.id: version for version in self.inventory.versions}
