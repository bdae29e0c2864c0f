"""A ``.dockerignore`` to the question which paths a build never saw.

The matching is docker-py's own (``docker.utils.build.PatternMatcher``), the one ``docker.build``
uses.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

Ignored = Callable[[str], bool]


@lru_cache(maxsize=256)
def ignored(text: bytes) -> Ignored:
    """A question for paths relative to the file's own directory; answers are remembered."""
    from docker.utils.build import PatternMatcher  # noqa: PLC0415 -- docker is slow to import

    lines = text.decode("utf-8", "replace").removeprefix("\ufeff").splitlines()
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    matcher = PatternMatcher([pattern.lstrip("/") or "." for pattern in patterns if pattern != "!"])
    return lru_cache(maxsize=100_000)(lambda path: bool(matcher.matches(path)))


def has_exceptions(text: bytes) -> bool:
    """Whether a line beginning with ``!`` may take files out of an ignored directory."""
    return any(line.strip().startswith(b"!") for line in text.splitlines())
