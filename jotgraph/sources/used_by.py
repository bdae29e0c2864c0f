"""Files that say what is used where no call of AWS tells: a cluster's objects, or a list of images.

Three forms are understood, told apart by what they hold:

- ``kubectl get pods,deployments,... -A -o json``: pods with the digests that run (``imageID``), and
  the templates of Deployments, StatefulSets, DaemonSets, ReplicaSets, Jobs and CronJobs;
- a JSON list of image references (the keep list of other ECR cleaners);
- text with one image reference a line; ``#`` begins a comment.

Every entry becomes a workload of the account ``elsewhere``, with the file as its region.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from jotgraph.errors import OptionError, SourceError
from jotgraph.records import Inventory, UsedByFile, UsedImage, Workload, WorkloadState
from jotgraph.records.json_text import parsed
from jotgraph.records.references import ecr_reference, reference

ELSEWHERE = "elsewhere"
"""Account of workloads that no AWS account was asked about."""
LARGEST = 256 * 2**20
"""Bytes of a file: some 20,000 pods are 100 MB of JSON."""
AHEAD = timedelta(minutes=10)
"""How far a file's time may be in the future: clocks differ."""

_REFERENCE = re.compile(r"[!-~]{1,512}")
"""What may be the name of a Kubernetes object, or an image reference: ASCII without blanks."""
_IMAGE = re.compile(
    r"(?:[a-z][a-z-]*://)?(?P<image>[A-Za-z0-9][A-Za-z0-9._/:+-]*(?:@[a-z0-9]+:[0-9a-f]{64,})?)"
)
"""An image reference, after a transport such as ``docker://``. Quotes and commas around it, as of
lines cut from JSON, or half a digest would make it one that no image has."""
_PULLABLE = re.compile(
    r"(?:docker-pullable://|docker://)?(?P<name>[^\s@]+)@(?P<digest>sha256:[0-9a-f]{64})"
)
_BARE = re.compile(r"(?:docker://)?(?P<digest>sha256:[0-9a-f]{64})")
_TEMPLATES = frozenset(
    {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"}
)
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
_STATUSES = ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")


class UsedBy(msgspec.Struct, frozen=True):
    """What one file says."""

    file: UsedByFile
    workloads: tuple[Workload, ...]


def read_used_by(source: str, now: datetime) -> UsedBy:
    """Read a file, ``CLUSTER=FILE``, or standard input (``-``).

    Raises SourceError for a file that is not there, is empty, cut or of no known form, is dated in
    the future, or holds something that is not an image reference: half a file would leave out
    images.
    """
    cluster, path = _named(source)
    text, read_at = _text(path, now)
    name = "stdin" if path == "-" else Path(path).name
    workloads, pods = _parsed(text, name, _place(cluster, name))
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
    """The namespace that all pods are of, if it is one alone; empty without a pod."""
    pods = [workload.name for workload in workloads if workload.type == "pod"]
    namespaces = {name.partition("/")[0] if "/" in name else "" for name in pods}
    return namespaces.pop() if len(namespaces) == 1 else ""


def _joined(workloads: Iterable[Workload]) -> tuple[Workload, ...]:
    """Workloads by id; of objects of one name, as in a file made of two clusters, all images."""
    by_id: dict[str, Workload] = {}
    for workload in workloads:
        other = by_id.setdefault(workload.id, workload)
        by_id[workload.id] = msgspec.structs.replace(
            workload,
            images=tuple(sorted({*workload.images, *other.images})),
            state=workload.state if workload.state is WorkloadState.RUNNING else other.state,
        )
    return tuple(by_id[resource] for resource in sorted(by_id))


def read_all(sources: Iterable[str], now: datetime) -> tuple[UsedBy, ...]:
    """Read every file of ``--used-by``. Raises OptionError for two that would have one name, and
    SourceError as ``read_used_by``."""
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
    """The inventory with what the files say. A list of the same cluster that was read earlier is
    replaced, with its workloads. Raises OptionError for a file that is of no cluster and lacks
    images of an earlier one of its name: it may be another list."""
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
    """What stands for the region in the ids of a file's workloads."""
    return quote(f"{cluster}={name}" if cluster else name, safe="=")


def _named(source: str) -> tuple[str, str]:
    """(cluster, path) of ``CLUSTER=FILE``; a path that exists as it stands has no cluster."""
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
    except OSError as error:
        raise SourceError(f"--used-by {path} cannot be read: {error.strerror or error}") from error
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
            f"--used-by {path} is empty: an empty list is written [] and no objects as items []"
        )
    return text, changed


def _parsed(text: str, name: str, place: str) -> tuple[list[Workload], bool]:
    """(workloads, whether pods of a cluster were listed)."""
    if text.lstrip()[0] not in "{[":
        lines = (line.partition("#")[0].strip() for line in text.splitlines())
        return [_listed(line, name, place) for line in lines if line], False
    try:
        document = parsed(text)
    except ValueError as error:
        raise SourceError(
            f"--used-by {name} is not complete JSON ({error}); write it again"
        ) from error
    if isinstance(document, list):
        return [_listed(entry, name, place) for entry in document], False
    listing = str(document.get("kind", "")).endswith("List")
    items = document.get("items") if listing else [document]
    if not isinstance(items, list):
        raise SourceError(f"--used-by {name} is a list without items: it may be cut")
    if more := _mapping(document.get("metadata")).get("continue"):
        raise SourceError(f"--used-by {name} is one page of several (continue {more!r}): get all")
    workloads = [workload for item in items for workload in _object(item, name, place)]
    kinds = {item["kind"] for item in items}
    return workloads, "Pod" in kinds


