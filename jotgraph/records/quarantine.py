"""How a resource in quarantine looks: the mark, the trust policy, the state.

A function or role carries a tag with the run that can release it; an image is archived, a trigger
disabled, by whomever.
"""

from __future__ import annotations

import json

from jotgraph.records.ecr import EcrImage
from jotgraph.records.iam import Role
from jotgraph.records.inventory import Node
from jotgraph.records.lambda_ import Function, Trigger

QUARANTINED = "jotgraph:quarantined"
"""Tag of a function or role in quarantine: the run that can release it, and since when."""

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


def denied(trust: str) -> bool:
    """Whether a role's trust policy is that of a quarantine: nobody may assume it."""
    return trust == _DENIED
