"""What a shell offers for names: from stored snapshots, whatever else is the matter."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from click.shell_completion import ShellComplete

from jotgraph import store
from jotgraph.cli import cli
from jotgraph.cli import names as offered
from tests.functional.estate import estate


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def offers(*words: str) -> list[str]:
    """What is offered for the last word."""
    shell = ShellComplete(cli, {}, "jotgraph", "_JOTGRAPH_COMPLETE")
    return [completion.value for completion in shell.get_completions(list(words[:-1]), words[-1])]


def test_names_come_from_the_newest_snapshot_or_the_one_asked_for() -> None:
    store.Snapshots().remember(
        msgspec.structs.replace(estate(), functions=(), versions=(), aliases=()), "old"
    )
    store.save(estate(), "all.jsonl")
    assert offers("show", "checkout:l") == []
    store.Snapshots().remember(estate(), "prod")
    assert offers("show", "checkout:l") == ["checkout:live"]
    assert offers("show", "--from", "old", "checkout:l") == []
    assert offers("why", "--from", "all.jsonl", "checkout:l") == ["checkout:live"]
    assert offers("plan", "delete", "billing", "checkout:l") == ["checkout:live"]
    assert offers("where", "mai") == ["main"]
    assert {"checkout", "checkout:live"} <= set(offers("impact", "check"))


def test_snapshots_are_offered_beside_files() -> None:
    store.Snapshots().remember(estate(), "prod")
    assert offers("ls", "--from", "p") == ["prod", "p"]
    assert offers("diff", "p") == ["prod", "p"]


def test_nothing_is_offered_without_a_snapshot_of_a_bearable_size(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert offers("show", "check") == []
    assert offers("show", "--from", "gone", "check") == []
    (shelf / "torn.jsonl").write_text("{}")
    assert offers("show", "--from", "torn.jsonl", "check") == []
    store.Snapshots().remember(estate(), "prod")
    monkeypatch.setattr(offered, "_LARGEST", 10)
    assert offers("show", "check") == []


def test_what_a_shell_would_not_take_literally_is_not_offered() -> None:
    made = estate()
    (first, *rest) = made.git
    _, commit = first.refs[0]
    hostile = msgspec.structs.replace(
        first, refs=(*first.refs, ("refs/heads/x$(touch-hurt)", commit), ("refs/heads/x-y", commit))
    )
    store.Snapshots().remember(msgspec.structs.replace(made, git=(hostile, *rest)), "prod")
    assert offers("where", "x") == ["x-y"]
