"""``orphans --engine``: the same bytes from every engine."""

from __future__ import annotations

import pytest

from tests.functional.conftest import Run


@pytest.mark.parametrize("form", ["table", "json", "csv", "md"])
def test_the_same_bytes_from_every_engine(run: Run, stored: str, form: str) -> None:
    asked = ("orphans", "--all", "--unknown", "--format", form, "--from", stored)
    single = run(*asked, "--engine", "single")
    processes = run(*asked, "--engine", "processes", "--jobs", "2")
    assert (processes.exit_code, processes.output) == (single.exit_code, single.output)
    assert single.exit_code == 0


def test_jobs_are_at_least_one(run: Run, stored: str) -> None:
    result = run("orphans", "--jobs", "0", "--from", stored)
    assert result.exit_code == 2
    assert "0 is not in the range x>=1" in result.stderr
