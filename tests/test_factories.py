"""The factory of records, held to the records and to the tests that use it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import pytest

from jotgraph import records
from jotgraph.links import infer
from jotgraph.records import Inventory, is_id
from tests import factories
from tests.syntax import parsed, walk

RECORDS = tuple(
    value
    for name in records.__all__
    if isinstance(value := getattr(records, name), type) and issubclass(value, msgspec.Struct)
)


def factory(record: type[msgspec.Struct]) -> str:
    """``ecr_image`` of ``EcrImage``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", record.__name__).lower()


@pytest.mark.parametrize("record", RECORDS, ids=factory)
def test_every_record_has_a_factory_of_its_name(record: type[msgspec.Struct]) -> None:
    made = getattr(factories, factory(record))()
    assert type(made) is record
    assert msgspec.json.decode(msgspec.json.encode(made), type=record) == made
    assert is_id(getattr(made, "id", "commit:" + "a" * 40))


def test_a_field_that_is_told_is_that_field_and_one_that_is_none_is_an_error() -> None:
    labels = {"b": "2", "a": "1"}
    told = factories.ecr_image("shop", "v1", labels=labels, size=5)
    assert (told.tags, told.labels, told.size) == (("v1",), (("a", "1"), ("b", "2")), 5)
    with pytest.raises(TypeError, match="colour"):
        factories.ecr_image(colour="red")
    with pytest.raises(KeyError):
        factories.inventory("no record")


def test_records_of_one_place_and_name_agree() -> None:
    place = {"account": factories.OTHER_ACCOUNT, "region": factories.OTHER_REGION}
    image, runs = factories.ecr_image("one", **place), factories.function(runs="one", **place)
    assert runs.resolved_image_uri == f"{factories.ecr_repository(**place).uri}@{image.digest}"
    assert runs.image_digest == image.digest == factories.version(runs="one").image_digest
    assert runs.role_arn == factories.role(account=factories.OTHER_ACCOUNT).arn
    assert factories.trigger(function="pay:live").function_arn == factories.alias().arn
    assert factories.digest(image.digest) == image.digest
    assert factories.sha(factories.sha("one")) == factories.sha("one")


def test_the_estate_holds_all_that_is_deployed_and_nothing_is_missing() -> None:
    estate: Inventory = factories.estate()
    known = {record.id for record in estate.records()}
    ends = {end for link in infer(estate) for end in (link.source, link.target)}
    assert known == ends


TESTS = Path(__file__).parent
BY_HAND = {
    "factories": "it is the factory",
    "sources": "what a reader gives is compared with a whole record, to which no default may add",
    "store/test_snapshot.py": "it tells every field, so that each is known to be stored",
}
"""Where records may be constructed, and why."""
KNOWN = {record.__name__ for record in RECORDS}
NAMED = re.compile(rf"(?s)records.*\b(?:{'|'.join(sorted(KNOWN))})\b")
"""What stands in every module that constructs a record: where it is imported from, and its name."""


def by_hand(source: str) -> list[tuple[int, str]]:
    """(line, record) of each call of a record's class, under whatever name it was imported."""
    if not NAMED.search(source):  # by far most modules: to read them takes a second
        return []
    nodes = [*walk(parsed(source))]
    names, modules = _imported(nodes)
    return [
        (node.lineno, record)
        for node in nodes
        if isinstance(node, ast.Call)
        for record in _constructed(node.func, names, modules)
    ]


def _imported(nodes: Iterable[ast.AST]) -> tuple[dict[str, str], set[str]]:
    """What a module calls each record that it imports, and the modules that hold them."""
    names: dict[str, str] = {}
    modules: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("jotgraph"):
            for alias in node.names:
                if (node.module or "").startswith("jotgraph.records"):
                    names[alias.asname or alias.name] = alias.name
                if alias.name == "records" or node.module == "jotgraph.records":
                    modules.add(alias.asname or alias.name)
        if isinstance(node, ast.Import):
            modules |= {alias.asname or alias.name for alias in node.names}
    return names, modules


def _constructed(called: ast.expr, names: dict[str, str], modules: set[str]) -> Iterator[str]:
    if isinstance(called, ast.Name) and names.get(called.id) in KNOWN:
        yield names[called.id]
    if (
        isinstance(called, ast.Attribute)
        and called.attr in KNOWN
        and ast.unparse(called.value) in modules
    ):
        yield called.attr


@pytest.mark.parametrize(
    ("source", "calls"),
    [
        ("from jotgraph.records import Role\nRole(name='a')", [(2, "Role")]),
        ("from jotgraph.records.iam import Role as R\n[R()]", [(2, "Role")]),
        ("from jotgraph import records as r\nr.Role()", [(2, "Role")]),
        ("import jotgraph.records\njotgraph.records.Gap()", [(2, "Gap")]),
        ("from jotgraph.records import iam\niam.Role()", [(2, "Role")]),
        ("from tests.content.histories import Commit\nCommit()", []),
        ("from jotgraph.records import Role\ndef f(role: Role) -> type[Role]: return Role", []),
        ("from jotgraph.records import Kind, role_id\nKind('role'), role_id('1', 'a')", []),
        ("", []),
    ],
)
def test_a_call_of_a_records_class_is_found(source: str, calls: list[tuple[int, str]]) -> None:
    assert by_hand(source) == calls


def test_records_of_tests_come_from_the_factory() -> None:
    """Whoever must construct one names the place in BY_HAND, with the reason."""
    told: dict[str, list[tuple[int, str]]] = {}
    for path in sorted(TESTS.rglob("*.py")):
        found = by_hand(path.read_text())
        if found:
            told[path.relative_to(TESTS).as_posix()] = found
    allowed = {file: place for file in told for place in BY_HAND if file.startswith(place)}
    assert {file: calls for file, calls in told.items() if file not in allowed} == {}
    assert set(allowed.values()) == set(BY_HAND)
