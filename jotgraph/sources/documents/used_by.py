"""What ``--used-by`` reads: the objects of a cluster, or a list of images, as workloads.

Three forms are understood, told apart by what they hold:

- ``kubectl get pods,deployments,... -A -o json``: pods with the digests that run (``imageID``), and
  the templates of Deployments, StatefulSets, DaemonSets, ReplicaSets, Jobs and CronJobs;
- a JSON list of image references (the keep list of other ECR cleaners);
- text with one image reference a line; ``#`` begins a comment.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from typing import Any

from jotgraph.errors import SourceError
from jotgraph.records import UsedImage, Workload, WorkloadState
from jotgraph.records.json_text import parsed
from jotgraph.records.mentions import names_in
from jotgraph.records.references import ecr_reference, reference
from jotgraph.records.workloads import ELSEWHERE

_REFERENCE = re.compile(r"[!-~]{1,512}")
"""The name of a Kubernetes object, or an image reference: ASCII without blanks."""
_IMAGE = re.compile(
    r"(?:[a-z][a-z-]*://)?(?P<image>[A-Za-z0-9][A-Za-z0-9._/:+-]*(?:@[a-z0-9]+:[0-9a-f]{64,})?)"
)
"""An image reference, possibly after a transport such as ``docker://``. Quotes and commas around
it, as in lines cut from JSON, or half a digest would turn it into one that no image has."""
_PULLABLE = re.compile(
    r"(?:docker-pullable://|docker://)?(?P<name>[^\s@]+)@(?P<digest>sha256:[0-9a-f]{64})"
)
_BARE = re.compile(r"(?:docker://)?(?P<digest>sha256:[0-9a-f]{64})")
_TEMPLATES = frozenset(
    {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"}
)
_NAMES = ("image", "repository", "name", "newName")
_TAGS = ("tag", "newTag", "imageTag", "version", "digest")
"""Keys of the parts of a reference."""
_PARTS = frozenset((*_TAGS, "registry"))
"""Keys at least one of which is needed to name an image in parts."""
_PERHAPS = re.compile(r"(?i:\.dkr[.-]ecr)|sha256:|arn:|/aws/lambda/")
"""Characters that every text with a name contains, which few texts of a cluster do."""
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
_STATUSES = ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")


def workloads_in(text: str, name: str, place: str) -> tuple[list[Workload], bool]:
    """Return the workloads in the text of a file, and whether it lists pods of a cluster. Raises
    SourceError for text that is truncated or of unknown form, or that holds something other than
    image references: half a file would omit images."""
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
    """The workload of a Kubernetes object, if it runs images. Raises SourceError for one that
    should and has no container: the text may be truncated."""
    if not isinstance(item, Mapping) or not isinstance(item.get("kind"), str):
        raise SourceError(f"--used-by {name} holds something that is not a Kubernetes object")
    kind, spec, status = item["kind"], _mapping(item.get("spec")), _mapping(item.get("status"))
    known = kind in ("Pod", "CronJob") or kind in _TEMPLATES
    content = {key: value for key, value in item.items() if key not in ("metadata", "status")}
    images, names = _named_anywhere(content)
    if not known and not images and not names:
        return
    metadata = _mapping(item.get("metadata"))
    full = "/".join(str(metadata[key]) for key in ("namespace", "name") if metadata.get(key))
    if not metadata.get("name") or not _REFERENCE.fullmatch(full):
        raise SourceError(f"--used-by {name} holds a {kind} without a usable name: {full[:80]!r}")
    if not known:
        state = WorkloadState.ACTIVE if spec.get("replicas") == 0 else WorkloadState.RUNNING
        yield _workload(place, "kubernetes", kind.lower(), full, images, state, names)
        return
    if kind == "CronJob":
        spec = _mapping(_mapping(spec.get("jobTemplate")).get("spec"))
    of_pod = spec if kind == "Pod" else _mapping(_mapping(spec.get("template")).get("spec"))
    images = _specified(of_pod) + (_resolved(of_pod, status) if kind == "Pod" else [])
    if not images:
        raise SourceError(f"--used-by {name}: {kind} {full} has no containers: it may be cut")
    state = _state(kind, spec, status)
    yield _workload(place, "kubernetes", kind.lower(), full, images, state, names)


def _named_anywhere(value: object) -> tuple[list[UsedImage], set[str]]:
    """The images of ECR that an object names under any key, and all other names in its texts.
    Examples are a Rollout of Argo, a Service of Knative scaled to zero, a Workflow, values of a
    chart; an image that an operator starts by a variable, a volume of an image, a role."""
    images: list[UsedImage] = []
    names: set[str] = set()
    left = [value]
    while left:
        part = left.pop()
        if isinstance(part, str):
            if _PERHAPS.search(part):
                if ecr_reference(part):
                    images.append(UsedImage(part))
                names.update(names_in(part))
        elif isinstance(part, dict):
            if not _PARTS.isdisjoint(part):
                images += [UsedImage(image) for image in _composed(part)]
            left += part.values()
        elif isinstance(part, list):
            left += part
    return images, names


def _composed(values: Mapping[str, Any]) -> Iterator[str]:
    """The images whose parts stand beside one another, as in values of Helm charts (``registry``,
    ``repository``, ``tag``) and in Kustomizations (``newName``, ``newTag``)."""
    registry = values.get("registry")
    host = f"{registry}/" if registry and isinstance(registry, str) else ""
    for name in (values[key] for key in _NAMES if isinstance(values.get(key), str)):
        named = ecr_reference(host + name)
        if named is None:
            continue
        if host:
            yield host + name
        for tag in () if named.tag or named.digest else _tags_of(values):
            yield f"{host}{name}{'@' if ':' in tag else ':'}{tag}"


def _tags_of(values: Mapping[str, Any]) -> list[str]:
    """Tags and digests under the usual keys, numbers as text."""
    tags = (values.get(key) for key in _TAGS)
    return [str(tag) for tag in tags if isinstance(tag, str | int | float) and tag]


def _state(kind: str, spec: Mapping[str, Any], status: Mapping[str, Any]) -> WorkloadState:
    """Whether it runs; a finished pod, and what is scaled to zero, may be started again."""
    ended = kind == "Pod" and status.get("phase") in ("Succeeded", "Failed")
    asleep = kind in _TEMPLATES and (
        spec.get("replicas") == 0 or bool(status.get("completionTime"))
    )
    return WorkloadState.ACTIVE if ended or asleep else WorkloadState.RUNNING


def _specified(spec: Mapping[str, Any]) -> list[UsedImage]:
    """The images that a pod specifies."""
    return [UsedImage(image) for _, image in _named_images(spec)]


def _named_images(spec: Mapping[str, Any]) -> list[tuple[object, str]]:
    """(container, image) of each container of a pod that names an image."""
    containers = (container for key in _CONTAINERS for container in _mappings(spec.get(key)))
    return [
        (container.get("name"), str(container["image"]))
        for container in containers
        if container.get("image")
    ]


def _resolved(spec: Mapping[str, Any], status: Mapping[str, Any]) -> list[UsedImage]:
    """The digests that a pod's node resolved its images to. An ``imageID`` is a reference by digest
    or, with some runtimes, only the id of the configuration (Kubernetes API, ContainerStatus).
    Where a node has one image under the names of two repositories, ``imageID`` may name the other
    (kubernetes/kubernetes#40062), so the digest counts in every repository that has it."""
    images, asked = [], dict(_named_images(spec))
    for container in chain.from_iterable(_mappings(status.get(key)) for key in _STATUSES):
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
    place: str,
    service: str,
    kind: str,
    name: str,
    images: list[UsedImage],
    state: WorkloadState,
    names: Collection[str] = (),
) -> Workload:
    """A workload that uses some images, and mentions other names in its texts."""
    return Workload(
        account=ELSEWHERE,
        region=place,
        service=service,
        type=kind,
        name=name,
        state=state,
        images=tuple(sorted(set(images))),
        mentions=tuple(sorted(set(names) - {used.image for used in images})),
    )


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
