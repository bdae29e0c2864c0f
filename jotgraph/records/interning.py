"""Shares equal values between records to save memory, above all the layers of base images.

A million images hold a few million equal layer digests. Values are replaced by equal ones before
anybody else sees the records.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import force_setattr

from jotgraph.records import EcrImage
from jotgraph.records.ecr import Layer


class Interned:
    """The values seen so far, each mapped to itself."""

    def __init__(self) -> None:
        self._layers: dict[Layer, Layer] = {}
        self._digests: dict[str, str] = {}

    def layers(self, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
        """Return the same layers, with values seen before in place of equal ones."""
        known = self._layers.setdefault
        return tuple([known(layer, layer) for layer in layers])

    def put_in(self, records: Iterable[Any]) -> None:
        """Replace field values by equal ones that were seen before."""
        put, digest = force_setattr, self._digests.setdefault
        before: EcrImage | None = None
        for image in records:
            if type(image) is not EcrImage:
                continue
            if image.layers:
                put(image, "layers", self.layers(image.layers))
            if image.diff_ids:
                put(
                    image,
                    "diff_ids",
                    tuple([digest(diff_id, diff_id) for diff_id in image.diff_ids]),
                )
            if before is not None and image.repository == before.repository:
                put(image, "repository", before.repository)
                if image.account == before.account:
                    put(image, "account", before.account)
                if image.region == before.region:
                    put(image, "region", before.region)
                if image.media_type == before.media_type:
                    put(image, "media_type", before.media_type)
                if image.labels and image.labels == before.labels:
                    put(image, "labels", before.labels)
            before = image
