"""A program that deploys the example from a folder, so that a test can kill it.

Run as ``-m tests.deploy.up.victim FOLDER``, with the sandbox in the environment. The image is built
and tested here; the function is not invoked, since the sandbox is in another process.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from jotgraph import clients
from jotgraph.deploy.build import BuildOptions
from jotgraph.deploy.rollout import DeployOptions
from jotgraph.deploy.testing import read_cases
from jotgraph.deploy.up import UpOptions, up
from jotgraph.queries.answers.up import Stage
from jotgraph.sandbox import folder_image
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.workshop import SandboxWorkshop
from tests.deploy.up.base import small_base


class Elsewhere:
    """As much of a sandbox as building needs."""

    def answer(self, name: str, handler: Callable[..., Any]) -> None:
        """Nobody invokes here."""


def main() -> None:
    root = Path(sys.argv[1])
    options = UpOptions(
        build=BuildOptions(dockerfile="Dockerfile.quote"),
        deploy=DeployOptions(alias="live"),
        cases=read_cases((), (), root / "cases" / "quote"),
        skip=frozenset({Stage.INVOKE}),
    )
    reached = clients.connect(use_docker=False, rates={}, attempts=1, rounds=1)
    workshop = SandboxWorkshop(cast(Sandbox, Elsewhere()))
    vars(folder_image)["base_layer"] = small_base  # as the test has it
    up(root, "quote.app.handler", "quote", reached, workshop, options, patience=0.5)


if __name__ == "__main__":
    main()
