"""What tests of workloads have at hand."""

from __future__ import annotations

import pytest

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox


@pytest.fixture
def digest(aws: Sandbox) -> str:
    """The digest of ``app:live``, a tag that each test may move."""
    return fill_image(aws)


def fill_image(aws: Sandbox) -> str:
    """The image that workloads run."""
    seed.repository(aws, "app")
    return seed.image(aws, "app", "live")
