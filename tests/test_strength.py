"""The plain suite says the same on every run and on every machine."""

from __future__ import annotations

import ast
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given

from tests.strength import DICE, examples, spread
from tests.syntax import parsed, walk

TESTS = Path(__file__).parent
CLOCKS = {"monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "time_ns"}
OWN_SETTINGS = {"deadline", "max_examples"}
NAMED = re.compile("|".join(CLOCKS | OWN_SETTINGS))
WAITS = {"live/test_teardown.py", "live/test_testing.py"}
"""Wait for what another process does, and give up late; no result depends on how long it took."""


def test_the_same_examples_are_drawn_every_time() -> None:
    drawn: list[float] = []

    @examples(20)
    @given(rng=DICE)
    def draw(rng: object) -> None:
        drawn.append(rng.random())  # type: ignore[attr-defined]  # a Random

    draw()
    first = drawn.copy()
    drawn.clear()
    draw()
    assert drawn == first
    assert len(set(first)) > 10


def test_what_was_imported_before_changes_no_example(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which modules a worker has imported depends on the tests that it was given. Here they are
    those of the plain suite; in a process of its own, one that is full of texts."""
    text = """
import string, sys
from tests.strength import choose_profile, examples
choose_profile()
from hypothesis import given, strategies as st
if "full_of_texts" in sys.argv:
    import full_of_texts
@examples(200)
@given(text=st.text(string.printable))
def draw(text):
    print(ascii(text))
draw()
"""
    (tmp_path / "draw.py").write_text(text)
    texts = [f"text {number}" for number in range(100)]
    (tmp_path / "full_of_texts.py").write_text(f"TEXTS = {texts!r}")

    program = tmp_path / "draw.py"
    done = subprocess.run(
        [sys.executable, program.name, "full_of_texts"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(TESTS.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    runpy.run_path(str(program))
    here = capsys.readouterr().out
    assert len(here.splitlines()) == 200
    assert done.stdout == here


def test_the_places_that_are_tried_are_as_far_apart_as_they_can_be() -> None:
    parts = [list(spread(100, 21, part=part, parts=4, first=3)) for part in range(4)]
    assert parts == [[3, 87], [24], [45], [66]]
    assert list(spread(4, 1)) == [0, 1, 2, 3]
    assert list(spread(3, 7, part=1, parts=4)) == []
    with pytest.raises(AssertionError, match="no place of 3 is tried: from 3, one in 7"):
        spread(3, 7, first=3)


def named(tree: ast.AST) -> set[str]:
    """Attributes, imported names and keyword arguments of a module."""
    found: set[str] = set()
    for node in walk(tree):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.alias):
            found.add(node.name)
        elif isinstance(node, ast.keyword) and node.arg:
            found.add(node.arg)
    return found


def test_no_test_measures_time_or_draws_by_settings_of_its_own() -> None:
    """Benchmarks measure. A deadline would depend on what else the machine does, and settings that
    are not made by ``examples`` would not be those of a search."""
    texts = {
        str(path.relative_to(TESTS)): path.read_text("utf-8") for path in TESTS.rglob("test_*.py")
    }
    modules = {name: named(parsed(text)) for name, text in texts.items() if NAMED.search(text)}
    assert {name for name, names in modules.items() if names & CLOCKS} == WAITS
    assert [name for name, names in modules.items() if names & OWN_SETTINGS] == []
