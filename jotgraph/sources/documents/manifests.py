"""Parses manifests and image configs, whose bytes are untrusted. Pure.

Formats: OCI image spec 1.1 (manifest.md, image-index.md, config.md), Docker's schema 2, and
BuildKit's attestation entries (docs.docker.com/build/metadata/attestations/attestation-storage).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from jotgraph.records import Child, Layer, Pairs, pairs
from jotgraph.records.started import Words, kept_words
from jotgraph.sources.aws.times import parse_time
from jotgraph.sources.documents.json_input import an_object, json_object, objects
from jotgraph.sources.environment import env_of_config

MAX_BLOB = 4 << 20
"""The largest manifest of ECR and most registries (distribution-spec recommends 4 MiB); larger
configs are refused too."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The content of a manifest or an index."""

    media_type: str = ""
    artifact_type: str = ""
    config_digest: str | None = None
    layers: tuple[Layer, ...] = ()
    children: tuple[Child, ...] = ()
    annotations: Pairs = ()
    subject: str | None = None
    certificates: tuple[tuple[str, str], ...] = ()
    """(digest of a layer, the certificate in its annotations as PEM)."""


class Config(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is stored of an image config; of its environment only revisions."""

    created_at: datetime | None = None
    labels: Pairs = ()
    env: Pairs = ()
    names: tuple[str, ...] = ()
    """The team's variables when it was read: values that begin a commit are stored."""
    left_out: tuple[str, ...] = ()
    """Keyed hashes of the beginnings of their other values."""
    diff_ids: tuple[str, ...] = ()
    architecture: str = ""
    entry_point: Words = ()
    command: Words = ()


def parse_manifest(content: bytes, media_type: str = "") -> Manifest:
    """Parse a manifest or index. Raises ValueError for anything else."""
    document = json_object(content, MAX_BLOB)
    config, subject = an_object(document.get("config")), an_object(document.get("subject"))
    annotations = _pairs(document.get("annotations"))
    bundled = dict(annotations).get("dev.sigstore.bundle.predicateType", "")
    return Manifest(
        media_type=_text(document.get("mediaType")) or media_type,
        artifact_type=_text(document.get("artifactType")) or _text(config.get("mediaType")),
        config_digest=_text(config.get("digest")) or None,
        layers=tuple(
            Layer(
                _text(layer.get("digest")),
                _size(layer.get("size")),
                _text(layer.get("mediaType")),
                _predicate(an_object(layer.get("annotations"))) or bundled,
            )
            for layer in objects(document.get("layers"))
        ),
        children=tuple(_child(entry) for entry in objects(document.get("manifests"))),
        annotations=annotations,
        subject=_text(subject.get("digest")) or None,
        certificates=tuple(_certificates(objects(document.get("layers")))),
    )


def _certificates(layers: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Certificates in cosign's annotation (sigstore/cosign, specs/SIGNATURE_SPEC.md)."""
    for layer in layers:
        text = an_object(layer.get("annotations")).get("dev.sigstore.cosign/certificate")
        if isinstance(text, str) and text:
            yield _text(layer.get("digest")), text


def _predicate(annotations: Mapping[str, Any]) -> str:
    """The predicate type in BuildKit's annotation, or in cosign's (cosign/pkg/oci/static,
    ``predicateType``)."""
    return _text(annotations.get("in-toto.io/predicate-type") or annotations.get("predicateType"))


def _child(entry: Mapping[str, Any]) -> Child:
    platform, annotations = an_object(entry.get("platform")), an_object(entry.get("annotations"))
    parts = (platform.get("os"), platform.get("architecture"), platform.get("variant"))
    attests = _text(annotations.get("vnd.docker.reference.type")) == "attestation-manifest"
    return Child(
        _text(entry.get("digest")),
        "/".join(part for part in map(_text, parts) if part),
        _text(annotations.get("vnd.docker.reference.digest")) if attests else "",
    )


def parse_config(content: bytes, names: Collection[str] = ()) -> Config:
    """Parse an image config; variables of these names are kept where they have the form of a
    revision. Raises ValueError for anything but a JSON object."""
    document = json_object(content, MAX_BLOB)
    inner, rootfs = an_object(document.get("config")), an_object(document.get("rootfs"))
    diff_ids, environment = rootfs.get("diff_ids"), inner.get("Env")
    return Config(
        created_at=parse_time(_text(document.get("created"))),
        labels=_pairs(inner.get("Labels")),
        env=env_of_config([entry for entry in environment if isinstance(entry, str)], names)
        if isinstance(environment, list)
        else (),
        diff_ids=tuple(map(_text, diff_ids)) if isinstance(diff_ids, list) else (),
        architecture=_text(document.get("architecture")),
        entry_point=kept_words(inner.get("Entrypoint")),
        command=kept_words(inner.get("Cmd")),
    )


def _pairs(value: Any) -> Pairs:
    if not isinstance(value, dict):
        return ()
    return pairs({key: _text(text) for key, text in value.items()})


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _size(value: Any) -> int:
    return value if isinstance(value, int) else 0
