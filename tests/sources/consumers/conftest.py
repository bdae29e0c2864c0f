"""What tests of workloads have at hand."""

from __future__ import annotations

import pytest

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox


@pytest.fixture
def digest(aws: Sandbox) -> str:
    """The digest of ``app:live``, a tag that each test may move."""
    seed.repository(aws, "app")
    return seed.image(aws, "app", "live")
