"""A live test that cannot run is named with its reason, and with CI=true fails the run."""

from __future__ import annotations

import pytest

from tests.rig.live import ROOT
from tests.strength import some

CONFTEST = """
from tests.rig import requirements

requirements.REQUIREMENTS["live_docker"] = lambda: "no engine on the moon"
requirements.REQUIREMENTS["live_browser"] = lambda: ""
pytest_plugins = ["tests.rig.fixtures"]
"""

TESTS = """
import pytest

def test_with_an_engine(engine): raise AssertionError("must not run")

@pytest.mark.live_browser
def test_that_can_run(): pass

@pytest.mark.in_ci
def test_of_a_day(): pass
"""

INI = """
[pytest]
markers =
  live_docker: engine
  live_registry: registry
  live_browser: browser
  in_ci: long
"""


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("JOTGRAPH_THOROUGH", raising=False)
    pytester.makeini(INI)
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(TESTS)
    return pytester


WITHOUT_ENGINE = ["live_docker: no engine on the moon", "*::test_with_an_engine"]
LONG = ["in_ci: takes long: run the tests with CI=true", "*::test_of_a_day"]
ALONE, BY_XDIST = pytest.param((), id="alone"), pytest.param(("-n", "1"), id="xdist")


@pytest.mark.parametrize("options", some("runs of tests by xdist", (ALONE, BY_XDIST), 2))
def test_what_cannot_run_is_named(inner: pytest.Pytester, options: tuple[str, ...]) -> None:
    result = inner.runpytest_subprocess(*options)
    result.assert_outcomes(passed=1, skipped=2)
    result.stdout.fnmatch_lines(["*= not run on this machine =*", *LONG, *WITHOUT_ENGINE])
    assert result.ret == pytest.ExitCode.OK


@pytest.mark.parametrize("options", some("runs of tests as in CI alone", (BY_XDIST, ALONE), 2))
def test_in_ci_it_fails_the_run_and_what_takes_long_is_run(
    inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.setenv("CI", "true")
    result = inner.runpytest_subprocess(*options)
    result.assert_outcomes(passed=2, skipped=1)
    named = ["*= not run on this machine =*", *WITHOUT_ENGINE]
    result.stdout.fnmatch_lines([*named, "CI=true: what could not be run fails the run"])
    result.stdout.no_fnmatch_line(LONG[0])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_a_run_with_nothing_left_out_says_nothing(
    inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    result = inner.runpytest_subprocess("-k", "can_run")
    result.stdout.no_fnmatch_line("*not run on this machine*")
    assert result.ret == pytest.ExitCode.OK
