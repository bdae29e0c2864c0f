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
