"""Parses the statement in the payload of an attestation or a signature. Pure.

Supported are plain in-toto statements (BuildKit), DSSE envelopes (cosign's ``.att``;
secure-systems-lab/dsse, envelope.md), Sigstore bundles (GitHub, cosign's OCI 1.1 referrers;
sigstore/protobuf-specs, sigstore_bundle.proto), and cosign's simple signing (containers/image,
atomic-signature.md). When these name no commit, the signer's certificate is returned. No signature
is verified: the result is the claim of whoever could push to the repository. ``cosign
verify-attestation`` and ``gh attestation verify`` verify.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

import msgspec

from jotgraph.records import Statement
from jotgraph.sources.documents.json_input import an_object, json_object, objects
from jotgraph.sources.documents.provenance import (
    LARGEST,
    Origin,
    parse_statement,
    revision_of,
    without_secrets,
)

IN_TOTO = "application/vnd.in-toto+json"
DSSE = "application/vnd.dsse.envelope.v1+json"
BUNDLE = "application/vnd.dev.sigstore.bundle"
"""``…bundle.v0.3+json``, ``…bundle+json;version=0.2`` and before."""
SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json"
_REVISIONS = frozenset(
    {"commit", "commit-sha", "commit_sha", "git-commit", "git-sha", "git_commit", "git_sha"}
    | {"gitcommit", "github_sha", "gitsha", "org.opencontainers.image.revision", "revision", "sha"}
)
_SOURCES = frozenset(
    {"org.opencontainers.image.source", "repo", "repository", "source", "git_repo", "git-repo"}
)
"""Annotations given with ``cosign sign -a``, in lower case."""


class Opened(msgspec.Struct, frozen=True):
    """The content of a payload."""

    statement: Statement
    certificate: bytes = b""
    """The signer's certificate, in DER, for a statement that names no commit."""


def open_payload(content: bytes, media_type: str) -> Opened:
    """Parse the payload of a layer of ``media_type``. One without a statement (a bundle with a
    plain signature) has no subject. Raises ValueError for a broken one."""
    if media_type == IN_TOTO:
        return Opened(parse_statement(content))
    payload = json_object(content, LARGEST)
    if media_type == SIMPLE_SIGNING:
        return Opened(_simple(payload))
    if media_type.startswith(BUNDLE):
        if "dsseEnvelope" not in payload:
            return Opened(Statement(predicate=media_type))
        statement = _enveloped(an_object(payload["dsseEnvelope"]))
        material = an_object(payload.get("verificationMaterial"))
        return Opened(statement, b"" if statement.revision else _certificate(material))
    return Opened(_enveloped(payload))


def certified(statement: Statement, origin: Origin) -> Statement:
    """Return a statement without a commit, with the source in the signer's certificate."""
    if statement.revision or not origin[1]:
        return statement
    return msgspec.structs.replace(statement, source=origin[0], revision=origin[1])


def _certificate(material: dict[str, Any]) -> bytes:
    """The certificate of a bundle: alone since v0.3, before that the first of a chain."""
    chain = an_object(material.get("x509CertificateChain")).get("certificates")
    for holder in (an_object(material.get("certificate")), *objects(chain)[:1]):
        if isinstance(holder.get("rawBytes"), str):
            try:
                return base64.b64decode("".join(holder["rawBytes"].split()), validate=True)
            except (binascii.Error, ValueError):
                return b""
    return b""


def _enveloped(envelope: dict[str, Any]) -> Statement:
    kind, payload = envelope.get("payloadType"), envelope.get("payload")
    if kind != IN_TOTO or not isinstance(payload, str):
        raise ValueError(f"an envelope of {str(kind)[:100]!r}, not of an in-toto statement")
    signatures = objects(envelope.get("signatures"))
    signed = any(isinstance(signature.get("sig"), str) for signature in signatures)
    return msgspec.structs.replace(parse_statement(_decoded(payload)), signed=signed)


def _decoded(payload: str) -> bytes:
    """Decode base64 in either alphabet, as DSSE allows."""
    try:
        plain = payload.encode("ascii").translate(bytes.maketrans(b"-_", b"+/"))
        return base64.b64decode(plain + b"=" * (-len(plain) % 4), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise ValueError("an envelope whose payload is not base64") from error


def _simple(payload: dict[str, Any]) -> Statement:
    image = an_object(an_object(payload.get("critical")).get("image"))
    digest, notes = image.get("docker-manifest-digest"), an_object(payload.get("optional"))
    texts = {
        str(name).lower(): value for name, value in sorted(notes.items()) if isinstance(value, str)
    }
    revisions = [
        revision
        for name in sorted(_REVISIONS & texts.keys())
        if (revision := revision_of(texts[name]))
    ]
    sources = [texts[name] for name in sorted(_SOURCES & texts.keys())]
    return Statement(
        predicate=SIMPLE_SIGNING,
        subjects=(digest,) if isinstance(digest, str) else (),
        source=without_secrets(sources[0])[:2000] if sources else "",
        revision=revisions[0] if len(set(revisions)) == 1 else "",
        signed=True,
    )
