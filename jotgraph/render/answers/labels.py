"""Short names of resources for a line in a terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jotgraph.analysis.health import presence
from jotgraph.analysis.lag.model import LagState, Standing
from jotgraph.graph import ResourceGraph, dependents, record
from jotgraph.links import Relation
from jotgraph.records import (
    KINDS,
    Alias,
    Container,
    EcrImage,
    Kind,
    LocalImage,
    ResourceId,
    Trigger,
    digest_of,
    kind_of,
    name_of,
    place_of,
    repository_name_of,
)
from jotgraph.records.ids import NOWHERE, short
from jotgraph.records.titles import title
from jotgraph.render.answers.findings import SEVERITY_STYLE

if TYPE_CHECKING:
    from rich.text import Text

TAGS_SHOWN = 2
WHOLE_SHA = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_TAGS = 40
"""Longest tags shown: in 80 columns the digest after them still fits."""
_RANK = {LagState.CURRENT: 3, LagState.UNKNOWN: 2}
_STYLE = {1: "yellow", 2: "dim", 3: "green"}


def standing_rank(stands: Standing) -> int:
    """Return the colour rank of a commit's standing: 1 where a build of the ref would differ or
    may, 2 is quiet, 3 is good."""
    if stands.dirty or stands.doubt:
        return 1
    if stands.state is LagState.BEHIND and not stands.lags:
        return 2
    return _RANK.get(stands.state, 1)


def standing_style(stands: Standing) -> str:
    """The colour of that rank in a terminal."""
    return _STYLE[standing_rank(stands)]


def label(graph: ResourceGraph, resource: ResourceId, in_repository: bool = False) -> Text:
    """Return one line for a resource: kind, name (without the repository's, if below it), and
    whether it is missing."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    line = Text(f"{KINDS[kind_of(resource)].word} ", style="", no_wrap=True, overflow="ellipsis")
    line.stylize("dim")
    if kind_of(resource) is Kind.ECR_IMAGE and not in_repository:
        line.append(f"{repository_name_of(resource)} ")
    line.append(name(graph, resource))
    if finding := presence(graph, resource):
        line.append(f"  {finding.word}", SEVERITY_STYLE[finding.severity])
    return line


def name(graph: ResourceGraph, resource: ResourceId) -> str:
    """A short name, with tags and weights."""
    node = record(graph, resource)
    if isinstance(node, LocalImage):
        return f"{within(node.tags, _TAGS) or 'untagged'} {short(node.image_id)}"
    if isinstance(node, EcrImage):
        kind = "" if node.type.value in ("image", "unknown") else f" {node.type.value}"
        tags = node.tags or _index_tags(graph, resource)
        return f"{within(tags, _TAGS) or 'untagged'} @{short(node.digest)}{kind}"
    if isinstance(node, Trigger | Container):
        return title(resource, node)
    weights = _weights(node) if isinstance(node, Alias) else ""
    return f"{_name_of_id(resource)}{weights}"


def _index_tags(graph: ResourceGraph, image: ResourceId) -> tuple[str, ...]:
    """Tags of the indexes with the image, as in the table of deployments."""
    indexes = (record(graph, index) for index in dependents(graph, image, Relation.CONTAINS))
    tags = {tag for index in indexes if isinstance(index, EcrImage) for tag in index.tags}
    return tuple(sorted(tags))


def _name_of_id(resource: ResourceId) -> str:
    if kind_of(resource) is Kind.ECR_IMAGE:
        return f"@{short(digest_of(resource))}"
    name = name_of(resource)
    return short(name) if place_of(resource) == NOWHERE else name


def _weights(alias: Alias) -> str:
    if not alias.weights:
        return ""
    shares = [(alias.version, 1 - sum(share for _, share in alias.weights)), *alias.weights]
    return f" ({', '.join(f'{share:.0%} to {number}' for number, share in shares)})"


def few(tags: tuple[str, ...]) -> str:
    """Return the first two tags and the number of others."""
    return _first(tags, TAGS_SHOWN)


def first_tag(tags: tuple[str, ...]) -> str:
    """Return the first tag and the number of others."""
    return _first(tags, 1)


def within(tags: tuple[str, ...], room: int) -> str:
    """Return tags in at most ``room`` characters: one tag instead of two, then shortened in its
    middle, so that what follows stays on the line."""
    short = few(tags)
    if len(short) > room:
        short = _first(tags, 1)
    if len(short) > room:
        more = f" +{len(tags) - 1}" if len(tags) > 1 else ""
        half = (room - 1 - len(more)) // 2
        short = f"{tags[0][:half]}…{tags[0][-half:]}{more}"
    return short


def _first(tags: tuple[str, ...], count: int) -> str:
    more = f" +{len(tags) - count}" if len(tags) > count else ""
    return ", ".join(_tag(tag) for tag in tags[:count]) + more


def _tag(tag: str) -> str:
    """A tag; a whole SHA or digest is shortened."""
    return f"{short(tag)}…" if WHOLE_SHA.fullmatch(tag) else tag
