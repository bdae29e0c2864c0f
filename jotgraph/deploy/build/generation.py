"""Generates a Dockerfile for a folder without one: same folder, same text."""

from __future__ import annotations

import json
import re
from posixpath import dirname

import msgspec

from jotgraph.deploy.build.dependencies import Dependencies
from jotgraph.deploy.validation.command import AWS_BASE
from jotgraph.errors import OptionError

AWS = "public.ecr.aws/lambda/python"
SLIM = "python"
DEFAULT_PYTHON = "3.13"
CLIENT = "awslambdaric==4.2.2"
"""Lambda's runtime interface client, which slim base images lack."""
SOURCE = "SOURCE"
"""The build argument with the folder's position in the build context."""
_PLAIN = re.compile(r"[\w.-][\w./-]*", re.ASCII)
_PIP = ("pip", "install", "--no-cache-dir", "--disable-pip-version-check")
_FIXED_TIME = ("env", "SOURCE_DATE_EPOCH=315532800")
"""Makes compiled modules depend on their source's digest rather than the time of the build."""


class DockerfilePlan(msgspec.Struct, frozen=True):
    """The contents of a generated Dockerfile."""

    handler: str
    base: str
    """The base image, with its digest where that is known."""
    dependencies: Dependencies = Dependencies()
    folder: str = ""
    """The part of the folder with the modules (``src``); empty for all of it."""
    package: str = ""
    """The package name when the folder itself is a package; else empty."""


def base_image(base: str, python: str) -> str:
    """Return the image that ``--base`` means: ``aws``, ``slim``, or the image itself."""
    version = python or DEFAULT_PYTHON
    if base in ("", "aws"):
        return f"{AWS}:{version}"
    return f"{SLIM}:{version}-slim" if base == "slim" else base


def dockerfile_of(plan: DockerfilePlan) -> str:
    """Return the Dockerfile. Raises OptionError for names that a Dockerfile cannot safely
    contain."""
    aws = AWS_BASE.fullmatch(plan.base) is not None
    lines = [f"FROM {plan.base}"]
    if not aws:
        lines += ["ENV LAMBDA_TASK_ROOT=/var/task", "WORKDIR /var/task"]
        lines += [_run(*_PIP, CLIENT)]
    lines += [f"ARG {SOURCE}=."]
    lines += _installed(plan.dependencies)
    source = "/".join(filter(None, (f"${{{SOURCE}}}", _plain(plan.folder))))
    target = "/".join(filter(None, ("${LAMBDA_TASK_ROOT}", _plain(plan.package))))
    lines += [f"COPY {source} {target}/"]
    if not aws:
        lines += ['ENTRYPOINT ["python", "-m", "awslambdaric"]']
    lines += [f"CMD {json.dumps([plan.handler])}"]
    return "\n".join(lines) + "\n"


def _installed(wanted: Dependencies) -> list[str]:
    """The instructions for pip in a layer of their own, which a change of the sources does not
    rebuild."""
    if wanted.named:
        return [_run(*_PIP, "--", *wanted.named)]
    if not wanted.files:
        return []
    copies: dict[str, list[str]] = {}
    for name in wanted.files:
        copies.setdefault(dirname(name), []).append(f"${{{SOURCE}}}/{_plain(name)}")
    root = "${LAMBDA_TASK_ROOT}/"
    return [
        *(
            f"COPY {' '.join(names)} {root}{place and place + '/'}"
            for place, names in copies.items()
        ),
        "WORKDIR ${LAMBDA_TASK_ROOT}",
        _run(*_PIP, "-r", wanted.files[0]),
    ]


def _run(*words: str) -> str:
    return f"RUN {json.dumps([*_FIXED_TIME, *words])}"


def _plain(name: str) -> str:
    if name and not _PLAIN.fullmatch(name):
        raise OptionError(
            f"no Dockerfile is generated for a folder with {name!r} in it: rename it, or write one"
        )
    return name
