"""Folders to validate: files in, what is found of them out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from jotgraph.deploy import validate
from jotgraph.queries.answers.validation import Flaw, FlawCode, Validation
from tests.rig.git import Repository, new_repository

DIGEST = "sha256:" + "a1" * 32
AWS = f"public.ecr.aws/lambda/python:3.12@{DIGEST}"
DOCKERFILE = f'FROM {AWS}\nCOPY app.py ./\nCMD ["app.handler"]\n'
HANDLER = "def handler(event, context):\n    return {}\n"


def clean(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """A work tree in which all files are committed."""
    new_repository(folder).commit(files)
    return folder


def validated(folder: Path, files: Mapping[str, str | bytes], handler: str = "") -> Validation:
    """What is found of these files, but that no commit has them: what handlers and Dockerfiles say
    is the same, and to compare a work tree takes git seven commands."""
    Repository(folder).write(files)
    result = validate(folder, handler)
    others = tuple(flaw for flaw in result.findings if flaw.code is not FlawCode.NO_COMMIT)
    assert len(others) == len(result.findings) - 1
    return msgspec.structs.replace(result, findings=others)


def brief(flaw: Flaw) -> tuple[str, str, str, int | None]:
    """A finding without its words."""
    return flaw.code.value, flaw.severity.value, flaw.file, flaw.line


def found(
    folder: Path, files: Mapping[str, str | bytes], handler: str = ""
) -> list[tuple[str, str, str, int | None]]:
    """The findings of these files without their words."""
    return [brief(flaw) for flaw in validated(folder, files, handler).findings]
