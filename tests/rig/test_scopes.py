"""A fixture that a folder's tests share is refused where it would outlive them."""

from __future__ import annotations

import pytest

SHARED = """
import pytest

@pytest.fixture(scope="package")
def shared():
    yield
    print("gone with its folder")
"""
USER = "def test_user(shared): pass\n"
LATER = "def test_later(): print('later')\n"
PLUGIN = ("-p", "tests.rig.scopes", "-p", "no:cacheprovider", "-s")


def test_one_of_a_conftest_goes_with_the_folder(pytester: pytest.Pytester) -> None:
    written(pytester, conftest=SHARED, test_user=USER)
    result = pytester.runpytest_inprocess(*PLUGIN)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*gone with its folder*", "*later*"])


def test_one_of_a_file_of_tests_is_refused(pytester: pytest.Pytester) -> None:
    written(pytester, conftest="", test_user=SHARED + USER)
    result = pytester.runpytest_inprocess(*PLUGIN)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["the fixture shared is of a package's scope, and outlives its *"])


def written(pytester: pytest.Pytester, **files: str) -> None:
    """A folder of tests with these files, and a test after it."""
    folder = pytester.mkpydir("folder")
    for name, source in files.items():
        (folder / f"{name}.py").write_text(source)
    pytester.makepyfile(test_later=LATER)
