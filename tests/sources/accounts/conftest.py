"""One sandbox of forty accounts for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jotgraph.sandbox.server import Sandbox
from tests.sources.accounts.forty import forty_accounts


@pytest.fixture(scope="package")
def forty() -> Iterator[Sandbox]:
    """The organization, in the environment while it is made ready; tests only read it."""
    with Sandbox() as aws, pytest.MonkeyPatch.context() as patch:
        for name, value in aws.environment().items():
            patch.setenv(name, value)
        forty_accounts(aws)
        yield aws
