"""The example project, copied into a git repository of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.rig.git import Repository, new_repository

PROJECT = Path(__file__).parents[2] / "examples" / "two_functions"
FUNCTIONS = ("quote", "receipt")


def project(folder: Path) -> Repository:
    """The project, committed."""
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("__pycache__"))
    repository = new_repository(folder)
    repository.commit(message="A till")
    return repository
