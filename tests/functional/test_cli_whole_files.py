"""Files that a command writes with ``-o`` are whole, or as they were before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.apply.test_hostile import at_most
from tests.functional.conftest import Run

COMMANDS = {
    "picture": ("render", "-o", "it.svg"),
    "page": ("render", "-o", "it.html"),
    "plan": ("plan", "delete", "nightly", "-o", "it.json"),
    "its-picture": ("plan", "delete", "nightly", "--picture", "it.svg"),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_full_disk_leaves_what_was_there(
    run: Run, whole: str, tmp_path: Path, command: tuple[str, ...]
) -> None:
    target = tmp_path / command[-1]
    target.write_text("as before")
    there = sorted(tmp_path.iterdir())
    with at_most(1000):
        result = run(*command, "--from", whole)
    assert result.exit_code == 4
    assert result.stderr.splitlines()[-1] == f"jotgraph: {target.name}: File too large"
    assert target.read_text() == "as before"
    assert sorted(tmp_path.iterdir()) == there


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_who_may_read_a_file_stays(
    run: Run, whole: str, tmp_path: Path, command: tuple[str, ...]
) -> None:
    target = tmp_path / command[-1]
    assert run(*command, "--from", whole).exit_code == 0
    new = tmp_path / "new"
    new.touch()
    assert target.stat().st_mode == new.stat().st_mode
    target.chmod(0o640)
    assert run(*command, "--from", whole).exit_code == 0
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_one(run: Run, whole: str, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "it.svg").symlink_to("elsewhere/real.svg")
    assert run("render", "-o", "it.svg", "--from", whole).exit_code == 0
    assert (tmp_path / "it.svg").is_symlink()
    assert "checkout" in (tmp_path / "elsewhere" / "real.svg").read_text()
