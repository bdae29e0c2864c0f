"""Commands that scan: the first answer, what the details change, and what is stored."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from jotgraph import store
from jotgraph.cli import world
from jotgraph.cli.first import NOTHING, _again
from jotgraph.records import Inventory
from jotgraph.sandbox import seed
from jotgraph.sandbox.functions.common import here
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.wire import Request
from jotgraph.sources import scan as scans
from tests.functional.conftest import Run


@pytest.fixture
def estate(aws_environment: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Two functions, of which Lambda could not wake one; GetFunction answers when the first answer
    is out."""
    aws = aws_environment
    seed.repository(aws, "app")
    role = seed.role(aws, "app")
    for name in ("pay", "ship"):
        seed.image(aws, "app", name, config=seed.image_config({"n": name}))
        seed.function(aws, name, image=f"app:{name}", role=role)
    place = Request("lambda", "", aws.region, aws.account, "", {})
    failing = here(aws.world, place).functions["pay"].latest
    failing["State"], failing["StateReasonCode"] = "Failed", "ImageAccessDenied"
    opened = threading.Event()
    aws.faults.before("lambda", "GetFunction", call=lambda _: opened.wait(20))
    first_of, whole_of = scans.Scan.first, scans.Scan.whole

    def first(self: scans.Scan) -> Inventory:
        opened.clear()
        return first_of(self)

    def whole(self: scans.Scan, *arguments: Any) -> Inventory:
        opened.set()
        return whole_of(self, *arguments)

    monkeypatch.setattr(scans, "GRACE", 0.2)
    monkeypatch.setattr(scans.Scan, "first", first)
    monkeypatch.setattr(scans.Scan, "whole", whole)
    yield aws
    opened.set()
    aws.faults.clear()


def interrupted(*_: Any) -> Inventory:
    """In place of the rest of a scan."""
    raise KeyboardInterrupt


def test_in_a_pipe_the_answer_is_the_final_one(run: Run, estate: Sandbox) -> None:
    result = run("stale", "--no-docker", "--format", "json")
    functions = json.loads(result.stdout)["functions"]
    assert [function["states"] for function in functions] == [["refused"], []]
    assert "First answer" not in result.stderr


def test_the_first_answer_is_printed_where_it_is_asked_for(run: Run, estate: Sandbox) -> None:
    result = run("stale", "--no-docker", "--format", "json", "--first")
    decoder, text = json.JSONDecoder(), result.stdout
    first, end = decoder.raw_decode(text)
    final, _ = decoder.raw_decode(text[end:].lstrip())
    assert {gap["reason"] for gap in first["gaps"]} > {"not-yet"}
    assert [function["states"] for function in final["functions"]] == [["refused"], []]
    assert "not-yet" not in {gap["reason"] for gap in final["gaps"]}
    assert "Not read yet: details of 2 of 2 functions and versions" in result.stderr


def test_both_are_one_snapshot(run: Run, estate: Sandbox) -> None:
    result = run("scan", "--no-docker", "--name", "prod")
    assert result.stderr.splitlines()[0] == "First answer stored as prod#1; details are read now"
    assert [snapshot.ref for snapshot in store.Snapshots().history("prod")] == ["prod#1"]
    states = [function.state for function in store.Snapshots().load("prod").functions]
    assert states == ["Failed", "Active"]


def test_without_details_the_first_answer_is_the_last(run: Run, estate: Sandbox) -> None:
    assert run("scan", "--no-docker", "--name", "prod", "--no-details").exit_code == 0
    assert estate.calls.count("GetFunction") == 0
    listed = run("ls", "--from", "prod")
    assert "Not read yet: details of 2 of 2 functions and versions" in listed.stderr
    gate = run("stale", "--check", "--from", "prod")
    assert gate.exit_code == 4
    assert gate.stderr.splitlines()[-3:] == [
        "Needed but not read:",
        "  lambda GetFunction in 123456789012/us-east-1 was not read yet",
        "jotgraph: this check cannot pass: scan again with what it needs to read",
    ]
    assert run("scan", "--no-docker", "--name", "prod").exit_code == 0
    assert run("stale", "--check", "--from", "prod").exit_code == 1


def test_an_interrupted_scan_is_stored_and_says_what_it_lacks(
    run: Run, estate: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(scans.Scan, "whole", interrupted)
        result = run("scan", "--no-docker", "--name", "prod")
    assert result.exit_code != 0
    assert "What was read is stored as prod#1, which lists what was not read." in result.stderr
    assert "not-yet" in {gap.reason for gap in world.stored("prod").gaps}
    estate.faults.clear()
    run("scan", "--no-docker", "--name", "prod")
    assert [snapshot.ref for snapshot in store.Snapshots().history("prod")] == ["prod#1", "prod#2"]
    assert "not-yet" not in {gap.reason for gap in world.stored("prod").gaps}


def test_a_file_that_was_there_is_not_replaced_by_a_part(
    run: Run, estate: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("scan", "--no-docker", "-o", "estate.jsonl").exit_code == 0
    before = store.load("estate.jsonl")

    monkeypatch.setattr(scans.Scan, "whole", interrupted)
    result = run("scan", "--no-docker", "-o", "estate.jsonl")
    assert "Nothing of this scan was stored" in result.stderr
    assert store.load("estate.jsonl") == before


@pytest.mark.parametrize(
    ("first", "final", "shown"),
    [
        ("a\nb\n", "a\nb\n", f"\n{NOTHING}\n"),
        ("a\nb\nc\nd\n", "a\nb\nc\ne\n", "\nChanged by the details:\n- d\n+ e\n"),
        ("a\nb\n", "c\nd\n", "\nc\nd\n"),
        ("a\na\nb\nc\n", "a\nb\nc\n", "\nChanged by the details:\n- a\n"),
    ],
)
def test_on_a_terminal_what_changed_is_shown(first: str, final: str, shown: str) -> None:
    assert _again(first, final) == shown
