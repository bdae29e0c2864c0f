"""Options of a deployment."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from jotgraph.deploy.subject import told_apart
from jotgraph.errors import OptionError

MEMORY = (128, 10240)
"""Lowest and highest memory of a function in MB (Lambda quotas)."""
TIMEOUT = (1, 900)
"""Shortest and longest timeout in seconds (Lambda quotas)."""


class DeployOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Settings beside the image; what is empty or None is left unchanged."""

    role: str = ""
    """ARN or name. Empty: a new function gets a role of its own, an existing one keeps its role."""
    alias: str = ""
    weight: float | None = None
    """Share of the alias's calls for the new version; None means all of them."""
    memory: int | None = None
    timeout: int | None = None
    environment: Mapping[str, str] | None = None
    """All variables of the function; None leaves them unchanged."""
    architecture: str = ""
    """``x86_64`` or ``arm64``: allows a function to change to the image's processor. Empty: it may
    not change."""

    @property
    def subject(self) -> dict[str, str]:
        """Return what identifies a run; for variables the names, and a hash of their values."""
        words = msgspec.to_builtins(self)
        if self.environment is not None:
            words["environment"] = [*sorted(self.environment), told_apart(self.environment)]
        return {key: str(value) for key, value in words.items() if value not in ("", None)}

    def check(self) -> None:
        """Raise OptionError for what Lambda would refuse, or what does not fit together."""
        if self.weight is not None and not self.alias:
            raise OptionError("--weight is a share of the calls of an alias; name it with --alias")
        if self.weight is not None and not 0 < self.weight < 1:
            raise OptionError("--weight is above 0 and below 1; leave it out to move all calls")
        if self.alias and (self.alias.isdigit() or self.alias == "$LATEST"):
            raise OptionError(f"{self.alias!r} cannot be the name of an alias")
        for name, value, (least, most) in (
            ("--memory", self.memory, MEMORY),
            ("--timeout", self.timeout, TIMEOUT),
        ):
            if value is not None and not least <= value <= most:
                raise OptionError(f"{name} is from {least} to {most:,}")
