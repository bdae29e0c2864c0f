"""The least that answers each question at all: dictionaries and sets, no evidence, doubt or gap."""

from __future__ import annotations

from collections import defaultdict
from io import StringIO

from jotgraph.records import Inventory


def link(whole: Inventory) -> int:
    """Pairs of a configuration and an image of its digest."""
    images = defaultdict(list)
    for image in whole.ecr_images:
        images[image.digest].append(image)
    run = (*whole.functions, *whole.versions)
    return sum(len(images.get(configuration.image_digest or "", ())) for configuration in run)


def build(whole: Inventory) -> int:
    """A dictionary of lists of ids: images in repositories, versions of functions, runs."""
    edges: dict[str, list[str]] = defaultdict(list)
    by_digest = {image.digest: image.id for image in whole.ecr_images}
    for image in whole.ecr_images:
        edges[image.id].append(image.repository_id)
    for configuration in (*whole.functions, *whole.versions):
        if configuration.image_digest in by_digest:
            edges[configuration.id].append(by_digest[configuration.image_digest])
    return len(edges)


def verdicts(whole: Inventory) -> int:
    """Digests that nothing runs."""
    run = {configuration.image_digest for configuration in (*whole.functions, *whole.versions)}
    return sum(1 for image in whole.ecr_images if image.digest not in run)


def stale(whole: Inventory) -> int:
    """Functions whose tag names another digest now."""
    tagged = {
        f"{image.account}.dkr.ecr.{image.region}.amazonaws.com/{image.repository}:{tag}": image
        for image in whole.ecr_images
        for tag in image.tags
    }
    named = ((tagged.get(function.image_uri or ""), function) for function in whole.functions)
    return sum(1 for image, function in named if image and image.digest != function.image_digest)


def render(whole: Inventory) -> int:
    """A line of text for each resource."""
    out = StringIO()
    for image in whole.ecr_images:
        out.write(f'<g class="node"><title>{image.id}</title></g>\n')
    return len(out.getvalue())


FLOORS = {"link": link, "build": build, "verdicts": verdicts, "stale": stale, "render": render}
