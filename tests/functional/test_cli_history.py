"""``jotgraph history`` and ``where --at``: what stored scans tell of the past."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from jotgraph.sandbox import cloudtrail
from jotgraph.sandbox.server import Sandbox
from jotgraph.store import Snapshots
from tests import factories
from tests.functional.conftest import Run
from tests.functional.estate import estate
from tests.functional.test_cli_json import problems
from tests.sandbox.test_cloudtrail import changed

replace = msgspec.structs.replace


@pytest.fixture(autouse=True)
def prod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three scans, a day apart; in the first, checkout was not there."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    whole = estate()
    fewer = tuple(function for function in whole.functions if function.name != "checkout")
    for days, functions in ((4, fewer), (3, whole.functions), (1, whole.functions)):
        earlier = whole.taken_at - timedelta(days=days)
        Snapshots().remember(replace(whole, functions=functions, taken_at=earlier), "prod")


def test_a_timeline(run: Run) -> None:
    result = run("history", "checkout", "--from", "prod", "--format", "json")
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    assert problems(answer) == []
    now, before = answer["deployments"]
    assert (now["there"], before["there"]) == (True, False)
    assert (now["snapshot"], before["snapshot"]) == ("prod#2", "prod#1")
    assert now["commits"]
    table = run("history", "checkout", "--from", "prod").stdout
    assert "since" in table
    assert "not there" in table
    for form in ("csv", "md"):
        assert run("history", "checkout", "--from", "prod", "--format", form).exit_code == 0


def test_a_timeline_up_to_a_snapshot(run: Run) -> None:
    """By its name of before, too."""
    result = run("history", "checkout", "--name", "prod#2", "--format", "json")
    answer = json.loads(result.stdout)
    assert [deployment["snapshot"] for deployment in answer["deployments"]] == ["prod#2", "prod#1"]
    assert answer["scans"] == 2


def test_an_old_scan_that_was_imported_later_is_not_the_newest(run: Run) -> None:
    """Nor is one of a machine whose clock was wrong after those that came then."""
    whole = estate()
    fewer = tuple(function for function in whole.functions if function.name != "checkout")
    before = replace(whole, functions=fewer, taken_at=whole.taken_at - timedelta(days=9))
    Snapshots().remember(before, "prod")
    answer = json.loads(run("history", "checkout", "--from", "prod", "--format", "json").stdout)
    now, then = answer["deployments"]
    assert (now["there"], now["snapshot"]) == (True, "prod#2")
    assert (then["there"], then["snapshot"]) == (False, "prod#4")
    result = run("where", "main", "--at", "now", "--from", "prod")
    assert "As of prod#3, scanned " in result.stderr


def test_a_snapshot_that_cannot_be_read_is_told_and_counted(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "state" / "jotgraph" / "snapshots" / "prod" / "2.json"
    path.write_bytes(path.read_bytes()[:60])
    result = run("history", "checkout", "--from", "prod", "--format", "json")
    assert result.exit_code == 0
    assert "Not read: " in result.stderr
    now, _ = json.loads(result.stdout)["deployments"]
    assert (now["span"]["at_least"], now["span"]["unread"]) == (True, 1)


@pytest.mark.parametrize("number", [2, 3])
def test_orphans_tell_of_a_snapshot_that_cannot_be_read(
    run: Run, tmp_path: Path, stored: str, number: int
) -> None:
    path = tmp_path / "state" / "jotgraph" / "snapshots" / "prod" / f"{number}.json"
    path.write_bytes(path.read_bytes()[:60])
    result = run("orphans", "--from", stored, "--history", "prod", "--format", "json")
    assert result.exit_code == 0, result.stderr
    assert f"Not read: {path} is damaged" in result.stderr
    first_seen = {orphan["first_seen"] for orphan in json.loads(result.stdout)["orphans"]}
    of_the_first = Snapshots().of("prod")[0].header().taken_at
    assert {datetime.fromisoformat(seen) for seen in first_seen} == {of_the_first}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("history", "chekout", "--from", "prod"), "did you mean"),
        (("history", "checkout", "--from", "prdo"), "stored under the name 'prdo'"),
        (("where", "main", "--at", "2020-01-01", "--from", "prod"), "is not known: no snapshot"),
        (("where", "main", "--at", "2999-01-01", "--from", "prod"), "is still to come; without"),
        (("history", "checkout", "--from", "prod#9"), "no snapshot prod#9; prod has 1 to 3"),
        (
            ("history", "checkout", "--from", "./a.jsonl"),
            "./a.jsonl is a file; history reads the inventories",
        ),
        (("where", "main", "--at", "soon", "--from", "prod"), "'soon' is not a time"),
        (("where", "main", "--at", "2020-01-01", "--from", "prdo"), "--from prdo is none"),
    ],
)
def test_what_cannot_be_answered(run: Run, arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_where_for_a_past_day_says_its_bounds(run: Run) -> None:
    day = (estate().taken_at - timedelta(days=2)).isoformat()
    result = run("where", "main", "--at", day, "--from", "prod", "--format", "json")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == run("where", "main", "--from", "prod#2", "--format", "json").stdout
    assert "As of prod#2, scanned " in result.stderr
    assert "the next scan, prod#3, is of " in result.stderr
    last = run("where", "main", "--at", "now", "--from", "prod")
    assert "no later scan is stored" in last.stderr


def test_cloudtrail_says_who(
    run: Run, aws_environment: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloudtrail, "PER_SECOND", 10**9)
    changed(aws_environment)
    place = (aws_environment.account, aws_environment.region)
    pay = factories.function("pay", account=place[0], region=place[1])
    Snapshots().remember(factories.inventory(pay, places=(place,)), "real")
    asked = ("history", "pay", "--name", "real", "--cloudtrail")
    answer = json.loads(run(*asked, "--format", "json").stdout)
    assert problems(answer) == []
    assert {event["call"] for event in answer["events"]} >= {"UpdateFunctionCode", "PublishVersion"}
    assert "UpdateFunctionCode " in run(*asked).stdout
    aws_environment.faults.deny("cloudtrail")
    denied = run(*asked, "--format", "json")
    assert "cloudtrail LookupEvents" in denied.stderr
    assert {gap["service"] for gap in json.loads(denied.stdout)["gaps"]} >= {"cloudtrail"}


def test_the_policy_of_history(run: Run) -> None:
    assert "makes no AWS calls" in run("policy", "history").stderr
    assert "cloudtrail:LookupEvents" in run("policy", "history", "--cloudtrail").stdout


def test_stale_says_since_when(run: Run, stored: str) -> None:
    result = run("stale", "--from", stored, "--history", "prod", "--format", "json")
    answer = json.loads(result.stdout)
    assert problems(answer) == []
    assert answer["since"]
    spans = {entry["id"]: entry["span"] for entry in answer["since"]}
    assert all(span["until"] == answer["taken_at"] for span in spans.values())
    assert all(span["at_least"] and span["since"] < span["until"] for span in spans.values())
    assert "since " in run("stale", "--from", stored, "--history", "prod").stdout
    assert json.loads(run("stale", "--from", stored, "--format", "json").stdout)["since"] is None
    assert run("stale", "--from", stored, "--history", "prdo").exit_code == 2
