"""Answers -> JSON text: ``{"format": "jotgraph/<answer>/1", "scope": …, "gaps": …, …}``.

Every field is always there; docs/json.md and docs/schema describe them. Sorted by key, so the same
answer gives the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from inspect import cleandoc
from typing import TypeAlias

import msgspec

from jotgraph.analysis.provenance import Claims
from jotgraph.graph import About
from jotgraph.links import Grade, Rule
from jotgraph.queries.answers.explain import ExplainedLink, Shown, Why
from jotgraph.queries.answers.lineage import Trace
from jotgraph.records import Inventory, Kind, Node, kind_of

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

LISTED = 100
"""Commits that one claim lists at most; ``count`` tells how many there are."""
_MAPPINGS = frozenset({"labels", "env", "annotations", "inline", "refs", "maps"})
"""Fields of frozen pairs, which JSON writes as objects."""


def answer(name: str, about: About, body: Mapping[str, object], version: int = 1) -> str:
    """Return an answer as JSON text, with its scope, the time of its scan and its gaps."""
    whole = {
        "format": f"jotgraph/{name}/{version}",
        "taken_at": about.taken_at,
        "scope": about.scope,
        "gaps": about.gaps,
        **body,
    }
    return text(whole)


def text(value: object) -> str:
    """Return a value as indented JSON with a final newline."""
    encoded = msgspec.json.encode(plain(value), order="deterministic")
    return msgspec.json.format(encoded, indent=2).decode() + "\n"


def resource(node: Node) -> dict[str, Json]:
    """A record as an object: its id, its kind and all its fields."""
    fields = plain(node)
    assert isinstance(fields, dict)
    return {"id": node.id, "kind": kind_of(node.id).value, **fields}


def plain(value: object) -> Json:
    """Structs to objects with all their fields, grades to lower-case names, times to ISO 8601."""
    match value:
        case None | bool() | str() if not isinstance(value, Enum):
            return value
        case Grade():
            return value.name.lower()
        case Enum():
            return plain(value.value)
        case int() | float():
            return value
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case msgspec.Struct():
            return {name: _field(name, getattr(value, name)) for name in value.__struct_fields__}
        case Mapping():
            return {str(key): plain(each) for key, each in value.items()}
        case tuple() | list() | set() | frozenset():
            return [plain(each) for each in value]
        case _:
            raise TypeError(f"no JSON for {type(value).__name__}")


def _field(name: str, value: object) -> Json:
    pairs = isinstance(value, tuple) and all(isinstance(e, tuple) and len(e) == 2 for e in value)
    if pairs and (name in _MAPPINGS or (name == "tags" and value)):
        return {str(key): plain(each) for key, each in value}  # type: ignore[attr-defined] # checked above
    return plain(value)


def rules(listed: Iterable[Rule]) -> str:
    """The rules; they are of no scan, so there is neither scope nor gap."""
    found = [
        {
            "name": each.name,
            "relation": each.relation,
            "grade": each.grade,
            "doc": cleandoc(each.doc),
        }
        for each in listed
    ]
    return text({"format": "jotgraph/rules/1", "rules": found})


def trace(found: Trace) -> str:
    """The lineages of one resource."""
    return answer(
        "trace",
        found.about,
        {
            "resource": found.resource,
            "paths": found.paths,
            "hidden_versions": found.hidden_versions,
        },
    )


def show(found: Shown) -> str:
    """One resource, its commits and its links."""
    body = {
        "resource": resource(found.node),
        "commits": commits(found.claims),
        "believed": believed(found.claims),
        "conflict": found.claims.reason,
        "explanations": found.claims.explanations,
        "standing": found.standing,
        "links": _links((*found.dependencies, *found.dependents)),
    }
    return answer("show", found.about, body)


def why(found: Why) -> str:
    """The evidence on a path, or around one resource."""
    body = {
        "between": found.ends,
        "links": _links(found.links),
        "commits": commits(found.claims),
        "believed": believed(found.claims),
        "conflict": found.claims.reason,
        "explanations": found.claims.explanations,
    }
    return answer("why", found.about, body)


def commits(claims: Claims) -> list[Json]:
    """Each claim about the commits of an image, best first."""
    return [
        {
            "relation": each.evidence.relation.value,
            "grade": each.grade.name.lower(),
            "rule": each.evidence.rule,
            "candidates": list(each.commits[:LISTED]),
            "newest": each.commits[0],
            "oldest": each.commits[-1] if each.whole else None,
            "count": each.count,
            "on": each.on,
            "statement": each.evidence.statement,
            "read_from": each.evidence.read_from,
            "writer": each.writer.value,
            "modified": list(each.modified),
            "modified_count": each.modified_count,
        }
        for each in claims.records
    ]


def believed(claims: Claims) -> dict[str, Json]:
    """What all the claims together say of the commits of an image."""
    whole = claims.count <= len(claims.commits)
    return {
        "verdict": claims.verdict,
        "relation": claims.relation.value if claims.relation else None,
        "grade": claims.grade.name.lower() if claims.grade is not None else None,
        "rule": claims.rule,
        "candidates": list(claims.commits[:LISTED]),
        "newest": claims.commits[0] if claims.commits else None,
        "oldest": claims.commits[-1] if claims.commits and whole else None,
        "count": claims.count,
        "later": claims.later,
        "same_files": list(claims.content[:LISTED]),
        "same_files_count": claims.content_count,
        "dirty": claims.dirty,
    }


def _links(links: Iterable[ExplainedLink]) -> list[Json]:
    return [
        {"source": link.source, "target": link.target, "evidence": plain(link.evidence)}
        for link in links
    ]


def scan(about: About, inventory: Inventory, stored: Iterable[str]) -> str:
    """What a scan read, by kind, and where it is kept."""
    body = {"records": count_kinds(inventory), "stored": list(stored)}
    return answer("scan", about, body)


def count_kinds(inventory: Inventory) -> dict[Kind, int]:
    """How many records of each kind an inventory holds, every kind named."""
    found = Counter(kind_of(each.id) for each in inventory.records())
    return {kind: found[kind] for kind in Kind}
