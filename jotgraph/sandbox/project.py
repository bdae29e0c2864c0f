"""The example project of two functions as a git repository, for the demo."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from jotgraph.sandbox.estate.history import run_git

EXAMPLE = Path(__file__).parents[2] / "examples" / "two_functions"
"""Beside the package in a clone; an installed package has no examples."""
REMOTE = "https://git.example.com/till"


def write_project(folder: Path, now: datetime) -> None:
    """Copy the example and commit it, an hour before ``now``. Raises SandboxError."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    run_git(folder, "init", "-q", "-b", "main")
    run_git(folder, "remote", "add", "origin", REMOTE)
    _commit(folder, "A till of two functions", now - timedelta(hours=1))


def rename_the_answer(folder: Path, now: datetime) -> str:
    """Change one line and the answer that the tests expect, and commit it. Returns the commit."""
    _replace(folder / "quote" / "app.py", '"total": money(', '"price": money(')
    _replace(folder / "cases" / "quote" / "two-coffees.expect.json", "total", "price")
    return _commit(folder, "Call the total a price", now)


def _replace(path: Path, before: str, after: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")


def _commit(folder: Path, subject: str, when: datetime) -> str:
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "-q", "-m", subject, when=when)
    return run_git(folder, "rev-parse", "HEAD")
