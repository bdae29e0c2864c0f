"""Where images are built and tested: a Docker engine, or a substitute."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from jotgraph.clients import Clients
from jotgraph.deploy.build import BuildOptions, Built, build
from jotgraph.deploy.push import PackedImage
from jotgraph.deploy.run import Run
from jotgraph.deploy.testing import Case, RunOptions, run_cases
from jotgraph.errors import ApplyError
from jotgraph.queries.answers.testing import TestReport

if TYPE_CHECKING:
    import docker


class Workshop(Protocol):
    """Builds images of folders, and runs them."""

    @property
    def engine(self) -> Any:
        """The Docker engine for pushing; None if images push themselves."""

    def require(self) -> None:
        """Raise ApplyError if nothing can be built."""

    def build(self, root: Path, handler: str, options: BuildOptions, run: Run) -> Built:
        """Build the image of a folder, or find it built. Raises BuildError, OptionError."""

    def image(self, built: Built) -> str | PackedImage:
        """Return what ``push`` takes for a built image."""

    def test(
        self, built: Built, cases: Sequence[Case], options: RunOptions, now: datetime
    ) -> TestReport:
        """Run the cases against an image. Raises ApplyError."""


class EngineWorkshop:
    """The Docker engine that clients reach."""

    def __init__(self, clients: Clients) -> None:
        self._engine = clients.docker
        self._why = clients.why_no_engine

    @property
    def engine(self) -> docker.DockerClient:
        self.require()
        assert self._engine is not None
        return self._engine

    def require(self) -> None:
        if self._engine is None:
            raise ApplyError(f"a Docker engine builds the image: {self._why}")

    def build(self, root: Path, handler: str, options: BuildOptions, run: Run) -> Built:
        return build(root, handler, options, run)

    def image(self, built: Built) -> str | PackedImage:
        return built.image_id

    def test(
        self, built: Built, cases: Sequence[Case], options: RunOptions, now: datetime
    ) -> TestReport:
        return run_cases(self.engine, built.image_id, cases, options, now=now)
