"""A report that can be given away: every name of the estate is replaced by a keyed hash.

The key is made for one report and thrown away, for the account of a hash without a key is found by
trying all of them. The same name has the same hash everywhere in one report.
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
"""A name that words are compared with: as a part of one it is chance (``app`` in ``Mapping``)."""
_ACCOUNT = re.compile(r"\d{12}")
_DIGITS = 10


def redact(diagnosis: Diagnosis, key: bytes | None = None) -> Diagnosis:
    """The same report without a name of the estate."""
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
    """Whether a term repeats a name of the estate: it is not AWS's own word then."""
    if _ACCOUNT.search(text) or any(word in names for word in re.split(r"[^\w-]+", text)):
        return True
    return any(name in text for name in names if name == text or not _WORD.fullmatch(name))


def with_values(change: Callable[[Value], Value], value: Any) -> Any:
    """A structure with every ``Value`` in it made another."""
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
