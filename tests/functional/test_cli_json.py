"""Every JSON answer is what docs/schema says."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from jotgraph.cli import world
from tests.functional.conftest import Run
from tests.functional.estate import DENIED, SHAS, estate

SCHEMAS = Path(__file__).parents[2] / "docs" / "schema"


def closed(schema: Any) -> Any:
    """A schema that allows no field it does not name: a new field must be documented."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(part) for name, part in schema.items()}
    return {"additionalProperties": False, **inner} if "required" in schema else inner


@cache
def _registry() -> Registry[Any]:
    """All schemas, by the names of their files."""
    schemas = {path.name: closed(json.loads(path.read_text())) for path in SCHEMAS.glob("*.json")}
    return Registry().with_resources(
        (name, Resource.from_contents(schema)) for name, schema in schemas.items()
    )


@cache
def _validator(name: str) -> jsonschema.Draft202012Validator:
    registry = _registry()
    return jsonschema.Draft202012Validator(registry.contents(f"{name}.json"), registry=registry)


def problems(answer: Any) -> list[str]:
    """What of an answer its schema does not allow."""
    validator = _validator(answer["format"].split("/")[1])
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(answer)]


@pytest.mark.parametrize(
    "arguments",
    [
        ("ls",),
        ("ls", "--all"),
        ("ls", "--all-versions", "--ref", "side"),
        ("trace", "checkout"),
        ("trace", "report"),
        ("trace", "nightly"),
        ("trace", SHAS[4]),
        ("show", "checkout"),
        ("show", "gone-role"),
        ("show", "deployment:checkout"),
        ("show", "shop/checkout:prod"),
        ("show", "main"),
        ("why", "checkout", "main"),
        ("why", "billing"),
        ("orphans",),
        ("orphans", "--all", "--idle", "--keep-last", "1"),
        ("stale",),
        ("rescue",),
        ("costs",),
        ("summary",),
        ("where", "main"),
        ("impact", "checkout"),
        ("impact", "shop/checkout:prod"),
    ],
    ids=" ".join,
)
def test_answers_keep_to_their_schema(run: Run, stored: str, arguments: tuple[str, ...]) -> None:
    result = run(*arguments, "--from", stored, "--format", "json")
    assert result.exit_code == 0
    assert problems(json.loads(result.stdout)) == []


def test_scan_and_rules_keep_to_their_schema(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "scan", lambda *_, **__: estate(DENIED))
    assert problems(json.loads(run("scan", "--format", "json").stdout)) == []
    assert problems(json.loads(run("rules", "--format", "json").stdout)) == []


def test_the_documentation_names_every_schema() -> None:
    documented = (SCHEMAS.parent / "json.md").read_text()
    names = [path.stem for path in SCHEMAS.glob("*.json") if path.stem != "common"]
    formats = {
        json.loads(path.read_text())["properties"]["format"]["const"]
        for path in SCHEMAS.glob("*.json")
        if path.stem in names
    }
    assert {name.split("/")[1] for name in formats} == set(names)
    assert [name for name in formats if f"`{name}`" not in documented] == []
