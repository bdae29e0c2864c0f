"""A signing certificate of Sigstore in, the repository and commit it was issued for out. Pure.

Fulcio writes where the signer's workflow ran into extensions of its own (sigstore/fulcio,
docs/oid-info.md). Only these are looked for, by their identifiers: no certificate is verified, and
none is taken apart.
"""

from __future__ import annotations

import base64
import binascii
import re

from jotgraph.sources.documents.provenance import NOTHING, Origin, revision_of, without_secrets

_OID = bytes.fromhex("060a2b0601040183bf3001")
"""1.3.6.1.4.1.57264.1, less its last number."""
_URI, _DIGEST = 12, 13
"""Source repository, as UTF8String."""
_WORKFLOW_SHA, _WORKFLOW_REPOSITORY = 3, 5
"""The older ones, GitHub's alone, as bare text."""
_UTF8, _OCTETS, _BOOLEAN = 0x0C, 0x04, b"\x01\x01"
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----")
_MOST = 64 << 10


def of_pem(text: str) -> Origin:
    """The first certificate of a PEM text; nothing for what is none."""
    found = _PEM.search(text[:_MOST].encode("ascii", "replace"))
    return of_base64(found[1].decode()) if found else NOTHING


def of_base64(text: str) -> Origin:
    """One certificate in DER, in base64; nothing for what is none."""
    if len(text) > _MOST:
        return NOTHING
    try:
        der = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return NOTHING
    revision = revision_of(_extension(der, _DIGEST))
    source = _extension(der, _URI)
    if not revision:
        revision = revision_of(_extension(der, _WORKFLOW_SHA))
        named = _extension(der, _WORKFLOW_REPOSITORY)
        source = f"https://github.com/{named}" if named else ""
    return (without_secrets(source), revision) if revision else NOTHING


def _extension(der: bytes, number: int) -> str:
    """The text of one extension, empty when there is none (X.690: tag, length, value)."""
    at = der.find(_OID + bytes([number]))
    if at < 0:
        return ""
    rest = der[at + len(_OID) + 1 :]
    if rest.startswith(_BOOLEAN):  # whether it is critical
        rest = rest[3:]
    value = _value(rest, _OCTETS)
    if number > 7:
        value = _value(value, _UTF8)
    try:
        return value.decode()
    except UnicodeDecodeError:
        return ""


def _value(data: bytes, tag: int) -> bytes:
    if len(data) < 2 or data[0] != tag:
        return b""
    length, start = data[1], 2
    if length > 0x80:
        start += length - 0x80
        length = int.from_bytes(data[2:start], "big")
    value = data[start : start + length]
    return value if len(value) == length else b""
