"""One pass over an inventory: its units, which of them may use which, and what every shard needs.

Use is transitive: whatever may use a unit, and may in turn use that, has to be in its shard. The
names in a record are a superset of the links that rules find, and a further record in a shard
changes no verdict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from jotgraph.analysis.usage.index import places_in_doubt
from jotgraph.analysis.usage.words import counts
from jotgraph.links import Link
from jotgraph.records import (
    EcrImage,
    Function,
    ImageType,
    Inventory,
    Kind,
    LocalImage,
    Record,
    Version,
    Workload,
)
from jotgraph.records.gaps import concerns, hidden_kinds
from jotgraph.records.kinds import KINDS
from jotgraph.records.references import ecr_reference, reference, role_of
from jotgraph.scale.units import (
    ANYWHERE,
    Unit,
    digests_named,
    ids_named,
    unit_named,
    unit_of,
    units_named,
)


class Survey:
    """What is known about an inventory before it is split."""

    def __init__(self, inventory: Inventory, links: Iterable[Link] = ()) -> None:
        self.inventory = inventory
        self.counts = counts(inventory)
        self.links = tuple(links)
        """Links of rules from plugins."""
        self.records: dict[Unit, list[Record]] = defaultdict(list)
        self.users: dict[Unit, set[Unit]] = defaultdict(set)
        """Unit -> the units that name it, and so may use it."""
        self.named: dict[Unit, set[Unit]] = defaultdict(set)
        """Unit -> the units that it names."""
        self.by_digest: dict[str, list[EcrImage]] = defaultdict(list)
        """Images that something names by digest alone, of a manifest or a configuration."""
        self.copies: dict[str, list[EcrImage]] = defaultdict(list)
        """Images by digest, where a scan describes one or an index lists it, because a scan holds
        for each copy."""
        for kind in KINDS:
            if kind is not Kind.COMMIT:
                for record in inventory.of_kind(kind):
                    self.records[unit_of(record)].append(record)
        self.sizes = {unit: len(records) for unit, records in self.records.items()}
        """The records of each unit."""
        self._follow()
        self.everywhere = frozenset(self._everywhere())
        """Units that any verdict may need."""

    def _follow(self) -> None:
        by_digest: list[tuple[Unit, str, str]] = []
        for unit, records in self.records.items():
            for record in records:
                if not isinstance(record, EcrImage):
                    self._use(unit, units_named(record))
                    by_digest += [(unit, *named) for named in digests_named(record)]
        for link in self.links:
            self._use(unit_named(link.source), [unit_named(link.target)])
        self._find({digest for _, digest, _ in by_digest} | self.engine_digests())
        for unit, digest, region in by_digest:
            images = self.by_digest.get(digest, ())
            self._use(
                unit,
                (unit_of(image) for image in images if region in (ANYWHERE, image.region)),
            )

    def _use(self, unit: Unit, targets: Iterable[Unit]) -> None:
        for target in targets:
            if target != unit:
                self.users[target].add(unit)
                self.named[unit].add(target)

    def _find(self, wanted: set[str]) -> None:
        images = self.inventory.ecr_images
        copied = {digest for image in images for digest in digests_scanned(image)}
        for image in images:
            for digest in {image.digest, image.config_digest} & wanted:
                self.by_digest[str(digest)].append(image)
            if image.digest in copied:
                self.copies[image.digest].append(image)

    def engine_digests(self) -> set[str]:
        """Digests by which local images may be known in ECR."""
        return {digest for image in self.inventory.local_images for digest in digests_of(image)}

    def _everywhere(self) -> Iterator[Unit]:
        """Clusters, the first resource that may run anything in its region or account, and the
        first workload whose image was not found."""
        inventory = self.inventory
        yield from (unit_of(workload) for workload in inventory.workloads if workload.is_cluster)
        lost: dict[str, list[Workload]] = defaultdict(list)
        for workload in inventory.workloads:
            for digest in ids_named(workload):
                if digest not in self.by_digest:
                    lost[digest].append(workload)
        if lost:
            yield from map(unit_of, lost[min(lost)])
        yield from map(unit_of, _unclear(inventory))


def digests_scanned(image: EcrImage) -> Iterator[str]:
    """Return the digests that a scan describes: the image's own, and those that it lists."""
    if image.scan is not None or image.children or image.type is ImageType.INDEX:
        yield image.digest
        yield from (child.digest for child in image.children)


def digests_of(image: LocalImage) -> Iterator[str]:
    """Return the digests by which a local image may be known in ECR."""
    yield image.image_id
    if image.config_digest:
        yield image.config_digest
    yield from filter(None, (reference(text).digest for text in image.repo_digests))


def _unclear(inventory: Inventory) -> Iterator[Function | Version]:
    """Functions and versions whose image or role is unknown: the first of each in every region or
    account, since a doubt names the first."""
    kinds: tuple[tuple[Function | Version, ...], ...] = (inventory.functions, inventory.versions)
    for configurations in kinds:
        first: dict[tuple[str, str], Function | Version] = {}
        for configuration in sorted(configurations, key=lambda record: record.id):
            for sort in _sorts(configuration):
                first.setdefault(sort, configuration)
        yield from first.values()
    yield from _tags_unread(inventory)


def _sorts(configuration: Function | Version) -> Iterator[tuple[str, str]]:
    if configuration.may_run_image:
        if configuration.image_digest is None:
            yield "digest", configuration.region
        deployed = ecr_reference(configuration.image_uri)
        if deployed is None and ecr_reference(configuration.resolved_image_uri) is None:
            yield "repository", configuration.region
        if deployed is None and isinstance(configuration, Function):
            yield "tag", configuration.region
    if role_of(configuration.role_arn) is None:
        yield "role", configuration.account
    if isinstance(configuration, Function):
        for place in places_in_doubt(configuration):
            yield f"update {place.account}", place.region


def _tags_unread(inventory: Inventory) -> Iterator[Version]:
    """The first version of each region that an alias may name and whose deployed tag was not
    read."""
    routed = {
        (alias.function, number)
        for alias in inventory.aliases
        for number in (alias.version, *(number for number, _ in alias.weights))
    }
    hiding = [gap for gap in inventory.gaps if Kind.ALIAS in hidden_kinds(gap)]
    seen: set[str] = set()
    for version in sorted(inventory.versions, key=lambda version: version.id):
        if version.region in seen or not version.may_run_image:
            continue
        named = (version.function, version.number) in routed or any(
            concerns(gap, version.place, version.name) for gap in hiding
        )
        if named and ecr_reference(version.image_uri) is None:
            seen.add(version.region)
            yield version
