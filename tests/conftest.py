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
from tests.rig.in_memory import move_temporary_files
from tests.strength import choose_profile

pytest_plugins = [
    "pytester",
    "tests.rig.fixtures",
    "tests.rig.scopes",
    "tests.rig.times",
    "tests.rig.tried",
    "tests.rig.workers",
]
choose_profile()
move_temporary_files()

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


OURS = ("AWS_", "JOTGRAPH_")
"""How the variables begin that say where AWS is, and what whoever runs the tests has set."""
SAFE = {
    "AWS_ENDPOINT_URL": NOWHERE,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "JOTGRAPH_PROGRESS": "off",  # lines that come only where it is slow
}


def _said() -> dict[str, str]:
    return {
        name: os.environ[name]
        for name in os.environ
        if name.startswith(OURS) and name not in OF_TESTS
    }


def _leave_nothing_but_safe(patch: pytest.MonkeyPatch) -> None:
    for name, value in (said := _said()).items():
        if name.startswith("AWS_ENDPOINT_URL"):
            refuse_elsewhere_url(value)
        if name not in SAFE:
            patch.delenv(name)
    for name, value in SAFE.items():
        if said.get(name) != value:
            patch.setenv(name, value)


@pytest.fixture(scope="session", autouse=True)
def _safe() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        _leave_nothing_but_safe(patch)
        yield


@pytest.fixture(autouse=True)
def never_leave_loopback(request: pytest.FixtureRequest) -> None:
    """Let no AWS client of a test find the real AWS, a profile, or an instance's metadata, and no
    test the settings of whoever runs it. What a fixture of several tests has set is not for each.

    An endpoint that was set from outside must be loopback; it is replaced all the same.
    """
    if _said() != SAFE:
        _leave_nothing_but_safe(request.getfixturevalue("monkeypatch"))


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
