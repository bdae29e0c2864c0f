"""All rules together: order, names, documentation."""

from __future__ import annotations

import random
import re
from pathlib import Path

import msgspec
import networkx as nx
import pytest

from jotgraph.graph import build, record
from jotgraph.links import AUTHORS, RULES, Author, Grade, Relation, Rule, infer, labels
from jotgraph.links import rule as define
from jotgraph.records import Inventory, ecr_image_id
from tests.factories import HERE, digest, ecr_image, function, inventory, missing
from tests.links.rules_page import page
from tests.links.world import shuffled, world

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"


def as_bytes(inventory: Inventory, rules: tuple[Rule, ...]) -> bytes:
    return msgspec.json.encode(nx.node_link_data(build(inventory, infer(inventory, rules))))


@pytest.mark.parametrize("seed", range(20))
def test_any_order_of_records_and_rules_gives_the_same_graph(seed: int) -> None:
    rules = tuple(random.Random(seed).sample(RULES, len(RULES)))
    assert as_bytes(shuffled(world(), seed), rules) == as_bytes(world(), RULES)


CROWDED = {labels.revision_label_weak.name}
"""Needs more commits than the small world has; see test_labels."""


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.name not in CROWDED], ids=lambda rule: rule.name
)
def test_every_rule_finds_something_in_the_world(rule: Rule) -> None:
    assert list(infer(world(), [rule]))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_finds_nothing_in_nothing(rule: Rule) -> None:
    assert list(infer(inventory(), [rule])) == []


def test_names_are_unique_and_every_rule_is_documented() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    assert all(len(rule.doc) > 30 and rule.doc.endswith(".") for rule in RULES)


def test_a_claim_about_commits_says_who_wrote_it_and_nothing_else_does() -> None:
    with pytest.raises(ValueError, match="a rule of built-from has no author"):
        define(Relation.BUILT_FROM, Grade.HINT)
    with pytest.raises(ValueError, match="a rule of runs has builder"):
        define(Relation.RUNS, Grade.PROOF, Author.BUILDER)
    assert {rule.name for rule in RULES if rule.author} == set(AUTHORS)


def test_every_rule_of_every_module_is_registered() -> None:
    folder = Path(__file__).parents[2] / "jotgraph" / "links"
    written = {
        name
        for file in folder.glob("*.py")
        for name in re.findall(r"^@rule\(.*\)\ndef (\w+)", file.read_text(), re.MULTILINE)
    }
    assert written == {rule.name for rule in RULES}


def test_no_link_leads_to_itself() -> None:
    assert [link for link in infer(world()) if link.source == link.target] == []


def test_the_page_of_rules_is_what_they_say() -> None:
    """Write it again with ``python -m tests.links.rules_page``."""
    assert PAGE.read_text() == page()


def test_a_digest_in_an_unknown_repository_is_never_known_to_be_absent() -> None:
    """It may be in an account that was not scanned."""
    graph = build(world())
    nowhere = ecr_image_id(*HERE, "?", digest(99))
    gone = ecr_image(98).id
    assert record(graph, nowhere) == missing(nowhere)
    functions = (function(runs=98),)
    graph = build(msgspec.structs.replace(world(), functions=functions))
    assert record(graph, gone) == missing(gone, looked=True)
