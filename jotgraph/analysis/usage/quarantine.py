"""How a resource in quarantine looks: the mark, the trust policy, the state.

A function or role carries a tag with the run that can release it; an image is archived, a trigger
disabled, by whomever.
"""

from __future__ import annotations

import json

from jotgraph.analysis.usage.model import Doubt
from jotgraph.graph import ResourceGraph, record
from jotgraph.records import EcrImage, Function, Node, Role, Trigger, Version

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


def set_aside(found: Node) -> str:
    """In words, that a resource is in quarantine already; empty when it is not."""
    if isinstance(found, Function | Role) and (run := dict(found.tags or ()).get(QUARANTINED)):
        return f"in quarantine already ({run})"
    if isinstance(found, EcrImage) and found.status == "ARCHIVED":
        return "archived already"
    if isinstance(found, Trigger) and found.state == "Disabled":
        return "disabled already"
    return ""


def mark_of(graph: ResourceGraph, each: Function | Version) -> str:
    """The run that put a function to sleep, and since when, its versions with it; or empty."""
    function = each if isinstance(each, Function) else None
    if isinstance(each, Version) and each.function in graph:
        found = record(graph, each.function)
        function = found if isinstance(found, Function) else None
    return dict((function.tags if function else None) or ()).get(QUARANTINED, "")


def doubts_of(found: Function | Role) -> list[Doubt]:
    """A doubt for what a quarantine holds: only a sweep, or who names it, deletes that."""
    run, _, since = dict(found.tags or ()).get(QUARANTINED, "").partition(" ")
    return [Doubt("quarantined", f"set aside {since[:10]} by run {run}")] if run else []


def denied(trust: str) -> bool:
    """Whether a role's trust policy is that of a quarantine: nobody may assume it."""
    return trust == _DENIED
