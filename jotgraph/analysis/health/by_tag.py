"""Rules on images that a workload names by a tag whose digest is unknown."""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.analysis.health.commands import NO_COMMAND
from jotgraph.analysis.health.model import Code, Fact, Finding
from jotgraph.analysis.health.running import starts
from jotgraph.analysis.health.subject import Subject
from jotgraph.analysis.usage import index_of
from jotgraph.graph import about
from jotgraph.records import Place, Workload, WorkloadState, ecr_image_id
from jotgraph.records.looked import looked
from jotgraph.records.references import EcrReference
from jotgraph.records.resolved import resolves_once, unresolved, untold
from jotgraph.records.workloads import ELSEWHERE


def started_by_tag(on: Subject) -> Iterator[Finding]:
    """A workload starts by a tag that names no usable image, or it is unknown which image it
    started with."""
    node = on.node
    if not isinstance(node, Workload) or node.state is WorkloadState.ACTIVE:
        return
    if node.account == ELSEWHERE:  # what a file names is perhaps a part of a reference
        return
    tagged = index_of(on.graph).ecr.tagged
    for _, named in unresolved(node):
        tag = f"tag {named.repository}:{named.tag or 'latest'}"
        images = tagged(named.account, named.region, named.repository, named.tag)
        for image in images:
            yield from starts(on, image)
        if not images:
            yield _no_image(on, named, tag)
        elif resolves_once(node):
            yield on.unknown(Code.BROKEN, Fact.IMAGE, untold(named), NO_COMMAND)


def _no_image(on: Subject, named: EcrReference, tag: str) -> Finding:
    """A finding that a tag names no image, as far as its repository was read."""
    anything = ecr_image_id(named.account, named.region, named.repository, "sha256:")
    if looked(about(on.graph), anything):
        return on.finding(Code.BROKEN, f"{tag} names no image: it fails on the next start")
    command = on.scan_of(Place(named.account, named.region))
    statement = f"whether {tag} names an image was not read"
    return on.finding(Code.IMAGE_UNREAD, statement, command, unread=Fact.IMAGE)
