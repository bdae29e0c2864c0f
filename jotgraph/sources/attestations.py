"""Manifests of attestations in, what their statements say out: one blob for each provenance.

BuildKit keeps an attestation as a manifest beside the image in its index, with a layer for each
statement (docs.docker.com/build/metadata/attestations/attestation-storage).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from jotgraph.records import EcrImage, Layer, Statement
from jotgraph.sources.calls import Place
from jotgraph.sources.failures import CallFailedError, Failure
from jotgraph.sources.manifests import Manifest
from jotgraph.sources.provenance import parse_statement
from jotgraph.sources.reading import Reading, by_place
from jotgraph.sources.registry_blobs import fetch_blob

IN_TOTO = "application/vnd.in-toto+json"
LARGEST = 2 << 20
"""Provenance of ``mode=max`` holds the whole build graph; lists of packages are not read."""
_KEPT = "statements"
_PROVENANCE = "https://slsa.dev/provenance/"


def provenance_layers(manifest: Manifest) -> tuple[Layer, ...]:
    """The layers of an attestation that hold provenance."""
    return tuple(
        each
        for each in manifest.layers
        if each.media_type == IN_TOTO
        and each.size <= LARGEST
        and (not each.predicate or each.predicate.startswith(_PROVENANCE))
    )


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
            elif digest in homes and not quick:
                absent[digest] = (*absent.get(digest, ()), layer)

    def fetch(place: Place, batch: tuple[EcrImage, ...]) -> list[Statement]:
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


def _fetched(
    reading: Reading, place: Place, image: EcrImage, layers: tuple[Layer, ...]
) -> Iterator[Statement]:
    for layer in layers:
        content = fetch_blob(place, image.repository, layer.digest, LARGEST)
        try:
            said = parse_statement(content)
        except (ValueError, msgspec.MsgspecError) as error:
            raise CallFailedError(Failure("unsupported", f"{layer.digest}: {error}")) from error
        reading.cache.put(_KEPT, layer.digest, msgspec.json.encode(said))
        yield said
