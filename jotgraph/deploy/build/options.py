"""Options of a build."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

import msgspec

from jotgraph.errors import OptionError

PLATFORMS = ("linux/amd64", "linux/arm64")
"""The platforms that Lambda runs."""
_REFERENCE = re.compile(r"[a-z0-9][\w./:-]*(?:@sha256:[0-9a-f]{64})?", re.ASCII)
_TAG = re.compile(r"[a-z0-9][a-z0-9._/:-]*(?::[\w][\w.-]{0,127})?", re.ASCII)
_ARGUMENT = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_PYTHON = re.compile(r"3\.\d{1,2}")


class Builder(StrEnum):
    """The two builders of Docker's engine."""

    AUTO = "auto"
    """BuildKit if the engine prefers it or the Dockerfile needs it, else the classic builder."""
    CLASSIC = "classic"
    BUILDKIT = "buildkit"


class BuildOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of ``build``, each with the default of the command line."""

    dockerfile: str = ""
    """Path relative to the folder; empty for ``Dockerfile``, or a generated one if there is
    none."""
    base: str = ""
    """For a generated Dockerfile: ``aws``, ``slim`` or an image; empty is ``aws``."""
    python: str = ""
    """For a generated Dockerfile: ``3.N``; empty for what the folder specifies."""
    platform: str = PLATFORMS[0]
    tags: tuple[str, ...] = ()
    labels: Mapping[str, str] = msgspec.field(default_factory=dict)
    arguments: Mapping[str, str] = msgspec.field(default_factory=dict)
    """Values of build arguments."""
    builder: Builder = Builder.AUTO
    network: str = ""
    """The network of RUN steps: ``none``, ``host``, or a network of the engine; empty for the
    engine's default."""
    pull: bool = False
    """Whether to ask the registry for base images that the engine has."""
    cache: bool = True
    allow_dirty: bool = False
    validate: bool = True

    def __post_init__(self) -> None:
        if self.platform not in PLATFORMS:
            raise OptionError(f"Lambda runs {' and '.join(PLATFORMS)}, not {self.platform!r}")
        if self.python and not _PYTHON.fullmatch(self.python):
            raise OptionError(f"--python takes a version such as 3.13, not {self.python!r}")
        if self.base and not _REFERENCE.fullmatch(self.base):
            raise OptionError(f"--base takes aws, slim or an image, not {self.base!r}")
        for tag in self.tags:
            if not _TAG.fullmatch(tag):
                raise OptionError(f"{tag!r} is not a name for an image: write REPOSITORY[:TAG]")
        for name in self.arguments:
            if not _ARGUMENT.fullmatch(name):
                raise OptionError(f"{name!r} is not the name of a build argument")
