"""A live test that cannot run is named with its reason, and with CI=true fails the run."""

from __future__ import annotations

import pytest

from tests.rig.live import ROOT

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


NAMED = [
    "*= not run on this machine =*",
    "live_docker: no engine on the moon",
    "*::test_with_an_engine",
]


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["alone", "xdist"])
def test_what_cannot_run_is_named(inner: pytest.Pytester, options: tuple[str, ...]) -> None:
    result = inner.runpytest_subprocess(*options)
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(NAMED)
    assert result.ret == pytest.ExitCode.OK


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["alone", "xdist"])
def test_in_ci_it_fails_the_run(
    inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.setenv("CI", "true")
    result = inner.runpytest_subprocess(*options)
    result.stdout.fnmatch_lines([*NAMED, "CI=true: what could not be run fails the run"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_a_run_with_nothing_left_out_says_nothing(
    inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    result = inner.runpytest_subprocess("-k", "can_run")
    result.stdout.no_fnmatch_line("*not run on this machine*")
    assert result.ret == pytest.ExitCode.OK


@pytest.mark.parametrize("ci", ["", "true"])
def test_what_takes_long_is_named_and_run_in_ci(
    inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, ci: str
) -> None:
    monkeypatch.setenv("CI", ci)
    inner.makepyfile("import pytest\n\n@pytest.mark.in_ci\ndef test_of_a_day(): pass\n")
    result = inner.runpytest_subprocess("-k", "of_a_day")
    result.assert_outcomes(passed=int(bool(ci)), skipped=int(not ci))
    named = ["in_ci: takes long: run the tests with CI=true", "*::test_of_a_day"]
    result.stdout.fnmatch_lines([] if ci else named)
