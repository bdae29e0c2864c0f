"""``.dockerignore`` as moby reads it (docs.docker.com/build/concepts/context)."""

from __future__ import annotations

import pytest

from jotgraph.content.history.dockerignore import has_exceptions, ignored

TEXT = b"""# a comment
node_modules
**/*.md
!README.md
src/**/test
/dist
./build/
temp?
.dockerignore
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("README.md", False),
        ("docs/x.md", True),
        ("docs/README.md", True),
        ("node_modules/a/b.js", True),
        ("lib/node_modules/a.js", False),
        ("src/test/x.py", True),
        ("src/a/b/test/c/x.py", True),
        ("src/a/x.py", False),
        ("dist/x", True),
        ("build/x", True),
        ("tempa", True),
        ("tempab", False),
        (".dockerignore", True),
    ],
)
def test_paths(path: str, expected: bool) -> None:
    assert ignored(TEXT)(path) is expected


def test_nothing_is_ignored_without_patterns() -> None:
    assert not ignored(b"\n# only a comment\n")("a")
    assert not has_exceptions(b"a\n")
    assert has_exceptions(b"a\n !b\n")


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        (b"[z-a]", "z", False),
        (b"[a--b]", "a", False),
        (b"[[a]", "a", True),
        (b"[a-c]", "b", True),
        (b"*.MD", "x.md", False),
        (b"*.MD", "x.MD", True),
    ],
)
def test_ranges_and_case(pattern: bytes, path: str, expected: bool) -> None:
    assert ignored(pattern)(path) is expected
    assert ignored(pattern + b"\nother")("other")


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        (b"**", "a", True),
        (b"a/**", "a", False),
        (b"a/**", "a/b/c", True),
        (b"a/**/b", "a/b", True),
        (b"a/**/b", "a/x/y/b/z", True),
        (b"a/**/b", "a/x/y", False),
        (b"**/**/x", "x", True),
        (b"**/a/**/b", "b/a", False),
        (b"**/a/**/b", "q/a/r/b", True),
        (b"a**/b", "ax/b", True),
        (b"a**[z-a]", "ab", False),
    ],
)
def test_folders_of_any_depth(pattern: bytes, path: str, expected: bool) -> None:
    assert ignored(pattern)(path) is expected


def test_a_pattern_of_many_folders_takes_no_minutes() -> None:
    assert not ignored(b"**/" * 200 + b"x")("a/" * 200 + "a")
    assert not ignored(b"*a" * 100 + b"b")("a" * 255)
