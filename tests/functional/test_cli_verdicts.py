"""``orphans``, ``stale``, ``where``, ``impact``, ``diff`` and ``check`` on a stored inventory."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from jotgraph import store
from tests.functional.conftest import Run
from tests.functional.test_cli_json import problems


def test_orphans_for_people(run: Run, whole: str) -> None:
    result = run("orphans", "--kind", "local-image", "--from", whole)
    assert result.exit_code == 0
    words = [line.split()[0] for line in result.stdout.splitlines() if line[:1].isalpha()]
    assert words == ["Verdict", "orphan", "orphan", "orphan", "unknown"]
    assert "3 orphans" in result.stderr
    assert (
        "0 in use; read 111111111111/eu-west-1\n111111111111/eu-west-1: every service empty\n"
        "Scanned 2026-03-04 09:00 UTC (" in result.stderr
    )


def test_orphans_as_json_csv_and_markdown(run: Run, whole: str) -> None:
    answer = json.loads(run("orphans", "--all", "--format", "json", "--from", whole).stdout)
    checkout = [
        judgement for judgement in answer["in_use"] if judgement["id"].endswith("checkout:1")
    ]
    assert checkout[0]["witness"][0].startswith("alias:")
    rows = list(
        csv.DictReader(run("orphans", "--format", "csv", "--from", whole).stdout.splitlines())
    )
    assert {row["verdict"] for row in rows} == {"orphan", "unknown"}
    assert run("orphans", "--format", "md", "--from", whole).stdout.startswith("| Verdict |")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("orphans", "--check"), 1, "3 orphans"),
        (("orphans", "--check", "--kind", "role"), 0, "0 orphans"),
        (("orphans", "--kind", "rule"), 2, "did you mean 'role'"),
        (("orphans", "--ignore", "gap"), 2, "cannot be ignored"),
        (("stale", "--check"), 1, ""),
        (("where", "mian"), 2, "did you mean main"),
        (("where", "main", "--lacks", "--check"), 1, ""),
        (("where", "main", "--alias", "live", "--check"), 1, "0 contain it, 1 lack it"),
        (("impact", "chekout"), 2, "did you mean checkout"),
    ],
)
def test_exit_codes(run: Run, whole: str, arguments: tuple[str, ...], code: int, says: str) -> None:
    result = run(*arguments, "--from", whole)
    assert (result.exit_code, says in result.stderr) == (code, True), result.stderr


def test_strict_with_a_gap(run: Run, stored: str) -> None:
    assert run("orphans", "--strict", "--from", stored).exit_code == 3


def test_diff(run: Run, stored: str, whole: str) -> None:
    assert run("diff", stored, whole, "--check").exit_code == 0
    answer = json.loads(run("diff", stored, whole, "--format", "json").stdout)
    assert problems(answer) == []
    assert (answer["added"], answer["removed"], answer["changed"]) == ([], [], [])


def test_check(run: Run, whole: str) -> None:
    Path("jotgraph.toml").write_text('no_broken = true\nno_drift = ["live"]\n')
    result = run("check", "--format", "json", "--from", whole)
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert problems(answer) == []
    assert {violation["rule"] for violation in answer["violations"]} == {"no_broken", "no_drift"}
    for form, begins in (("junit", "<?xml"), ("sarif", "{"), ("md", "| Result |")):
        assert run("check", "--format", form, "--from", whole).stdout.startswith(begins)
    Path("jotgraph.toml").write_text("max_orphans = 3\n")
    assert run("check", "--from", whole).exit_code == 0
    Path("jotgraph.toml").write_text("max_orphan = 3\n")
    wrong = run("check", "--from", whole)
    assert (wrong.exit_code, "did you mean 'max_orphans'" in wrong.stderr) == (2, True)


def test_orphan_since_from_stored_inventories(run: Run, whole: str) -> None:
    for _ in range(2):
        store.Snapshots().remember(store.load(whole), "prod")
    result = run("orphans", "--from", "prod", "--history", "prod", "--format", "json")
    answer = json.loads(result.stdout)
    assert problems(answer) == []
    since = {orphan["orphan_since"] for orphan in answer["orphans"]}
    assert since == {answer["taken_at"]}
    assert {judgement["orphan_since"] for judgement in answer["unknown"]} == {None}
    assert "Orphan since" in run("orphans", "--from", "prod", "--history", "prod").stdout
    none = run("orphans", "--from", whole, "--history", "none")
    assert (none.exit_code, "stored under the name 'none'" in none.stderr) == (2, True)
