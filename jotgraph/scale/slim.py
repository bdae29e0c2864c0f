"""Surveys a dataset that is larger than memory, and splits it into shards.

Most records are images, and few of them matter before they are judged: those that something names
by digest alone, and those in a scan or an index. The others are only counted, and read with their
shard.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec

from jotgraph.gc_pause import collector_off
from jotgraph.links import Link
from jotgraph.records import EcrImage, ImageType, Inventory, Kind, Place, Record
from jotgraph.records.inventory import RECORDS
from jotgraph.records.kinds import KINDS
from jotgraph.scale.dataset.manifest import DatasetManifest, File
from jotgraph.scale.dataset.places import Dataset
from jotgraph.scale.dataset.reading import read_columns, records_of, where
from jotgraph.scale.dataset.tables import TABLES
from jotgraph.scale.dataset.writing import folder_of, home_of
from jotgraph.scale.extras import needed
from jotgraph.scale.judging import Question
from jotgraph.scale.parts import Asked, DatasetPart
from jotgraph.scale.shards import Contents, contents, cut, holding, links_within
from jotgraph.scale.survey import Survey, digests_of, digests_scanned
from jotgraph.scale.units import ENGINE, Unit, digests_named

IMAGES = "images"
ROWS_EACH = 50_000
"""The approximate number of records that a shard judges."""
_LATER = frozenset({IMAGES, "commits", "content"})
"""Tables that the survey skips: commits and content belong to the shard of the engine."""
_TABLE = {RECORDS[kind]: table.name for kind in RECORDS for table in TABLES
          if table.field == KINDS[kind].field}  # fmt: skip


class Planned(NamedTuple):
    """How a dataset is judged: the shards, and what each is asked."""

    asked: Asked
    parts: tuple[DatasetPart, ...]


def plan_parts(
    place: Dataset,
    manifest: DatasetManifest,
    question: Question,
    links: Iterable[Link] = (),
    rows: int = ROWS_EACH,
) -> Planned:
    """Split a dataset into shards that judge about this many records each. Raises SnapshotError for
    a damaged file."""
    with collector_off():
        survey = _survey(place, manifest, links)
        count = max(sum(survey.sizes.values()) // rows, 1)
        files = _Files(manifest)
        judged = cut(survey, count)
        parts = tuple(_part(survey, contents(survey, units), files) for units in judged)
    asked = Asked(place.address, holding(survey.inventory, (), ()), survey.counts, question)
    return Planned(asked, parts)


def _survey(place: Dataset, manifest: DatasetManifest, links: Iterable[Link]) -> Survey:
    fields: dict[str, Any] = {
        table.field: records_of(place, manifest, table.name)
        for table in TABLES
        if table.name not in _LATER
    }
    fields |= {"commits": (), "content": ()}
    about = Inventory(
        taken_at=manifest.taken_at,
        scope=manifest.scope,
        gaps=manifest.gaps,
        git=manifest.git,
        registries=manifest.registries,
        **fields,
    )
    wanted = {digest for record in about.records() for digest, _ in digests_named(record)}
    wanted |= {digest for image in about.local_images for digest in digests_of(image)}
    listed = _Listed(place, manifest)
    images = tuple(listed.images(wanted | listed.scanned))
    survey = Survey(msgspec.structs.replace(about, ecr_images=images), links)
    survey.sizes = {
        unit: sum(not isinstance(record, EcrImage) for record in survey.records.get(unit, ()))
        + listed.sizes[unit]
        for unit in {*survey.sizes, *listed.sizes}
    }
    survey.counts = survey.counts._replace(images=listed.counts)
    return survey


class _Listed:
    """The images of a dataset: their number, and those that a scan or an index mentions."""

    def __init__(self, place: Dataset, manifest: DatasetManifest) -> None:
        self._place = place
        self._files = [file for file in manifest.files if file.table == IMAGES]
        self._decoder = msgspec.json.Decoder(EcrImage)
        self.sizes: Counter[Unit] = Counter()
        """Number of images in each repository."""
        self.counts: Counter[Place] = Counter()
        self.scanned: set[str] = set()
        """Digests of images that a scan describes."""
        for file in self._files:
            self._look_at(file)

    def _look_at(self, file: File) -> None:
        compute = needed("pyarrow.compute", "parquet", "a Parquet dataset")
        columns = ["account", "region", "repository_id", "type", "record"]
        rows = read_columns(self._place, file, columns)
        if not rows.num_rows:
            return
        home = Place(rows["account"][0].as_py(), rows["region"][0].as_py())
        self.counts[home] += rows.num_rows
        for counted in rows["repository_id"].value_counts().to_pylist():
            self.sizes[Unit(counted["values"])] += counted["counts"]
        speaking = compute.or_(
            compute.equal(rows["type"], ImageType.INDEX.value),
            compute.match_substring_regex(rows["record"], '"(scan|children)":'),
        )
        for text in rows["record"].filter(speaking).to_pylist():
            self.scanned.update(digests_scanned(self._decoder.decode(text)))

    def images(self, digests: Collection[str]) -> Iterator[EcrImage]:
        """Return the images with these digests, of a manifest or a configuration, in order."""
        if not digests:
            return
        wanted = frozenset(digests)  # Arrow's own would be indexed again for every file
        columns = ["digest", "config_digest", "position", "record"]
        images: list[tuple[int, EcrImage]] = []
        for file in self._files:
            rows = read_columns(self._place, file, columns)
            names = (rows[name].to_pylist() for name in columns[:2])
            chosen = where(rows, [not wanted.isdisjoint(pair) for pair in zip(*names, strict=True)])
            records = map(self._decoder.decode, chosen["record"].to_pylist())
            images += zip(chosen["position"].to_pylist(), records, strict=True)
        images.sort(key=itemgetter(0))
        yield from (image for _, image in images)


class _Files:
    """The files of a dataset, by what they contain."""

    def __init__(self, manifest: DatasetManifest) -> None:
        self._scan = manifest.scan
        self._by_folder: dict[str, list[File]] = defaultdict(list)
        for file in manifest.files:
            self._by_folder[file.path.rpartition("/")[0]].append(file)
        self.of_engine = [file for file in manifest.files if file.table in ("commits", "content")]

    def of(self, table: str, home: Place) -> list[File]:
        return self._by_folder.get(folder_of(table, self._scan, home), [])


def _part(survey: Survey, of_it: Contents, files: _Files) -> DatasetPart:
    chosen: dict[str, File] = {}
    for unit in of_it.held:
        for table, home in _homes(unit, survey.records.get(unit, ())):
            chosen |= {file.path: file for file in files.of(table, home)}
    if ENGINE in of_it.judged:
        chosen |= {file.path: file for file in files.of_engine}
    return DatasetPart(
        judged=of_it.judged,
        held=of_it.held,
        beside=of_it.beside,
        links=links_within(survey.links, of_it.held),
        files=tuple(chosen[path] for path in sorted(chosen)),
    )


def _homes(unit: Unit, records: Iterable[Record]) -> Iterator[tuple[str, Place]]:
    """The tables, and places in them, with the records of a unit."""
    if unit.startswith(f"{Kind.ECR_REPO}:"):
        account, region = unit.partition(":")[2].split("/", 2)[:2]
        yield IMAGES, Place(account, region)
    yield from {(_TABLE[type(record)], home_of(record)) for record in records}
