"""Reads the statements in attestations and signatures of images: one blob each.

BuildKit stores an attestation as a manifest beside the image in its index, with a layer for each
statement (docs.docker.com/build/metadata/attestations/attestation-storage). Cosign and GitHub
attach a manifest of their own: by its subject (OCI image spec 1.1), or by a tag with the image's
digest (sigstore/cosign, specs/SIGNATURE_SPEC.md).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from jotgraph.errors import CallFailedError, Failure
from jotgraph.records import EcrImage, Gap, ImageType, Layer, Statement
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.documents.dsse import (
    BUNDLE,
    DSSE,
    IN_TOTO,
    SIMPLE_SIGNING,
    Opened,
    certified,
    open_payload,
)
from jotgraph.sources.documents.fulcio import LibraryMissingError, issued_for
from jotgraph.sources.documents.manifests import Manifest
from jotgraph.sources.documents.provenance import LARGEST
from jotgraph.sources.ecr.blobs import fetch_blob
from jotgraph.sources.ecr.reading import KnownByDigest, by_place

_KEPT = "statements-3"
CERTIFICATES = "commits in the certificates of signers"
LIBRARY = "pip install 'jotgraph[attestations]'"
_WANTED = ("https://slsa.dev/provenance/", "https://sigstore.dev/cosign/sign/")
"""Predicates about an image's origin, and the one of cosign's plain signatures."""


def provenance_layers(manifest: Manifest) -> tuple[Layer, ...]:
    """Return the layers of an attestation or signature that may describe an image's origin."""
    return tuple(
        layer
        for layer in manifest.layers
        if layer.media_type.startswith((IN_TOTO, DSSE, BUNDLE, SIMPLE_SIGNING))
        and (not layer.predicate or layer.predicate.startswith(_WANTED))
    )


def referrers(images: Iterable[EcrImage], subjects: Container[str]) -> frozenset[str]:
    """Return the digests of what is attached to images and may hold a statement. These are every
    attestation, and the signatures of ``subjects``. ECR lists some as artifacts without a type,
    which only their manifest shows."""
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


def read_statements(reading: KnownByDigest, homes: Mapping[str, EcrImage], *, quick: bool) -> None:
    """Fill ``reading.statements`` for every attestation whose manifest was read. Statements come
    from the cache, else by one download each; when ``quick`` from the cache alone."""
    by_digest: dict[str, list[Statement]] = {}
    absent: dict[str, tuple[Layer, ...]] = {}
    for digest, manifest in sorted(reading.manifests.items()):
        for layer in provenance_layers(manifest):
            cached = reading.cache.decoded(_KEPT, layer.digest, Statement)
            if cached is not None:
                by_digest.setdefault(digest, []).append(cached)
            elif digest in homes and layer.size > LARGEST:
                failure = Failure("unsupported", f"{layer.digest} is above {LARGEST:,} bytes")
                reading.gaps.append(_gap(reading, homes[digest], failure))
            elif digest in homes and not quick:
                absent[digest] = (*absent.get(digest, ()), layer)

    def fetch(place: RegionClient, batch: tuple[EcrImage, ...]) -> list[_Fetched]:
        return list(_fetched(reading, place, batch[0], absent[batch[0].digest]))

    unread: set[tuple[str, str]] = set()
    for _, (image,), result in by_place(reading, homes, absent, 1, fetch):
        if isinstance(result, Failure):
            reading.gaps.append(_gap(reading, image, result))
            continue
        by_digest.setdefault(image.digest, []).extend(fetched.statement for fetched in result)
        if not all(fetched.whole for fetched in result):
            unread.add((image.account, image.region))
    for key in sorted(unread):
        action, facts = "GetDownloadUrlForLayer", ("provenance",)
        gap = reading.places[key].left_out("ecr", action, CERTIFICATES, LIBRARY, facts)
        reading.gaps.append(gap)
    reading.statements = {digest: tuple(statements) for digest, statements in by_digest.items()}


def _gap(reading: KnownByDigest, image: EcrImage, failure: Failure) -> Gap:
    return reading.places[image.account, image.region].gap(
        "ecr", "GetDownloadUrlForLayer", failure, resource=image.repository, facts=("provenance",)
    )


class _Fetched(NamedTuple):
    statement: Statement
    whole: bool
    """The source in the signer's certificate, where it is needed."""


def _fetched(
    reading: KnownByDigest, place: RegionClient, image: EcrImage, layers: tuple[Layer, ...]
) -> Iterator[_Fetched]:
    certificates = dict(reading.manifests[image.digest].certificates)
    for layer in layers:
        content = fetch_blob(place, image.repository, layer.digest, LARGEST)
        try:
            opened = open_payload(content, layer.media_type)
        except ValueError as error:
            raise CallFailedError(Failure("unsupported", f"{layer.digest}: {error}")) from error
        fetched = _with_certificate(opened, certificates.get(layer.digest, "").encode())
        if fetched.whole:
            reading.cache.put(_KEPT, layer.digest, msgspec.json.encode(fetched.statement))
        yield fetched


def _with_certificate(opened: Opened, annotated: bytes) -> _Fetched:
    certificate = opened.certificate or annotated
    if opened.statement.revision or not certificate:
        return _Fetched(opened.statement, whole=True)
    try:
        return _Fetched(certified(opened.statement, issued_for(certificate)), whole=True)
    except LibraryMissingError:
        return _Fetched(opened.statement, whole=False)
