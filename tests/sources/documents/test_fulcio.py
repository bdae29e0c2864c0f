"""What Sigstore's certificates say, of real certificates made with cryptography."""

from __future__ import annotations

import base64
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.sources.documents.dsse import BUNDLE, open_payload
from jotgraph.sources.documents.fulcio import LibraryMissingError, issued_for
from jotgraph.sources.documents.manifests import parse_manifest
from jotgraph.sources.documents.provenance import NOTHING
from tests.sources.documents.test_dsse import DIGEST, envelope

SHA, URL = "5a" * 20, "https://github.com/team/app"


def utf8(text: str) -> bytes:
    raw = text.encode()
    length = bytes([len(raw)]) if len(raw) < 128 else b"\x81" + bytes([len(raw)])
    return b"\x0c" + length + raw


def certificate(extensions: dict[int, bytes], *, critical: bool = False) -> x509.Certificate:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
    name = x509.Name([])
    when = datetime(2026, 3, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 7, when, when + timedelta(1))
    for number, value in extensions.items():
        identifier = x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{number}")
        made = made.add_extension(x509.UnrecognizedExtension(identifier, value), critical)
    return made.sign(key, None)


def der(extensions: dict[int, bytes], *, critical: bool = False) -> bytes:
    return certificate(extensions, critical=critical).public_bytes(Encoding.DER)


def text(certificate: bytes) -> str:
    return base64.b64encode(certificate).decode()


NEW = {12: utf8(URL), 13: utf8(SHA)}
OLD = {3: SHA.encode(), 5: b"team/app"}


@pytest.mark.parametrize("extensions", [NEW, OLD, {**OLD, 3: b"6b" * 20, **NEW}])
def test_the_commit_it_was_issued_for(extensions: dict[int, bytes]) -> None:
    for critical in (False, True):
        assert issued_for(der(extensions, critical=critical)) == (URL, SHA)
    pem = certificate(extensions).public_bytes(Encoding.PEM)
    assert issued_for(b"some text\n" + pem + pem) == (URL, SHA)


def test_a_certificate_without_its_repository_or_with_a_long_one() -> None:
    assert issued_for(der({13: utf8(SHA)})) == ("", SHA)
    long = f"{URL}-{'x' * 100}"
    assert issued_for(der({12: utf8(long), 13: utf8(SHA)})) == (long, SHA)


@pytest.mark.parametrize(
    "extensions", [{}, {12: utf8(URL)}, {13: utf8("main")}, {13: SHA.encode()}, {13: utf8(SHA)[:9]}]
)
def test_one_that_names_no_commit(extensions: dict[int, bytes]) -> None:
    assert issued_for(der(extensions)) == NOTHING


@given(
    st.binary(max_size=80),
    st.sampled_from((12, 13, 3, 5)),
    st.integers(0, 400),
    st.binary(max_size=60),
)
def test_anything_else_says_nothing_and_never_raises(
    value: bytes, number: int, at: int, odd: bytes
) -> None:
    found = der({number: value})
    for damaged in (found, found[:at] + odd + found[at:], found[:at], odd, b"-----" + odd):
        source, revision = issued_for(damaged)
        assert (source, revision) == NOTHING or len(revision) in (40, 64, 46, 70)
    assert issued_for(der(NEW) * 200) == NOTHING


def test_without_the_library_nothing_is_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)  # what an import finds without it
    with pytest.raises(LibraryMissingError):
        issued_for(der(NEW))


def test_the_certificate_of_a_bundle() -> None:
    bare = json.dumps(
        {
            "predicateType": "https://sigstore.dev/cosign/sign/v1",
            "subject": [{"digest": {"sha256": DIGEST.removeprefix("sha256:")}}],
        }
    ).encode()
    raw = {"rawBytes": text(der(NEW))}
    known: list[Any] = [{"certificate": raw}, {"x509CertificateChain": {"certificates": [raw, {}]}}]
    odd = [{}, {"certificate": 7}, {"publicKey": {}}, {"certificate": {"rawBytes": "%"}}]
    for material in (*known, *odd):
        bundle = {"verificationMaterial": material, "dsseEnvelope": envelope(bare)}
        found = open_payload(json.dumps(bundle).encode(), f"{BUNDLE}.v0.3+json")
        assert found.certificate == (der(NEW) if material in known else b"")
        assert (found.statement.revision, found.statement.subjects) == ("", (DIGEST,))


def test_the_certificate_of_a_signature() -> None:
    pem = certificate(NEW).public_bytes(Encoding.PEM).decode()
    notes = {"dev.sigstore.cosign/certificate": pem}
    layers = [{"digest": "sha256:1", "annotations": notes}, {"digest": "sha256:2"}]
    manifest = parse_manifest(json.dumps({"layers": layers}).encode())
    assert manifest.certificates == (("sha256:1", pem),)


def test_provenance_says_more_than_the_certificate() -> None:
    material = {"certificate": {"rawBytes": text(der({13: utf8("6b" * 20)}))}}
    bundle = {"verificationMaterial": material, "dsseEnvelope": envelope()}
    found = open_payload(json.dumps(bundle).encode(), f"{BUNDLE}.v0.3+json")
    assert (found.statement.revision, found.certificate) == (SHA, b"")
