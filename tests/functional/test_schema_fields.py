"""docs/schema and docs/json.md name every field of every answer, as the code has it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from jotgraph.analysis.costs.model import Price, Storage
from jotgraph.analysis.health import Code, Finding
from jotgraph.analysis.health.commands import Command
from jotgraph.analysis.lag.model import Standing
from jotgraph.analysis.provenance.model import Disagreement, Explanation
from jotgraph.analysis.usage.model import Verdict
from jotgraph.links import Evidence, Grade, Relation
from jotgraph.plan import Plan
from jotgraph.plan.held import QuarantineReport
from jotgraph.plan.outcome import Receipt, ReleaseReceipt, UndoReceipt
from jotgraph.queries.answers.build import Built
from jotgraph.queries.answers.check import Checked
from jotgraph.queries.answers.costs import Costs
from jotgraph.queries.answers.dataset import Exported, Selected
from jotgraph.queries.answers.deployment import Deployment
from jotgraph.queries.answers.difference import Difference
from jotgraph.queries.answers.estimate import Estimate
from jotgraph.queries.answers.history import History
from jotgraph.queries.answers.impact import Impact
from jotgraph.queries.answers.jots import Jots
from jotgraph.queries.answers.lifecycle import Lifecycle
from jotgraph.queries.answers.lineage import Trace
from jotgraph.queries.answers.making import Pushed, Rollout
from jotgraph.queries.answers.orphans import Judgement
from jotgraph.queries.answers.rescue import Rescue
from jotgraph.queries.answers.staleness import Staleness
from jotgraph.queries.answers.summary import Summary
from jotgraph.queries.answers.testing import TestReport
from jotgraph.queries.answers.up import Up
from jotgraph.queries.answers.validation import Validation
from jotgraph.queries.answers.where import Where
from jotgraph.records import BuildInput, ContentVerdict, Gap, Kind, Scope

DOCS = Path(__file__).parents[2] / "docs"
SCHEMAS = {path.name: json.loads(path.read_text()) for path in (DOCS / "schema").glob("*.json")}
SHARED = frozenset({"format", "taken_at", "scope", "gaps"})
"""What ``envelope.answer_text`` writes into every answer about an inventory."""

UP = frozenset({"format", "dry_run", "function", "parts", "paths"})
"""What ``up`` writes of its deployment and lineage."""

ANSWERS: dict[str, tuple[type[msgspec.Struct], frozenset[str], frozenset[str]]] = {
    "build.json": (Built, frozenset(), frozenset({"format"})),
    "check.json": (Checked, frozenset({"about", "failed"}), SHARED),
    "costs.json": (Costs, frozenset({"about"}), SHARED),
    "history.json": (History, frozenset({"about"}), SHARED),
    "deployment.json": (Deployment, frozenset({"about"}), SHARED | {"name"}),
    "diff.json": (Difference, frozenset({"about"}), SHARED),
    "estimate.json": (Estimate, frozenset({"names"}), SHARED),
    "export.json": (Exported, frozenset(), SHARED),
    "impact.json": (Impact, frozenset({"about"}), SHARED),
    "jots.json": (Jots, frozenset({"about", "hidden_versions"}), SHARED),
    "lifecycle.json": (Lifecycle, frozenset({"about"}), SHARED),
    "outcomes.json": (Receipt, frozenset(), frozenset()),
    "plan.json": (Plan, frozenset(), frozenset()),
    "quarantined.json": (QuarantineReport, frozenset(), frozenset()),
    "released.json": (ReleaseReceipt, frozenset(), frozenset()),
    "rescue.json": (Rescue, frozenset({"about"}), SHARED),
    "sql.json": (Selected, frozenset(), SHARED),
    "stale.json": (Staleness, frozenset({"about"}), SHARED | {"since"}),
    "summary.json": (Summary, frozenset({"about"}), SHARED),
    "test.json": (TestReport, frozenset(), frozenset({"format", "passed"})),
    "trace.json": (Trace, frozenset({"about"}), SHARED),
    "undone.json": (UndoReceipt, frozenset(), frozenset()),
    "pushed.json": (Pushed, frozenset(), frozenset()),
    "rollout.json": (Rollout, frozenset(), frozenset()),
    "up.json": (Up, frozenset({"deployment", "lineage"}), UP),
    "validate.json": (Validation, frozenset(), frozenset({"format"})),
    "where.json": (Where, frozenset({"about"}), SHARED),
}
"""Schema -> the answer, its fields that are not written, and fields that are written beside it."""
PARTS: dict[str, type] = {
    "gap": Gap,
    "scope": Scope,
    "standing": Standing,
    "evidence": Evidence,
    "explanation": Explanation,
    "build-input": BuildInput,
    "finding": Finding,
    "price": Price,
    "storage": Storage,
    "code": Code,
    "kind": Kind,
    "relation": Relation,
    "grade": Grade,
}
"""Definition of common.json -> what it describes."""


@cache
def resolved(reference: str) -> Any:
    name, _, pointer = reference.partition("#")
    found = SCHEMAS[name or "common.json"]
    for step in pointer.strip("/").split("/"):
        found = found[step]
    return found


def differences(schema: Any, declared: inspect.Type, where: str) -> Iterator[str]:
    """What of a schema is not as the type says: fields, their types, the words of enumerations."""
    while "$ref" in schema:
        schema = resolved(schema["$ref"])
    match declared:
        case inspect.UnionType():
            yield from _optional(schema, declared, where)
        case inspect.StructType() if declared.cls is Command:
            yield from differences(schema, inspect.StrType(), where)
        case inspect.StructType():
            unwritten = getattr(declared.cls, "UNWRITTEN", ())
            written = {field.name for field in declared.fields if field.name not in unwritten}
            yield from _fields(schema, written, where)
            for field in declared.fields:
                if field.name in schema.get("properties", ()):
                    part = schema["properties"][field.name]
                    yield from differences(part, field.type, f"{where}.{field.name}")
        case inspect.EnumType():
            yield from _words(schema, {_word(member) for member in declared.cls}, where)
        case inspect.LiteralType():
            yield from _words(schema, set(declared.values), where)
        case inspect.VarTupleType() if schema.get("type") == "array":
            yield from differences(schema["items"], declared.item_type, f"{where}[]")
        case inspect.VarTupleType() | inspect.TupleType():
            if schema.get("type") not in ("array", "object"):  # pairs are written as an object
                yield f"{where}: no list"
        case inspect.DictType() if schema.get("type") == "object":
            part = schema.get("additionalProperties", {})
            yield from differences(part, declared.value_type, f"{where}.*")
        case inspect.AnyType():
            if schema:
                yield f"{where}: {schema} is not anything"
        case _:
            found = schema.get("type") or ("string" if "enum" in schema else "")
            if "const" not in schema and found != _TYPES.get(type(declared)):
                yield f"{where}: {found or schema} is not {declared}"


def _fields(schema: Any, expected: set[str], where: str) -> Iterator[str]:
    for keyword in ("properties", "required"):
        found = set(schema.get(keyword, ()))
        if found != expected:
            yield f"{where}: {keyword} without {expected - found}, with {found - expected}"


def _words(schema: Any, expected: set[Any], where: str) -> Iterator[str]:
    if set(schema.get("enum", ())) != expected:
        yield f"{where}: {sorted(schema.get('enum', ()))} is not {sorted(expected)}"


def _word(member: Enum) -> Any:
    """How an answer writes it: grades by name."""
    return member.name.lower() if isinstance(member, Grade) else member.value


def _optional(schema: Any, declared: inspect.UnionType, where: str) -> Iterator[str]:
    """``X | None``: a schema says so by ``anyOf``, a list of types, or null among the words."""
    (other,) = (member for member in declared.types if not isinstance(member, inspect.NoneType))
    null, bare = False, schema
    if "anyOf" in schema:
        null = {"type": "null"} in schema["anyOf"]
        (bare,) = (choice for choice in schema["anyOf"] if choice != {"type": "null"})
    elif "enum" in schema:
        null = None in schema["enum"]
        bare = {**schema, "enum": [word for word in schema["enum"] if word is not None]}
    elif isinstance(schema.get("type"), list):
        null = "null" in schema["type"]
        (kind,) = (word for word in schema["type"] if word != "null")
        bare = {**schema, "type": kind}
    if not null:
        yield f"{where}: never null"
    yield from differences(bare, other, where)


_TYPES: dict[type[inspect.Type], str] = {
    inspect.StrType: "string",
    inspect.BoolType: "boolean",
    inspect.IntType: "integer",
    inspect.FloatType: "number",
    inspect.DateTimeType: "string",
}


@pytest.mark.parametrize("name", PARTS)
def test_a_shared_part_is_what_the_code_has(name: str) -> None:
    said = inspect.type_info(PARTS[name])
    assert list(differences(resolved(f"common.json#/$defs/{name}"), said, name)) == []


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_has_the_fields_of_the_code(name: str) -> None:
    struct, without, beside = ANSWERS[name]
    schema = SCHEMAS[name]
    written = {field for field in struct.__struct_fields__ if field not in without} | beside
    found = list(_fields(schema, written, name))
    said = inspect.type_info(struct)
    assert isinstance(said, inspect.StructType)
    for field in said.fields:
        if field.name in written:
            part = schema["properties"][field.name]
            found += differences(part, field.type, f"{name}.{field.name}")
    assert found == []


def test_a_judgement_is_what_the_code_has_and_since_when() -> None:
    schema = SCHEMAS["orphans.json"]["properties"]["orphans"]["items"]
    fields = {*Judgement.__struct_fields__, "first_seen", "orphan_since"}
    fields |= {"orphan_at_least", "orphan_unread"}
    assert list(_fields(schema, fields, "judgement")) == []
    assert set(schema["properties"]["verdict"]["enum"]) == {verdict.value for verdict in Verdict}


def objects(schema: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Every object that a schema describes by its fields."""
    if isinstance(schema, dict):
        if "properties" in schema:
            yield where, schema
        for key, part in schema.items():
            yield from objects(part, f"{where}/{key}")
    elif isinstance(schema, list):
        for at, part in enumerate(schema):
            yield from objects(part, f"{where}/{at}")


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_field_is_always_there(name: str) -> None:
    for where, schema in objects(SCHEMAS[name], name):
        assert set(schema.get("required", ())) == set(schema["properties"]), where


