"""``show`` on a stored inventory, whole outputs compared."""

from __future__ import annotations

import json

from jotgraph import store
from tests.factories import ecr_image, function, inventory
from tests.functional.conftest import Run, expected
from tests.functional.estate import SHAS, digest


def test_a_function_whose_image_is_gone(run: Run, stored: str) -> None:
    result = run("show", "report", "--from", stored)
    assert result.exit_code == 0
    assert result.stdout == expected("show_a_function_whose_image_is_gone")


def test_a_version(run: Run, stored: str) -> None:
    result = run("show", "checkout:1", "--from", stored)
    assert result.exit_code == 0
    assert result.stdout == expected("show_a_version")


def test_commits_as_json(run: Run, stored: str) -> None:
    answer = json.loads(run("show", "billing", "--from", stored, "--format", "json").stdout)
    assert answer["format"] == "jotgraph/show/2"
    assert answer["resource"]["kind"] == "function"
    assert [
        (commit["relation"], commit["grade"], commit["rule"], commit["candidates"], commit["count"])
        for commit in answer["commits"]
    ] == [("built-from", "strong", "revision_label", [SHAS[2]], 1)]
    assert answer["commits"][0]["on"] == f"local-image:{digest(103)}"


def test_an_edge_of_two_relations_names_the_rule_of_each(run: Run) -> None:
    world = inventory(
        ecr_image(1, "1.0", manifest_read=True),
        function(tag="1.0"),
    )
    store.save(world, "w.jsonl")
    shown = run("show", "pay", "--from", "w.jsonl").stdout
    assert "follows, runs  image app 1.0 @000000000  PROOF  deployed_tag, resolved_digest" in shown
