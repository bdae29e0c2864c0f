"""Write a Dockerfile for a folder that has none: same folder, same text."""

from __future__ import annotations

import json
import re
from posixpath import dirname

import msgspec

from jotgraph.deploy.build.dependencies import Dependencies
from jotgraph.errors import OptionError

AWS = "public.ecr.aws/lambda/python"
SLIM = "python"
DEFAULT_PYTHON = "3.13"
CLIENT = "awslambdaric==4.2.2"
"""Lambda's runtime interface client, of which a slim base has none."""
SOURCE = "SOURCE"
"""The argument that says where the folder is in what the build is sent."""
_AWS_FORM = re.compile(r"(?:.*/)?(?:lambda/python|aws-lambda-python)(?:[:@].*)?")
_PLAIN = re.compile(r"[\w.-][\w./-]*", re.ASCII)
_PIP = ("pip", "install", "--no-cache-dir", "--disable-pip-version-check")
_FIXED_TIME = ("env", "SOURCE_DATE_EPOCH=315532800")
"""Compiled modules are then told apart by their source's digest, not by the time of the build."""


class DockerfilePlan(msgspec.Struct, frozen=True):
    """What a generated Dockerfile is made from."""

    handler: str
    base: str
    """The image, with its digest where one is known."""
    dependencies: Dependencies = Dependencies()
    folder: str = ""
    """The part of the folder that holds the modules (``src``); empty for all of it."""
    package: str = ""
    """The name of the package that the folder itself is; empty where it is none."""


def base_image(base: str, python: str) -> str:
    """The image that ``--base`` means: ``aws``, ``slim``, or the image itself."""
    version = python or DEFAULT_PYTHON
    if base in ("", "aws"):
        return f"{AWS}:{version}"
    return f"{SLIM}:{version}-slim" if base == "slim" else base


def dockerfile_of(plan: DockerfilePlan) -> str:
    """The Dockerfile. Raises OptionError for names that a Dockerfile cannot hold safely."""
    aws = _AWS_FORM.fullmatch(plan.base) is not None
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
    """What pip installs, in a layer of its own: a change of the sources does not make it anew."""
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
