"""What ``build`` answers: an image, and what it was built from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from jotgraph.queries.answers.validation import Flaw
from jotgraph.records import ResourceId, local_image_id


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """The image that ``build`` made, or found already built."""

    run: str
    """The run whose journal records what was made, for ``undo``."""
    result: Literal["created", "changed", "there"]
    """``changed``: the engine had this image already, and a tag moved to it."""
    image_id: str
    config_digest: str
    """Empty where the engine's ids are manifest digests (containerd's store)."""
    reference: str
    """The first of its names."""
    names: tuple[str, ...]
    commit: str
    """The revision without ``-dirty``; empty when there is none."""
    dirty: bool
    handler: str
    dockerfile: str
    generated: bool
    """Whether the Dockerfile is generated and not from the folder."""
    builder: Literal["classic", "buildkit"]
    platform: str
    size: int
    """Bytes on disk, including layers shared with other images."""
    labels: Mapping[str, str]
    findings: tuple[Flaw, ...] = ()
    """Warnings of ``validate``, which did not prevent the build."""

    @property
    def id(self) -> ResourceId:
        return local_image_id(self.image_id)

    @property
    def created(self) -> bool:
        """Whether the run made the image."""
        return self.result == "created"
