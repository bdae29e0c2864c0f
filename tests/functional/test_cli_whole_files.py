"""Files that a command writes with ``-o`` are whole, or as they were before."""

from __future__ import annotations

import os
import re
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from jotgraph.cli import cli
from jotgraph.store.writing import replacing
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


def test_a_first_policy_is_whole_or_not_there(run: Run, tmp_path: Path) -> None:
    """One that was cut off has fewer rules, or none."""
    (tmp_path / "inside").mkdir()
    for name in ("jotgraph.toml", "inside/ci.toml"):
        with at_most(300):
            result = run("check", "--init", "--policy", name)
        assert result.exit_code == 4
        assert result.stderr == f"jotgraph: {name}: File too large\n"
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "command",
    [
        ("ls", "--from", "FILE"),
        ("orphans", "--check", "--from", "FILE"),
        ("check", "--policy", "few.toml", "--from", "FILE"),
        ("ls", "--help"),
        ("--help",),
    ],
)
def test_an_answer_without_room_is_a_failure_and_no_fault_of_the_program(
    whole: str,
    run: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
) -> None:
    (tmp_path / "few.toml").write_text("max_orphans = 0\n")
    words = [whole if word == "FILE" else word for word in command]
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(SystemExit) as ended:
            cli.main(words, prog_name="jotgraph")
    assert ended.value.code == 4
    said = capsys.readouterr().err.splitlines()
    assert said[-1] == "jotgraph: the output cannot be written: No space left on device"


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


def test_what_killed_writers_left_goes_when_it_is_a_day_old(
    run: Run, whole: str, tmp_path: Path
) -> None:
    """And nothing else does, whatever it is called."""
    day = 86400
    ages = {
        ".it.svg.abcd_123.jotgraph-part": 2 * day,
        ".it.svg.zzzz_123.jotgraph-part": day / 2,
        ".at.svg.abcd_123.jotgraph-part": 2 * day,
        ".it.svg.original": 2 * day,
        ".itxsvg.abcd_123.jotgraph-part": 2 * day,
    }
    for name, age in ages.items():
        (tmp_path / name).write_text("mine")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    (tmp_path / ".it.svg.link_123.jotgraph-part").symlink_to(".it.svg.original")
    assert run("render", "-o", "it.svg", "--from", whole).exit_code == 0
    gone = [name for name in ages if not (tmp_path / name).exists()]
    assert gone == [".it.svg.abcd_123.jotgraph-part"]
    assert (tmp_path / ".it.svg.link_123.jotgraph-part").is_symlink()


def test_a_killed_writer_leaves_a_name_that_is_known(tmp_path: Path) -> None:
    with suppress(KeyboardInterrupt), replacing(tmp_path / "it.svg"):
        (left,) = tmp_path.iterdir()
        assert re.fullmatch(r"\.it\.svg\.[a-z0-9_]{8}\.jotgraph-part", left.name)
        raise KeyboardInterrupt
