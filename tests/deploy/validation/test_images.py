"""What a Dockerfile builds on, and what it starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from jotgraph.deploy.validation.bases import bases
from jotgraph.deploy.validation.command import command_of, python_of
from jotgraph.deploy.validation.dockerfile import parse
from tests.deploy.validation.folders import AWS, DIGEST, DOCKERFILE, HANDLER, brief, found

TAGGED = "public.ecr.aws/lambda/python:3.12"
CLIENT = f'FROM python:3.12@{DIGEST}\nENTRYPOINT ["python", "-m", "awslambdaric"'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"FROM {AWS}", []),
        ("FROM scratch", []),
        (f"FROM {AWS} AS a\nFROM a", []),
        (f"ARG B={AWS}\nFROM $B", []),
        (f"FROM a@{DIGEST}\nCOPY --from=b@{DIGEST} x y", []),
        (f"FROM a@{DIGEST} AS one\nFROM a@{DIGEST}\nCOPY --from=ONE x y\nCOPY --from=0 x y", []),
        ("FROM a:1", [("base-not-pinned", "warning", "D", 1)]),
        ("FROM host:5000/a", [("base-not-pinned", "warning", "D", 1)]),
        ("ARG V=1\nFROM a:$V", [("base-not-pinned", "warning", "D", 2)]),
        (f"FROM a@{DIGEST}\nCOPY --from=b:1 x y", [("base-not-pinned", "warning", "D", 2)]),
        ("ARG B\nFROM $B", [("base-unknown", "unknown", "D", 2)]),
        ("ARG B=a\nFROM ${B:-b}-$TARGETARCH", [("base-unknown", "unknown", "D", 2)]),
        ("FROM a@sha256:12", [("base-invalid", "wrong", "D", 1)]),
        (f"FROM a@{DIGEST.upper()}", [("base-invalid", "wrong", "D", 1)]),
        ("FROM a@", [("base-invalid", "wrong", "D", 1)]),
        (f"FROM --platform=linux/arm64/v8 {AWS}", []),
        (f"FROM --platform=$TARGETPLATFORM {AWS}", []),
        (f"FROM --platform=linux/386 {AWS}", [("base-platform", "wrong", "D", 1)]),
        (f"FROM --platform=linux/386 {AWS}\nFROM {AWS}", []),
    ],
)
def test_bases(text: str, expected: list[tuple[str, str, str, int]]) -> None:
    assert [brief(flaw) for flaw in bases(parse(text.encode()), "D")] == expected


@pytest.mark.parametrize(
    ("text", "handler", "runtime", "expected"),
    [
        (f'FROM {AWS}\nCMD ["app.handler"]', "app.handler", True, []),
        (f'FROM {AWS}\nCMD ["a.b"]\nCMD ["src/app.handler"]', "src/app.handler", True, []),
        (f'FROM {AWS} AS a\nCMD ["a.b"]\nFROM a', "a.b", True, []),
        (f'FROM {TAGGED}\nENTRYPOINT ["/lambda-entrypoint.sh"]\nCMD ["a.b"]', "a.b", True, []),
        (f'{CLIENT}]\nCMD ["a.b"]', "a.b", True, []),
        (f'{CLIENT}, "a.b"]', "a.b", True, []),
        (f"FROM {AWS}", "", True, [("command-missing", "warning", "D", None)]),
        (f"FROM {AWS}\nCMD []", "", True, [("command-missing", "warning", "D", 2)]),
        (f"{CLIENT}]", "", True, [("command-missing", "warning", "D", 2)]),
        (
            f'FROM {AWS} AS a\nCMD ["a.b"]\nFROM a\nENTRYPOINT ["/lambda-entrypoint.sh"]', "", True,
            [("command-missing", "warning", "D", 4)],
        ),
        (f"FROM {AWS}\nCMD a.b", "", True, [("command-invalid", "wrong", "D", 2)]),
        (f'FROM {AWS}\nCMD ["a.b", "c"]', "", True, [("command-invalid", "wrong", "D", 2)]),
        (f'FROM {AWS}\nCMD ["handler"]', "", True, [("command-invalid", "wrong", "D", 2)]),
        (f"{CLIENT}]\nCMD a.b", "", True, [("command-invalid", "wrong", "D", 3)]),
        (f'FROM {AWS}\nCMD ["$APP.handler"]', "", True, [("command-unknown", "unknown", "D", 2)]),
        ('FROM node:22\nCMD ["a.b"]', "", False, [("command-unknown", "unknown", "D", 2)]),
        (
            f'FROM {AWS}\nENTRYPOINT ["/start"]\nCMD ["a.b"]', "", False,
            [("command-unknown", "unknown", "D", 3)],
        ),
        (
            f"FROM {AWS}\nENTRYPOINT python -m awslambdaric\nCMD a.b", "", False,
            [("command-unknown", "unknown", "D", 3)],
        ),
    ],
)  # fmt: skip
def test_commands(
    text: str, handler: str, runtime: bool, expected: list[tuple[str, str, str, int | None]]
) -> None:
    command = command_of(parse(text.encode()), "D")
    assert (command.handler, command.runtime) == (handler, runtime)
    assert [brief(flaw) for flaw in command.flaws] == expected


@pytest.mark.parametrize(
    ("image", "minor"),
    [(AWS, 12), ("python:3.9-slim", 9), ("python", None), ("python:2.7", None), ("a:3.9", None)],
)
def test_the_python_of_a_base(image: str, minor: int | None) -> None:
    assert python_of(parse(f"FROM {image}".encode())) == minor


@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        ("", []),
        ("app.handler", []),
        ("app.other", [("command-differs", "warning", "Dockerfile", 3)]),
    ],
)
def test_the_handler_that_is_named_and_the_one_that_is_started(
    tmp_path: Path, handler: str, expected: list[tuple[str, str, str, int]]
) -> None:
    files = {"Dockerfile": DOCKERFILE, "app.py": HANDLER + "other = handler\n"}
    assert found(tmp_path, files, handler) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (DOCKERFILE, []),
        (f"# syntax=docker/dockerfile:1.7\n{DOCKERFILE}", []),
        (f"# syntax=docker.io/docker/dockerfile:1@{DIGEST}\n{DOCKERFILE}", []),
        (
            f"# syntax=example.com/a:1\n{DOCKERFILE}",
            [("dockerfile-unknown", "unknown", "Dockerfile", 1)],
        ),
        ("RUN x\n", [("dockerfile-invalid", "wrong", "Dockerfile", 1)]),
        (f"{DOCKERFILE}RUN <<E\n", [("dockerfile-unknown", "unknown", "Dockerfile", 4)]),
    ],
)  # fmt: skip
def test_dockerfiles_that_cannot_be_read(
    tmp_path: Path, text: str, expected: list[tuple[str, str, str, int]]
) -> None:
    assert found(tmp_path, {"Dockerfile": text, "app.py": HANDLER}) == expected
