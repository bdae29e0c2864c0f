"""Doubts that keep local images and containers from being orphans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from jotgraph.analysis.usage.ecr_images import kept_tags
from jotgraph.analysis.usage.gaps import from_facts, from_gaps, too_young
from jotgraph.analysis.usage.index import GraphIndex
from jotgraph.analysis.usage.model import Doubt, Options
from jotgraph.graph import ResourceGraph, dependencies, dependents, evidence, is_missing, record
from jotgraph.links import Grade, Relation
from jotgraph.records import Container, EcrImage, Kind, LocalImage, ResourceId, key_of
from jotgraph.records.creation import stated_time
from jotgraph.records.docker import STOPPED
from jotgraph.records.ids import NOWHERE
from jotgraph.records.phrases import counted
from jotgraph.records.references import reference

_MANAGED = (
    ("com.docker.compose.project", "the compose project"),
    ("io.x-k8s.kind.cluster", "the kind cluster"),
    ("name.minikube.sigs.k8s.io", "minikube"),
    ("com.docker.swarm.service.name", "the swarm service"),
    ("devcontainer.local_folder", "the dev container of"),
)


def local_image_doubts(
    index: GraphIndex, options: Options, now: datetime
) -> Iterator[tuple[ResourceId, list[Doubt]]]:
    """Yield each local image with its doubts."""
    shared = from_gaps(
        index.hiding(NOWHERE, "", Kind.CONTAINER, Kind.LOCAL_IMAGE), "a container or a child image"
    )
    shared += from_facts(index.facts_unread(NOWHERE, "", "docker"))
    images = index.ecr if index.local_images else ()
    unread = Counter(image.repository for image in images if not image.manifest_read)
    for image in index.local_images:
        doubts = list(shared)
        doubts += kept_tags(tuple(reference(text).tag for text in image.tags), options)
        doubts += too_young(now, stated_time(image.created_at), options.young_days, "created")
        doubts += _only_copy(index, image, unread)
        yield image.id, doubts


def container_doubts(
    index: GraphIndex, options: Options, now: datetime
) -> Iterator[tuple[ResourceId, list[Doubt]]]:
    """Yield each container with its doubts; a running one is in use whatever they are."""
    shared = from_facts(index.facts_unread(NOWHERE, "", "docker"))
    for container in index.containers:
        doubts = list(shared)
        if container.state not in STOPPED:
            doubts.append(Doubt("container-new", f"its state is {container.state or 'not known'}"))
        doubts += too_young(
            now, container.started_at or container.created_at, options.young_days, "started"
        )
        doubts += _cared_for(container)
        yield container.id, doubts


def _cared_for(container: Container) -> list[Doubt]:
    labels = dict(container.labels)
    return [
        Doubt(
            "managed",
            f"it belongs to {owner} {labels[label]}",
            about=f"{label}={labels[label]}",
        )
        for label, owner in _MANAGED
        if label in labels
    ]


def _only_copy(index: GraphIndex, image: LocalImage, unread: Mapping[str, int]) -> list[Doubt]:
    """A doubt, unless ECR holds the same bytes, or the image was never in a registry and git holds
    all its files. Labels are not enough, because the build may have had uncommitted changes."""
    if readable_copies(index.graph, image.id):
        return []
    digests = {reference(text).digest for text in image.repo_digests} | {image.image_id}
    for digest in sorted(digests):
        for user in index.run_by.get(digest, ())[:1]:
            what = f"{key_of(user)} runs this image and ECR has no readable copy"
            return [Doubt("copy-needed", f"{what}: push this one to restore it")]
    never_pushed = not image.repo_digests and image.image_id == image.config_digest
    if never_pushed and any(
        _equal(index, image.id, commit) for commit in _commits(index, image.id)
    ):
        return []
    return [Doubt("only-copy", f"only known copy{_not_compared(unread, image)}")]


def _not_compared(unread: Mapping[str, int], image: LocalImage) -> str:
    """How many images in ECR repositories of its name may be copies with unread manifests."""
    names = {reference(text).name for text in (*image.tags, *image.repo_digests)}
    repositories = {
        name.split("/", depth)[-1] for name in names for depth in range(name.count("/") + 1)
    }
    count = sum(unread.get(repository, 0) for repository in repositories)
    return f" ({counted(count, 'ECR image')} not compared; run jotgraph content)" if count else ""


def _commits(index: GraphIndex, image: ResourceId) -> tuple[ResourceId, ...]:
    return dependencies(index.graph, image, Relation.CONTENT_EQUALS)


def readable_copies(graph: ResourceGraph, image: ResourceId) -> tuple[ResourceId, ...]:
    """Return the images in ECR that can be pulled and equal a local one."""
    return tuple(
        copy
        for copy in dependents(graph, image, Relation.COPY_OF)
        if isinstance(node := record(graph, copy), EcrImage)
        and node.status == "ACTIVE"
        and evidence(graph, copy, image, Relation.COPY_OF)[0].grade >= Grade.STRONG
    )


def _equal(index: GraphIndex, image: ResourceId, commit: ResourceId) -> bool:
    pieces = evidence(index.graph, image, commit, Relation.CONTENT_EQUALS)
    return pieces[0].grade is Grade.PROOF and not is_missing(index.graph, commit)
