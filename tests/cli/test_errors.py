"""The page of wrong inputs is what the command line says."""

from __future__ import annotations

import pytest

from tests.cli.errors import PAGE, Said, everything_said, page
from tests.cli.wrong_inputs import WRONG, Wrong

RENEW = "renew it with: python -m tests.cli.errors --write"


@pytest.fixture(scope="module")
def ends() -> dict[Wrong, Said]:
    return everything_said()


def test_the_page_is_what_is_said(ends: dict[Wrong, Said]) -> None:
    assert page(ends) == PAGE.read_text(encoding="utf-8"), RENEW


def test_there_are_many_and_each_is_another(ends: dict[Wrong, Said]) -> None:
    distinct = {(wrong.what, wrong.command, wrong.also, wrong.fault) for wrong in WRONG}
    assert len(distinct) == len(WRONG) >= 40


_FOUND = {"From a folder to a function": (1,), "Build, test, push, deploy, and back": (1,)}
"""Where ``validate`` may call something wrong."""


def test_nothing_that_is_wrong_passes_or_crashes(ends: dict[Wrong, Said]) -> None:
    odd = {
        wrong.command: (end.code, end.message)
        for wrong, end in ends.items()
        if end.code not in (2, 3, 4, *_FOUND.get(wrong.section, ())) or not end.message
    }
    odd |= {
        wrong.command: (end.code, end.message)
        for wrong, end in ends.items()
        if any(word in end.message for word in ("Traceback", "internal error", "Errno", "\x1b"))
    }
    assert odd == {}


def test_what_does_nothing_leaves_no_run(ends: dict[Wrong, Said]) -> None:
    """Whoever looks at the runs of this machine would wonder what each of them did."""
    assert {wrong.command: end.idle_runs for wrong, end in ends.items() if end.idle_runs} == {}
