"""Redacts a report for sharing: every name of the estate becomes a keyed hash.

The key is created for one report and discarded, because an account number could be found from a
hash without a key by trying all of them. A name has the same hash everywhere in one report.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from jotgraph.queries.answers.diagnosis import Diagnosis, Value

_TERM = re.compile(r"[A-Za-z][\w.+/()\[\]{} -]{0,120}")
_WORD = re.compile(r"[\w-]+")
"""The shortest name that is searched for in words: shorter ones occur by chance (``app`` in
``Mapping``)."""
_ACCOUNT = re.compile(r"\d{12}")
_DIGITS = 10


def redact(diagnosis: Diagnosis, key: bytes | None = None) -> Diagnosis:
    """Return the report without names of the estate."""
    hashed = partial(_hashed, key or secrets.token_bytes(32), diagnosis.names)
    parts = {
        name: with_values(hashed, getattr(diagnosis, name))
        for name in ("identities", "access", "assumptions", "parts")
    }
    return msgspec.structs.replace(diagnosis, **parts, names=frozenset(), redacted=True)


def _hashed(key: bytes, names: frozenset[str], value: Value) -> Value:
    if not value.text:
        return value
    if value.term and _TERM.fullmatch(value.text) and not _names_in(value.text, names):
        return value
    digest = hmac.digest(key, value.text.encode(), "sha256").hex()
    return Value(f"name-{digest[:_DIGITS]}")


def _names_in(text: str, names: frozenset[str]) -> bool:
    """Whether a term contains a name of the estate, so that it is not only AWS's."""
    if _ACCOUNT.search(text) or any(word in names for word in re.split(r"[^\w-]+", text)):
        return True
    return any(name in text for name in names if name == text or not _WORD.fullmatch(name))


def with_values(change: Callable[[Value], Value], value: Any) -> Any:
    """Return a structure with every ``Value`` in it replaced."""
    match value:
        case Value():
            return change(value)
        case tuple():
            return tuple(with_values(change, item) for item in value)
        case msgspec.Struct():
            fields = {
                name: with_values(change, getattr(value, name)) for name in value.__struct_fields__
            }
            return type(value)(**fields)
        case _:
            return value
