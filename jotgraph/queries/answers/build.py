"""What ``build`` answers: an image, and what it was built from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from jotgraph.queries.answers.validation import Flaw
from jotgraph.records import ResourceId, local_image_id


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """An image that was built, or that was there already."""

    run: str
    """The run whose journal says what was made; undo takes it back."""
    result: Literal["created", "changed", "there"]
    """``changed``: the engine had this image, and a name moved to it."""
    image_id: str
    config_digest: str
    """Empty where the engine's ids are those of manifests (containerd's store)."""
    reference: str
    """The first of its names."""
    names: tuple[str, ...]
    commit: str
    """The revision without ``-dirty``; empty where there is none."""
    dirty: bool
    handler: str
    dockerfile: str
    generated: bool
    """The Dockerfile is not one of the folder."""
    builder: Literal["classic", "buildkit"]
    platform: str
    size: int
    """Bytes on disk, layers shared with other images counted."""
    labels: Mapping[str, str]
    findings: tuple[Flaw, ...] = ()
    """What ``validate`` found and did not keep it from being built."""

    @property
    def id(self) -> ResourceId:
        return local_image_id(self.image_id)

    @property
    def created(self) -> bool:
        """Whether the run made the image."""
        return self.result == "created"
