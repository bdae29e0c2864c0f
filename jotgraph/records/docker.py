"""What the local engine holds: images and containers."""

from __future__ import annotations

from datetime import datetime

from jotgraph.records.fields import Fields, Pairs
from jotgraph.records.ids import ResourceId, container_id, local_image_id
from jotgraph.records.started import Words


class LocalImage(Fields, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="local-image"):
    """One image of the local engine, tagged or dangling."""

    image_id: str
    """``Id`` of ``GET /images/json``: the config digest in the classic store, the manifest or
    index digest in the containerd store (docs.docker.com/engine/storage/containerd)."""
    tags: tuple[str, ...] = ()
    """``RepoTags``, empty for a dangling image."""
    repo_digests: tuple[str, ...] = ()
    """``RepoDigests``, ``name@sha256:…``; one per registry name pushed to or pulled from."""
    created_at: datetime | None = None
    size: int = 0
    """Bytes on disk, layers shared with other images counted."""
    labels: Pairs = ()
    env: Pairs = ()
    """Only environment variables on an allow-list of revision names (GIT_SHA and the like)."""
    config_digest: str | None = None
    diff_ids: tuple[str, ...] = ()
    """Digests of the uncompressed layers, base first."""
    parent: str | None = None
    """``Parent`` of the classic builder; an intermediate step, not the base image."""
    architecture: str = ""
    os: str = ""
    engine: str = ""
    entry_point: Words | None = None
    """The words of ENTRYPOINT that are safe to store (``started.kept_words``)."""
    command: Words | None = None
    """The words of CMD that are safe to store (``started.kept_words``)."""

    @property
    def id(self) -> ResourceId:
        return local_image_id(self.image_id)


STOPPED = ("exited", "dead")
"""States of a container that has ended."""


class Container(Fields, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="container"):
    """One container of the local engine, running or not."""

    container_id: str
    name: str = ""
    image_id: str
    image_name: str = ""
    """The image reference that the container was started from."""
    state: str = ""
    """``created running paused restarting removing exited dead`` (Docker Engine API)."""
    created_at: datetime | None = None
    started_at: datetime | None = None
    labels: Pairs = ()

    @property
    def id(self) -> ResourceId:
        return container_id(self.container_id)
