"""Files that say what is used where no call of AWS tells: a cluster's objects, or a list of images.

Three forms are understood, told apart by what they hold:

- ``kubectl get pods,deployments,... -A -o json``: pods with the digests that run (``imageID``), and
  the templates of Deployments, StatefulSets, DaemonSets, ReplicaSets, Jobs and CronJobs;
- a JSON list of image references (the keep list of other ECR cleaners);
- text with one image reference a line; ``#`` begins a comment.

Every entry becomes a workload of the account ``elsewhere``, with the file as its region.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from jotgraph.errors import SourceError
from jotgraph.records import UsedByFile, UsedImage, Workload, WorkloadState

ELSEWHERE = "elsewhere"
"""Account of workloads that no AWS account was asked about."""
LARGEST = 256 * 2**20
"""Bytes of a file: some 20,000 pods are 100 MB of JSON."""
AHEAD = timedelta(minutes=10)
"""How far a file's time may be in the future: clocks differ."""

_REFERENCE = re.compile(r"[^\s\x00-\x1f\x7f]{1,1024}")
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
    the future, or holds something that is no image reference: half a file would leave out images.
    """
    cluster, path = _named(source)
    text, read_at = _text(path, now)
    name = "stdin" if path == "-" else Path(path).name
    workloads, pods = _parsed(text, name)
    file = UsedByFile(
        name=name, cluster=cluster, read_at=read_at, pods=pods, workloads=len(workloads)
    )
    return UsedBy(file, tuple(sorted(workloads, key=lambda workload: workload.id)))


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
        raise SourceError(f"--used-by {path} is no UTF-8 text: {error}") from error
    if not text.strip():
        raise SourceError(
            f"--used-by {path} is empty: an empty list is written [] and no objects as items []"
        )
    return text, changed


def _parsed(text: str, name: str) -> tuple[list[Workload], bool]:
    """(workloads, whether pods of a cluster were listed)."""
    if text.lstrip()[0] not in "{[":
        lines = (line.partition("#")[0].strip() for line in text.splitlines())
        return [_listed(line, name) for line in lines if line], False
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"--used-by {name} is no whole JSON document: {error}") from error
    if isinstance(document, list):
        return [_listed(entry, name) for entry in document], False
    items = document.get("items") if document.get("kind", "").endswith("List") else [document]
    if not isinstance(items, list):
        raise SourceError(f"--used-by {name} is a list without items: it may be cut")
    if more := (document.get("metadata") or {}).get("continue"):
        raise SourceError(f"--used-by {name} is one page of several (continue {more!r}): get all")
    found = [workload for item in items for workload in _object(item, name)]
    kinds = {item.get("kind") for item in items if isinstance(item, Mapping)}
    return found, not items or "Pod" in kinds


def _listed(entry: object, name: str) -> Workload:
    if not isinstance(entry, str) or not _REFERENCE.fullmatch(entry):
        raise SourceError(f"--used-by {name}: {str(entry)[:80]!r} is no image reference")
    return _workload(name, "list", "image", entry, [UsedImage(entry)], None)


def _object(item: object, name: str) -> Iterator[Workload]:
    """The workload that a Kubernetes object is, if it runs images."""
    if not isinstance(item, Mapping) or not isinstance(item.get("kind"), str):
        raise SourceError(f"--used-by {name} holds something that is no Kubernetes object")
    kind = item["kind"]
    spec = _mapping(item.get("spec"))
    if kind == "CronJob":
        spec = _mapping(_mapping(spec.get("jobTemplate")).get("spec"))
    if kind == "CronJob" or kind in _TEMPLATES:
        images = _specified(_mapping(_mapping(spec.get("template")).get("spec")))
    elif kind == "Pod":
        images = _running(spec, _mapping(item.get("status")))
    else:
        return
    metadata = _mapping(item.get("metadata"))
    full = "/".join(str(metadata[key]) for key in ("namespace", "name") if metadata.get(key))
    if not full:
        raise SourceError(f"--used-by {name} holds a {kind} without a name")
    state = _state(kind, spec, _mapping(item.get("status")))
    yield _workload(name, "kubernetes", kind.lower(), full, images, state)


def _state(kind: str, spec: Mapping[str, Any], status: Mapping[str, Any]) -> WorkloadState:
    """Whether it runs; a pod that ended and what is scaled to nothing may be started again."""
    ended = kind == "Pod" and status.get("phase") in ("Succeeded", "Failed")
    asleep = kind in _TEMPLATES and (
        spec.get("replicas") == 0 or bool(status.get("completionTime"))
    )
    return WorkloadState.ACTIVE if ended or asleep else WorkloadState.RUNNING


def _specified(spec: Mapping[str, Any]) -> list[UsedImage]:
    containers = (one for key in _CONTAINERS for one in spec.get(key) or ())
    return [UsedImage(str(one["image"])) for one in containers if _mapping(one).get("image")]


def _running(spec: Mapping[str, Any], status: Mapping[str, Any]) -> list[UsedImage]:
    """What a pod was asked to run, each with the digest that its node resolved, where it says so
    (Kubernetes API, ContainerStatus.imageID: a reference by digest, or of some runtimes the id of
    the image's configuration alone)."""
    resolved = [
        one for key in _STATUSES for one in status.get(key) or () if isinstance(one, Mapping)
    ]
    images = _specified(spec)
    for one in resolved:
        said = str(one.get("imageID") or "")
        if full := _PULLABLE.fullmatch(said):
            images.append(UsedImage(full["name"], full["digest"]))
        elif bare := _BARE.fullmatch(said):
            images.append(UsedImage(bare["digest"]))
    return images


def _workload(
    file: str,
    service: str,
    kind: str,
    name: str,
    images: list[UsedImage],
    state: WorkloadState | None,
) -> Workload:
    return Workload(
        account=ELSEWHERE,
        region=file,
        service=service,
        type=kind,
        name=name,
        state=state or WorkloadState.RUNNING,
        images=tuple(sorted(set(images))),
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
