"""Fixtures of the real parts, and the rule that no live test is left out unnamed.

``git_repository``, ``engine``, ``ecr_named`` and ``browser`` are made per process when first used
(each pytest-xdist worker has its own), handed out clean, and torn down always. What the machine
cannot run is named at the end of the run; with ``CI=true`` that fails the run.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from tests.rig.browser import Browser, Tab, chromium
from tests.rig.git import Repository, new_repository
from tests.rig.live import Rig, open_rig, tail
from tests.rig.requirements import FIXTURES, REQUIREMENTS, missing
from tests.strength import IN_CI

NewRepository = Callable[..., Repository]
LOGS = pytest.StashKey[Path]()
PLACES = ("CACHE", "CONFIG", "DATA", "STATE")


def move_in(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Let this folder be home, with its caches, state and configuration: of whoever runs the tests
    nothing is read, such as settings of git, and nothing is left there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, path in _named(folder).items():
        patch.setenv(name, path)


def _named(home: Path) -> dict[str, str]:
    inside = {f"XDG_{name}_HOME": f"{home}/{name.lower()}" for name in PLACES}
    return {"HOME": str(home), **inside}


@pytest.fixture(scope="session", autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homes]:
    """A home for what fixtures share."""
    folder = tmp_path_factory.getbasetemp() / "homes"
    with pytest.MonkeyPatch.context() as patch:
        move_in(folder / "shared", patch)
        yield Homes(folder)


class Homes:
    """Empty homes: one in which a test left nothing is the next test's."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._shared = folder, _named(folder / "shared")
        self._numbers = count()
        self._next()

    def _next(self) -> None:
        home = self._folder / str(next(self._numbers))
        home.mkdir()
        self._home, self._variables = home, _named(home)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Be at home in an empty one."""
        if os.listdir(self._home):
            self._next()
        os.environ.update(self._variables)
        try:
            yield
        finally:
            os.environ.update(self._shared)


@pytest.fixture(autouse=True)
def homes(_home: Homes) -> Iterator[None]:
    """A home for each test."""
    with _home.one():
        yield


@pytest.fixture
def git_repository(tmp_path: Path) -> NewRepository:
    """``git_repository(name="app", branch="main", object_format="sha1")`` makes an empty one."""

    def make(name: str = "app", *, branch: str = "main", object_format: str = "sha1") -> Repository:
        return new_repository(tmp_path / name, branch=branch, object_format=object_format)

    return make


@pytest.fixture(scope="session")
def _rig(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Rig]:
    logs = tmp_path_factory.mktemp("rig")
    pytestconfig.stash[LOGS] = logs
    with open_rig(logs) as rig:
        yield rig


@pytest.fixture
def engine(_rig: Rig) -> Rig:
    """A private Docker engine, empty."""
    _rig.wipe()
    return _rig


@pytest.fixture
def ecr_named(engine: Rig) -> Rig:
    """The private engine and a real registry that answers to true ECR names, both empty."""
    return engine


@pytest.fixture
def skopeo() -> Callable[..., bytes]:
    """``skopeo("inspect", "--raw", "oci:folder:tag")`` gives what it wrote: another's reading of
    images. Raises CalledProcessError; what skopeo said is in the test's output."""

    def run(*words: str) -> bytes:
        return subprocess.run(("skopeo", *words), check=True, stdout=subprocess.PIPE).stdout

    return run


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Spark on this machine, one for each process: the engine starts it when it is first asked."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_DIRS", str(tmp_path_factory.mktemp("spark")))
        # no test lasts so long that code which is compiled twice pays: it is half of its cost;
        # nor has any so much memory to collect that several threads do it sooner
        patch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        yield
        sql = sys.modules.get("pyspark.sql")  # which takes long to import
        if sql and (session := sql.SparkSession.getActiveSession()):
            session.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium without a window, one for each process."""
    with chromium() as found:
        yield found


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    """A new tab, 1400 by 900 pixels and light; afterwards it must not have complained, nor asked
    for anything but what the test opened."""
    with browser.tab() as found:
        yield found
        assert found.complaints == []
        assert found.strangers() == set()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses a live fixture, and skip, by name, what cannot run here. What uses the engine
    comes first: then one worker runs it all, none takes it away from its end, and one engine is
    started."""
    items.sort(key=lambda item: "_rig" not in getattr(item, "fixturenames", ()))
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in FIXTURES:
                item.add_marker(FIXTURES[fixture])
        for marker in REQUIREMENTS:
            if item.get_closest_marker(marker) and (reason := missing(marker)):
                item.add_marker(pytest.mark.skip(reason=f"{marker}: {reason}"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the ends of the rig's logs with a failed live test."""
    report = yield
    logs = item.config.stash.get(LOGS, None)
    if logs and report.failed and FIXTURES.keys() & set(getattr(item, "fixturenames", ())):
        report.sections.append((f"logs of the live rig, in {logs}", tail(logs)))
    return report


def not_run(reporter: pytest.TerminalReporter) -> dict[str, list[str]]:
    """Reason -> tests that were skipped for it, both sorted."""
    found: dict[str, set[str]] = {}
    for report in reporter.stats.get("skipped", ()):
        where = report.longrepr
        reason = str(where[2] if isinstance(where, tuple) else where).removeprefix("Skipped: ")
        found.setdefault(reason, set()).add(report.nodeid)
    return {reason: sorted(tests) for reason, tests in sorted(found.items())}


@pytest.hookimpl(tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was not run, and why."""
    skipped = not_run(terminalreporter)
    if not skipped:
        return
    terminalreporter.section("not run on this machine", red=IN_CI, yellow=not IN_CI, bold=True)
    for reason, tests in skipped.items():
        terminalreporter.line(f"{reason}")
        for test in tests:
            terminalreporter.line(f"    {test}")
    if IN_CI:
        terminalreporter.line("CI=true: what could not be run fails the run", red=True)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """With CI=true a test that was left out fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    passed = session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
    if IN_CI and passed and reporter is not None and not_run(reporter):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
