"""What Sigstore's certificates say, of real certificates made with cryptography."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.sources.documents.dsse import BUNDLE, open_statement
from jotgraph.sources.documents.fulcio import of_base64, of_pem
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


def der(extensions: dict[int, bytes], *, critical: bool = False) -> str:
    found = certificate(extensions, critical=critical).public_bytes(Encoding.DER)
    return base64.b64encode(found).decode()


NEW = {12: utf8(URL), 13: utf8(SHA)}
OLD = {3: SHA.encode(), 5: b"team/app"}


@pytest.mark.parametrize("told", [NEW, OLD, {**OLD, 3: b"6b" * 20, **NEW}])
def test_the_commit_it_was_issued_for(told: dict[int, bytes]) -> None:
    for critical in (False, True):
        assert of_base64(der(told, critical=critical)) == (URL, SHA)
    pem = certificate(told).public_bytes(Encoding.PEM).decode()
    assert of_pem(f"some text\n{pem}{pem}") == (URL, SHA)


def test_a_certificate_without_its_repository_or_with_a_long_one() -> None:
    assert of_base64(der({13: utf8(SHA)})) == ("", SHA)
    long = f"{URL}-{'x' * 100}"
    assert of_base64(der({12: utf8(long), 13: utf8(SHA)})) == (long, SHA)


@pytest.mark.parametrize(
    "told", [{}, {12: utf8(URL)}, {13: utf8("main")}, {13: SHA.encode()}, {13: utf8(SHA)[:9]}]
)
def test_one_that_names_no_commit(told: dict[int, bytes]) -> None:
    assert of_base64(der(told)) == NOTHING


@given(st.binary(max_size=80), st.sampled_from((12, 13, 3, 5)), st.text(max_size=60))
def test_anything_else_says_nothing_and_never_raises(raw: bytes, number: int, text: str) -> None:
    mark = bytes.fromhex("060a2b0601040183bf3001") + bytes([number])
    source, revision = of_base64(base64.b64encode(mark + raw).decode())
    assert (source, revision) == NOTHING or len(revision) in (40, 64, 46, 70)
    assert of_base64(text) == of_pem(text) == NOTHING


def test_the_certificate_of_a_bundle_and_of_a_signature() -> None:
    bare = json.dumps(
        {
            "predicateType": "https://sigstore.dev/cosign/sign/v1",
            "subject": [{"digest": {"sha256": DIGEST.removeprefix("sha256:")}}],
        }
    ).encode()
    raw = {"rawBytes": der(NEW)}
    known: list[Any] = [{"certificate": raw}, {"x509CertificateChain": {"certificates": [raw, {}]}}]
    for material in (*known, {}, {"certificate": 7}, {"publicKey": {}}):
        bundle = {"verificationMaterial": material, "dsseEnvelope": envelope(bare)}
        said = open_statement(json.dumps(bundle).encode(), f"{BUNDLE}.v0.3+json")
        assert (said.source, said.revision) == ((URL, SHA) if material in known else NOTHING)
        assert said.subjects == (DIGEST,)
    pem = certificate(NEW).public_bytes(Encoding.PEM).decode()
    notes = {"dev.sigstore.cosign/certificate": pem}
    layers = [{"digest": "sha256:1", "annotations": notes}, {"digest": "sha256:2"}]
    manifest = parse_manifest(json.dumps({"layers": layers}).encode())
    assert manifest.certified == (("sha256:1", (URL, SHA)),)


def test_provenance_says_more_than_the_certificate() -> None:
    material = {"certificate": {"rawBytes": der({13: utf8("6b" * 20)})}}
    bundle = {"verificationMaterial": material, "dsseEnvelope": envelope()}
    said = open_statement(json.dumps(bundle).encode(), f"{BUNDLE}.v0.3+json")
    assert said.revision == SHA
