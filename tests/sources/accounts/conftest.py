"""One sandbox of forty accounts for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jotgraph.sandbox.server import Sandbox
from jotgraph.sources import ScanOptions
from tests.sources.accounts.forty import Scanned, forty_accounts, scan_once
from tests.sources.conftest import KEY


@pytest.fixture(scope="package")
def forty() -> Iterator[Sandbox]:
    """The organization, in the environment while it is made ready; tests only read it."""
    with Sandbox() as aws, pytest.MonkeyPatch.context() as patch:
        for name, value in aws.environment().items():
            patch.setenv(name, value)
        forty_accounts(aws)
        yield aws


@pytest.fixture(scope="package")
def scanned(forty: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    """The scan of all accounts that several tests look at: it takes as long as all of them."""
    cache = tmp_path_factory.mktemp("forty")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in forty.environment().items():
            patch.setenv(name, value)
        return scan_once(forty, ScanOptions(env_key=KEY, cache=cache))


@pytest.fixture
def signed_in(forty: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The organization, in the environment of a test."""
    for name, value in forty.environment().items():
        monkeypatch.setenv(name, value)
    forty.calls.clear()
    return forty
