"""``trace`` and ``ls --tree`` in a narrow and a wide terminal, with colour and without."""

from __future__ import annotations

import re

import msgspec
import pytest

from jotgraph import store
from tests.functional.conftest import Run, expected
from tests.functional.estate import estate

TRACE, TREE = ("trace", "checkout"), ("ls", "--tree", "--all")
CASES = [
    (command, columns, f"{command[0]}_in_{columns}_columns")
    for command in (TRACE, TREE)
    for columns in (80, 120)
]


@pytest.fixture
def wordy(run: Run) -> str:
    """The estate with a long subject and long names, which a narrow terminal cuts."""
    world = estate()
    subject = (
        "Charge in the smallest unit of the customer's currency and round half to even, at last"
    )
    commits = tuple(
        msgspec.structs.replace(commit, subject=subject) if "cents" in commit.subject else commit
        for commit in world.commits
    )
    locals_ = tuple(
        msgspec.structs.replace(
            image, tags=(*image.tags, "shop/checkout:feature-a-very-long-branch-name-of-someone")
        )
        if "shop/checkout:dev" in image.tags
        else image
        for image in world.local_images
    )
    store.save(msgspec.structs.replace(world, commits=commits, local_images=locals_), "wordy.jsonl")
    return "wordy.jsonl"


@pytest.mark.parametrize(("command", "columns", "name"), CASES)
def test_a_narrow_and_a_wide_terminal(
    run: Run, wordy: str, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], columns: int,
    name: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = run(*command, "--from", wordy).stdout
    assert max(map(len, shown.splitlines())) <= columns
    assert shown == expected(name)


@pytest.mark.parametrize(("command", "columns", "name"), CASES)
def test_colour_only_adds_colour(
    run: Run, wordy: str, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], columns: int,
    name: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = run(*command, "--from", wordy, "--color", "always").stdout
    assert "\x1b[" in shown
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown) == expected(name)
    monkeypatch.setenv("NO_COLOR", "1")
    assert run(*command, "--from", wordy).stdout == expected(name)
