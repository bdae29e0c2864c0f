"""The manifest of a scan in a dataset: its files, and everything that is not in a table.

It is written last, so that a scan exists only when it is complete. Files without a manifest are
ignored.
"""

from __future__ import annotations

import shlex
from datetime import datetime

import msgspec

from jotgraph.errors import SnapshotError, UnknownSnapshotError
from jotgraph.records import Gap, GitRepository, Registry, Scope
from jotgraph.records.json_text import NOT_JSON
from jotgraph.scale.dataset.places import Dataset
from jotgraph.store.older_facts import FACTS, gaps_of
from jotgraph.store.older_gaps import with_amount
from jotgraph.version import __version__

FORMAT = "jotgraph/dataset/1"
FAMILY = "jotgraph/dataset/"
FOLDER = "scans"
WRITTEN_AS = b"file"
"""Key of Parquet's metadata with a file's own name, which exposes another file in its place. Files
of earlier versions lack it."""
AGAIN = "export it again (jotgraph export --parquet)"


class File(msgspec.Struct, frozen=True):
    """One Parquet file."""

    table: str
    path: str
    rows: int
    bytes: int


class DatasetManifest(msgspec.Struct, frozen=True, kw_only=True):
    """Everything in a scan except its rows."""

    format: str = FORMAT
    program: str = __version__
    scan: str
    taken_at: datetime
    scope: Scope
    gaps: tuple[Gap, ...]
    git: tuple[GitRepository, ...]
    registries: tuple[Registry, ...]
    files: tuple[File, ...]
    facts: tuple[str, ...] = ()
    """The facts, of those that programs read since some version, that this program read."""


def scan_named(taken_at: datetime) -> str:
    """Return the name of a scan, valid as a folder on every system: ``2026-03-04T09-00-00Z``."""
    return f"{taken_at:%Y-%m-%dT%H-%M-%SZ}"


def write_manifest(place: Dataset, manifest: DatasetManifest) -> None:
    """Write a manifest, which completes a scan."""
    with place.writing(f"{FOLDER}/{manifest.scan}.json") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")


def scans(place: Dataset) -> list[str]:
    """Return the complete scans in a dataset, oldest first."""
    names = place.names(FOLDER)
    return [name.removesuffix(".json") for name in names if name.endswith(".json")]


def manifest_of(place: Dataset, scan: str = "") -> DatasetManifest:
    """Return the manifest of a scan, by default the newest, after checking that its files exist
    with the right sizes. Raises UnknownSnapshotError for an unknown scan, and SnapshotError for one
    of another version or an incomplete one."""
    known = scans(place)
    if not known and place.is_file:
        raise UnknownSnapshotError(
            f"{place.location} is a file, and a dataset is a folder; write one with "
            f"jotgraph export --parquet FOLDER --from {shlex.quote(place.location)}"
        )
    if not known:
        raise UnknownSnapshotError(
            f"{place.location} holds no whole scan: no file {FOLDER}/*.json, which an export "
            f"writes last; write one with jotgraph export --parquet {place.location}"
        )
    if scan and scan not in known:
        raise UnknownSnapshotError(
            f"{place.location} holds no scan {scan}; it has {', '.join(known[-5:])}"
        )
    name = scan or known[-1]
    manifest = _decoded(place, name)
    try:
        _check(place, manifest)
    except SnapshotError:
        overtaken, manifest = manifest, _decoded(place, name)
        if manifest.files == overtaken.files:
            raise
        _check(place, manifest)  # of the export that took its place meanwhile
    return manifest


def files_of(place: Dataset, scan: str) -> tuple[str, ...]:
    """Return the files of a scan, if it exists and this program understands it."""
    try:
        return tuple(file.path for file in _decoded(place, scan).files)
    except (FileNotFoundError, SnapshotError):
        return ()


class _Format(msgspec.Struct):
    format: str


def _decoded(place: Dataset, scan: str) -> DatasetManifest:
    name = f"{FOLDER}/{scan}.json"
    try:
        text = place.read(name)
        form = msgspec.json.decode(text, type=_Format).format
        if form != FORMAT:
            what = f"has the format {form}, and this program ({__version__}) reads {FORMAT}"
            raise SnapshotError(f"{place.location}: {name} {what}; {AGAIN}, or upgrade jotgraph")
        manifest = msgspec.json.decode(text, type=DatasetManifest)
    except NOT_JSON as error:
        raise SnapshotError(f"{place.location}: {name} is damaged: {error}; {AGAIN}") from error
    if manifest.scan != scan:
        raise SnapshotError(
            f"{place.location}: {name} is of the scan {manifest.scan}, under another name; {AGAIN}"
        )
    gaps = (*map(with_amount, manifest.gaps), *gaps_of(manifest.facts))
    return msgspec.structs.replace(manifest, gaps=gaps, facts=FACTS)


def _check(place: Dataset, manifest: DatasetManifest) -> None:
    for file in manifest.files:
        size = place.size(file.path)
        if size != file.bytes:
            what = "is not there" if size is None else f"has {size:,} bytes of {file.bytes:,}"
            raise SnapshotError(f"{place.location}: {file.path} {what}; {AGAIN}")
