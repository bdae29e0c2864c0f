"""What installed packages bring, and what of it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from jotgraph.cli import plugged
from jotgraph.links import Grade, Relation
from jotgraph.plugins import CONSUMER_GROUP, RULE_GROUP, Plugins, installed
from jotgraph.sources.consumers import Call, Consumer, grouped
from tests.plugins.installing import install, install_example

RULE = """
from jotgraph.links import Author, Grade, Match, Relation, rule

@rule(Relation.{relation}, Grade.{grade}{author})
def {name}(index):
    "A rule of a test."
    return iter(())
"""


def brought(
    patch: pytest.MonkeyPatch, folder: Path, source: str, entry: str, group: str = RULE_GROUP
) -> Plugins:
    install(patch, folder, "acme", source, {group: {"acme": f"acme:{entry}"}})
    return installed()


def test_the_example(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    install_example(monkeypatch, tmp_path)
    found = installed()
    assert [(rule.name, rule.grade, rule.source) for rule in found.rules] == [
        ("acme_deployment", Grade.SUPPORT, "package jotgraph-acme 1.0")
    ]
    assert [consumer.service for consumer in found.consumers] == ["lightsail"]
    assert found.rule_gaps == found.consumer_gaps == ()


def test_a_command_looks_for_the_same_groups() -> None:
    assert plugged._GROUPS == (RULE_GROUP, CONSUMER_GROUP)


def test_nothing_is_installed() -> None:
    assert installed() == Plugins()


def test_no_grade_above_support(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = RULE.format(
        relation="BUILT_FROM", grade="PROOF", author=", Author.BUILDER", name="acme"
    )
    (rule,) = brought(monkeypatch, tmp_path, source, "acme").rules
    assert (rule.grade, rule.relation) == (Grade.SUPPORT, Relation.BUILT_FROM)


@pytest.mark.parametrize("relation", [relation for relation in Relation if relation.name not in
                                      ("BUILT_FROM", "MENTIONS", "CONTENT_EQUALS")])  # fmt: skip
def test_no_relation_by_which_something_is_judged(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, relation: Relation
) -> None:
    source = RULE.format(relation=relation.name, grade="HINT", author="", name="acme")
    found = brought(monkeypatch, tmp_path, source, "acme")
    assert found.rules == ()
    (gap,) = found.rule_gaps
    assert gap.detail == (
        f"acme 1.0: ValueError: a rule of {relation}; a package may have rules of built-from or "
        "mentions; --no-plugins does without"
    )


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("raise KeyError('acme')", "acme 1.0: KeyError: 'acme'; "),
        ("import sys; sys.exit(3)", "acme 1.0: SystemExit: 3; "),
        ("", "acme 1.0: AttributeError: module 'acme' has no attribute 'acme'; "),
        ("acme = 3", "acme 1.0: ValueError: not a rule: "),
        ("def acme(index): return []", "acme 1.0: ValueError: not a rule: "),
        (
            RULE.format(
                relation="BUILT_FROM", grade="HINT", author=", Author.BUILDER", name="tag_full_sha"
            )
            + "acme = tag_full_sha",
            "acme 1.0: ValueError: 'tag_full_sha' is not a name for it, or is taken; ",
        ),
    ],
)
def test_what_cannot_be_a_rule_is_a_gap_that_hides_everything(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: str, says: str
) -> None:
    found = brought(monkeypatch, tmp_path, source, "acme")
    assert found.rules == ()
    (gap,) = found.rule_gaps
    assert gap.detail.startswith(says)
    assert (gap.name, gap.reason, gap.asked) == ("plugin:acme", "error", True)
    assert (gap.hides, gap.facts) == ((), ())


CONSUMER = """
from jotgraph.sources.consumers import Call, Consumer
acme = Consumer(service={service!r}, type="'x'", name="x", arn="x",
                calls=(Call(action={action!r}, into="x"),))
"""


@pytest.mark.parametrize(
    ("service", "action", "says"),
    [
        ("lambda", "ListThings", "'lambda' is not a name for a service, or jotgraph reads it"),
        ("ecs", "ListThings", "'ecs' is not a name for a service, or jotgraph reads it itself"),
        ("A/B", "ListThings", "'A/B' is not a name for a service, or jotgraph reads it itself"),
        ("acme", "DeleteThings", "DeleteThings is not an action that only reads"),
        ("acme", "Listen", "Listen is not an action that only reads"),
    ],
)
def test_a_consumer_reads_and_is_none_of_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: str, action: str, says: str
) -> None:
    source = CONSUMER.format(service=service, action=action)
    found = brought(monkeypatch, tmp_path, source, "acme", CONSUMER_GROUP)
    assert found.consumers == ()
    (gap,) = found.consumer_gaps
    assert says in gap.detail


def test_one_that_reads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = CONSUMER.format(service="acme", action="BatchGetThings")
    found = brought(monkeypatch, tmp_path, source, "acme", CONSUMER_GROUP)
    assert [consumer.service for consumer in found.consumers] == ["acme"]


def test_a_second_rule_of_one_name_is_no_silence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Another package's claim must not switch off what protects."""
    claims = RULE.format(
        relation="BUILT_FROM", grade="HINT", author=", Author.BUILDER", name="shared"
    )
    protects = RULE.format(relation="MENTIONS", grade="HINT", author="", name="shared")
    install(monkeypatch, tmp_path, "aclaims", claims, {RULE_GROUP: {"one": "aclaims:shared"}})
    install(monkeypatch, tmp_path, "protects", protects, {RULE_GROUP: {"two": "protects:shared"}})
    found = installed()
    assert [rule.source for rule in found.rules] == ["package aclaims 1.0"]
    (gap,) = found.rule_gaps
    assert (gap.name, gap.hides, gap.facts) == ("plugin:shared", (), ())
    assert gap.detail == (
        "protects 1.0: ValueError: package aclaims 1.0 has a rule of this name, too; "
        "--no-plugins does without"
    )


def test_a_rule_that_is_registered_twice_is_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = RULE.format(relation="MENTIONS", grade="HINT", author="", name="acme")
    entries = {RULE_GROUP: {"one": "acme:acme", "two": "acme:acme"}}
    install(monkeypatch, tmp_path, "acme", source, entries)
    found = installed()
    assert ([rule.name for rule in found.rules], found.rule_gaps) == (["acme"], ())


def test_one_service_of_two_packages_is_read_as_one() -> None:
    def entry(service: str) -> Consumer:
        call = Call(action="ListThings", into="x")
        return Consumer(service=service, type="'x'", name="x", arn="x", calls=(call,))

    first, other, last = entry("acme"), entry("beta"), entry("acme")
    assert grouped((first, other, last)) == (("acme", (first, last)), ("beta", (other,)))
