"""Signed statements: DSSE envelopes, Sigstore bundles, cosign's signatures; and hostile ones."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.records import Statement
from jotgraph.sources.documents.dsse import BUNDLE, DSSE, IN_TOTO, SIMPLE_SIGNING, open_payload
from jotgraph.sources.documents.provenance import LARGEST, V1
from tests.strength import examples

SHA = "5a" * 20
DIGEST = "sha256:" + "ab" * 32
URL = "https://github.com/team/app"
BUNDLES = (f"{BUNDLE}.v0.3+json", f"{BUNDLE}+json;version=0.2")
SAID = json.dumps(
    {
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": V1,
        "subject": [{"name": "shop", "digest": {"sha256": DIGEST.removeprefix("sha256:")}}],
        "predicate": {
            "buildDefinition": {
                "externalParameters": {"workflow": {"repository": URL}},
                "resolvedDependencies": [
                    {"uri": f"git+{URL}@refs/heads/main", "digest": {"gitCommit": SHA}}
                ],
            }
        },
    }
).encode()
READ = Statement(
    predicate=V1, subjects=(DIGEST,), source=URL, revision=SHA, git_context=True, signed=True
)


def opened(content: bytes, media_type: str) -> Statement:
    return open_payload(content, media_type).statement


def envelope(payload: bytes = SAID, **more: Any) -> dict[str, Any]:
    told = {
        "payloadType": IN_TOTO,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": "", "sig": "MEUCIQ=="}],
    }
    return told | more


def text(value: Any) -> bytes:
    return json.dumps(value).encode()


def simple(digest: Any = DIGEST, **notes: Any) -> bytes:
    image = {"docker-manifest-digest": digest}
    return text({"critical": {"image": image, "type": "x"}, "optional": notes or None})


def test_a_statement_in_an_envelope() -> None:
    assert opened(text(envelope()), DSSE) == READ
    url_safe = base64.urlsafe_b64encode(SAID).decode().rstrip("=")
    assert opened(text(envelope() | {"payload": url_safe}), DSSE) == READ


@pytest.mark.parametrize("media_type", BUNDLES)
def test_a_statement_in_a_bundle(media_type: str) -> None:
    bundle = {"mediaType": media_type, "verificationMaterial": {}, "dsseEnvelope": envelope()}
    assert opened(text(bundle), media_type) == READ
    plain = opened(text({"messageSignature": {}}), media_type)
    assert (plain.subjects, plain.revision) == ((), "")


def test_an_envelope_without_signature_is_not_signed() -> None:
    for signatures in ([], None, [{"keyid": "x"}], "sig"):
        assert not opened(text(envelope(signatures=signatures)), DSSE).signed
    assert not opened(SAID, IN_TOTO).signed


@pytest.mark.parametrize(
    "odd",
    [
        {"payloadType": "text/plain"},
        {"payloadType": None},
        {"payload": "%%%"},
        {"payload": "é"},
        {"payload": 7},
        {"payload": base64.b64encode(b"no json").decode()},
        {"payload": base64.b64encode(b"[" * 100_000).decode()},
        {"payload": base64.b64encode(b"{}" + b" " * LARGEST).decode()},
    ],
)
def test_a_broken_envelope_is_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        opened(text(envelope() | odd), DSSE)


def test_annotations_of_a_signature() -> None:
    found = opened(simple(GIT_SHA=SHA, repo=f"{URL}"), SIMPLE_SIGNING)
    assert found == Statement(
        predicate=SIMPLE_SIGNING, subjects=(DIGEST,), source=URL, revision=SHA, signed=True
    )
    for payload in (
        simple(),
        simple(note=SHA),
        simple(commit="1.2"),
        simple(commit=SHA, sha="6b" * 20),
        simple(commit=7),
    ):
        assert opened(payload, SIMPLE_SIGNING).revision == ""
    assert opened(simple(7), SIMPLE_SIGNING).subjects == ()


NAMES = """predicateType predicate subject digest sha256 gitCommit uri payload payloadType optional
signatures sig dsseEnvelope critical image docker-manifest-digest buildDefinition commit metadata
externalParameters workflow repository resolvedDependencies materials"""
KEYS = st.text(max_size=8) | st.sampled_from(NAMES.split())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@examples(25, many=100)
@given(
    st.binary(max_size=300) | JSON.map(text),
    st.sampled_from((IN_TOTO, DSSE, SIMPLE_SIGNING, *BUNDLES)),
    st.booleans(),
)
def test_anything_at_all_is_a_statement_or_a_value_error(
    content: bytes, media_type: str, wrapped: bool
) -> None:
    if wrapped:
        content = text(envelope(content) | {"dsseEnvelope": envelope(content)})
    try:
        found = opened(content, media_type)
    except ValueError:
        return
    assert len(found.revision) in (0, 40, 64, 46, 70)
    assert len(found.source) <= 2000
    assert all(isinstance(subject, str) for subject in found.subjects)
