"""``show`` on a stored inventory, whole outputs compared."""

from __future__ import annotations

import json

from tests.functional.conftest import Run, expected
from tests.functional.estate import SHAS, digest


def test_a_function_whose_image_is_gone(run: Run, stored: str) -> None:
    result = run("show", "report", "--from", stored)
    assert result.exit_code == 0
    assert result.stdout == expected("show_a_function_whose_image_is_gone")


def test_a_version(run: Run, stored: str) -> None:
    result = run("show", "checkout:1", "--from", stored)
    assert result.exit_code == 0
    assert result.stdout == expected("show_a_version")


def test_commits_as_json(run: Run, stored: str) -> None:
    answer = json.loads(run("show", "billing", "--from", stored, "--format", "json").stdout)
    assert answer["format"] == "jotgraph/show/1"
    assert answer["resource"]["kind"] == "function"
    assert [
        (each["relation"], each["grade"], each["rule"], each["candidates"], each["count"])
        for each in answer["commits"]
    ] == [("built-from", "strong", "revision_label", [SHAS[2]], 1)]
    assert answer["commits"][0]["on"] == f"local-image:{digest(103)}"