def test_an_id_may_be_of_every_kind() -> None:
    pattern = resolved("common.json#/$defs/id")["pattern"]
    assert [kind for kind in Kind if not re.match(pattern, f"{kind.value}:x")] == []


def test_words_that_the_code_keeps_as_text_are_those_of_their_enumeration() -> None:
    verdict = SCHEMAS["content.json"]["properties"]["content"]["items"]["properties"]["verdict"]
    assert set(verdict["enum"]) == {member.value for member in ContentVerdict}
    jot = SCHEMAS["jots.json"]["properties"]["jots"]["items"]["properties"]
    kinds = jot["commit"]["properties"]["conflict_kind"]["enum"]
    assert set(kinds) == {"", *(member.value for member in Disagreement)}


@pytest.mark.parametrize("name", sorted(set(SCHEMAS) - {"common.json"}))
def test_the_documentation_names_every_field(name: str) -> None:
    """In the row of the format and where it leads on this page; what all answers have is told
    above the table."""
    page = (DOCS / "json.md").read_text()
    fields = set(SCHEMAS[name]["properties"])
    known = SCHEMAS[name]["properties"]["format"]["const"]
    (row,) = (line for line in page.splitlines() if line.startswith("|") and f"`{known}`" in line)
    parts = [row]
    for anchor in re.findall(r"\(#([a-z]+)\)", row):
        parts += [part for part in page.split("\n## ") if part.lower().startswith(anchor)]
    told = set(re.findall(r"`([a-z_]+)`", " ".join(parts)))
    assert sorted(fields - SHARED - told) == []


def test_the_documentation_names_every_field_of_the_scope() -> None:
    page = (DOCS / "json.md").read_text()
    (told,) = (part for part in page.split("\n\n") if part.startswith("**`scope`**"))
    assert [name for name in Scope.__struct_fields__ if f"`{name}`" not in told] == []
