"""Rules on images newer than what runs or was pushed, and on sources that are gone."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from jotgraph.analysis.health.commands import NO_COMMAND, Command, another
from jotgraph.analysis.health.model import Code, Finding
from jotgraph.analysis.health.names import image_name
from jotgraph.analysis.health.subject import Subject
from jotgraph.analysis.provenance import commits_of, copies
from jotgraph.analysis.provenance.carriers import listed_in
from jotgraph.graph import (
    ResourceGraph,
    about,
    dependencies,
    dependents,
    of_kind,
    record,
    remembered,
)
from jotgraph.links import Relation
from jotgraph.records import (
    EcrImage,
    EcrRepository,
    Function,
    ImageType,
    Kind,
    LocalImage,
    ResourceId,
    Workload,
    kind_of,
    repository_of,
)
from jotgraph.records.looked import looked
from jotgraph.records.references import ecr_reference, reference, referrer_tag, registry_host

_PLATFORMS = {"x86_64": "amd64", "arm64": "arm64"}
"""Lambda's name of an architecture -> its name in images."""


def undeployed(on: Subject) -> Iterator[Finding]:
    """The repository holds a newer image than the one that runs, and nothing runs it. What the
    deployed tag names is reported as drift. Published versions cannot change and are left out."""
    node = on.node
    if not isinstance(node, (Function, Workload)):
        return
    named = dependencies(on.graph, on.id, Relation.FOLLOWS)
    for used in dependencies(on.graph, on.id, Relation.RUNS):
        runs = record(on.graph, used)
        if not isinstance(runs, EcrImage) or runs.pushed_at is None:
            continue
        newest = _newest(on.graph).get(runs.repository_id)
        if newest is None or newest.id in named or not _fits(node, newest):
            continue
        assert newest.pushed_at is not None
        if newest.pushed_at > runs.pushed_at and not _in_use(on.graph, newest):
            pushed = f"pushed {newest.pushed_at:%Y-%m-%d %H:%M} UTC"
            statement = (
                f"image {image_name(on.graph, newest.id)} is newer ({pushed}) than the one that "
                f"runs, {image_name(on.graph, used)}, and nothing runs it"
            )
            yield on.finding(Code.UNDEPLOYED, statement, _deploy(node, newest), fault=newest.id)


@remembered
def _newest(graph: ResourceGraph) -> dict[ResourceId, EcrImage]:
    """The newest deployable image of each repository: tagged, complete, and no signature or the
    like."""
    newest: dict[ResourceId, EcrImage] = {}
    for resource in of_kind(graph, Kind.ECR_IMAGE):
        node = record(graph, resource)
        if isinstance(node, EcrImage) and node.pushed_at and _deployable(graph, resource, node):
            other = newest.get(repository := repository_of(resource))
            if other is None or _age(node) > _age(other):
                newest[repository] = node
    return newest


def _age(image: EcrImage) -> tuple[datetime, str]:
    assert image.pushed_at is not None
    return image.pushed_at, image.digest


_DEPLOYED = frozenset({ImageType.IMAGE, ImageType.INDEX, ImageType.UNKNOWN})


def _deployable(graph: ResourceGraph, resource: ResourceId, image: EcrImage) -> bool:
    if image.subject or image.status != "ACTIVE" or image.type not in _DEPLOYED:
        return False
    tagged = any(referrer_tag(tag) is None for tag in image.tags)
    return tagged and not dependents(graph, resource, Relation.CONTAINS)


def _in_use(graph: ResourceGraph, image: EcrImage) -> bool:
    """Whether something runs the image, or one of the images that it lists."""
    return any(dependents(graph, listed, Relation.RUNS) for listed in listed_in(graph, image.id))


def _fits(node: Function | Workload, image: EcrImage) -> bool:
    """Whether the function could run the image, as far as their platforms are known."""
    if not isinstance(node, Function) or not image.architecture:
        return True
    platforms = {_PLATFORMS.get(name, name) for name in node.architectures}
    return not platforms or image.architecture in platforms


