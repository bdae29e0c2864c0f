"""Manifests of attestations in, what their statements say out: one blob for each provenance.

BuildKit keeps an attestation as a manifest beside the image in its index, with a layer for each
statement (docs.docker.com/build/metadata/attestations/attestation-storage). Cosign and GitHub
attach a manifest of their own to the image: by its subject (OCI image spec 1.1), or by a tag made
of the image's digest (sigstore/cosign, specs/SIGNATURE_SPEC.md).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

import msgspec

from jotgraph.failures import CallFailedError, Failure
from jotgraph.records import EcrImage, Gap, ImageType, Layer, Statement
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.documents.dsse import (
    BUNDLE,
    DSSE,
    IN_TOTO,
    SIMPLE_SIGNING,
    certified,
    open_statement,
)
from jotgraph.sources.documents.manifests import Manifest
from jotgraph.sources.documents.provenance import LARGEST, NOTHING
from jotgraph.sources.ecr.blobs import fetch_blob
from jotgraph.sources.ecr.reading import Reading, by_place

_KEPT = "statements-3"
_WANTED = ("https://slsa.dev/provenance/", "https://sigstore.dev/cosign/sign/")
"""Predicates that say where an image comes from, and the bare one of cosign's signatures."""


def provenance_layers(manifest: Manifest) -> tuple[Layer, ...]:
    """The layers of an attestation or a signature that may say where an image comes from."""
    return tuple(
        each
        for each in manifest.layers
        if each.media_type.startswith((IN_TOTO, DSSE, BUNDLE, SIMPLE_SIGNING))
        and (not each.predicate or each.predicate.startswith(_WANTED))
    )


def referrers(images: Iterable[EcrImage], subjects: Container[str]) -> frozenset[str]:
    """Digests of what was attached to images and may hold a statement: every attestation, and the
    signatures of ``subjects``. What ECR lists as an artifact of no type tells only when read."""
    return frozenset(
        image.digest
        for image in images
        if image.subject
        and image.status == "ACTIVE"
        and (
            image.type is ImageType.ATTESTATION
            or (image.type is ImageType.SIGNATURE and image.subject in subjects)
            or (image.type is ImageType.ARTIFACT and image.artifact_media_type in _UNTYPED)
        )
    )


_UNTYPED = ("", "application/vnd.oci.empty.v1+json")


def read_statements(reading: Reading, homes: Mapping[str, EcrImage], *, quick: bool) -> None:
    """Fill ``reading.statements`` for every attestation whose manifest was read: from the cache,
    else one download a statement; from the cache alone when ``quick``."""
    found: dict[str, list[Statement]] = {}
    absent: dict[str, tuple[Layer, ...]] = {}
    for digest, manifest in sorted(reading.manifests.items()):
        for layer in provenance_layers(manifest):
            kept = reading.cache.get(_KEPT, layer.digest)
            if kept is not None:
                found.setdefault(digest, []).append(msgspec.json.decode(kept, type=Statement))
            elif digest in homes and layer.size > LARGEST:
                reading.gaps.append(_too_large(reading, homes[digest], layer))
            elif digest in homes and not quick:
                absent[digest] = (*absent.get(digest, ()), layer)

    def fetch(place: RegionClient, batch: tuple[EcrImage, ...]) -> list[Statement]:
        return list(_fetched(reading, place, batch[0], absent[batch[0].digest]))

    for place, batch, result in by_place(reading, homes, absent, 1, fetch):
        image = batch[0]
        if isinstance(result, Failure):
            gap = place.gap(
                "ecr", "GetDownloadUrlForLayer", result,
                resource=image.repository, facts=("provenance",),
            )  # fmt: skip
            reading.gaps.append(gap)
        else:
            found.setdefault(image.digest, []).extend(result)
    reading.statements = {digest: tuple(told) for digest, told in found.items()}


def _too_large(reading: Reading, image: EcrImage, layer: Layer) -> Gap:
    failure = Failure("unsupported", f"{layer.digest} is above {LARGEST:,} bytes")
    return reading.places[image.account, image.region].gap(
        "ecr", "GetDownloadUrlForLayer", failure, resource=image.repository, facts=("provenance",)
    )


def _fetched(
    reading: Reading, place: RegionClient, image: EcrImage, layers: tuple[Layer, ...]
) -> Iterator[Statement]:
    origins = dict(reading.manifests[image.digest].certified)
    for layer in layers:
        content = fetch_blob(place, image.repository, layer.digest, LARGEST)
        try:
            said = certified(
                open_statement(content, layer.media_type), origins.get(layer.digest, NOTHING)
            )
        except ValueError as error:
            raise CallFailedError(Failure("unsupported", f"{layer.digest}: {error}")) from error
        reading.cache.put(_KEPT, layer.digest, msgspec.json.encode(said))
        yield said
