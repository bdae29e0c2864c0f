"""Files that say what is used where no call of AWS shows it: a cluster's objects, or a list of
images.

Every entry becomes a workload of the account ``elsewhere``, with the file as its region.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import msgspec

from jotgraph.errors import OptionError, SourceError
from jotgraph.records import Inventory, UsedByFile, Workload, WorkloadState
from jotgraph.records.file_forms import refuse_ours
from jotgraph.records.workloads import ELSEWHERE
from jotgraph.sources.documents.used_by import workloads_in

LARGEST = 256 * 2**20
"""The largest file in bytes: some 20,000 pods are 100 MB of JSON."""
AHEAD = timedelta(minutes=10)
"""How far a file's time may be in the future, because clocks differ."""


class UsedBy(msgspec.Struct, frozen=True):
    """The content of one file."""

    file: UsedByFile
    workloads: tuple[Workload, ...]


def read_used_by(source: str, now: datetime) -> UsedBy:
    """Read a file, ``CLUSTER=FILE``, or standard input (``-``). Raises SourceError for a file that
    does not exist, is empty, truncated or of unknown form, is dated in the future, or holds
    something other than image references: half a file would omit images."""
    cluster, path = _named(source)
    text, read_at = _text(path, now)
    name = "stdin" if path == "-" else Path(path).name
    workloads, pods = workloads_in(text, name, _place(cluster, name))
    file = UsedByFile(
        name=name,
        cluster=cluster,
        read_at=read_at,
        pods=pods,
        namespace=_namespace(workloads),
        workloads=len(workloads),
    )
    return UsedBy(file, _joined(workloads))


def _namespace(workloads: Iterable[Workload]) -> str:
    """The namespace of all pods, if it is the same; empty without a pod."""
    pods = [workload.name for workload in workloads if workload.type == "pod"]
    namespaces = {name.partition("/")[0] if "/" in name else "" for name in pods}
    return namespaces.pop() if len(namespaces) == 1 else ""


def _joined(workloads: Iterable[Workload]) -> tuple[Workload, ...]:
    """Workloads by id; objects with the same name, as in a file joined from two clusters, have all
    their images."""
    by_id: dict[str, Workload] = {}
    for workload in workloads:
        other = by_id.setdefault(workload.id, workload)
        by_id[workload.id] = msgspec.structs.replace(
            workload,
            images=tuple(sorted({*workload.images, *other.images})),
            mentions=tuple(sorted({*workload.mentions, *other.mentions})),
            state=workload.state if workload.state is WorkloadState.RUNNING else other.state,
        )
    return tuple(by_id[resource] for resource in sorted(by_id))


def read_all(sources: Iterable[str], now: datetime) -> tuple[UsedBy, ...]:
    """Read every file of ``--used-by``. Raises OptionError for two with the same name, and
    SourceError as ``read_used_by`` does."""
    by_place: dict[str, UsedBy] = {}
    for source in sources:
        read = read_used_by(source, now)
        place = _place(read.file.cluster, read.file.name)
        if place in by_place:
            raise OptionError(
                f"two files of --used-by are named {place}: rename one, or say which cluster each "
                "is of (CLUSTER=FILE)"
            )
        by_place[place] = read
    return tuple(by_place.values())


def with_used_by(inventory: Inventory, files: Iterable[UsedBy]) -> Inventory:
    """Return the inventory with the content of the files. A list of the same cluster that was read
    earlier is replaced, with its workloads. Raises OptionError for a file without a cluster that
    lacks images of an earlier one of its name, because it may be another list."""
    by_place = {_place(read.file.cluster, read.file.name): read for read in files}
    if not by_place:
        return inventory
    for place, read in by_place.items():
        _require_same_list(inventory, place, read)
    others = [
        workload
        for workload in inventory.workloads
        if workload.account != ELSEWHERE or workload.region not in by_place
    ]
    earlier = (
        file for file in inventory.scope.used_by if _place(file.cluster, file.name) not in by_place
    )
    new = (workload for read in by_place.values() for workload in read.workloads)
    used_by = (*earlier, *(read.file for read in by_place.values()))
    return msgspec.structs.replace(
        inventory,
        scope=msgspec.structs.replace(inventory.scope, used_by=tuple(sorted(used_by))),
        workloads=tuple(sorted((*others, *new), key=lambda workload: workload.id)),
    )


def _require_same_list(inventory: Inventory, place: str, read: UsedBy) -> None:
    images = {image.image for workload in read.workloads for image in workload.images}
    lacking = {
        image.image
        for workload in inventory.workloads
        if workload.account == ELSEWHERE and workload.region == place
        for image in workload.images
    } - images
    if lacking and not read.file.cluster:
        raise OptionError(
            f"the inventory holds a list {read.file.name} with {min(lacking)}, which this one has "
            "not: rename it, if it is another list; scan again with it, if it is a newer one, or "
            "say which cluster each is of (CLUSTER=FILE)"
        )


def _place(cluster: str, name: str) -> str:
    """The region in the ids of a file's workloads."""
    return quote(f"{cluster}={name}" if cluster else name, safe="=")


def _named(source: str) -> tuple[str, str]:
    """(cluster, path) in ``CLUSTER=FILE``; a path that exists as written has no cluster."""
    cluster, equals, path = source.partition("=")
    if not equals or Path(source).exists():
        return "", source
    return cluster, path


def _text(path: str, now: datetime) -> tuple[str, datetime]:
    try:
        if path == "-":
            raw, changed = sys.stdin.buffer.read(LARGEST + 1), now
        else:
            with Path(path).open("rb") as file:
                raw = file.read(LARGEST + 1)
            changed = datetime.fromtimestamp(Path(path).stat().st_mtime, UTC)
    except FileNotFoundError as error:
        raise OptionError(f"--used-by {path}: there is no such file") from error
    except IsADirectoryError as error:
        raise OptionError(f"--used-by {path} is a folder: name a file in it") from error
    except OSError as error:
        raise SourceError(f"--used-by {path} cannot be read: {error.strerror or error}") from error
    refuse_ours(f"--used-by {path}", raw, "a list of images or of objects of Kubernetes")
    if len(raw) > LARGEST:
        raise SourceError(f"--used-by {path} is larger than {LARGEST >> 20} MiB")
    if changed > now + AHEAD:
        when = f"{changed:%Y-%m-%d %H:%M} UTC"
        raise SourceError(f"--used-by {path} is dated {when}, in the future: check the clocks")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"--used-by {path} is not UTF-8 text: {error}") from error
    if not text.strip():
        raise SourceError(
            f"--used-by {path} is empty: for an empty list write [], for no objects write items []"
        )
    return text, changed
