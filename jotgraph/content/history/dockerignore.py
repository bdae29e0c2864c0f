"""Tell which paths a build never saw, by its ``.dockerignore``.

The patterns are docker-py's (``docker.utils.build.Pattern``). Its PatternMatcher is not used: it
keeps ``.dockerignore`` itself, and compares a pattern with one ancestor of a path only, where
moby's patternmatcher (MatchesOrParentMatches) compares it with each.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from functools import lru_cache

Ignored = Callable[[str], bool]


@lru_cache(maxsize=256)
def ignored(text: bytes) -> Ignored:
    """A question for paths relative to the file's own directory; answers are remembered."""
    from docker.utils.build import Pattern  # noqa: PLC0415 -- docker is slow to import

    lines = text.decode("utf-8", "replace").removeprefix("\ufeff").splitlines()
    written = (line.strip() for line in lines if not line.startswith("#"))
    patterns = [
        (pattern.exclusion, matches)
        for pattern in (Pattern(line) for line in written if line)
        if pattern.dirs and (matches := _compiled(pattern.cleaned_pattern))
    ]

    @lru_cache(maxsize=100_000)
    def answer(path: str) -> bool:
        parts = path.split("/")
        candidates = ["/".join(parts[: n + 1]) for n in range(len(parts))]
        ignored_so_far = False
        for exclusion, matches in patterns:
            # A pattern can only change the answer to its own side.
            if exclusion == ignored_so_far and any(map(matches.match, candidates)):
                ignored_so_far = not exclusion
        return ignored_so_far

    return answer


def _compiled(pattern: str) -> re.Pattern[str] | None:
    """A pattern as an expression; None for one that no builder takes, such as ``[z-a]``.

    docker-py's ``fnmatch`` raises for that, warns of ``[[a]``, and takes upper for
    lower case; moby does not.
    """
    from docker.utils.fnmatch import translate  # noqa: PLC0415 -- docker is slow to import

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return re.compile(translate(pattern))
        except re.error:
            return None


def has_exceptions(text: bytes) -> bool:
    """Whether a line beginning with ``!`` may take files out of an ignored directory."""
    return any(line.strip().startswith(b"!") for line in text.splitlines())
