"""Rules on images: archived, expiring, last copy; and copies of a lost image."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta

from jotgraph.analysis.health.commands import NO_COMMAND, ours
from jotgraph.analysis.health.model import Code, Fact, Finding
from jotgraph.analysis.health.names import image_name
from jotgraph.analysis.health.subject import Subject
from jotgraph.analysis.lifecycle import Fate, fates, read_rules
from jotgraph.analysis.provenance.lost import needed
from jotgraph.analysis.usage.quarantine import mark_of_function
from jotgraph.errors import OptionError
from jotgraph.graph import (
    ResourceGraph,
    about,
    dependents,
    of_kind,
    record,
    remembered,
)
from jotgraph.links import Grade, Relation
from jotgraph.records import (
    EcrImage,
    EcrRepository,
    Function,
    Kind,
    ResourceId,
    Version,
    name_of,
)
from jotgraph.records.looked import looked

SOON = timedelta(days=30)
"""How soon a lifecycle policy has to remove an image in use for that to be a finding."""


def archived(on: Subject) -> Iterator[Finding]:
    """ECR archived the image, or is restoring it."""
    if not isinstance(on.node, EcrImage) or on.node.status == "ACTIVE":
        return
    if on.node.status == "ACTIVATING":
        yield on.finding(Code.RESTORING, "ECR is restoring it from the archive")
        return
    statement = "ECR archived it: nothing can pull it until it is restored"
    users = (record(on.graph, user) for user in dependents(on.graph, on.id, Relation.RUNS))
    awake = any(
        isinstance(user, (Function, Version)) and not mark_of_function(on.graph, user)
        for user in users
    )
    yield on.finding(Code.ARCHIVED, statement, ours("rescue") if awake else NO_COMMAND)


def expiring(on: Subject) -> Iterator[Finding]:
    """A lifecycle policy will soon remove an image that is in use."""
    if not isinstance(on.node, EcrImage):
        return
    findings = tuple(expires(on, on.id))
    if not findings:
        return
    in_use = bool(dependents(on.graph, on.id, Relation.RUNS)) or on.id in on.verdicts.in_use
    yield from findings if in_use else ()


def expires(on: Subject, image: ResourceId) -> Iterator[Finding]:
    """Return what the lifecycle policy of its repository does to an image within ``SOON``."""
    node = record(on.graph, image)
    if not isinstance(node, EcrImage):
        return
    repository = node.repository_id
    owner = record(on.graph, repository) if repository in on.graph else None
    if not isinstance(owner, EcrRepository) or owner.lifecycle is None:
        statement = f"the lifecycle policy of {node.repository} was not read"
        yield on.unknown(Code.EXPIRING, Fact.LIFECYCLE, statement)
        return
    if not owner.lifecycle:
        return
    if not looked(about(on.graph), image):
        statement = (
            f"not all images of {node.repository} were read, which its lifecycle policy counts"
        )
        yield on.unknown(Code.EXPIRING, Fact.LIFECYCLE, statement)
        return
    known = _fates(on.graph, repository)
    if known is None:
        statement = f"the lifecycle policy of {node.repository} is not understood"
        yield on.unknown(Code.EXPIRING, Fact.LIFECYCLE, statement)
        return
    fate = known.get(node.digest)
    if fate is None or (fate.at is not None and fate.at > on.now + SOON):
        return
    does = {"expire": "expires", "transition": "archives"}[fate.action]
    when = "at any time" if fate.at is None or fate.at <= on.now else f"on {fate.at:%Y-%m-%d}"
    what = "it" if image == on.id else f"image {image_name(on.graph, image)}"
    yield on.finding(
        Code.EXPIRING,
        f"rule {fate.rule} of the lifecycle policy of {node.repository} {does} {what} {when}",
        on.command("lifecycle", repository),
        fault=image,
    )


@remembered
def _fates(graph: ResourceGraph, repository: ResourceId) -> Mapping[str, Fate] | None:
    """What the lifecycle policy of a repository does, by digest; None when it cannot be parsed."""
    owner = record(graph, repository)
    assert isinstance(owner, EcrRepository)
    try:
        rules = read_rules(owner.lifecycle or "")
    except OptionError:
        return None
    images = _images_in(graph)[repository]
    return {fate.digest: fate for fate in fates(rules, images, about(graph).taken_at)}


@remembered
def _images_in(graph: ResourceGraph) -> Mapping[ResourceId, list[EcrImage]]:
    """The images of each repository."""
    images: dict[ResourceId, list[EcrImage]] = defaultdict(list)
    for image in of_kind(graph, Kind.ECR_IMAGE):
        node = record(graph, image)
        assert isinstance(node, EcrImage)
        images[node.repository_id].append(node)
    return images


def only_copy(on: Subject) -> Iterator[Finding]:
    """A local image is the last copy of its bytes, or may be."""
    lost = needed(on.graph).get(on.id)
    if lost is not None:
        sure = lost.grade > Grade.HINT
        copy = "this is a remaining copy" if sure else "this may be a remaining copy"
        gone = f"{image_name(on.graph, lost.image)}, which is gone from ECR"
        statement = f"{name_of(lost.user)} runs {gone}: {copy}"
        yield on.finding(Code.ONLY_COPY, statement, ours("rescue"), fault=lost.image)
        return
    reasons = {doubt.code: doubt.statement for doubt in on.verdicts.own.get(on.id, ())}
    if "copy-needed" in reasons:
        yield on.finding(Code.ONLY_COPY, reasons["copy-needed"], ours("rescue"))
    elif "only-copy" in reasons and about(on.graph).scope.content:
        yield on.finding(Code.ONLY_COPY, reasons["only-copy"], on.command("why"))
    elif "only-copy" in reasons:
        statement = f"{reasons['only-copy']}; its files were not compared"
        yield on.unknown(Code.ONLY_COPY, Fact.CONTENT, statement)
