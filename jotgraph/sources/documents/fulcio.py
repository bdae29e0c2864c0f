"""The repository and commit that a signing certificate of Sigstore was issued for.

Fulcio records where the signer's workflow ran in its own extensions (sigstore/fulcio,
docs/oid-info.md). Certificates are not verified. Parsing them needs ``cryptography``, from the
extra ``jotgraph[attestations]``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jotgraph.sources.documents.provenance import NOTHING, Origin, revision_of, without_secrets

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_ARC = "1.3.6.1.4.1.57264.1"
_URI, _DIGEST = 12, 13
"""The source repository, as UTF8String."""
_WORKFLOW_SHA, _WORKFLOW_REPOSITORY = 3, 5
"""The older extensions, for GitHub only, as bare text."""
_PEM = b"-----BEGIN CERTIFICATE-----"
LARGEST = 64 << 10
"""The longest certificate that is parsed."""


class LibraryMissingError(Exception):
    """The optional library for certificates is not installed."""


def issued_for(certificate: bytes) -> Origin:
    """Return the source in a certificate in DER, or in the first one of a PEM text; empty for
    anything else. Raises LibraryMissingError."""
    try:
        from cryptography import x509  # noqa: PLC0415 -- optional
    except ImportError as error:
        raise LibraryMissingError from error
    if len(certificate) > LARGEST:
        return NOTHING
    try:
        if _PEM in certificate:
            return _named(x509.load_pem_x509_certificates(certificate)[0])
        return _named(x509.load_der_x509_certificate(certificate))
    except Exception:  # cryptography answers odd bytes with errors of several kinds
        return NOTHING


def _named(certificate: Certificate) -> Origin:
    values = {
        extension.oid.dotted_string: extension.value.public_bytes()
        for extension in certificate.extensions
        if extension.oid.dotted_string.startswith(f"{_ARC}.")
    }
    revision = revision_of(_utf8_string(values, _DIGEST))
    source = _utf8_string(values, _URI)
    if not revision:
        revision = revision_of(_bare_text(values, _WORKFLOW_SHA))
        repository = _bare_text(values, _WORKFLOW_REPOSITORY)
        source = f"https://github.com/{repository}" if repository else ""
    return (without_secrets(source), revision) if revision else NOTHING


def _utf8_string(values: dict[str, bytes], number: int) -> str:
    from cryptography.hazmat import asn1  # noqa: PLC0415 -- optional

    value = values.get(f"{_ARC}.{number}")
    try:
        return asn1.decode_der(str, value) if value is not None else ""
    except ValueError:
        return ""


def _bare_text(values: dict[str, bytes], number: int) -> str:
    return values.get(f"{_ARC}.{number}", b"").decode("utf-8", "replace")