def _listed(entry: object, name: str, place: str) -> Workload:
    named = _IMAGE.fullmatch(entry) if isinstance(entry, str) else None
    if named is None or not _REFERENCE.fullmatch(named[0]):
        raise SourceError(f"--used-by {name}: {str(entry)[:80]!r} is not an image reference")
    used = [UsedImage(named["image"])]
    return _workload(place, "list", "image", named[0], used, WorkloadState.RUNNING)


def _object(item: object, name: str, place: str) -> Iterator[Workload]:
    """The workload that a Kubernetes object is, if it runs images. Raises SourceError for one that
    should, and lists no container: it may be cut."""
    if not isinstance(item, Mapping) or not isinstance(item.get("kind"), str):
        raise SourceError(f"--used-by {name} holds something that is not a Kubernetes object")
    kind, spec, status = item["kind"], _mapping(item.get("spec")), _mapping(item.get("status"))
    known = kind in ("Pod", "CronJob") or kind in _TEMPLATES
    if not known and not (images := _named_anywhere(spec)):
        return
    metadata = _mapping(item.get("metadata"))
    full = "/".join(str(metadata[key]) for key in ("namespace", "name") if metadata.get(key))
    if not metadata.get("name") or not _REFERENCE.fullmatch(full):
        raise SourceError(f"--used-by {name} holds a {kind} without a usable name: {full[:80]!r}")
    if not known:
        state = WorkloadState.ACTIVE if spec.get("replicas") == 0 else WorkloadState.RUNNING
        yield _workload(place, "kubernetes", kind.lower(), full, images, state)
        return
    if kind == "CronJob":
        spec = _mapping(_mapping(spec.get("jobTemplate")).get("spec"))
    of_pod = spec if kind == "Pod" else _mapping(_mapping(spec.get("template")).get("spec"))
    images = _specified(of_pod) + (_resolved(of_pod, status) if kind == "Pod" else [])
    if not images:
        raise SourceError(f"--used-by {name}: {kind} {full} has no containers: it may be cut")
    state = _state(kind, spec, status)
    yield _workload(place, "kubernetes", kind.lower(), full, images, state)


def _named_anywhere(value: object) -> list[UsedImage]:
    """The images of ECR that an object of another kind names, by whatever key: a Rollout of Argo,
    a Service of Knative that is scaled to zero, a Workflow."""
    found, left = [], [value]
    while left:
        one = left.pop()
        if isinstance(one, str) and ecr_reference(one):
            found.append(UsedImage(one))
        elif isinstance(one, Mapping):
            left += one.values()
        elif isinstance(one, list):
            left += one
    return found


def _state(kind: str, spec: Mapping[str, Any], status: Mapping[str, Any]) -> WorkloadState:
    """Whether it runs; a pod that ended and what is scaled to nothing may be started again."""
    ended = kind == "Pod" and status.get("phase") in ("Succeeded", "Failed")
    asleep = kind in _TEMPLATES and (
        spec.get("replicas") == 0 or bool(status.get("completionTime"))
    )
    return WorkloadState.ACTIVE if ended or asleep else WorkloadState.RUNNING


def _specified(spec: Mapping[str, Any]) -> list[UsedImage]:
    """The images that a pod is asked to run."""
    return [UsedImage(image) for _, image in _named_images(spec)]


def _named_images(spec: Mapping[str, Any]) -> list[tuple[object, str]]:
    """(container, image) of each container of a pod that names an image."""
    containers = (container for key in _CONTAINERS for container in _mappings(spec.get(key)))
    return [(one.get("name"), str(one["image"])) for one in containers if one.get("image")]


def _resolved(spec: Mapping[str, Any], status: Mapping[str, Any]) -> list[UsedImage]:
    """The digests that a pod's node resolved its images to (Kubernetes API, ContainerStatus: an
    ``imageID`` is a reference by digest, or of some runtimes the id of the configuration alone).

    Where a node has one image under the names of two repositories, ``imageID`` may be of the other
    (kubernetes/kubernetes#40062): the digest is then used in whatever repository has it."""
    images, asked = [], dict(_named_images(spec))
    for container in (one for key in _STATUSES for one in _mappings(status.get(key))):
        resolved = str(container.get("imageID") or "")
        if full := _PULLABLE.fullmatch(resolved):
            images.append(UsedImage(full["name"], full["digest"]))
            own = asked.get(container.get("name"), "")
            if ecr_reference(own) and reference(own).name != full["name"]:
                images.append(UsedImage(full["digest"]))
        elif bare := _BARE.fullmatch(resolved):
            images.append(UsedImage(bare["digest"]))
    return images


def _workload(
    place: str, service: str, kind: str, name: str, images: list[UsedImage], state: WorkloadState
) -> Workload:
    return Workload(
        account=ELSEWHERE,
        region=place,
        service=service,
        type=kind,
        name=name,
        state=state,
        images=tuple(sorted(set(images))),
    )


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
