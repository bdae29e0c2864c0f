"""The image under test, and how it is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from jotgraph.errors import ApplyError
from jotgraph.sources.connections import ask_engine

EMULATOR = "aws-lambda-rie"
"""File name of AWS's runtime interface emulator in AWS's bases and most others."""


class ImageUnderTest(NamedTuple):
    """The engine's description of the image under test."""

    id: str
    config_digest: str
    """Empty where the engine does not report it (containerd image store)."""
    command: tuple[str, ...]
    """Entry point and arguments."""


@dataclass(frozen=True)
class RunOptions:
    """How an image is run."""

    timeout: float = 30.0
    """Seconds for each event."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    network: bool = True
    """Whether it may reach anything beside this machine."""


def engine_image(api: Any, name: str) -> ImageUnderTest:
    """Return the engine's image of a name. Raises CallFailedError (``NotFound``)."""
    inspected = ask_engine(api.inspect_image, name)
    config = inspected.get("Config") or {}
    words = (*(config.get("Entrypoint") or ()), *(config.get("Cmd") or ()))
    identity = str(inspected["Id"])
    return ImageUnderTest(
        identity, "" if "Descriptor" in inspected else identity, tuple(map(str, words))
    )


def require_runnable(image: ImageUnderTest, options: RunOptions) -> None:
    """Raise ApplyError for an image that starts nothing, or that cannot be called as requested."""
    if not image.command:
        raise ApplyError(
            "the image starts nothing: its Dockerfile has neither ENTRYPOINT nor CMD; name the "
            "handler there"
        )
    if not options.network and starts_emulator(image):
        raise ApplyError(
            "the image starts the emulator, which is reached by the network: leave out --no-network"
        )


def starts_emulator(image: ImageUnderTest) -> bool:
    """Return whether the command of an image names the emulator."""
    return any(word.rpartition("/")[2] == EMULATOR for word in image.command)
