"""The example's images in a real Docker engine: loaded, and removed again by their own names."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

from jotgraph.errors import SandboxError
from jotgraph.sandbox.estate.images import MARK, Image, docker_archive

if TYPE_CHECKING:
    import docker

STOPPED = "jotgraph-example-checkout"
"""Name of the one container: created, never started."""


def load(engine: docker.DockerClient, local: Mapping[str, Image]) -> None:
    """Load the example's images, one of them without a tag, and create a container.

    Raises SandboxError when a tag of the example is taken by an image that is not the example's.
    """
    from docker.errors import ImageNotFound  # noqa: PLC0415 -- docker takes 0.2 s to import

    for name in filter(None, local):
        try:
            image = engine.images.get(name)
        except ImageNotFound:
            continue
        if MARK not in (image.labels or {}):
            raise SandboxError(f"the engine has an image {name} of its own; use --no-docker")
    engine.images.load(io.BytesIO(docker_archive(local)))
    unload(engine, {}, containers_only=True)
    first = next(iter(local))
    engine.api.create_container(first, name=STOPPED, labels={MARK: "shop"}, network_disabled=True)


def unload(
    engine: docker.DockerClient, local: Mapping[str, Image], *, containers_only: bool = False
) -> None:
    """Remove what ``load`` created, by name and by label, and nothing else."""
    for container in engine.containers.list(all=True, filters={"label": MARK}):
        container.remove()
    if containers_only:
        return
    for name, image in local.items():
        marked = engine.images.list(filters={"label": MARK})
        if any(container_image.id == image.image_id for container_image in marked):
            engine.images.remove(name or image.image_id, noprune=True)
