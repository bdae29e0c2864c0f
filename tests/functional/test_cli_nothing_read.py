"""Without an account no command claims that something is well: neither in words nor as a gate."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from git import Repo

from jotgraph import store
from tests.factories import ACCOUNT, REGION, gap, scope
from tests.functional.conftest import Run

NOTHING = "no AWS account was read"


@pytest.fixture
def unread(run: Run) -> str:
    """An inventory of one commit and nothing of AWS."""
    with Repo.init("repository") as repository:
        repository.index.commit("first")
    scanned = run("scan", "--no-aws", "--no-docker", "--git", "repository", "-o", "unread.jsonl")
    assert scanned.exit_code == 0, scanned.output
    Path("policy.toml").write_text("no_broken = true\nno_drift = ['*']\n")
    return "unread.jsonl"


@pytest.mark.parametrize(
    ("command", "note"),
    [
        (("stale",), NOTHING),
        (("rescue",), NOTHING),
        (("costs",), NOTHING),
        (("where", "HEAD"), f"0 contain it, 0 lack it, 0 unknown; {NOTHING}"),
        (("impact", "HEAD"), f"nothing breaks, 0 left unused, 0 not affected; {NOTHING}"),
        (("orphans",), f"0 orphans, 0 unknown, 0 in use; {NOTHING}"),
        (("check", "--policy", "policy.toml"), "0 of 2 rules checked in full, 0 violations"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_what_is_said(run: Run, unread: str, command: tuple[str, ...], note: str) -> None:
    result = run(*command, "--from", unread)
    assert result.stderr.splitlines()[0] == note
    if command[0] not in ("check", "where", "impact"):
        assert result.stdout == ""


def test_the_summary_names_what_to_do(run: Run, unread: str) -> None:
    lines = run("summary", "--from", unread).stdout.splitlines()
    assert lines[2:] == [
        f"Unused:   no orphan: {NOTHING}", "Not read: any AWS account", "Next:     jotgraph scan",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "gate",
    [
        ("stale", "--check"),
        ("rescue", "--check"),
        ("orphans", "--check"),
        ("where", "HEAD", "--lacks", "--check"),
        ("check", "--policy", "policy.toml"),
    ],
    ids=lambda gate: gate[0],
)
def test_gates_do_not_pass(run: Run, unread: str, gate: tuple[str, ...]) -> None:
    result = run(*gate, "--from", unread)
    assert result.exit_code == 4
    assert result.stderr.splitlines()[-3:] == [
        "Needed but not read:",
        f"  {NOTHING}",
        "jotgraph: this check cannot pass: scan again with what it needs to read",
    ]


def test_a_difference_that_may_be_hidden_is_not_none(run: Run, unread: str, stored: str) -> None:
    assert run("diff", unread, unread, "--check").exit_code == 0
    whole = store.load(stored)
    ours = msgspec.structs.replace(whole, gaps=())
    for name, gaps in (("whole", ()), ("denied", (gap("lambda:ListFunctions"),))):
        store.save(msgspec.structs.replace(ours, gaps=gaps), f"{name}.jsonl")
    assert run("diff", "whole.jsonl", "whole.jsonl", "--check").exit_code == 0
    for pair in (("whole.jsonl", "denied.jsonl"), ("denied.jsonl", "whole.jsonl")):
        assert run("diff", *pair).exit_code == 0
        result = run("diff", *pair, "--check")
        assert (result.exit_code, "Needed but not read" in result.stderr) == (4, True)
    git = store.load(unread)
    asked = scope((ACCOUNT, REGION), git=git.scope.git)
    store.save(msgspec.structs.replace(git, scope=asked), "empty.jsonl")
    nothing = run("diff", unread, "empty.jsonl", "--check")
    assert (nothing.exit_code, NOTHING in nothing.stderr) == (4, True)
