"""The project of two functions is as its README says: it passes ``validate``, and each handler
answers its cases."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from jotgraph import deploy
from tests.examples.two_functions import FUNCTIONS, PROJECT, project

CASES = sorted(PROJECT.glob("cases/*/*.event.json"))
_ASK = """
import importlib, json, sys
handler = importlib.import_module(f"{sys.argv[1]}.app").handler
print(json.dumps(handler(json.load(sys.stdin), None)))
"""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_passes_validate_without_a_finding(tmp_path: Path, name: str) -> None:
    root = project(tmp_path / "till").path
    found = deploy.validate(root, f"{name}.app.handler", dockerfile=f"Dockerfile.{name}")
    assert found.findings == ()
    assert (found.handler_file, found.files) == (f"{name}/app.py", 6)


@pytest.mark.parametrize("event", CASES, ids=lambda path: path.name.partition(".")[0])
def test_each_handler_answers_its_cases(event: Path) -> None:
    expected = event.with_name(event.name.replace(".event.", ".expect."))
    done = subprocess.run(
        [sys.executable, "-B", "-W", "error", "-c", _ASK, event.parent.name],
        input=event.read_text(),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == json.loads(expected.read_text())


def test_each_function_has_a_case() -> None:
    assert {path.parent.name for path in CASES} == set(FUNCTIONS)
