"""How a resource in quarantine looks: the mark, the trust policy, the state.

A function or role carries a tag with the run that can release it; an image is archived, a trigger
disabled, by whomever.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from jotgraph.records.ecr import EcrImage
from jotgraph.records.iam import Role
from jotgraph.records.inventory import Node
from jotgraph.records.lambda_ import Function, Trigger

QUARANTINED = "jotgraph:quarantined"
"""Tag of a function or role in quarantine: the run that can release it, and since when."""

BEFORE = "jotgraph:before"
"""Tags that say how it was, in as many pieces as it takes: for whoever has no journal of it."""
_PIECE, _MOST = 256, 1 << 16
"""Characters of a tag's value (IAM and Lambda), and bytes of what the pieces hold."""

DENY_ALL = (
    '{"Version":"2012-10-17","Statement":[{"Sid":"JotgraphQuarantine","Effect":"Deny",'
    '"Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
)
"""The trust policy of a role in quarantine: nobody may assume it. Its id, policies and grants stay
as they are; sessions under way end by themselves (IAM guide, "Revoke IAM role temporary
credentials")."""

_DENIED = json.dumps(json.loads(DENY_ALL), sort_keys=True, separators=(",", ":"))
"""As a record has it."""


def set_aside(node: Node) -> str:
    """In words, that a resource is in quarantine already; empty when it is not."""
    if isinstance(node, Function | Role) and (run := dict(node.tags or ()).get(QUARANTINED)):
        return f"in quarantine already ({run})"
    if isinstance(node, EcrImage) and node.status == "ARCHIVED":
        return "archived already"
    if isinstance(node, Trigger) and node.state == "Disabled":
        return "disabled already"
    return ""


def before_tags(before: Mapping[str, Any]) -> dict[str, str]:
    """How a resource was, as tags: compressed, in characters that every service takes."""
    packed = zlib.compress(json.dumps(before, sort_keys=True).encode(), 9)
    text = base64.urlsafe_b64encode(packed).decode()
    pieces = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
    return {f"{BEFORE}:{number}": piece for number, piece in enumerate(pieces, 1)}


def before_of(tags: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """What ``before_tags`` wrote; empty when there is none, or not all of it."""
    pieces = {key.rpartition(":")[2]: value for key, value in tags if key.startswith(f"{BEFORE}:")}
    text = "".join(pieces.get(str(number), "?") for number in range(1, len(pieces) + 1))
    try:
        packed = base64.b64decode(text, altchars=b"-_", validate=True)
        found = json.loads(zlib.decompressobj().decompress(packed, _MOST)) if packed else {}
    except (ValueError, zlib.error):
        return {}
    return found if isinstance(found, dict) else {}


def is_mark(key: str) -> bool:
    """Whether a tag is one of a quarantine's."""
    return key == QUARANTINED or key.startswith(f"{BEFORE}:")


def denied(trust: str) -> bool:
    """Whether a role's trust policy is that of a quarantine: nobody may assume it."""
    return trust == _DENIED
