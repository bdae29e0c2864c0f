"""Folders to build: enough files for a commit to be told by them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.rig.git import Repository, new_repository

REMOTE = "https://ada:secret@example.com/shop/functions.git"
BASE = "public.ecr.aws/lambda/python:3.13"
DOCKERFILE = f'FROM {BASE}\nCOPY . ${{LAMBDA_TASK_ROOT}}/\nCMD ["app.handler"]\n'
HANDLER = "from part1 import part1\n\n\ndef handler(event, context):\n    return part1(2)\n"
PARTS = {f"part{n}.py": f"def part{n}(n):\n    return n * {n * 7919}\n" * 3 for n in range(1, 7)}


def sources(folder: str = "") -> dict[str, str | bytes]:
    """A handler and what it imports."""
    top = f"{folder}/" if folder else ""
    return {f"{top}{name}": text for name, text in {"app.py": HANDLER, **PARTS}.items()}


def committed(folder: Path, files: Mapping[str, str | bytes]) -> Repository:
    """A repository with a remote and a tag, in which the files are committed."""
    repository = new_repository(folder)
    repository.commit(files)
    repository.git("remote", "add", "origin", REMOTE)
    repository.git("tag", "-a", "v1.0", "-m", "v1.0")
    return repository
