"""Doubts about signatures and the like that their image's repository does not hold."""

from __future__ import annotations

from jotgraph.analysis.usage.index import GraphIndex
from jotgraph.analysis.usage.model import Doubt
from jotgraph.records import ResourceId, ecr_image_id
from jotgraph.records.ids import shortened


def attached_elsewhere(index: GraphIndex) -> dict[ResourceId, Doubt]:
    """Return a doubt for each signature, attestation and SBOM whose image is not in its repository.
    cosign stores them apart where ``COSIGN_REPOSITORY`` says so (cosign documentation, "Specifying
    registry"), so the image may be in any registry, read or not."""
    return {
        resource: Doubt(
            "artifact",
            f"it is about {shortened(image.subject)}, which is not in its repository: if that "
            "image is kept elsewhere, this may be fetched with it",
        )
        for resource, image in index.ecr.referring.items()
        if image.subject
        and not index.is_image(ecr_image_id(*image.place, image.repository, image.subject))
    }
