"""``why`` on a stored inventory, whole outputs compared."""

from __future__ import annotations

import json

from tests.functional.conftest import Run, expected


def test_from_a_version_to_its_commit(run: Run, stored: str) -> None:
    result = run("why", "checkout:1", "v1", "--from", stored)
    assert result.exit_code == 0
    assert result.stdout == expected("why_from_a_version_to_its_commit")


def test_around_one_resource(run: Run, stored: str) -> None:
    result = run("why", "report", "--from", stored)
    assert result.exit_code == 0
    assert result.stdout == expected("why_around_one_resource")


def test_grades_and_rules_as_json(run: Run, stored: str) -> None:
    arguments = ("why", "checkout", "main", "--from", stored, "--format", "json")
    answer = json.loads(run(*arguments).stdout)
    assert answer["format"] == "jotgraph/why/2"
    best = [
        (link["evidence"][0]["grade"], link["evidence"][-1]["rule"]) for link in answer["links"]
    ]
    assert best == [
        ("proof", "resolved_digest"), ("proof", "repo_digest"), ("strong", "revision_label"),
    ]  # fmt: skip


def test_two_functions_that_share_a_role_are_not_linked_by_it(run: Run, stored: str) -> None:
    result = run("why", "report", "billing", "--from", stored)
    assert result.exit_code == 4
    assert result.stderr.startswith(
        "jotgraph: no link from report to billing. See: jotgraph why report"
    )


def test_what_is_of_another_commit_says_of_which(run: Run, stored: str) -> None:
    result = run("why", "billing", "main", "--from", stored)
    assert result.exit_code == 4
    assert result.stderr == (
        "jotgraph: no link from billing to 4c0ffeec0. Its commits: 3c0ffeec0 (1 behind main). "
        "See: jotgraph why billing\n"
    )
