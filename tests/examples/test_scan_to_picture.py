"""The example runs on a stored inventory."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from tests.functional.conftest import stored as stored

EXAMPLE = Path(__file__).parents[2] / "examples" / "scan_to_picture.py"


def test_it_runs(
    stored: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    picture = tmp_path / "graph.svg"
    monkeypatch.setattr(sys, "argv", [str(EXAMPLE), stored, str(picture)])
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    said = capsys.readouterr().out
    assert "not read: ecr GetRepositoryPolicy" in said
    assert "drift    function:111111111111/eu-west-1/billing" in said
    assert "<svg" in picture.read_text()
