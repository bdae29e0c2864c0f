"""What every test has at hand, and what none may reach."""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from jotgraph.sandbox.server import Sandbox, refuse_elsewhere_url
from tests.strength import choose_profile

pytest_plugins = ["pytester", "tests.rig.fixtures", "tests.rig.times", "tests.rig.tried"]
choose_profile()

# To compile all modules again takes as long as collecting the tests, and longer than most commands
# of which a process is tested: what was compiled is kept, whatever the environment says.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

OF_TESTS = frozenset({"JOTGRAPH_SEARCH", "JOTGRAPH_THOROUGH"})
"""Variables that say how much to test."""
NOWHERE = "http://127.0.0.1:9"
"""An address of loopback that nobody answers (port 9 is discard)."""


_numbers = count()
MANY_OBJECTS = 20_000
"""New objects after which the collector looks for garbage, in place of 700."""


def pytest_collection() -> None:
    """Collecting tests leaves no garbage, and the collector would look for it twenty times."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What is here now stays until the end: the collector need not go through it any more."""
    if "botocore" in sys.modules:  # what needs none of it need not wait for it
        from tests.rig.made_once import make_once  # noqa: PLC0415 -- as above

        make_once()
    gc.freeze()
    gc.set_threshold(MANY_OBJECTS, 10, 10)
    gc.enable()


@pytest.fixture(autouse=True)
def never_leave_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no AWS client of a test find the real AWS, a profile, or an instance's metadata.

    An endpoint that was set from outside must be loopback; it is replaced all the same.
    """
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        if name.startswith("AWS_ENDPOINT_URL"):
            refuse_elsewhere_url(os.environ[name])
        monkeypatch.delenv(name)
    monkeypatch.setenv("JOTGRAPH_PROGRESS", "off")  # lines that come only where it is slow
    monkeypatch.setenv("AWS_ENDPOINT_URL", NOWHERE)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)


@pytest.fixture(autouse=True)
def no_settings_of_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Let no test find the settings of whoever runs it."""
    for name in [name for name in os.environ if name.startswith("JOTGRAPH_")]:
        if name not in OF_TESTS:
            monkeypatch.delenv(name)
    nowhere = tmp_path_factory.getbasetemp() / "no-settings"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(nowhere))


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for this test. pytest's own fixture looks through the folders of all tests before,
    for a number that is free."""
    name = re.sub(r"\W", "_", request.node.name)[:30]
    folder = tmp_path_factory.getbasetemp() / "t" / f"{name}{next(_numbers)}"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def aws() -> Iterator[Sandbox]:
    """A new embedded AWS; explicit clients by ``aws.client(...)``."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def aws_environment(aws: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The embedded AWS, exported to the environment for code that makes its own clients."""
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    return aws