def _deploy(node: Function | Workload, image: EcrImage) -> Command:
    """The command that deploys an image to a function; empty for a workload, which its service
    deploys."""
    if isinstance(node, Workload):
        return NO_COMMAND
    tag = next(tag for tag in sorted(image.tags) if referrer_tag(tag) is None)
    uri = f"{registry_host(image.account, image.region)}/{image.repository}:{tag}"
    words = ["aws", "lambda", "update-function-code", "--region", node.region]
    words += ["--function-name", f"{node.account}:{node.name}", "--image-uri", uri]
    return another(*words)


class _Pushes(NamedTuple):
    """The pushes to a repository that was read completely."""

    repository: EcrRepository
    last: datetime | None
    """None when the repository is empty."""


def unpushed(on: Subject) -> Iterator[Finding]:
    """A local image has the name of a repository and was built after the last push to it."""
    node = on.node
    if not isinstance(node, LocalImage) or node.created_at is None:
        return
    if any(kind_of(copy) is Kind.ECR_IMAGE for copy in copies(on.graph, on.id)):
        return
    pushes = [(tag, pushed) for tag in sorted(node.tags) for pushed in _pushes_to(on.graph, tag)]
    if not pushes or any(pushed.last and pushed.last >= node.created_at for _, pushed in pushes):
        return
    tag, (repository, last) = pushes[0]
    when = f"after the last push to {repository.name} ({_day(last)})" if last else ""
    what = when or f"and nothing was pushed to {repository.name}"
    statement = f"built {_day(node.created_at)}, {what}: it is not in ECR"
    yield on.finding(Code.UNPUSHED, statement, _push(tag, repository), fault=on.id)


def _day(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"


def _pushes_to(graph: ResourceGraph, tag: str) -> list[_Pushes]:
    """The repositories that a local tag names: in its registry, or in any registry for a bare
    name."""
    known = _pushes(graph)
    asked, exact = reference(tag), ecr_reference(tag)
    if exact:
        place = (exact.account, exact.region)
        return [
            image for image in known.get(exact.repository, ()) if image.repository.place == place
        ]
    return known.get(asked.name, [])


@remembered
def _pushes(graph: ResourceGraph) -> dict[str, list[_Pushes]]:
    """The push times of every completely read repository, by name."""
    last: dict[ResourceId, datetime | None] = {}
    unknown: set[ResourceId] = set()
    for resource in of_kind(graph, Kind.ECR_IMAGE):
        node = record(graph, resource)
        if isinstance(node, EcrImage):
            if node.pushed_at is None:
                unknown.add(node.repository_id)
            else:
                before = last.get(node.repository_id)
                last[node.repository_id] = max(before or node.pushed_at, node.pushed_at)
    pushes: dict[str, list[_Pushes]] = {}
    for resource in of_kind(graph, Kind.ECR_REPO):
        owner = record(graph, resource)
        if not isinstance(owner, EcrRepository) or resource in unknown:
            continue
        anything = ResourceId(resource.replace("ecr-repo:", "ecr-image:", 1) + "@sha256:")
        if looked(about(graph), anything):
            pushes.setdefault(owner.name, []).append(_Pushes(owner, last.get(resource)))
    return pushes


def _push(tag: str, repository: EcrRepository) -> Command:
    host = registry_host(repository.account, repository.region)
    name = f"{host}/{repository.name}:{reference(tag).tag or 'latest'}"
    push = shlex.join(["docker", "push", name])
    return Command(push if tag == name else f"{shlex.join(['docker', 'tag', tag, name])} && {push}")


def source_gone(on: Subject) -> Iterator[Finding]:
    """The folder that its files were copied from no longer exists in the repository."""
    claims = commits_of(on.graph, on.id)
    left = (content for content in claims.matches if content.touched and content.touched.gone)
    match = next(left, None)
    if match is None or match.touched is None:
        return
    folders = ", ".join(match.touched.gone)
    verb = "is" if len(match.touched.gone) == 1 else "are"
    statement = f"its source {folders} {verb} no longer in {match.repository}"
    fault = next(iter(claims.images), on.id)
    yield on.finding(Code.SOURCE_GONE, statement, on.command("why"), fault=fault)
