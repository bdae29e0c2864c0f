"""The commits that an image, or what runs it, is believed to come from.

Evidence is gathered from the image itself, its copies, the indexes that contain it, the
attestations that describe it and what configures its function. It is then combined from the best
grade down: claims that share commits are intersected, weaker claims that share none are set aside,
and claims that contradict one another are a conflict, which is reported with an explanation.
"""

from __future__ import annotations

from jotgraph.analysis.provenance.carriers import (
    copies,
    deployers,
    image_of,
    running,
    saved_copies,
    speakers,
)
from jotgraph.analysis.provenance.combine import combine
from jotgraph.analysis.provenance.gather import claims_of, in_order
from jotgraph.analysis.provenance.model import Claim, Claims, Disagreement, Explanation
from jotgraph.graph import ResourceGraph, remembered
from jotgraph.links import Grade
from jotgraph.records import ResourceId

__all__ = [
    "Claim",
    "Claims",
    "Disagreement",
    "Explanation",
    "commits_of",
    "copies",
    "image_of",
    "running",
    "saved_copies",
]


@remembered
def commits_of(graph: ResourceGraph, resource: ResourceId) -> Claims:
    """Return the commits that an image is believed to come from.

    ``resource`` is an image, or a function, version or alias (the image it runs; for an alias that
    of its main version), or a workload of one image. For an index the images in it count as well:
    those of a function's architecture, or all. Anything else has no claims. Raises KeyError for an
    id that is not in the graph.
    """
    deployed = claims_of(graph, deployers(graph, resource))
    speaking = tuple(speakers(graph, resource).items())
    return _of_images(graph, image_of(graph, resource), speaking, deployed)


@remembered
def _of_images(
    graph: ResourceGraph,
    images: tuple[ResourceId, ...],
    speaking: tuple[tuple[ResourceId, Grade], ...],
    deployed: tuple[Claim, ...],
) -> Claims:
    """The claims on images and their deployment, cached for all that run them."""
    carriers = dict(speaking)
    claims = in_order((*claims_of(graph, carriers), *deployed))
    return combine(graph, images, carriers, claims)
